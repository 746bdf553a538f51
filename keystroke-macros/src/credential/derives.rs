//! Derives by which a secret could leave, above the attribute and below it.

use proc_macro2::Ident;
use syn::punctuated::Punctuated;
use syn::{ItemStruct, Token};

use crate::diagnostics::Errors;
use crate::location::Site;

/// What a credential must not derive.
const REFUSED: &[&str] = &[
    "Serialize",
    "Deserialize",
    "Display",
    "PartialEq",
    "Eq",
    "Hash",
    "Clone",
    "Copy",
    "PartialOrd",
    "Ord",
    "JsonSchema",
    "Debug",
];

/// Whether it is our own attribute, a second time.
pub(super) fn is_ours(attribute: &syn::Attribute) -> bool {
    attribute.path().segments.last().is_some_and(|last| last.ident == "credential")
}

fn must_not(name: &Ident, traits: &[String]) -> String {
    format!("credential `{name}` must not implement {}: a secret could leave", traits.join(", "))
}

/// The derives above the attribute by which a secret could leave. `Debug` is not among them: the compiler itself finds
/// two of it.
pub(super) fn refused_above(site: &Site) -> Vec<String> {
    let mut above = site.derives_above();
    above.retain(|derive| derive != "Debug" && REFUSED.contains(&derive.as_str()));
    above
}

/// Whether a credential must not derive it: `Debug`, which is generated, and what would let a secret out.
pub(super) fn is_refused(derive: &syn::Path) -> bool {
    derive.segments.last().is_some_and(|last| REFUSED.iter().any(|refused| last.ident == refused))
}

/// Refuses derives that would let a secret out: those above the attribute, found in the source, at the struct's name; those
/// of one list below it, all at the first.
pub(super) fn derives(item: &ItemStruct, site: &Site, errors: &mut Errors) {
    let name = &item.ident;
    let above: Vec<String> = refused_above(site).iter().map(|derive| format!("`{derive}`")).collect();
    if !above.is_empty() {
        errors.at(name, must_not(name, &above));
    }
    for derive in item.attrs.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let Ok(paths) = derive.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated) else {
            continue;
        };
        let refused = paths.iter().filter(|path| is_refused(path));
        let named = |path: &&syn::Path| path.segments.last().is_some_and(|last| last.ident == "Debug");
        let (debug, leaks): (Vec<_>, Vec<_>) = refused.partition(named);
        if let Some(debug) = debug.first() {
            errors.at(debug, "`Debug` is generated and hides secrets; remove the derive");
        }
        if let Some(first) = leaks.first() {
            let names = leaks.iter().filter_map(|path| path.segments.last());
            let names: Vec<String> = names.map(|last| format!("`{}`", last.ident)).collect();
            errors.at(first, must_not(name, &names));
        }
    }
}
