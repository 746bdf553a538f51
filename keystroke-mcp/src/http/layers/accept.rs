//! Which answers a client accepts. `rmcp` insists on both media types by name, as the protocol tells clients to send; many
//! send less, and take what they get.

use axum::extract::Request;
use axum::http::header::{ACCEPT, HeaderValue};
use axum::http::{HeaderMap, Method};

/// The client accepts no stream, so its calls report no progress.
#[derive(Clone)]
pub(in crate::http) struct JsonOnly;

/// Writes for `rmcp` what the client accepts. `false` if it accepts no answer of this server's.
pub(super) fn negotiate(request: &mut Request) -> bool {
    if request.method() != Method::POST {
        return true;
    }
    if !accepts(request.headers(), "application", "json") {
        return false;
    }
    if !accepts(request.headers(), "text", "event-stream") {
        request.extensions_mut().insert(JsonOnly);
    }
    let both = HeaderValue::from_static("application/json, text/event-stream");
    request.headers_mut().insert(ACCEPT, both);
    true
}

/// Whether the client accepts this media type. The closest match counts (RFC 9110, 12.5.1); without the header, everything
/// is accepted.
fn accepts(headers: &HeaderMap, kind: &str, subtype: &str) -> bool {
    if !headers.contains_key(ACCEPT) {
        return true;
    }
    let ranges = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let fitting = ranges.flat_map(|ranges| ranges.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (this_kind, this_subtype) = parts.next()?.split_once('/')?;
        let closeness = match (this_kind.eq_ignore_ascii_case(kind), this_subtype) {
            (true, this) if this.eq_ignore_ascii_case(subtype) => 2,
            (true, "*") => 1,
            (false, "*") if this_kind == "*" => 0,
            _ => return None,
        };
        Some((closeness, !parts.any(is_zero)))
    });
    fitting.max().is_some_and(|(_, is_accepted)| is_accepted)
}

/// Whether a parameter is the weight zero, which refuses its media type.
fn is_zero(parameter: &str) -> bool {
    parameter.split_once('=').is_some_and(|(name, weight)| {
        name.trim().eq_ignore_ascii_case("q")
            && weight.trim().parse::<f32>().is_ok_and(|weight| weight <= 0.0)
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::Method;
    use axum::http::header::ACCEPT;

    use super::{JsonOnly, negotiate};

    #[test]
    fn what_a_client_takes_is_given_and_nothing_else() {
        for (accepted, expected) in [
            (&[][..], Some(true)),
            (&["*/*"], Some(true)),
            (&["*/*;q=0.8"], Some(true)),
            (&["application/json, text/event-stream"], Some(true)),
            (&["application/json", "text/event-stream"], Some(true)),
            (&["text/*, application/*"], Some(true)),
            (&["text/html, */*; q=0.1"], Some(true)),
            (&["APPLICATION/JSON; charset=utf-8, Text/Event-Stream; q=0.000"], Some(false)),
            (&["application/json"], Some(false)),
            (&["application/*"], Some(false)),
            (&["application/json;q=0.001"], Some(false)),
            (&["*/*, text/event-stream;q=0"], Some(false)),
            (&["application/json;q=0, */*"], None),
            (&["*/*;q=0"], None),
            (&["text/event-stream"], None),
            (&["text/html"], None),
            (&["*"], None),
            (&["nonsense"], None),
            (&[""], None),
        ] {
            let mut request = Request::new(Body::empty());
            *request.method_mut() = Method::POST;
            for value in accepted {
                request.headers_mut().append(ACCEPT, value.parse().unwrap());
            }
            let answered = negotiate(&mut request);
            let may_stream = request.extensions().get::<JsonOnly>().is_none();
            assert_eq!(answered.then_some(may_stream), expected, "{accepted:?}");
        }
    }
}
