//! A tap on a connection: all that a client and a server say to each other over TCP goes through it, and is kept.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// It listens for as long as the process lives.
pub struct Tee {
    address: SocketAddr,
    kept: Kept,
}

/// The bytes of both directions of each connection, each direction in one piece.
type Kept = Arc<Mutex<Vec<Arc<Mutex<Vec<u8>>>>>>;

impl Tee {
    /// In front of a server.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        let kept = Kept::default();
        let keep = Arc::clone(&kept);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A server that is gone refuses, and so does this.
                let Ok(server) = TcpStream::connect(server) else { continue };
                for stream in [&client, &server] {
                    stream.set_nodelay(true).expect("an option that every socket has");
                }
                let twins = (client.try_clone().expect("a twin"), server.try_clone().expect("a twin"));
                pass_on(client, server, &keep);
                pass_on(twins.1, twins.0, &keep);
            }
        });
        Self { address, kept }
    }

    /// Where clients connect to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All that was said so far.
    pub fn kept(&self) -> Vec<u8> {
        let kept = lock(&self.kept);
        // Something in between, so that no end and beginning look like one text.
        kept.iter().flat_map(|direction| [lock(direction).clone(), b"\n".to_vec()].concat()).collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream, keep: &Kept) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    lock(keep).push(Arc::clone(&kept));
    thread::spawn(move || {
        let mut buffer = [0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer) {
            // Kept before it is passed on: who has got an answer finds it here.
            lock(&kept).extend_from_slice(&buffer[..count]);
            if to.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Write);
        let _ = from.shutdown(Shutdown::Read);
    });
}
