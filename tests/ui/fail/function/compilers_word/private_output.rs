//! primary: Result<Report, Failure>

use keystroke::prelude::*;

mod actions {
    use keystroke::prelude::*;

    #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
    struct Report {
        results: String,
    }

    /// Searches.
    #[action(slug = "search")]
    pub async fn search() -> Result<Report, Failure> {
        Ok(Report { results: String::new() })
    }
}

fn main() {
}
