//! Plants a unique text for each secret of a connection, lets everything go wrong that can, and searches all that leaves: errors
//! in every form, and the log of this crate and of all below it at its most talkative. It has a log for the whole process, so
//! it is a binary of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first surprise"
)]

mod common;

use std::convert::Infallible;
use std::fmt::Write as _;
use std::future::ready;
use std::io;
use std::sync::{Arc, Mutex};

use keystroke_core::Owner;
use keystroke_oauth::{
    Authorization, Callback, Cause, Client, ConnectError, DeviceSignIn, ExchangeError, Grant, GrantVersion,
    RefreshLease, Verdict,
};
use tracing_subscriber::fmt::MakeWriter;

use common::faulty::{Act, Faulty, Request, json};
use common::setup::{ACCOUNT, copy, hasty, http, issued, now, provider, scopes, secret, server, sign_in};

const ACCESS: &str = "canaryaccess3f9c7be1d20a4c66";
const REFRESH: &str = "canaryrefresh8d21f0aa55c9e7b3";
const SECRET: &str = "canaryclientsecret77aa19d4c2e8";
const CODE: &str = "canarycode51be0f3d7a6c92e48b1d";
const DEVICE: &str = "canarydevicecode0c4d8e1f6a2b93";

/// All that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}

/// Everything that a person or a program is shown.
#[derive(Default)]
struct Shown(String);

impl Shown {
    fn error(&mut self, error: &ConnectError) {
        let (code, problem, fix) = (error.code(), error.problem(), error.fix());
        writeln!(self.0, "{error} {error:?} {:?} {code} {problem} {fix}", error.kind()).unwrap();
    }

    fn cause(&mut self, cause: &Cause) {
        writeln!(self.0, "{cause} {cause:?}").unwrap();
    }
}

/// What a server that knows the secrets could put anywhere.
fn echo(request: &Request) -> String {
    format!("{} {:?} {}", request.line, request.headers, request.body)
}

/// How a server fails: with everything that it was sent, wherever it can put it. The last one never answers.
fn failures() -> Vec<fn(&Request) -> Act> {
    vec![
        |request| {
            json(
                400,
                &serde_json::json!({ "error": echo(request), "error_description": echo(request) })
                    .to_string(),
            )
        },
        |request| json(400, &serde_json::json!({ "error": request.body }).to_string()),
        |request| {
            let form = request.form();
            let named =
                |name: &str| form.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
            let secret = named("code").or_else(|| named("refresh_token")).or_else(|| named("device_code"));
            json(400, &serde_json::json!({ "error": secret }).to_string())
        },
        |request| {
            json(
                400,
                &serde_json::json!({ "error": "invalid_grant", "error_description": echo(request) })
                    .to_string(),
            )
        },
        |request| {
            json(
                401,
                &serde_json::json!({ "error": "invalid_client", "error_uri": echo(request) }).to_string(),
            )
        },
        |request| json(500, &echo(request)),
        |request| json(200, &echo(request)),
        |request| {
            Act::Answer(302, format!("location: https://evil.example/?{}\r\n", request.body), echo(request))
        },
        |request| Act::Cut(echo(request)),
        |_| Act::Close,
        |_| Act::Hang,
    ]
}

