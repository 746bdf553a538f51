//! A browser, as far as a sign-in needs one: it follows redirects, keeps cookies, and sends the one form of the device flow.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Client, RequestBuilder, Response, Url, redirect};

/// More than any sign-in takes.
const MOST_REDIRECTS: usize = 20;

pub(crate) struct Browser {
    client: Client,
    cookies: BTreeMap<String, String>,
}

/// Where a browser ends up.
pub(crate) enum End {
    /// At the redirect of the sign-in, which was not opened.
    Callback(Url),
    /// At a page.
    Page(String),
}

impl Browser {
    pub(crate) fn new() -> Self {
        let client = Client::builder().redirect(redirect::Policy::none()).no_proxy();
        Self { client: client.build().expect("a client"), cookies: BTreeMap::new() }
    }

    /// Signs in: the redirect that it ends with.
    pub(crate) async fn sign_in(&mut self, url: Url) -> Url {
        match self.open(url).await {
            End::Callback(url) => url,
            End::Page(page) => panic!("the sign-in ended at a page: {page}"),
        }
    }

    pub(crate) async fn open(&mut self, url: Url) -> End {
        let request = self.client.get(url);
        self.follow(request).await
    }

    /// Enters the code of a device.
    pub(crate) async fn enter(&mut self, page: &str, code: &str) -> End {
        let page: Url = page.parse().expect("an address");
        let End::Page(form) = self.open(page.clone()).await else { panic!("no form") };
        let xsrf = hidden(&form);
        let entered = [("xsrf", xsrf.as_str()), ("user_code", code)];
        let form = self.client.post(page.clone()).header("content-type", FORM).body(encoded(&entered));
        let End::Page(confirm) = self.follow(form).await else { panic!("no question") };
        let xsrf = hidden(&confirm);
        let confirmed = [("xsrf", xsrf.as_str()), ("user_code", code), ("confirm", "yes")];
        let form = self.client.post(page).header("content-type", FORM).body(encoded(&confirmed));
        self.follow(form).await
    }

    async fn follow(&mut self, request: RequestBuilder) -> End {
        let mut response = self.send(request).await;
        for _ in 0..MOST_REDIRECTS {
            let Some(location) = response.headers().get(LOCATION) else {
                return End::Page(response.text().await.expect("a page"));
            };
            let location = location.to_str().expect("an address");
            let next = response.url().join(location).expect("an address");
            if next.path() == "/callback" {
                return End::Callback(next);
            }
            let request = self.client.get(next);
            response = self.send(request).await;
        }
        panic!("too many redirects")
    }

    async fn send(&mut self, request: RequestBuilder) -> Response {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await.expect("an answer");
        for cookie in response.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let (name, rest) = cookie.split_once('=').expect("a cookie");
            let value = rest.split(';').next().expect("a value");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The value that has to come back with the form.
fn hidden(form: &str) -> String {
    let (_, rest) = form.split_once("name=\"xsrf\" value=\"").unwrap_or_else(|| panic!("no form: {form}"));
    rest.split('"').next().expect("a value").to_owned()
}
