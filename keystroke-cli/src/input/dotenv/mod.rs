//! The grammar of `.env` files, read without guessing.
//!
//! There is no standard, and readers differ: one substitutes `$NAME`, another keeps it; to one a `#` in the middle begins
//! a comment, to another it is part of the secret. A secret that is read differently than the application reads it would be
//! stored without a warning and fail later. So this reads what all readers agree on, and reports a value on which they
//! differ, which matters only if its variable is wanted. `dotenvy` is well maintained, but it substitutes variables unasked,
//! repeats the line in its errors, and keeps values in memory that is not wiped.
//!
//! "All readers" are those of Node (`dotenv`), Python (`python-dotenv`), Ruby (`dotenv`), Go (`godotenv`), Rust (`dotenvy`)
//! and Docker Compose.

use zeroize::Zeroizing;

/// Why readers differ on a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Some substitute a variable's value.
    Substituted,
    /// A `${` that Python fills in even between single quotes.
    SubstitutedEverywhere,
    /// White space at an end that one reader trims and another keeps.
    Spaced,
    /// A backslash outside single quotes, other than `\n` between double quotes.
    Escaped,
    /// A backslash between single quotes that Python takes for an escape.
    EscapedInSingleQuotes,
    /// A `#` that begins a comment to some.
    Commented,
    /// Quotes in the middle.
    Quoted,
    /// Text after the closing quote.
    Trailed,
    /// A carriage return between quotes: Node makes it a line feed, Python keeps it.
    CarriageReturn,
}

impl Problem {
    /// What is wrong: a sentence that begins with the variable goes on so.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Self::Substituted => {
                "contains a `$` or a backquote, which some readers replace with something else"
            }
            Self::SubstitutedEverywhere => {
                "contains `${`, which some readers replace with something else, even between single quotes"
            }
            Self::Spaced => {
                "begins or ends with unusual white space or an invisible character, which some readers drop"
            }
            Self::Escaped => "contains a backslash, which readers understand in different ways",
            Self::EscapedInSingleQuotes => {
                "has a backslash between single quotes that some readers drop (`\\\\`, or one right before the quote)"
            }
            Self::Commented => "contains a `#`, which begins a comment to some readers and not to others",
            Self::Quoted => "has quotes in the middle, which some readers drop",
            Self::Trailed => "has more text on its line after the closing quote",
            Self::CarriageReturn => {
                "has a carriage return between its quotes (Windows line ends), which some readers keep and others drop"
            }
        }
    }

    /// How to write the value so that all agree.
    pub(crate) const fn fix(self) -> &'static str {
        match self {
            Self::EscapedInSingleQuotes | Self::SubstitutedEverywhere => STORE_ALONE,
            Self::Trailed => "leave nothing but a comment after the closing quote",
            Self::CarriageReturn => SAVE_WITH_LF,
            _ => {
                "put its value in single quotes, as it is; a value that contains a `'` is stored by itself, with `keystroke credentials set` and `@stdin`"
            }
        }
    }
}

/// What all readers take for white space.
const BLANK: [char; 2] = [' ', '\t'];
const QUOTES: [char; 3] = ['\'', '"', '`'];

const SAVE_WITH_LF: &str = "save the file with LF line ends (`dos2unix` does that)";
const STORE_ALONE: &str =
    "store this one by itself, with `keystroke credentials set` and `@stdin`, and remove it from the file";
const WRITE_VARIABLES: &str =
    "write each variable as `NAME=value`, in single quotes where the value has more than letters and digits";

/// A variable of the file.
pub(crate) struct Variable {
    /// The line on which it begins, counted from 1.
    pub(crate) line: usize,
    /// Its name: letters, digits, `_`, `-` and `.`.
    pub(crate) name: String,
    /// Its value, if all readers agree on it.
    pub(crate) value: Result<Zeroizing<String>, Problem>,
}

/// What stops the reading: a line, what is wrong with it, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub(crate) line: usize,
    pub(crate) problem: &'static str,
    pub(crate) fix: &'static str,
}

