//! The action: it asks Mapbox for a picture of a place, and returns it beside what it shows.

use std::ops::RangeInclusive;

use keystroke::prelude::*;
use keystroke::tool::ResourceLink;
use reqwest::{Client, Response, StatusCode, Url};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Mapbox. Create an access token in the account's dashboard.
#[credential(key = "mapbox")]
pub struct Mapbox {
    /// Goes into the URL of each request, which is how Mapbox wants it.
    pub access_token: SecretString,
}

/// Where Mapbox is, such as `https://api.mapbox.com`. The program shares it with its action, as it shares the HTTP client.
#[derive(Clone, Debug)]
pub struct BaseUrl(pub String);

/// Which place to show.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
pub struct Place {
    /// Degrees east, from -180 to 180.
    pub longitude: f64,
    /// Degrees north, from -85 to 85.
    pub latitude: f64,
}

/// What the map shows.
#[derive(Debug, Deserialize, JsonSchema, PartialEq, Serialize)]
pub struct Shown {
    /// Its width and height in pixels.
    pub size: [u32; 2],
    /// How far it is zoomed in: at 0 it would be the whole world.
    pub zoom: u32,
}

/// Draws a map of a place.
///
/// # Errors
/// There is no such place, or Mapbox can't be reached or refuses the request.
#[action(slug = "map", read_only)]
pub async fn map(
    place: Place,
    mapbox: &Mapbox,
    client: &State<Client>,
    base_url: &State<BaseUrl>,
) -> Result<WithContent<Shown>, MapError> {
    const LONGITUDES: RangeInclusive<f64> = -180.0..=180.0;
    const LATITUDES: RangeInclusive<f64> = -85.0..=85.0;
    let Place { longitude, latitude } = place;
    if !LONGITUDES.contains(&longitude) || !LATITUDES.contains(&latitude) {
        return Err(MapError::NoPlace);
    }
    let shown = Shown { size: [400, 300], zoom: 11 };
    let Shown { size: [width, height], zoom } = shown;
    let BaseUrl(base_url) = &**base_url;
    let url = format!(
        "{base_url}/styles/v1/mapbox/streets-v12/static/{longitude},{latitude},{zoom}/{width}x{height}"
    );
    let url = Url::parse_with_params(&url, [("access_token", mapbox.access_token.expose_secret())]);
    let answer = client.get(url.map_err(|_| MapError::BaseUrl)?).send().await?;
    if answer.status() != StatusCode::OK {
        return Err(MapError::Refused(answer.status()));
    }
    let png = body(answer).await?;
    let page = format!("https://www.openstreetmap.org/#map={zoom}/{latitude}/{longitude}");
    let page = ResourceLink::new(page, "the same place on a page").with_mime_type("text/html");
    Ok(WithContent::new(shown, Content::image("image/png", png).and(page)))
}

/// The body of an answer, which must fit into the memory whatever the service sends.
async fn body(mut answer: Response) -> Result<Vec<u8>, MapError> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > 4_000_000 {
            return Err(MapError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Why there is no map. None of the texts holds the token.
#[derive(Debug, thiserror::Error)]
pub enum MapError {
    /// The numbers are too large.
    #[error("there is no such place: longitudes go from -180 to 180, latitudes of maps from -85 to 85")]
    NoPlace,
    /// Mapbox did not answer.
    #[error("Mapbox did not answer (to fix it, check the network)")]
    Unreachable(#[source] reqwest::Error),
    /// The base URL is none.
    #[error("the base URL of Mapbox is not a URL (to fix it, give one such as `https://api.mapbox.com`)")]
    BaseUrl,
    /// More than any map that is drawn here.
    #[error("Mapbox answered with more than 4 MB (to fix it, check its base URL)")]
    TooLong,
    /// Mapbox said no.
    #[error("Mapbox refused the request ({0}). To fix it, check the token and what it may do")]
    Refused(StatusCode),
}

impl From<reqwest::Error> for MapError {
    /// Without the URL, which has the token in it.
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(error.without_url())
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::http::{StatusCode, Uri};
    use keystroke::tool::ContentPart;
    use serde_json::json;

    use super::*;

    const TOKEN: &str = "pk.a-token-of-the-test";
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and so on";

    /// Mapbox, as far as the action knows it. Where it is asked for the equator, it gives the token back.
    async fn stand_in() -> String {
        let answer = async |uri: Uri| {
            let token = uri.query().and_then(|query| query.strip_prefix("access_token="));
            let picture = if uri.path().contains("/0,0,") { TOKEN.as_bytes() } else { PNG };
            if token == Some(TOKEN) { Ok(picture) } else { Err(StatusCode::UNAUTHORIZED) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        url
    }

    async fn run(token: &str) -> Run<Anonymous> {
        let mapbox = Instance::new("mapbox").in_organization("acme").field("access_token", token);
        let client = Client::builder().no_proxy().build().expect("a client");
        Runtime::new(MemoryStore::new().with(mapbox))
            .with_state(client)
            .with_state(BaseUrl(stand_in().await))
            .organization("acme")
            .project("research")
    }

    #[tokio::test]
    async fn a_typed_call_gives_the_picture_beside_what_it_shows() {
        let place = Place { longitude: 13.4, latitude: 52.5 };
        let WithContent { value, content, .. } = Map.run(&run(TOKEN).await, place).await.expect("a map");
        assert_eq!(value, Shown { size: [400, 300], zoom: 11 });
        let page =
            ResourceLink::new("https://www.openstreetmap.org/#map=11/52.5/13.4", "the same place on a page");
        let page = page.with_mime_type("text/html");
        assert_eq!(content, Content::image("image/png", PNG).and(page));
    }

    #[tokio::test]
    async fn a_tool_gives_the_same_in_parts_and_withholds_a_picture_with_the_token_in_it() {
        let (tools, run) = (toolset![Map].expect("a sound list"), run(TOKEN).await);
        let output =
            tools.call("map", json!({ "longitude": 13.4, "latitude": 52.5 }), &run).await.expect("a map");
        assert_eq!(output.json(), &json!({ "size": [400, 300], "zoom": 11 }));
        let parts = output.content().expect("content").parts();
        assert!(matches!(parts, [ContentPart::Image { .. }, ContentPart::ResourceLink(_)]), "{parts:?}");

        let output = tools.call("map", json!({ "longitude": 0, "latitude": 0 }), &run).await.expect("a map");
        let withheld = "[part 1, an image, is withheld: its bytes would show [redacted:mapbox.access_token]]";
        let first = output.content().expect("content").parts().first();
        assert_eq!(first, Some(&ContentPart::Text { text: withheld.to_owned() }));
    }

    #[tokio::test]
    async fn what_is_refused_says_why() {
        let refused = Map.run(&run("another-token").await, Place { longitude: 13.4, latitude: 52.5 }).await;
        let refused = refused.expect_err("a wrong token").to_string();
        assert!(refused.contains("Mapbox refused the request (401 Unauthorized)"), "{refused}");
        let nowhere = Map.run(&run(TOKEN).await, Place { longitude: 181.0, latitude: 0.0 }).await;
        assert!(nowhere.expect_err("no place").to_string().contains("there is no such place"));
    }
}
