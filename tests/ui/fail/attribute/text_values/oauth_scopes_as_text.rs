//! primary: "mail.read"

use keystroke::prelude::*;

#[credential(key = "exa", kind = oauth, oauth_scopes = "mail.read")]
pub struct Exa {
    pub access_token: SecretString,
}

fn main() {}
