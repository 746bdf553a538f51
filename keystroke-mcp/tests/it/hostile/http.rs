//! What is wrong with HTTP itself, or with what its headers say of the message.

use super::sound;
use crate::common::STATELESS;

/// One request, byte by byte, and what it may be answered with; 0 stands for a connection that is closed without an answer.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
    pub(crate) statuses: &'static [u16],
}

/// All of them.
pub(crate) fn corpus(token: &str) -> Vec<Case> {
    let body = sound("http", STATELESS).to_string();
    let whole = |replace: &[(&str, &str)]| {
        let mut head = format!(
            "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nMcp-Protocol-Version: {STATELESS}\r\nMcp-Method: tools/call\r\n\
             Mcp-Name: count\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        for (from, to) in replace {
            assert!(head.contains(from), "{from}");
            head = head.replacen(from, to, 1);
        }
        [head.as_bytes(), body.as_bytes()].concat()
    };
    let mut cases = Vec::new();
    let mut add = |name: String, bytes: Vec<u8>, statuses| cases.push(Case { name, bytes, statuses });

    add("nothing wrong".into(), whole(&[]), &[200]);
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", "BREW", "post"] {
        add(format!("the method {method}"), whole(&[("POST", method)]), &[405]);
    }
    for path in
        ["/", "/mcp/", "//mcp", "/MCP", "/mcp%00", "/mcp/../mcp", "/./mcp", "/mcp;a", "/etc/passwd", "/mcp/x"]
    {
        add(format!("the path {path}"), whole(&[("/mcp", path)]), &[404]);
    }
    add("a query".into(), whole(&[("/mcp", "/mcp?a=1")]), &[200]);
    add("a whole URL".into(), whole(&[("/mcp", "http://127.0.0.1/mcp")]), &[200]);
    for kind in [
        "",
        "text/plain",
        "application/jsonrpc",
        "application",
        "text/html",
        "application/x-www-form-urlencoded",
    ] {
        add(
            format!("the content type `{kind}`"),
            whole(&[("Type: application/json", &format!("Type: {kind}"))]),
            &[415],
        );
    }
    add("no content type".into(), whole(&[("Content-Type: application/json\r\n", "")]), &[415]);
    add(
        "a character set".into(),
        whole(&[("Type: application/json", "Type: application/json; charset=utf-8")]),
        &[200],
    );
    let accept = "Accept: application/json, text/event-stream";
    for refused in ["", "text/html", "text/event-stream", "nonsense", "*/*;q=0", "application/json;q=0, */*"]
    {
        add(format!("accepting `{refused}`"), whole(&[(accept, &format!("Accept: {refused}"))]), &[406]);
    }
    for accepted in ["*/*", "application/json", "application/*", "text/html, */*;q=0.1"] {
        add(format!("accepting `{accepted}`"), whole(&[(accept, &format!("Accept: {accepted}"))]), &[200]);
    }
    add("accepting without a word".into(), whole(&[(&format!("{accept}\r\n"), "")]), &[200]);
    for version in ["1999-01-01", "2999-01-01", "latest", "2025-06-18", "\u{fc}"] {
        let to = format!("Version: {version}");
        add(format!("the version {version}"), whole(&[(&format!("Version: {STATELESS}"), &to)]), &[400]);
    }
    for (name, from, to) in [
        ("another method in the header", "Mcp-Method: tools/call", "Mcp-Method: tools/list"),
        ("another tool in the header", "Mcp-Name: count", "Mcp-Name: echo"),
        ("a tool that is no base64", "Mcp-Name: count", "Mcp-Name: =?base64?!!!?="),
        ("no method in a header", "Mcp-Method: tools/call\r\n", ""),
        ("no tool in a header", "Mcp-Name: count\r\n", ""),
        ("no version in a header", "Mcp-Protocol-Version: 2026-07-28\r\n", ""),
    ] {
        add(name.into(), whole(&[(from, to)]), &[400]);
    }
    for host in [
        "evil.example",
        "127.0.0.1.evil.example",
        "evil.example:80",
        "localhost@evil.example",
        "[::2]",
        "0.0.0.0",
    ] {
        add(format!("the host {host}"), whole(&[("Host: 127.0.0.1", &format!("Host: {host}"))]), &[400, 403]);
    }
    for (name, to, statuses) in [
        ("no host", "", &[400][..]),
        ("an empty host", "Host: \r\n", &[400]),
        ("half a host", "Host: 127.0.0.1:\r\n", &[400, 200]),
        ("a host with a user", "Host: somebody@127.0.0.1\r\n", &[400]),
        ("two hosts", "Host: 127.0.0.1\r\nHost: evil.example\r\n", &[400]),
        ("another's host first", "Host: evil.example\r\nHost: 127.0.0.1\r\n", &[400]),
        ("one host twice", "Host: 127.0.0.1\r\nhost: 127.0.0.1\r\n", &[400]),
        (
            "two origins",
            "Host: 127.0.0.1\r\nOrigin: http://localhost\r\nOrigin: https://evil.example\r\n",
            &[400],
        ),
        (
            "one origin twice",
            "Host: 127.0.0.1\r\nOrigin: http://localhost\r\nOrigin: http://localhost\r\n",
            &[400],
        ),
        (
            "two origins in one",
            "Host: 127.0.0.1\r\nOrigin: http://localhost, https://evil.example\r\n",
            &[403],
        ),
        ("two content types", "Host: 127.0.0.1\r\nContent-Type: text/plain\r\n", &[400]),
        ("two sessions", "Host: 127.0.0.1\r\nMcp-Session-Id: a\r\nMcp-Session-Id: b\r\n", &[400]),
        ("two versions", "Host: 127.0.0.1\r\nMcp-Protocol-Version: 2025-06-18\r\n", &[400]),
        ("two tools", "Host: 127.0.0.1\r\nMcp-Name: echo\r\n", &[400]),
    ] {
        add(name.into(), whole(&[("Host: 127.0.0.1\r\n", to)]), statuses);
    }
    for (name, url, host, statuses) in [
        ("a URL of another host", "http://evil.example/mcp", "127.0.0.1", &[403][..]),
        ("a URL of this host for another", "http://127.0.0.1/mcp", "evil.example", &[403]),
        ("a URL and a host that differ", "http://localhost/mcp", "127.0.0.1", &[400]),
        ("a URL with a user", "http://somebody@127.0.0.1/mcp", "127.0.0.1", &[400]),
    ] {
        let whole = whole(&[("/mcp", url), ("Host: 127.0.0.1", &format!("Host: {host}"))]);
        add(name.into(), whole, statuses);
    }
    for origin in [
        "null",
        "https://evil.example",
        "http://localhost.evil.example",
        "file://",
        "http://127.0.0.1@evil.example",
    ] {
        add(
            format!("the origin {origin}"),
            whole(&[("Mcp-Name", &format!("Origin: {origin}\r\nMcp-Name"))]),
            &[403],
        );
    }
    let nobody = format!("Bearer {token}");
    for (name, to) in [
        ("no token", "Basic YTpi".to_owned()),
        ("a token with a line of its own", format!("Bearer\r\n {token}")),
        ("a token and more", format!("{nobody} more")),
        ("a token twice in one", format!("{nobody}, {nobody}")),
        ("two headers of tokens", format!("{nobody}\r\nAuthorization: {nobody}")),
        ("a null in a token", format!("{nobody}\0")),
    ] {
        add(name.into(), whole(&[(&nobody, &to)]), &[400, 401]);
    }
    let length = format!("Content-Length: {}", body.len());
    for (name, to, statuses) in [
        ("a length below zero", "Content-Length: -1".to_owned(), &[400][..]),
        ("a length that is none", "Content-Length: abc".to_owned(), &[400]),
        ("a length beyond all numbers", "Content-Length: 99999999999999999999".to_owned(), &[400]),
        ("two lengths", format!("{length}\r\nContent-Length: 3"), &[400]),
        ("a length in a list", format!("{length}, 3"), &[400]),
        ("no length", "X: y".to_owned(), &[400]),
        ("more than comes", "Content-Length: 100000".to_owned(), &[0, 400]),
        ("less than comes", "Content-Length: 10".to_owned(), &[400]),
        ("a length of terabytes", "Content-Length: 9999999999999".to_owned(), &[413]),
        ("chunks that are none", "Transfer-Encoding: chunked".to_owned(), &[0, 400]),
        ("chunks and a length", format!("Transfer-Encoding: chunked\r\n{length}"), &[0, 400, 413]),
        ("an encoding that nobody knows", "Transfer-Encoding: nonsense".to_owned(), &[0, 400, 501]),
        ("chunked before the last", "Transfer-Encoding: chunked, gzip".to_owned(), &[0, 400, 501]),
        ("a compressed body", format!("Content-Encoding: gzip\r\n{length}"), &[200, 400, 415]),
        ("a promise to wait for", format!("Expect: 100-continue\r\n{length}"), &[100, 200]),
        ("another protocol", format!("Upgrade: h2c\r\nConnection: Upgrade\r\n{length}"), &[200]),
        ("a session of nobody", format!("Mcp-Session-Id: nobody\r\n{length}"), &[200]),
        ("a long session", format!("Mcp-Session-Id: {}\r\n{length}", "x".repeat(8_000)), &[200]),
        ("an event to go on from", format!("Last-Event-Id: 7\r\n{length}"), &[200]),
    ] {
        add(name.into(), whole(&[(&length, &to)]), statuses);
    }
    for (name, header) in [
        ("a header without a colon", "nonsense".to_owned()),
        ("a header without a name", ": value".to_owned()),
        ("a space before the colon", "name : value".to_owned()),
        ("a name of spaces", "a b: value".to_owned()),
        ("a name with an umlaut", "\u{fc}: value".to_owned()),
        ("a null in a value", "name: a\0b".to_owned()),
        ("a carriage return in a value", "name: a\rb".to_owned()),
        ("a value that goes on", "name: a\r\n b".to_owned()),
    ] {
        add(name.into(), whole(&[("Mcp-Name", &format!("{header}\r\nMcp-Name"))]), &[400]);
    }
    let many: String = (0..500).map(|number| format!("X-{number}: y\r\n")).collect();
    add("500 headers".into(), whole(&[("Mcp-Name", &format!("{many}Mcp-Name"))]), &[431]);
    let long = format!("X: {}\r\nMcp-Name", "y".repeat(2 << 20));
    add("a header of two megabytes".into(), whole(&[("Mcp-Name", &long)]), &[0, 431]);
    add(
        "a path of two megabytes".into(),
        whole(&[("/mcp", &format!("/{}", "y".repeat(2 << 20)))]),
        &[0, 414, 431],
    );
    for (name, bytes, statuses) in [
        ("nothing", &b""[..], &[0][..]),
        ("an empty line", b"\r\n\r\n", &[0, 400]),
        ("a word", b"POST", &[0, 400]),
        ("no version", b"POST /mcp\r\n\r\n", &[400]),
        ("a version that nobody knows", b"POST /mcp HTTP/9.9\r\n\r\n", &[400, 505]),
        ("an old version", b"POST /mcp HTTP/1.0\r\n\r\n", &[401]),
        ("the newer protocol", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0, 400, 505]),
        ("a handshake of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", &[0, 400]),
        ("another service", b"SSH-2.0-OpenSSH_9.6\r\n", &[0, 400]),
        ("bytes", b"\x00\xff\xfe\x80\x00\x01\r\n\r\n", &[0, 400]),
        ("half a head", b"POST /mcp HTTP/1.1\r\nHost: 127", &[0, 400]),
        ("line ends of one character", b"GET /mcp HTTP/1.1\nHost: 127.0.0.1\n\n", &[400, 401]),
    ] {
        add(name.into(), bytes.to_vec(), statuses);
    }
    let chunked = |chunks: &str| {
        let head = whole(&[(&length, "Transfer-Encoding: chunked")]);
        let end = head.len() - body.len();
        [&head[..end], chunks.as_bytes()].concat()
    };
    for (name, chunks, statuses) in [
        ("sound chunks", format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()), &[200][..]),
        ("a chunk without a size", "\r\nabc\r\n".to_owned(), &[0, 400, 413]),
        ("a size that is none", "zz\r\nabc\r\n".to_owned(), &[0, 400, 413]),
        ("a size below zero", "-1\r\nabc\r\n".to_owned(), &[0, 400, 413]),
        ("a size beyond all numbers", "FFFFFFFFFFFFFFFFF\r\nabc\r\n".to_owned(), &[0, 400, 413]),
        ("chunks that do not end", "3\r\nabc\r\n".to_owned(), &[0, 400, 413]),
        (
            "a chunk of more than is taken",
            format!("{:x}\r\n{}\r\n0\r\n\r\n", 2 << 20, "x".repeat(2 << 20)),
            &[413],
        ),
    ] {
        add(name.into(), chunked(&chunks), statuses);
    }
    cases
}
