//! A tool that gives an image: a map of a place, with a value beside it. `action` has the tool, and this is a program that
//! calls it and keeps the picture in a file.

mod action;

use std::error::Error;
use std::fs;

use keystroke::prelude::*;
use keystroke::tool::ContentPart;
use serde_json::json;

use crate::action::{BaseUrl, Map};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = std::env::var("MAPBOX_ACCESS_TOKEN")
        .map_err(|_| "set MAPBOX_ACCESS_TOKEN to a token of your Mapbox account")?;
    // A store in memory, for first steps. A real program opens the vault: see the example `search`.
    let mapbox = Instance::new("mapbox").in_organization("acme").field("access_token", token);
    // Redirects are off, because the token would go along to whatever host they name.
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let runtime = Runtime::new(MemoryStore::new().with(mapbox))
        .with_state(client)
        .with_state(BaseUrl("https://api.mapbox.com".to_owned()));
    let run = runtime.organization("acme").project("research");

    // As a model calls it: JSON in, and out comes JSON with content beside it.
    let output = toolset![Map]?.call("map", json!({ "longitude": 13.4, "latitude": 52.5 }), &run).await?;
    println!("{}", output.json());
    for part in output.content().map_or(&[][..], Content::parts) {
        match part {
            ContentPart::Image { data, .. } => {
                fs::write("map.png", data)?;
                println!("map.png: {} bytes", data.len());
            }
            ContentPart::ResourceLink(link) => println!("{}: {}", link.name, link.uri),
            other => println!("{other:?}"),
        }
    }
    Ok(())
}