/// All variables, in order.
pub(crate) fn parse(text: &str) -> Result<Vec<Variable>, Broken> {
    let mut variables = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let broken = |problem| Broken { line, problem, fix: WRITE_VARIABLES };
        let (first, after) = first_line(rest);
        let content = first.trim();
        if content.is_empty() || content.starts_with('#') {
            has_one_end(first, line)?;
            rest = after;
            line += 1;
            continue;
        }
        let (name, _) = first.split_once('=').ok_or_else(|| {
            broken("has no `=`; if it continues the value of the line before, that value needs quotes")
        })?;
        has_one_end(name, line)?;
        let (_, value) = rest.split_once('=').unwrap_or_default();
        let name = name.trim();
        let name =
            name.strip_prefix("export").filter(|rest| rest.starts_with([' ', '\t'])).unwrap_or(name).trim();
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
        // `export =x` has no name to readers that take `export` for the keyword.
        let keyword = name == "export" && !first.trim_start().starts_with("export=");
        if name.is_empty() || keyword || !name.chars().all(fits) {
            return Err(broken("does not begin with a variable's name and `=`"));
        }
        let value = value.trim_start_matches(BLANK);
        // To some readers it is a quoted value, which continues to the next quote on any line.
        let seems_quoted =
            value.starts_with(is_unusual) && value.trim_start_matches(is_unusual).starts_with(QUOTES);
        if seems_quoted || (value.starts_with('`') && after.contains('`')) {
            return Err(broken("has a value that is quoted to some readers and not to others"));
        }
        let (value, after) = match value.strip_prefix(['\'', '"']) {
            None => {
                let value = first_line(value).0;
                has_one_end(value, line)?;
                (unquoted(value), after)
            }
            Some(inner) => {
                let double = value.starts_with('"');
                if !ends_on_one_line(inner, if double { '"' } else { '\'' }) {
                    let problem = "has a backslash before a quote, so readers differ on where the value ends";
                    return Err(Broken { line, problem, fix: STORE_ALONE });
                }
                let (inner, behind) =
                    closing(inner, double).ok_or_else(|| broken("has a quote that is never closed"))?;
                let (tail, after) = first_line(behind);
                has_one_end(tail, line)?;
                let tail = tail.trim_matches(BLANK);
                let value = if !tail.is_empty() && !tail.starts_with('#') {
                    Err(Problem::Trailed)
                } else {
                    quoted(inner, double)
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

/// Refuses what is one line here and several to a reader that takes a carriage return for a line end, or a Unicode
/// separator, as Node does.
fn has_one_end(part: &str, line: usize) -> Result<(), Broken> {
    if part.contains(['\u{2028}', '\u{2029}']) {
        let problem = "contains a Unicode line separator, which is a line end to some readers";
        return Err(Broken { line, problem, fix: "remove the character, or put the value in single quotes" });
    }
    if part.contains('\r') {
        let problem = "has a carriage return in the middle, which is a line end to some readers";
        // `dos2unix` leaves a carriage return that stands alone.
        let fix = "save the file with LF line ends (`mac2unix` does that)";
        return Err(Broken { line, problem, fix });
    }
    Ok(())
}

/// Whether the value ends on the same line for readers that skip a quote after a backslash, for those that don't, and for
/// those that count the backslashes. If not, one of them takes the variables below for part of the value.
fn ends_on_one_line(text: &str, quote: char) -> bool {
    let Some((line, below)) = text.find(quote).and_then(|first| {
        let end = text.get(first..)?.find('\n').map_or(text.len(), |at| first + at);
        text.get(..first).filter(|before| before.ends_with('\\')).and_then(|_| text.split_at_checked(end))
    }) else {
        return true;
    };
    // After a backslash, readers look for the next quote that ends the line.
    let mut quotes = line.match_indices(quote).map(|(at, _)| line.split_at_checked(at).unwrap_or_default());
    let closed = quotes.find(|(before, _)| !before.ends_with('\\')).is_some_and(|(_, behind)| {
        let tail = behind.strip_prefix(quote).unwrap_or(behind).trim_matches([' ', '\t', '\r']);
        tail.is_empty() || tail.starts_with('#')
    });
    closed || !below.contains(quote)
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
    // A `#` that the value begins with is a comment to Node and part of the value to Python.
    let comment = if line.starts_with('#') { None } else { comment_at(line) };
    let value = comment.and_then(|at| line.get(..at)).unwrap_or(line).trim_matches(BLANK);
    // Beyond these two, each language has another set of white space.
    if value.starts_with(is_unusual) || value.ends_with(is_unusual) {
        return Err(Problem::Spaced);
    }
    if value.contains("${") {
        return Err(Problem::SubstitutedEverywhere);
    }
    for (bad, problem) in [
        (&['$', '`'][..], Problem::Substituted),
        (&['\\'], Problem::Escaped),
        (&['#'], Problem::Commented),
        (&['"', '\''], Problem::Quoted),
    ] {
        if value.contains(bad) {
            return Err(problem);
        }
    }
    Ok(Zeroizing::new(value.to_owned()))
}

fn is_unusual(c: char) -> bool {
    c.is_whitespace() || c.is_control() || c == '\u{feff}'
}

/// Where a comment begins: a `#` after a space, on which all agree.
fn comment_at(line: &str) -> Option<usize> {
    [line.find(" #"), line.find("\t#")].into_iter().flatten().min()
}

/// What stands between quotes.
fn quoted(text: &str, double: bool) -> Result<Zeroizing<String>, Problem> {
    if text.contains('\r') {
        return Err(Problem::CarriageReturn);
    }
    if text.contains("${") {
        return Err(Problem::SubstitutedEverywhere);
    }
    if double {
        return escapes(text);
    }
    if text.contains("\\\\") || text.ends_with('\\') {
        return Err(Problem::EscapedInSingleQuotes);
    }
    Ok(Zeroizing::new(text.to_owned()))
}

/// What stands between double quotes, with `\n` for a line end: the one escape that means the same to all readers.
fn escapes(text: &str) -> Result<Zeroizing<String>, Problem> {
    // Never grown: no unwiped copy is left behind.
    let mut value = Zeroizing::new(String::with_capacity(text.len()));
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        value.push(match (c, chars.peek()) {
            ('\\', Some('n')) => {
                chars.next();
                '\n'
            }
            ('\\', _) => return Err(Problem::Escaped),
            ('`', _) => return Err(Problem::Substituted),
            ('$', Some(next)) if next.is_ascii_alphanumeric() || "_{(".contains(*next) => {
                return Err(Problem::Substituted);
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
