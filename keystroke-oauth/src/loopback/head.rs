//! Judges the head of a request to the loopback listener: the browser's return from the provider, or anything else.
//!
//! Any page that a person has open can send requests to this machine. Only one kind counts: a navigation to the exact path,
//! with the state. What a page can send besides (`fetch`, an image, a form) says so in its headers, or uses another method.

/// The longest head that is read, in bytes.
pub(super) const MAX_HEAD: usize = 32 * 1024;
/// How many headers are read. Browsers send about 15.
const MAX_HEADERS: usize = 64;

/// What a head says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Head<'h> {
    /// There is more to read.
    Partial,
    /// A browser's navigation to the path, with this query.
    Callback(&'h str),
    /// Something else, to be answered with this status.
    Refused(u16),
}

/// Judges a head that was sent to `port`. `path` is the exact path of the redirect.
pub(super) fn judge<'h>(head: &'h [u8], port: u16, path: &str) -> Head<'h> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(head) {
        Ok(httparse::Status::Partial) if head.len() < MAX_HEAD => return Head::Partial,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => return Head::Refused(431),
        Ok(httparse::Status::Complete(_)) => {}
        Err(_) => return Head::Refused(400),
    }
    let (Some(method), Some(target)) = (request.method, request.path) else { return Head::Refused(400) };
    let all = |name: &'static str| {
        let named = move |header: &&httparse::Header<'_>| header.name.eq_ignore_ascii_case(name);
        request.headers.iter().filter(named).map(|header| header.value)
    };
    // A name that an attacker's DNS has pointed at this machine is not ours.
    let mut hosts = all("host");
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if is_ours(host, port) => {}
        _ => return Head::Refused(421),
    }
    if method != "GET" {
        return Head::Refused(405);
    }
    let is_navigation = all("sec-fetch-mode").all(|mode| mode == b"navigate")
        && all("sec-fetch-dest").all(|dest| dest == b"document")
        && all("origin").next().is_none();
    if !is_navigation {
        return Head::Refused(403);
    }
    let (found, query) = target.split_once('?').unwrap_or((target, ""));
    if found == path { Head::Callback(query) } else { Head::Refused(404) }
}

fn is_ours(host: &[u8], port: u16) -> bool {
    let names = ["127.0.0.1", "localhost", "[::1]"];
    names.iter().any(|name| {
        let with_port = format!("{name}:{port}");
        host.eq_ignore_ascii_case(with_port.as_bytes())
            || (port == 80 && host.eq_ignore_ascii_case(name.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Request lines and headers with what becomes of them.
    const TABLE: &[(&str, Head<'static>)] = &[
        ("GET /cb?code=c&state=s HTTP/1.1\nhost: 127.0.0.1:7000", Head::Callback("code=c&state=s")),
        ("GET /cb HTTP/1.1\nhost: localhost:7000", Head::Callback("")),
        ("GET /cb?a HTTP/1.1\nHost: [::1]:7000", Head::Callback("a")),
        (
            "GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nsec-fetch-site: cross-site\nsec-fetch-mode: navigate\nsec-fetch-dest: document",
            Head::Callback("a"),
        ),
        // Another path, or nearly the path.
        ("GET / HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET /cb/ HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET /CB HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET /cb/../cb HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET /%63b HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET http://127.0.0.1:7000/cb HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        ("GET /favicon.ico HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(404)),
        // Another method.
        ("POST /cb?a HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(405)),
        ("HEAD /cb?a HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(405)),
        ("OPTIONS /cb?a HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(405)),
        // What a page sends without the person going there.
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\norigin: https://evil.example", Head::Refused(403)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\norigin: null", Head::Refused(403)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nsec-fetch-mode: cors", Head::Refused(403)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nsec-fetch-mode: no-cors", Head::Refused(403)),
        (
            "GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nsec-fetch-mode: navigate\nsec-fetch-dest: iframe",
            Head::Refused(403),
        ),
        (
            "GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nsec-fetch-mode: navigate\nsec-fetch-mode: cors",
            Head::Refused(403),
        ),
        // A name that was pointed here, another port, none, two.
        ("GET /cb?a HTTP/1.1\nhost: evil.example:7000", Head::Refused(421)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1.evil.example:7000", Head::Refused(421)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7001", Head::Refused(421)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1", Head::Refused(421)),
        ("GET /cb?a HTTP/1.1\naccept: */*", Head::Refused(421)),
        ("GET /cb?a HTTP/1.1\nhost: 127.0.0.1:7000\nhost: 127.0.0.1:7000", Head::Refused(421)),
        // No HTTP.
        ("hello", Head::Refused(400)),
        ("\u{16}\u{3}\u{1}\u{2}", Head::Refused(400)),
        ("GET /cb?a HTTP/9.9\nhost: 127.0.0.1:7000", Head::Refused(400)),
        ("GET /cb?a b HTTP/1.1\nhost: 127.0.0.1:7000", Head::Refused(400)),
    ];

    #[test]
    fn only_a_navigation_to_the_path_counts() {
        for (text, expected) in TABLE {
            let head = format!("{}\r\n\r\n", text.replace('\n', "\r\n"));
            assert_eq!(judge(head.as_bytes(), 7000, "/cb"), *expected, "{text}");
        }
    }

    #[test]
    fn a_head_is_read_to_its_end_and_no_further_than_its_bound() {
        let whole = b"GET /cb?a HTTP/1.1\r\nhost: 127.0.0.1:7000\r\n\r\n";
        for length in 0..whole.len() {
            assert_eq!(judge(&whole[..length], 7000, "/cb"), Head::Partial, "{length}");
        }
        let mut long = b"GET /cb?".to_vec();
        long.resize(MAX_HEAD, b'a');
        assert_eq!(judge(&long, 7000, "/cb"), Head::Refused(431));
        let many = format!("GET /cb HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(MAX_HEADERS + 1));
        assert_eq!(judge(many.as_bytes(), 7000, "/cb"), Head::Refused(431));
    }
}
