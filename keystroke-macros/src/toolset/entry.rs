//! `toolset![Search, Post.scope(User), ..library::tools()]`: a list of actions, built entry by entry, with equal slugs
//! found while compiling.
//!
//! An entry is an action's name, and at most one `.scope(…)` behind it: the macro reads it by hand, so that anything
//! else is told in our words. `..` spreads another toolset into the list, and is any expression.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{Parse as _, ParseStream, Parser as _};
use syn::{Attribute, Expr, ExprPath};

use crate::action::{handle_name, slug_of};
use crate::errors::Errors;
use crate::grammar::ends;
use crate::paths::{Facade, at, private, private_at};

/// One entry of the list.
struct Entry {
    attrs: Vec<Attribute>,
    /// The action without its scope; `None` of a list that is spread.
    action: Option<ExprPath>,
    /// The whole entry; of a list that is spread, the expression behind the `..`.
    written: Expr,
}

impl Entry {
    /// Its `#[cfg]`s.
    fn conditions(&self) -> impl Iterator<Item = &Attribute> {
        self.attrs.iter().filter(|attr| attr.path().is_ident("cfg"))
    }
}

/// The expansion. `input` is the facade's path in a group, set by the `macro_rules` around this, then the entries.
pub(crate) fn toolset(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut input = input.into_iter();
    let facade = match input.next() {
        Some(TokenTree::Group(path)) => Facade::new(path.stream()),
        _ => Facade::default(),
    };
    let entries: Vec<Entry> =
        parts(input, &mut errors).into_iter().filter_map(|part| entry(part, &mut errors)).collect();
    let (import, private) = (facade.import(), private());
    let checks = slug_checks(&entries);
    // A statement each, because an entry may be conditional; the name is no one's but this macro's.
    let list = Ident::new("list", Span::mixed_site());
    let adds = entries.iter().map(|Entry { attrs, action, written }| {
        // At the entry, so that a bound that it misses is told there.
        let (span, _) = ends(written);
        let add = if action.is_some() { quote_spanned!(span=> .add) } else { quote_spanned!(span=> .merge) };
        let mut parens = Group::new(Delimiter::Parenthesis, written.to_token_stream());
        parens.set_span(span);
        quote!(#(#attrs)* let #list = #list #add #parens;)
    });
    // What is sound is built beside an error, so that the list's uses add none.
    let errors = errors.into_tokens();
    let checks = quote! {
        #[allow(deprecated, reason = "told where the entry is added")]
        const _: () = { #import #checks };
    };
    let builder = quote!(let #list = { #import #private::Toolset::builder() };);
    quote!({ #errors #checks #builder #(#adds)* #list.build() })
}

/// One entry as written.
#[derive(Default)]
struct Part {
    /// The attributes and doc comments in front.
    attrs: Vec<TokenTree>,
    tokens: Vec<TokenTree>,
}

impl Part {
    fn push(&mut self, token: TokenTree) {
        let is_attribute = match (&token, self.attrs.last()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == '#' => true,
            (TokenTree::Group(_), Some(TokenTree::Punct(_))) => true,
            _ => false,
        };
        if is_attribute && self.tokens.is_empty() { self.attrs.push(token) } else { self.tokens.push(token) }
    }

    /// Whether an entry could end here, and a name begin the next: `Post Search`, `Post.scope(User) Search`. What is spread
    /// is any expression, so only an action's name is no part of it there.
    fn ends_before(&self, name: &Ident) -> bool {
        const WORDS: &[&str] = &["as", "else", "if", "in", "let", "match", "move", "mut", "return", "unsafe"];
        match self.tokens.last() {
            // The parts of an expression are none of the list; it is told as a whole.
            _ if self.begins_with(&["if", "match", "loop", "while", "for", "unsafe", "async"]) => false,
            Some(TokenTree::Ident(last)) if self.is_spread() => {
                is_capitalised(name) && !WORDS.iter().any(|word| last == word)
            }
            Some(TokenTree::Group(_)) => !self.is_spread() || is_capitalised(name),
            Some(TokenTree::Ident(_)) => true,
            Some(TokenTree::Punct(punct)) => punct.as_char() == '?' && is_capitalised(name),
            _ => false,
        }
    }

    fn begins_with(&self, words: &[&str]) -> bool {
        matches!(self.tokens.first(), Some(TokenTree::Ident(first)) if words.iter().any(|word| first == word))
    }

    fn is_spread(&self) -> bool {
        matches!(self.tokens.as_slice(), [TokenTree::Punct(a), TokenTree::Punct(b), ..]
            if a.as_char() == '.' && b.as_char() == '.')
    }
}

/// Whether a name is in UpperCamelCase, as those of actions are.
fn is_capitalised(name: &Ident) -> bool {
    name.to_string().trim_start_matches("r#").starts_with(char::is_uppercase)
}

/// The list split at its commas.
fn parts(input: impl Iterator<Item = TokenTree>, errors: &mut Errors) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut part = Part::default();
    for token in input {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                if part.tokens.is_empty() {
                    errors.at(&token, "expected an action before `,`");
                }
                parts.push(std::mem::take(&mut part));
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => {
                errors.at(&token, "write `,` in place of `;`");
                parts.push(std::mem::take(&mut part));
                continue;
            }
            TokenTree::Ident(name) if part.ends_before(name) => {
                errors.at(name, format!("expected `,` before `{name}`"));
                parts.push(std::mem::take(&mut part));
            }
            _ => {}
        }
        part.push(token);
    }
    if part.tokens.is_empty() && !part.attrs.is_empty() {
        let attrs: TokenStream = std::mem::take(&mut part.attrs).into_iter().collect();
        errors.at(attrs, "expected an action after this");
    }
    parts.push(part);
    parts.into_iter().filter(|part| !part.tokens.is_empty()).collect()
}

/// The attributes of an entry: conditions and lints. A doc comment is a comment here.
fn attributes(tokens: Vec<TokenTree>, errors: &mut Errors) -> Vec<Attribute> {
    const VALID: &[&str] = &["cfg", "allow", "expect", "warn", "deny"];
    let Ok(mut attrs) = Attribute::parse_outer.parse2(tokens.into_iter().collect()) else {
        return Vec::new();
    };
    attrs.retain(|attr| !attr.path().is_ident("doc"));
    let (valid, unknown): (Vec<_>, Vec<_>) =
        attrs.into_iter().partition(|attr| VALID.iter().any(|name| attr.path().is_ident(name)));
    for attr in unknown {
        let name = attr.path().to_token_stream();
        errors.at(&attr, format!("unknown attribute `{name}` on an entry; valid: `cfg`, `allow`, `expect`"));
    }
    valid
}

/// An entry of a list that is spread: `..library::tools()`.
fn spread(attrs: Vec<Attribute>, tokens: TokenStream, errors: &mut Errors) -> Option<Entry> {
    let behind = |input: ParseStream<'_>| {
        input.parse::<syn::Token![..]>()?;
        Expr::parse(input)
    };
    match behind.parse2(tokens.clone()) {
        Ok(written) => Some(Entry { attrs, action: None, written }),
        Err(_) => {
            errors.at(tokens, "write a toolset behind `..`, such as `..library::tools()?`");
            None
        }
    }
}

/// An entry, or what to write in its place.
fn entry(part: Part, errors: &mut Errors) -> Option<Entry> {
    const EXAMPLE: &str = "an entry is an action, such as `Search` or `Search.scope(User)`";
    const BUILDER: &str = "for a value of another name use `Toolset::builder().add(…)`";
    let is_spread = part.is_spread();
    let attrs = attributes(part.attrs, errors);
    let part: TokenStream = part.tokens.into_iter().collect();
    if is_spread {
        return spread(attrs, part, errors);
    }
    let Ok(written) = syn::parse2::<Expr>(part.clone()) else {
        errors.at(part, EXAMPLE);
        return None;
    };
    let (path, scoped) = match &written {
        Expr::MethodCall(call) if call.method == "scope" && call.turbofish.is_none() => {
            (&*call.receiver, Some(call))
        }
        other => (other, None),
    };
    match path {
        Expr::Path(path) if is_named(path) => Some(Entry { attrs, action: Some(path.clone()), written }),
        Expr::Path(path) => {
            let last = path.path.segments.last()?;
            let (name, action) = (&last.ident, handle_name(&last.ident));
            let made = format!("`#[action(slug = \"{}\")]` on the function `{name}` makes", slug_of(name));
            errors.at(path, format!("an entry is an action: list `{action}`, which {made}; {BUILDER}"));
            None
        }
        Expr::Reference(reference) if matches!(&*reference.expr, Expr::Path(_)) => {
            let action = reference.expr.to_token_stream();
            errors.at(reference.and_token, format!("remove `&`: list the action itself, `{action}`"));
            None
        }
        Expr::MethodCall(call) if scoped.is_some() && call.method == "scope" => {
            let second = scoped.map(|scoped| scoped.method.clone());
            errors.at(second, "an entry has at most one `.scope(…)`: a pin is never changed");
            None
        }
        Expr::MethodCall(call) => {
            errors.at(&call.method, format!("an entry is not called here: {EXAMPLE}"));
            None
        }
        Expr::If(condition) => {
            errors.at(condition.if_token, "an entry is listed whatever holds: write `#[cfg(…)]` before it, or use `Toolset::builder().add_if(condition, Search)`");
            None
        }
        other => {
            errors.at(other, format!("{EXAMPLE}; {BUILDER}"));
            None
        }
    }
}

/// Whether the path's last word is the name of an action.
fn is_named(path: &ExprPath) -> bool {
    path.path.segments.last().is_some_and(|last| is_capitalised(&last.ident))
}

/// Compares the slug of each entry with those before it, which are listed once: comparing entry with entry would be
/// code in proportion to the square of them. By the values: an entry that is no action is one error then, told there.
fn slug_checks(entries: &[Entry]) -> TokenStream {
    let actions: Vec<(&Entry, &ExprPath)> =
        entries.iter().filter_map(|entry| Some((entry, entry.action.as_ref()?))).collect();
    if actions.len() < 2 {
        return TokenStream::new();
    }
    let call = |action: &ExprPath, function: &str, arguments: TokenStream| {
        let (start, end) = ends(action);
        let (private, function) = (private_at(start), Ident::new(function, at(start)));
        let mut parens = Group::new(Delimiter::Parenthesis, arguments);
        parens.set_span(at(end));
        quote_spanned!(at(start)=> #private::#function #parens)
    };
    let slugs = actions.iter().map(|(entry, action)| {
        let slug = call(action, "slug_of", quote!(&#action));
        let conditions: Vec<_> = entry.conditions().collect();
        // One that is not there leaves its place, so that the others keep theirs.
        let holds = conditions.iter().filter_map(|attr| Some(&attr.meta.require_list().ok()?.tokens));
        let otherwise = (!conditions.is_empty()).then(|| quote!(, #[cfg(not(all(#(#holds),*)))] ""));
        quote!(#(#conditions)* #slug #otherwise)
    });
    let checks = actions.iter().enumerate().skip(1).map(|(index, (entry, action))| {
        let check = call(action, "must_share_no_slug", quote!(__SLUGS, #index));
        let conditions = entry.conditions();
        quote!(#(#conditions)* const _: () = #check;)
    });
    quote!(const __SLUGS: &[&::core::primitive::str] = &[#(#slugs),*]; #(#checks)*)
}
