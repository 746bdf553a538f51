//! primary: report

use keystroke::prelude::*;

mod other {
    pub struct Report;
}
use other::Report;

/// Reports.
#[action(slug = "report")]
pub async fn report() -> Result<(), Failure> {
    Ok(())
}

fn main() {
    drop(report());
    let _ = Report;
}