#[tokio::test]
async fn no_secret_leaves_by_an_error_or_a_log() {
    let log = Log::default();
    tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).init();
    let mut shown = Shown::default();
    // The random ones, as they become known.
    let mut secrets: Vec<String> = [ACCESS, REFRESH, SECRET, CODE, DEVICE].map(str::to_owned).into();

    for (index, fail) in failures().into_iter().enumerate() {
        let faulty = Faulty::start(move |request| match request.line.as_str() {
            line if line.starts_with("POST /device/auth") => json(
                200,
                &serde_json::json!({
                    "device_code": DEVICE, "user_code": "ABCD", "verification_uri": "https://example.com/device",
                })
                .to_string(),
            ),
            _ if request.body.contains("code=granted") => json(
                200,
                &serde_json::json!({ "account": "ada", "access_token": ACCESS, "refresh_token": REFRESH }).to_string(),
            ),
            _ => fail(request),
        })
        .await;
        let (patient, hasty) = (http(), hasty());
        let http = if index + 1 == failures().len() { &hasty } else { &patient };
        let provider = provider(&faulty.issuer, ACCOUNT);
        let client = Client::new("basic").with_secret(secret(SECRET));
        let server = server(http, &provider, &client);

        // A sign-in whose code is refused.
        let begun = Authorization::begin(
            &server,
            sign_in(),
            "http://127.0.0.1/callback",
            scopes(&["openid"]),
            None,
            now(),
        );
        let begun = begun.unwrap();
        let find =
            |name: &str| begun.url.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
        let state = find("state");
        let callback = |state: &str| {
            Callback::parse(&format!("code={CODE}&state={state}&iss={}", faulty.issuer)).unwrap()
        };
        let owner = Owner::User("ada".to_owned());
        let code = begun.pending.finish(callback(&state), &server, &owner, Some("ada"), now()).unwrap();
        shown.error(&code.redeem(&server, now()).await.err().unwrap());
        secrets.push(state);
        // A callback that is not for it.
        let begun = Authorization::begin(
            &server,
            sign_in(),
            "http://127.0.0.1/callback",
            scopes(&["openid"]),
            None,
            now(),
        );
        let refused = begun.unwrap().pending.finish(callback("x"), &server, &owner, Some("ada"), now());
        shown.error(&refused.err().unwrap());
        shown.error(&Callback::parse(&format!("code={CODE}&code={CODE}")).err().unwrap());

        // A device whose code is refused.
        let mut device =
            DeviceSignIn::begin(&server, &sign_in(), scopes(&["openid"]), None, now()).await.unwrap();
        if let Err(error) = device.poll(&server, now()).await {
            shown.error(&error);
        }

        // A grant that is not renewed, and not revoked.
        let issued = issued(&server, &faulty.issuer).await;
        writeln!(shown.0, "{:?}", issued.grant.revoke(Some(&issued.access_token), &server, now()).await)
            .unwrap();
        renew(&mut shown, &copy(&issued.grant), &server, &provider, http).await;

        secrets.extend(faulty.requests().iter().filter_map(|request| {
            let form = request.form();
            form.into_iter().find(|(name, _)| name == "code_verifier").map(|(_, verifier)| verifier)
        }));
    }

    assert!(secrets.len() > 20, "the random secrets were found");
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("TRACE") && logged.contains("reqwest"), "the log is at its most talkative");
    for canary in &secrets {
        assert!(!shown.0.contains(canary), "`{canary}` is shown:\n{}", shown.0);
        let line = logged.lines().find(|line| line.contains(canary.as_str()));
        assert!(line.is_none(), "`{canary}` is logged: {line:?}");
    }
}

async fn renew(
    shown: &mut Shown,
    grant: &Grant,
    server: &keystroke_oauth::AuthorizationServer<'_>,
    provider: &keystroke_oauth::Provider,
    http: &keystroke_oauth::Http,
) {
    let lease = || RefreshLease::new("calendar-7k2m", copy(grant), GrantVersion(1));
    match lease().exchange(server, now(), ready(Ok::<(), Infallible>(()))).await {
        Ok(Verdict::Transient { cause, retry_after } | Verdict::Unknown { cause, retry_after }) => {
            shown.cause(&cause);
            writeln!(shown.0, "{retry_after:?}").unwrap();
        }
        Ok(Verdict::Dead { code, .. } | Verdict::Client { code }) => writeln!(shown.0, "{code:?}").unwrap(),
        Ok(Verdict::Answer(_)) => panic!("it was renewed"),
        Err(error) => panic!("{error}"),
    }
    let other = Client::new("other").with_secret(secret(SECRET));
    let other = common::setup::server(http, provider, &other);
    let marked = ready(Ok::<(), Infallible>(()));
    let Err(ExchangeError::Refused(error)) = lease().exchange(&other, now(), marked).await else {
        panic!("sent")
    };
    shown.error(&error);
}
