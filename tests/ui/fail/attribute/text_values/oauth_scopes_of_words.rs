//! primary: mail

use keystroke::prelude::*;

#[credential(key = "exa", kind = oauth, oauth_scopes = [mail])]
pub struct Exa {
    pub access_token: SecretString,
}

fn main() {}
