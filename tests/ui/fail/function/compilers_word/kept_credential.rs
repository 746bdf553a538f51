//! primary: KEPT.lock()

use keystroke::prelude::*;

#[credential(key = "exa")]
pub struct Exa {
    pub api_key: SecretString,
}

static KEPT: std::sync::Mutex<Option<&'static Exa>> = std::sync::Mutex::new(None);

/// Searches.
#[action(slug = "search")]
pub async fn search(exa: &Exa) -> Result<(), Failure> {
    let mut kept = KEPT.lock().map_err(|_| Failure::new("poisoned"))?;
    *kept = Some(exa);
    Ok(())
}

fn main() {
    let run = Runtime::new(MemoryStore::new()).organization("acme").project("research");
    drop(Search.run(&run, ()));
    let _ = toolset![Search];
}
