//! Where in the source an attribute stands: in which block, and beside which items. An attribute's tokens don't tell, and
//! the compiler's words about a generated struct in an `impl` block name nothing that its author wrote.
//!
//! The compiler itself lexes the source, with a marker where the attribute is, so no rule here depends on columns, comments
//! or strings. A file is lexed only where a word in it makes that worthwhile.

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

/// A name that nobody uses.
const MARKER: &str = "__keystroke_stands_here";

/// A source file, split where the attribute begins.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) before: String,
    after: String,
}

/// What kind of place it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// A module, or the body of a function: where a free function stands.
    Free,
    /// An `impl` block, a trait or an `extern` block, as messages name it.
    Associated(&'static str),
    /// The source is not at hand, or a macro puts the item somewhere else.
    Unknown,
}

/// The innermost braces around the attribute.
struct Block {
    /// The tokens before the opening brace, from the start of their item. `None` of a bracket that is no block.
    head: Option<Vec<TokenTree>>,
    tokens: Vec<TokenTree>,
}

impl Source {
    /// `line` and `column` as the compiler counts them, from one, in characters.
    pub(crate) fn split(text: &str, line: usize, column: usize) -> Option<Self> {
        let start: usize = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum();
        let (offset, _) = text.get(start..)?.char_indices().nth(column.checked_sub(1)?)?;
        let (before, after) = text.split_at_checked(start + offset)?;
        Some(Self { before: before.to_owned(), after: after.to_owned() })
    }

    /// Whether there is a block before the attribute that it could stand in.
    pub(crate) fn may_be_associated(&self) -> bool {
        ["impl", "trait", "extern"].iter().any(|word| self.before.contains(word))
    }

    /// Where the attribute stands.
    pub(crate) fn place(&self) -> Place {
        self.block().and_then(|block| block.head).map_or(Place::Unknown, |head| kind(&head))
    }

    /// The keyword of an item beside the attribute's that has the name or imports it. A conditional one is left to the
    /// compiler, which knows whether it is there.
    pub(crate) fn beside(&self, name: &str) -> Option<&'static str> {
        if !declares(&self.before, name) && !declares(&self.after, name) {
            return None;
        }
        let block = self.block()?;
        if kind(&block.head?) != Place::Free {
            return None;
        }
        declared(&block.tokens, name)
    }

    fn block(&self) -> Option<Block> {
        // The compiler takes a script's first line away before it lexes.
        let before = match self.before.split_once('\n') {
            Some((first, rest)) if first.starts_with("#!") && !first.starts_with("#![") => rest,
            _ => &self.before,
        };
        let text = format!("{before} {MARKER} {}", self.after);
        block_of(Some(&[]), text.parse().ok()?)
    }
}

fn block_of(head: Option<&[TokenTree]>, tokens: TokenStream) -> Option<Block> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        let inner = match token {
            TokenTree::Ident(ident) if ident == MARKER => {
                return Some(Block { head: head.map(<[_]>::to_vec), tokens });
            }
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                block_of(tokens.get(..index), group.stream())
            }
            TokenTree::Group(group) => block_of(None, group.stream()),
            _ => None,
        };
        match inner {
            // Brackets: the block is the one around them.
            Some(Block { head: None, .. }) => {
                return Some(Block { head: head.map(<[_]>::to_vec), tokens });
            }
            Some(block) => return Some(block),
            None => {}
        }
    }
    None
}

/// The kind of block that these tokens begin.
fn kind(head: &[TokenTree]) -> Place {
    let item = item(head);
    if let [.., TokenTree::Punct(equals), TokenTree::Punct(arrow)] = item
        && equals.as_char() == '='
        && arrow.as_char() == '>'
    {
        // The arm of a macro's definition, or of a `match`.
        return Place::Unknown;
    }
    let is_call = |tokens: &[TokenTree]| matches!(tokens, [.., TokenTree::Ident(_), TokenTree::Punct(call)] if call.as_char() == '!');
    if is_call(item) || item.split_last().is_some_and(|(_, rest)| is_call(rest)) {
        return Place::Unknown;
    }
    let mut words = item.iter().filter_map(word);
    while let Some(word) = words.next() {
        match word.as_str() {
            "impl" => return Place::Associated("`impl` block"),
            "trait" => return Place::Associated("trait"),
            "extern" if !words.any(|word| word == "fn") => return Place::Associated("`extern` block"),
            "fn" | "mod" | "let" | "const" | "static" | "extern" => return Place::Free,
            _ => {}
        }
    }
    Place::Free
}

/// The end of `head` that belongs to its last item.
fn item(head: &[TokenTree]) -> &[TokenTree] {
    let mut after: Option<&TokenTree> = None;
    for (index, token) in head.iter().enumerate().rev() {
        let ends = match token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            // `impl A<{ 1 }> for B`: a constant, not the end of an item.
            TokenTree::Group(group) => {
                let is_constant =
                    matches!(after, Some(TokenTree::Punct(next)) if matches!(next.as_char(), '>' | ','));
                group.delimiter() == Delimiter::Brace && !is_constant
            }
            _ => false,
        };
        if ends {
            return head.get(index + 1..).unwrap_or_default();
        }
        after = Some(token);
    }
    head
}

fn word(token: &TokenTree) -> Option<String> {
    match token {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

/// Keywords of items with a name in the namespaces of an action's value.
const KEYWORDS: &[&str] = &["struct", "enum", "union", "trait", "type", "const", "static"];

/// Whether the text seems to declare or import the name: a glance that saves lexing nearly every file.
fn declares(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        let declared = KEYWORDS.iter().any(|word| before.trim_end().ends_with(word));
        declared || before.rsplit(';').next().is_some_and(|statement| statement.contains("use "))
    })
}

/// The keyword of the item among the tokens of a block that has the name.
fn declared(mut tokens: &[TokenTree], name: &str) -> Option<&'static str> {
    let mut is_conditional = false;
    while let [token, rest @ ..] = tokens {
        tokens = rest;
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                is_conditional |= rest.first().is_some_and(is_condition);
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => is_conditional = false,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => is_conditional = false,
            TokenTree::Ident(ident) if !is_conditional => {
                if ident == "use" {
                    let tree = rest.iter().take_while(|token| !is_end(token)).cloned().collect();
                    if imports(tree, name) {
                        return Some("use");
                    }
                }
                let is_named = matches!(rest.first(), Some(TokenTree::Ident(next)) if next == name);
                if let Some(keyword) = KEYWORDS.iter().find(|keyword| is_named && ident == *keyword) {
                    return Some(keyword);
                }
            }
            _ => {}
        }
    }
    None
}

fn is_condition(attribute: &TokenTree) -> bool {
    let TokenTree::Group(group) = attribute else { return false };
    group.stream().into_iter().next().as_ref().and_then(word).is_some_and(|name| name == "cfg")
}

fn is_end(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

/// Whether a `use` imports the name: it is the last of a path, without a new name behind `as`.
fn imports(tree: TokenStream, name: &str) -> bool {
    let is_name = |ident: &Ident| ident == name;
    let mut tokens = tree.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let found = match token {
            TokenTree::Group(group) => imports(group.stream(), name),
            TokenTree::Ident(ident) => {
                is_name(&ident)
                    && match tokens.peek() {
                        Some(TokenTree::Punct(punct)) => punct.as_char() == ',',
                        Some(_) => false,
                        None => true,
                    }
            }
            _ => false,
        };
        if found {
            return true;
        }
    }
    false
}
