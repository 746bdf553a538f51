//! Values of fields: how each type is read and written, and how long it may be.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::Value;
use toml::de::DeValue;

use super::nearest;

/// How long a text may be, in bytes.
const LONGEST: usize = 2048;
/// How many values a list or a map may have.
const MOST: usize = 128;

/// Why a value does not fit: both go on where the field's name ends.
#[derive(Debug, PartialEq)]
pub(crate) struct Misfit {
    pub(crate) problem: String,
    pub(crate) fix: String,
}

impl Misfit {
    pub(crate) fn new(problem: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { problem: problem.into(), fix: fix.into() }
    }
}

/// A value of a provider file.
pub(crate) trait Field: Clone {
    /// A value as it is written, for a fix.
    const EXAMPLE: &'static str;
    /// A list of values as it is written, for a fix.
    const LIST_EXAMPLE: &'static str = "[\"text\"]";

    /// Reads one.
    fn read(value: &DeValue<'_>) -> Result<Self, Misfit>;

    /// None if it is as good as not there.
    fn write(&self) -> Option<Value>;
}

/// The value is of another type than `T`.
fn another_type<T: Field>(value: &DeValue<'_>) -> Misfit {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i']) { "an" } else { "a" };
    Misfit::new(format!("is {article} {kind}"), format!("write it as in `{}`", T::EXAMPLE))
}

/// What holds for every text: it is short, and on one line.
fn text_rule(text: &str) -> Result<(), Misfit> {
    if text.len() > LONGEST {
        return Err(Misfit::new(
            format!("is longer than {LONGEST} bytes"),
            format!("write at most {LONGEST} bytes"),
        ));
    }
    if text.trim().is_empty() {
        return Err(Misfit::new("is empty", "write a text, or leave the field out"));
    }
    if text.chars().any(char::is_control) {
        return Err(Misfit::new("has a control character", "write it on one line"));
    }
    Ok(())
}

impl Field for String {
    const EXAMPLE: &'static str = "\"text\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = value.as_str().ok_or_else(|| another_type::<Self>(value))?;
        text_rule(text)?;
        Ok(text.to_owned())
    }

    fn write(&self) -> Option<Value> {
        Some(Value::String(self.clone()))
    }
}

/// One character, such as what separates scopes.
impl Field for char {
    const EXAMPLE: &'static str = "\",\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = value.as_str().ok_or_else(|| another_type::<Self>(value))?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(one), None) if !one.is_alphanumeric() && (one == ' ' || one.is_ascii_graphic()) => Ok(one),
            _ => Err(Misfit::new("is not one separator", "write `\" \"` or `\",\"`")),
        }
    }

    fn write(&self) -> Option<Value> {
        Some(Value::String(self.to_string()))
    }
}

impl Field for bool {
    const EXAMPLE: &'static str = "true";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        value.as_bool().ok_or_else(|| another_type::<Self>(value))
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Boolean(*self))
    }
}

impl Field for u16 {
    const EXAMPLE: &'static str = "8765";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let number = value.as_integer().ok_or_else(|| another_type::<Self>(value))?;
        let port = u16::from_str_radix(&number.as_str().replace('_', ""), number.radix());
        port.ok().filter(|port| *port >= 1024).ok_or_else(|| {
            Misfit::new("is not a port that a program may listen on", "write a number from 1024 to 65535")
        })
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Integer(i64::from(*self)))
    }
}

impl Field for Duration {
    const EXAMPLE: &'static str = "\"90d\"";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let text = value.as_str().ok_or_else(|| another_type::<Self>(value))?;
        let most = Self::from_secs(100 * 366 * 24 * 60 * 60);
        let fits = |time: &Self| *time >= Self::from_secs(1) && *time <= most && time.subsec_nanos() == 0;
        humantime::parse_duration(text).ok().filter(fits).ok_or_else(|| {
            Misfit::new(
                "is not a time of whole seconds, up to 100 years",
                "write a time such as `\"30m\"`, `\"8h\"` or `\"90d\"`",
            )
        })
    }

    fn write(&self) -> Option<Value> {
        // Months and years of `humantime` are parts of 365.25 days, which nobody would read back as what was written.
        let seconds = self.as_secs();
        let units = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
        let unit = units.into_iter().find(|(unit, _)| seconds >= *unit && seconds.is_multiple_of(*unit));
        let (unit, name) = unit.unwrap_or((1, "s"));
        Some(Value::String(format!("{}{name}", seconds / unit)))
    }
}

impl<T: Field> Field for Option<T> {
    const EXAMPLE: &'static str = T::EXAMPLE;

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        T::read(value).map(Some)
    }

    fn write(&self) -> Option<Value> {
        self.as_ref().and_then(T::write)
    }
}

