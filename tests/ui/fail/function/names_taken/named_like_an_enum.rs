//! primary: report

use keystroke::prelude::*;

#[derive(Clone, Debug)]
pub enum Report {
    Short,
}

mod tools {
    use keystroke::prelude::*;

    /// Reports, beside nothing of its name.
    #[action(slug = "other-report")]
    pub async fn report() -> Result<(), Failure> {
        Ok(())
    }
}

/// Reports.
#[action(slug = "report")]
pub async fn report() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop((report(), Report::Short));
    let _ = toolset![tools::Report];
}
