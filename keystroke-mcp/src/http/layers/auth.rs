//! Whom a request comes from: the token in its `Authorization` header decides, and nothing else.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use axum::middleware::Next;
use keystroke_tokens::{Denied, TokenInfo, Tokens};

use super::response::{plain, unavailable};
use crate::client::{Client, client_event};

/// Lets requests with a valid token pass, with their [`Client`]. The token itself goes no further.
pub(in crate::http) async fn check(
    State(tokens): State<Tokens>,
    mut request: Request,
    next: Next,
) -> Response<Body> {
    let Some(token) = bearer(request.headers()) else {
        return unauthorized(
            r#"Bearer realm="keystroke""#,
            "this server needs a token: `Authorization: Bearer <token>`",
        );
    };
    match tokens.check(token) {
        Ok(known) => {
            request.headers_mut().remove(AUTHORIZATION);
            let client = Client::by_token(Arc::new(known.binding), known.id.into());
            request.extensions_mut().insert(client);
            next.run(request).await
        }
        Err(Denied::Unknown) => unauthorized(
            r#"Bearer realm="keystroke", error="invalid_token", error_description="the token is not valid""#,
            "the token is not valid",
        ),
        Err(Denied::Expired) => {
            mark_expired(tokens).await;
            unauthorized(
                r#"Bearer realm="keystroke", error="invalid_token", error_description="the token has expired""#,
                "the token has expired",
            )
        }
        // The file can't be used, so nobody is let in.
        Err(error) => {
            let (code, problem, fix) = (error.code(), error.problem(), error.fix());
            tracing::error!(code, problem, fix, "tokens cannot be checked");
            unavailable("5", "tokens cannot be checked at the moment")
        }
    }
}

/// Marks expired tokens in the file, and tells the operator of each once.
async fn mark_expired(tokens: Tokens) {
    // It waits for the disk, and for other processes that change the file.
    let marked = tokio::task::spawn_blocking(move || tokens.mark_expired()).await;
    match marked {
        Ok(Ok(marked)) => {
            for TokenInfo { id, binding, .. } in marked {
                client_event!(INFO, &Client::by_token(binding.into(), id.into()), "a token has expired");
            }
        }
        Ok(Err(error)) => {
            let (code, problem, fix) = (error.code(), error.problem(), error.fix());
            tracing::warn!(
                code,
                problem,
                fix,
                "expired tokens could not be marked in the file: a server that starts with its clock set back would take them"
            );
        }
        Err(_) => {}
    }
}

/// The one token of the request. Two count as none: nobody could say which of them is meant.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (all.next(), all.next()) else { return None };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn unauthorized(challenge: &'static str, text: &'static str) -> Response<Body> {
    let mut response = plain(StatusCode::UNAUTHORIZED, text);
    response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    response
}