impl<T: Field + PartialEq> Field for Vec<T> {
    const EXAMPLE: &'static str = T::LIST_EXAMPLE;

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let array = value.as_array().ok_or_else(|| another_type::<Self>(value))?;
        too_many(array.len())?;
        let mut list = Self::new();
        for (index, value) in array.iter().enumerate() {
            let nth = |misfit: Misfit| Misfit {
                problem: format!("{} at place {}", misfit.problem, index + 1),
                ..misfit
            };
            let value = T::read(value.get_ref()).map_err(nth)?;
            if list.contains(&value) {
                return Err(nth(Misfit::new("repeats a value", "write each value once")));
            }
            list.push(value);
        }
        Ok(list)
    }

    fn write(&self) -> Option<Value> {
        Some(Value::Array(self.iter().filter_map(T::write).collect()))
    }
}

impl<T: Field> Field for BTreeMap<String, T> {
    const EXAMPLE: &'static str = "{ name = \"value\" }";

    fn read(value: &DeValue<'_>) -> Result<Self, Misfit> {
        let table = value.as_table().ok_or_else(|| another_type::<Self>(value))?;
        too_many(table.len())?;
        let mut map = Self::new();
        for (key, value) in table {
            let key = key.get_ref();
            text_rule(key)?;
            let of_key = |misfit: Misfit| Misfit {
                problem: format!("has a value that {}, of `{key}`", misfit.problem),
                ..misfit
            };
            map.insert(key.to_string(), T::read(value.get_ref()).map_err(of_key)?);
        }
        Ok(map)
    }

    fn write(&self) -> Option<Value> {
        let write = |(key, value): (&String, &T)| Some((key.clone(), value.write()?));
        Some(Value::Table(self.iter().filter_map(write).collect()))
    }
}

fn too_many(count: usize) -> Result<(), Misfit> {
    if count > MOST {
        return Err(Misfit::new(format!("has more than {MOST} values"), format!("write at most {MOST}")));
    }
    Ok(())
}

/// One of a few words, or a word with a value: `"rotates"`, `{ grace = "10m" }`.
pub(crate) trait Words: Clone {
    /// The words that stand alone.
    const PLAIN: &'static [&'static str];
    /// The words that have a value, and an example of it.
    const VALUED: &'static [(&'static str, &'static str)] = &[];

    fn from_plain(word: &str) -> Option<Self>;

    /// None if `word` is none of [`VALUED`](Self::VALUED).
    fn from_valued(word: &str, value: &DeValue<'_>) -> Option<Result<Self, Misfit>> {
        let _ = (word, value);
        None
    }

    fn word(&self) -> (&'static str, Option<Value>);
}

/// What `T`'s words are, for a fix.
fn choices<T: Words>() -> String {
    let plain = T::PLAIN.iter().map(|word| format!("`\"{word}\"`"));
    let valued = T::VALUED.iter().map(|(word, value)| format!("`{{ {word} = {value} }}`"));
    let all: Vec<String> = plain.chain(valued).collect();
    match all.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Reads one of `T`'s words.
pub(crate) fn words<T: Words>(value: &DeValue<'_>) -> Result<T, Misfit> {
    let fix = || format!("write {}", choices::<T>());
    let unknown = |word: &str| {
        let all = T::PLAIN.iter().chain(T::VALUED.iter().map(|(word, _)| word)).copied();
        match nearest(word, all) {
            Some(near) => Misfit::new(
                "is not a word that is known here",
                format!("write `{near}`: the words are {}", choices::<T>()),
            ),
            None => Misfit::new("is not a word that is known here", fix()),
        }
    };
    if let Some(word) = value.as_str() {
        return T::from_plain(word).ok_or_else(|| unknown(word));
    }
    let one = value.as_table().filter(|table| table.len() == 1).and_then(|table| table.iter().next());
    let Some((word, value)) = one else {
        return Err(Misfit::new("is not one word", fix()));
    };
    T::from_valued(word.get_ref(), value.get_ref()).unwrap_or_else(|| Err(unknown(word.get_ref())))
}

/// A [`Field`] of an enum whose variants have no value, by its words.
macro_rules! plain_words {
    ($type:ty, $example:literal, $($word:literal => $variant:path),+ $(,)?) => {
        impl $crate::provider::form::Words for $type {
            const PLAIN: &'static [&'static str] = &[$($word),+];

            fn from_plain(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($variant),)+
                    _ => None,
                }
            }

            fn word(&self) -> (&'static str, Option<toml::Value>) {
                match self {
                    $($variant => ($word, None),)+
                }
            }
        }

        $crate::provider::form::field_of_words!($type, $example);
    };
}

/// A [`Field`] of a type that has [`Words`].
macro_rules! field_of_words {
    ($type:ty, $example:literal) => {
        impl $crate::provider::form::Field for $type {
            const EXAMPLE: &'static str = $example;
            // A type of words is a field by itself or in lists, never both.
            const LIST_EXAMPLE: &'static str = $example;

            fn read(value: &toml::de::DeValue<'_>) -> Result<Self, $crate::provider::form::Misfit> {
                $crate::provider::form::words(value)
            }

            fn write(&self) -> Option<toml::Value> {
                use $crate::provider::form::Words as _;
                let (word, value) = self.word();
                Some(match value {
                    None => toml::Value::String(word.to_owned()),
                    Some(value) => toml::Value::Table([(word.to_owned(), value)].into_iter().collect()),
                })
            }
        }
    };
}

pub(crate) use {field_of_words, plain_words};
