//! `KEYSTROKE_EXPAND=name`: prints what one item expands to, for people who debug.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// Prints the expansion of `name` to stderr if the environment asks for it.
#[expect(clippy::print_stderr, reason = "the one thing that was asked for")]
pub(crate) fn if_asked(name: &str, tokens: &TokenStream) {
    if std::env::var("KEYSTROKE_EXPAND").is_ok_and(|asked| asked == name) {
        eprintln!("// the expansion of `{name}`\n{}", pretty(tokens));
    }
}

/// The tokens with a line for each statement and field, indented by their braces: not what rustfmt would do, but
/// readable, and without a dependency that every user would have to build.
pub(crate) fn pretty(tokens: &TokenStream) -> String {
    let mut text = String::new();
    write(tokens.clone(), 0, &mut text);
    text.lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .fold(String::new(), |all, line| all + line + "\n")
}

fn write(tokens: TokenStream, depth: usize, text: &mut String) {
    // Whether nothing stands between the last token and the next one.
    let mut joint = true;
    let mut tokens = tokens.into_iter().peekable();
    let mut in_attribute = false;
    while let Some(token) = tokens.next() {
        if !joint && !is_tight(&token, text) {
            text.push(' ');
        }
        joint = false;
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                text.push('{');
                new_line(depth + 1, text);
                write(group.stream(), depth + 1, text);
                new_line(depth, text);
                text.push('}');
                if !matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if ",;.?>".contains(punct.as_char()))
                {
                    new_line(depth, text);
                    joint = true;
                }
            }
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    _ => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), depth, text);
                text.push_str(close);
                if std::mem::take(&mut in_attribute) {
                    new_line(depth, text);
                    joint = true;
                }
            }
            TokenTree::Punct(punct) => {
                let c = punct.as_char();
                let is_path = c == ':' && text.ends_with(':');
                text.push(c);
                in_attribute = c == '#';
                joint = punct.spacing() == Spacing::Joint || "&#'<!.".contains(c) || is_path;
                if c == ';' {
                    new_line(depth, text);
                    joint = true;
                }
            }
            other => text.push_str(&other.to_string()),
        }
    }
}

/// Whether a token follows what is written without a space.
fn is_tight(token: &TokenTree, text: &str) -> bool {
    match token {
        TokenTree::Punct(punct) => match punct.as_char() {
            ',' | ';' | '.' | '?' | '>' => true,
            '<' => text.ends_with(|c: char| c.is_alphanumeric() || c == '_'),
            ':' => text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>' || c == ')'),
            _ => false,
        },
        TokenTree::Group(group) if group.delimiter() != Delimiter::Brace => {
            text.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '>')
        }
        _ => false,
    }
}

fn new_line(depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"    ".repeat(depth));
}
