//! The form of a whole attribute: its brackets, and the one key that must be there.

use proc_macro2::{Span, TokenStream};

use crate::diagnostics::Errors;
use crate::location::{Form, Site};

/// What is wrong with the form. `lacks`: the key `key` is missing, for which `value` would do.
pub(crate) fn form(attribute: &str, key: &str, value: &str, lacks: bool, site: &Site, errors: &mut Errors) {
    let message = match site.form() {
        // The compiler refuses this form itself.
        Form::Equals => return,
        Form::Braces | Form::Brackets => format!("write `#[{attribute}({key} = \"{value}\")]`"),
        Form::Empty => format!("empty parentheses; give `{key} = \"{value}\"`"),
        Form::Sound if lacks => format!("missing `{key}`; for example `{key} = \"{value}\"`"),
        Form::Sound => return,
    };
    errors.at_span(Span::call_site(), message);
}

/// The tokens of the attribute; none of one whose form the compiler refuses, because nothing more is said of it.
pub(crate) fn tokens_of(attribute: TokenStream, site: &Site) -> TokenStream {
    if site.form() == Form::Equals { TokenStream::new() } else { attribute }
}
