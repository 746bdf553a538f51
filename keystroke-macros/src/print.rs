//! `KEYSTROKE_EXPAND=name`: prints what one item expands to, for people who debug.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

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
    text.lines().map(str::trim_end).filter(|line| !line.is_empty()).fold(String::new(), |all, line| all + line + "\n")
}

fn write(tokens: TokenStream, depth: usize, text: &mut String) {
    let mut joint = true;
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let tight = joint || matches!(&token, TokenTree::Punct(punct) if ",;.:?".contains(punct.as_char()));
        if !tight {
            text.push(' ');
        }
        joint = false;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                if group.delimiter() == Delimiter::Brace {
                    new_line(depth + 1, text);
                    write(group.stream(), depth + 1, text);
                    new_line(depth, text);
                    text.push_str(close);
                    let ends = !matches!(tokens.peek(), Some(TokenTree::Punct(punct)) if ",;.?>".contains(punct.as_char()));
                    if ends {
                        new_line(depth, text);
                        joint = true;
                    }
                } else {
                    write(group.stream(), depth, text);
                    text.push_str(close);
                    if group.delimiter() == Delimiter::Bracket && text.trim_start().starts_with('#') {
                        joint = false;
                    }
                }
            }
            TokenTree::Punct(punct) => {
                text.push(punct.as_char());
                joint = punct.spacing() == proc_macro2::Spacing::Joint || "&#'<!:".contains(punct.as_char());
                if punct.as_char() == ';' {
                    new_line(depth, text);
                    joint = true;
                }
            }
            other => text.push_str(&other.to_string()),
        }
    }
}

fn new_line(depth: usize, text: &mut String) {
    text.push('\n');
    text.push_str(&"    ".repeat(depth));
}
