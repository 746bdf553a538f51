//! Reading a `.env` file, without guessing.
//!
//! There is no standard, and readers of such files differ: one carries out `$NAME`, another keeps it; to one a `#` in the
//! middle begins a comment, to another it is part of the secret. A secret that was read in another way than the
//! application reads it is stored without a word and fails later. So what readers agree on is read, and a value on which
//! they differ is told as such; it may belong to a variable that nobody wants. `dotenvy`, which is well kept, substitutes
//! variables without being asked, repeats the line in its errors, and keeps values in memory that is not wiped.

use zeroize::Zeroizing;

/// What is wrong with a value, for a sentence that begins with the variable.
pub(crate) type Problem = &'static str;

const SUBSTITUTED: Problem = "has a `$` or a backquote in it, for which some readers put something else";
const ESCAPED: Problem = "has a backslash in it, which readers understand in different ways";
const COMMENTED: Problem = "has a `#` in it, which is a comment to some readers and not to others";
const QUOTED: Problem = "has quotes in the middle, which some readers drop";
const TRAILED: Problem = "has more on its line after the closing quote";

/// A variable of the file.
pub(crate) struct Variable {
    /// The line on which it begins, from 1.
    pub(crate) line: usize,
    /// Its name: letters, digits, `_`, `-` and `.`.
    pub(crate) name: String,
    /// Its value, if all readers agree on it.
    pub(crate) value: Result<Zeroizing<String>, Problem>,
}

/// What stops the reading: a line, and what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) line: usize,
    pub(crate) problem: Problem,
}

/// All variables, in order.
pub(crate) fn parse(text: &str) -> Result<Vec<Variable>, Broken> {
    let mut variables = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let broken = |problem| Broken { line, problem };
        let (first, after) = first_line(rest);
        let content = first.trim();
        if content.is_empty() || content.starts_with('#') {
            rest = after;
            line += 1;
            continue;
        }
        let (name, _) = first.split_once('=').ok_or_else(|| {
            broken("has no `=`; if it goes on with the value of the line before, that value needs quotes")
        })?;
        let (_, value) = rest.split_once('=').unwrap_or_default();
        let name = name.trim();
        let name =
            name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(name).trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        if name.is_empty() || !name.chars().all(fits) {
            return Err(broken("does not begin with a variable's name and `=`"));
        }
        let value = value.trim_start_matches([' ', '\t']);
        let (value, after) = match value.strip_prefix(['\'', '"']) {
            None => (unquoted(first_line(value).0), after),
            Some(inner) => {
                let double = value.starts_with('"');
                let (inner, behind) =
                    closing(inner, double).ok_or_else(|| broken("has a quote that is never closed"))?;
                let (tail, after) = first_line(behind);
                let tail = tail.trim();
                let value = if !tail.is_empty() && !tail.starts_with('#') {
                    Err(TRAILED)
                } else if double {
                    escapes(inner)
                } else {
                    Ok(Zeroizing::new(inner.to_owned()))
                };
                (value, after)
            }
        };
        variables.push(Variable { line, name: name.to_owned(), value });
        let read = rest.len() - after.len();
        line += rest.bytes().take(read).filter(|byte| *byte == b'\n').count();
        rest = after;
    }
    Ok(variables)
}

/// The first line without its end, and what comes after it.
fn first_line(text: &str) -> (&str, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    (line.strip_suffix('\r').unwrap_or(line), after)
}

/// What is before the closing quote, and what after it.
fn closing(text: &str, double: bool) -> Option<(&str, &str)> {
    if !double {
        return text.split_once('\'');
    }
    let mut escaped = false;
    let at = text.find(|c| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    })?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A value without quotes: up to the end of the line, or to a comment.
fn unquoted(line: &str) -> Result<Zeroizing<String>, Problem> {
    let comment = if line.starts_with('#') { Some(0) } else { comment_at(line) };
    let value = comment.and_then(|at| line.get(..at)).unwrap_or(line).trim();
    for (bad, problem) in
        [(&['$', '`'][..], SUBSTITUTED), (&['\\'], ESCAPED), (&['#'], COMMENTED), (&['"', '\''], QUOTED)]
    {
        if value.contains(bad) {
            return Err(problem);
        }
    }
    Ok(Zeroizing::new(value.to_owned()))
}

/// Where a comment begins: a `#` after a space, on which all agree.
fn comment_at(line: &str) -> Option<usize> {
    [line.find(" #"), line.find("\t#")].into_iter().flatten().min()
}

/// What stands between double quotes, with what its escapes mean.
fn escapes(text: &str) -> Result<Zeroizing<String>, Problem> {
    // Never grown: no unwiped copy is left behind.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        value.push(match (c, chars.peek()) {
            ('\\', _) => match chars.next() {
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some(same @ ('\\' | '"' | '$' | '`')) => same,
                _ => return Err(ESCAPED),
            },
            ('`', _) => return Err(SUBSTITUTED),
            ('$', Some(next)) if next.is_ascii_alphanumeric() || "_{(".contains(*next) => {
                return Err(SUBSTITUTED);
            }
            (c, _) => c,
        });
    }
    Ok(value)
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod tests;
