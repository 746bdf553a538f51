//! primary: SearchInput

use keystroke::prelude::*;

mod actions {
    use keystroke::prelude::*;

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct SearchInput {
        query: String,
    }

    /// Searches.
    #[action(slug = "search")]
    pub async fn search(input: SearchInput) -> Result<(), Failure> {
        drop(input.query);
        Ok(())
    }
}

fn main() {
}
