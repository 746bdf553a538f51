//! Waits on this machine for the browser to come back (RFC 8252 §7.3).
//!
//! It listens on the loopback addresses alone, answers one path, and ends with the first callback that has the right state.
//! Nothing else that reaches it ends the wait or is told anything: any page that is open in the browser can send requests here.

mod head;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use zeroize::Zeroizing;

use self::head::{Head, MAX_HEAD, judge};
use crate::error::{ConnectError, ErrorKind};
use crate::grant::{Callback, PENDING_LIFETIME, Pending, SignIn};
use crate::provider::{Loopback, Redirect};

/// How long one connection may take, from its first byte to the last of the answer.
const CONNECTION_TIME: Duration = Duration::from_secs(10);
/// How many connections are read at once. Browsers open some that they never use, and a page may open many.
const MAX_CONNECTIONS: usize = 64;
/// How often another port is tried for two addresses, where the provider takes any.
const TRIES: usize = 8;

/// A listener for one callback.
pub struct LoopbackListener {
    /// IPv4 first. The second is there where the name `localhost` may lead to either.
    listeners: (TcpListener, Option<TcpListener>),
    port: u16,
    path: String,
    redirect_uri: String,
}

impl LoopbackListener {
    /// Listens where the provider sends the browser back to. `None` for a provider that takes `https` only: there a server's
    /// callback is the way, or a pasted address.
    ///
    /// # Errors
    /// `port_taken`: the provider knows one port, and another program has it. `cannot_listen`: this machine gives none.
    pub async fn bind(redirect: &Redirect, sign_in: &SignIn) -> Result<Option<Self>, ConnectError> {
        let Redirect::Loopback { host, port, path } = redirect else { return Ok(None) };
        let listener = Self::listen(*host, *port, path).await;
        listener.map(Some).map_err(|kind| kind.with(&sign_in.again()))
    }

    async fn listen(host: Loopback, fixed: Option<u16>, path: &str) -> Result<Self, ErrorKind> {
        let both = host == Loopback::Name || fixed.is_some();
        let mut tries = TRIES;
        let (listeners, port) = loop {
            tries -= 1;
            match pair(fixed, both).await {
                Ok(pair) => break pair,
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => match fixed {
                    Some(port) => return Err(ErrorKind::PortTaken { port }),
                    None if tries > 0 => {}
                    None => return Err(ErrorKind::CannotListen { problem: error.to_string() }),
                },
                Err(error) => return Err(ErrorKind::CannotListen { problem: error.to_string() }),
            }
        };
        let redirect_uri = format!("http://{}:{port}{path}", host.as_str());
        Ok(Self { listeners, port, path: path.to_owned(), redirect_uri })
    }

    /// The redirect for the authorization request.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    /// Waits for the callback of this sign-in, for as long as one may take.
    ///
    /// # Errors
    /// `no_callback`: none came. `cannot_listen`: the listener broke.
    pub async fn wait(self, pending: &Pending) -> Result<Callback, ConnectError> {
        let again = pending.sign_in().again();
        let waited = timeout(PENDING_LIFETIME, self.accept(pending.state())).await;
        let result = waited.unwrap_or(Err(ErrorKind::NoCallback));
        result.map_err(|kind| kind.with(&again))
    }

    async fn accept(self, state: [u8; 32]) -> Result<Callback, ErrorKind> {
        // Dropped with this future, and with it whatever connection is still open.
        let mut connections = JoinSet::new();
        let (one, other) = &self.listeners;
        loop {
            let accepted = tokio::select! {
                accepted = one.accept(), if connections.len() < MAX_CONNECTIONS => accepted,
                accepted = accept(other.as_ref()), if connections.len() < MAX_CONNECTIONS => accepted,
                Some(ended) = connections.join_next() => match ended {
                    Ok(Some(callback)) => return Ok(callback),
                    _ => continue,
                },
            };
            match accepted {
                Ok((stream, _)) => {
                    let (port, path) = (self.port, self.path.clone());
                    connections.spawn(async move {
                        timeout(CONNECTION_TIME, serve(stream, port, &path, state)).await.ok().flatten()
                    });
                }
                // The other side left before it was accepted. Anything else stays wrong.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(ErrorKind::CannotListen { problem: error.to_string() }),
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match listener {
        Some(listener) => listener.accept().await,
        None => std::future::pending().await,
    }
}

/// Listens on a port of 127.0.0.1 and, if `both`, on the same of `::1`, where this machine has that address.
async fn pair(port: Option<u16>, both: bool) -> io::Result<((TcpListener, Option<TcpListener>), u16)> {
    let listen = |ip: IpAddr, port| TcpListener::bind(SocketAddr::new(ip, port));
    let four = listen(Ipv4Addr::LOCALHOST.into(), port.unwrap_or(0)).await?;
    let port = four.local_addr()?.port();
    if !both {
        return Ok(((four, None), port));
    }
    match listen(Ipv6Addr::LOCALHOST.into(), port).await {
        Ok(six) => Ok(((four, Some(six)), port)),
        // If somebody else has it, the browser may bring the code to them.
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(_) => Ok(((four, None), port)),
    }
}

/// Serves one connection. The callback, if it was that.
async fn serve(mut stream: TcpStream, port: u16, path: &str, state: [u8; 32]) -> Option<Callback> {
    let mut head = Zeroizing::new(Vec::with_capacity(MAX_HEAD));
    let judged = loop {
        match judge(&head, port, path) {
            Head::Partial => {}
            judged => break judged,
        }
        let room = MAX_HEAD - head.len();
        if (&mut stream).take(room as u64).read_buf(&mut *head).await.ok()? == 0 {
            return None;
        }
    };
    let (status, callback) = match judged {
        Head::Callback(query) => match Callback::read(query) {
            Ok(callback) if callback.has_state(state) => (200, Some(callback)),
            _ => (400, None),
        },
        Head::Refused(status) => (status, None),
        Head::Partial => return None,
    };
    // The callback counts even if the browser is gone before it has its page.
    let _ = stream.write_all(page(status).as_bytes()).await;
    let _ = stream.shutdown().await;
    callback
}

/// A page without a script, and without anything of the request in it.
fn page(status: u16) -> String {
    let (reason, text) = match status {
        200 => ("OK", "keystroke has the answer. You can close this window; the terminal says how it went."),
        400 => ("Bad Request", "This is not the answer to the sign-in that keystroke waits for."),
        403 => ("Forbidden", "Only a navigation of the browser counts here."),
        404 => ("Not Found", "There is nothing here."),
        405 => ("Method Not Allowed", "Only GET is answered here."),
        421 => ("Misdirected Request", "This is not the address of this listener."),
        _ => ("Request Header Fields Too Large", "The request is too long."),
    };
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>keystroke</title><p>{text}</p></html>\n"
    );
    format!(
        "HTTP/1.1 {status} {reason}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
         cache-control: no-store\r\nreferrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'\r\n\
         x-content-type-options: nosniff\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}
