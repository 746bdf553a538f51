//! primary: report

use keystroke::prelude::*;

#[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
pub struct Report {
    pub results: Vec<String>,
}

/// Searches.
#[action(slug = "search")]
pub async fn report() -> Result<Report, Failure> {
    Ok(Report { results: Vec::new() })
}

fn main() {
    drop(report());
}
