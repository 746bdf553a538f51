//! All providers that are known: those that come with keystroke, and a folder of files of the user's own.
//!
//! A file `<name>.toml` in the folder is the provider `<name>`. It takes the place of a built-in one of the same name, as a
//! whole: nothing of the two is mixed, and [`Origin`] says so wherever providers are listed. So an update of keystroke that
//! brings a provider of that name changes nothing for those who have their own. A file that is broken breaks its own name
//! alone, and that name does not fall back to the built-in one.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use keystroke_files::{exposed_folder, open, read, stranger, without_secrets};

use super::built_in::BUILT_IN;
use super::error::{Fault, ProviderError};
use super::form::nearest;
use super::validated::{LONGEST_FILE, Provider};

/// How many files a folder of providers may have.
const MOST_FILES: usize = 1000;

/// Where a provider comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// It comes with keystroke.
    BuiltIn,
    /// From a file of the user's.
    File {
        /// The file.
        path: PathBuf,
        /// There is a built-in one of the same name, which is not used.
        replaces_built_in: bool,
    },
}

/// All providers that are known, by name.
pub struct Providers {
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    origin: Origin,
    /// The file's text, or why there is none.
    text: Result<Cow<'static, str>, ProviderError>,
}

impl Providers {
    /// Those that come with keystroke.
    pub fn built_in() -> Self {
        let entry = |(name, text): &(&str, &'static str)| {
            ((*name).to_owned(), Entry { origin: Origin::BuiltIn, text: Ok(Cow::Borrowed(*text)) })
        };
        Self { entries: BUILT_IN.iter().map(entry).collect() }
    }

    /// The same, with the files of a folder: each `<name>.toml` in it, and nothing below it. A folder that does not exist
    /// has none. A file that can't be read or is not valid is an error of its own name, when it is asked for.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unreadable`]: the folder can't be read, others can write to it, or it has more than 1000 files.
    pub fn with_folder(mut self, folder: &Path) -> Result<Self, ProviderError> {
        let unreadable = |problem: String, fix: &str| ProviderError::Unreadable {
            file: folder.to_owned(),
            problem,
            fix: fix.to_owned(),
        };
        let listed = match fs::read_dir(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(self),
            listed => listed,
        };
        let refused = |error| {
            unreadable(format!("can't be read: {error}"), "make {file} a folder that this user can read")
        };
        let listed = listed.map_err(refused)?;
        // Whoever can put a file there chooses where client secrets are sent.
        if exposed_folder(folder, true).map_err(refused)?.is_some() {
            let problem = "can be written to by others, who could choose where client secrets are sent";
            return Err(unreadable(problem.to_owned(), "look at the files in it, then `chmod go-w {file}`"));
        }
        for (index, file) in listed.enumerate() {
            if index == MOST_FILES {
                let problem = format!("has more than {MOST_FILES} files");
                return Err(unreadable(problem, "move what is no provider file out of {file}"));
            }
            let path = file.map_err(refused)?.path();
            let is_toml = path.extension().is_some_and(|extension| extension == "toml");
            let Some(name) =
                path.file_stem().filter(|_| is_toml).map(|stem| stem.to_string_lossy().into_owned())
            else {
                continue;
            };
            let replaces_built_in = BUILT_IN.iter().any(|(built_in, _)| *built_in == name);
            let text = read_file(&path).map(Cow::Owned);
            self.entries.insert(name, Entry { origin: Origin::File { path, replaces_built_in }, text });
        }
        Ok(self)
    }

    /// The provider of this name.
    ///
    /// # Errors
    ///
    /// [`ProviderError::Unknown`], with the nearest name; why the user's file of this name can't be used.
    pub fn get(&self, name: &str) -> Result<Provider, ProviderError> {
        let Some(entry) = self.entries.get(name) else {
            let nearest = nearest(name, self.names()).map(str::to_owned);
            return Err(ProviderError::Unknown { name: without_secrets(name).into_owned(), nearest });
        };
        let text = entry.text.as_ref().map_err(Clone::clone)?;
        match &entry.origin {
            Origin::BuiltIn => Provider::parse(name, text),
            Origin::File { path, .. } => Provider::parse_file(name, path, text),
        }
    }

    /// The names, sorted: also those of files that can't be used.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Where the provider of this name comes from.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.entries.get(name).map(|entry| &entry.origin)
    }
}

fn read_file(path: &Path) -> Result<String, ProviderError> {
    let unreadable = |problem: String, fix: &str| ProviderError::Unreadable {
        file: path.to_owned(),
        problem,
        fix: fix.to_owned(),
    };
    let refused = |error: String| {
        unreadable(format!("can't be read: {error}"), "make {file} a regular file that this user can read")
    };
    let (file, about) = open(path).map_err(|error| refused(error.to_string()))?;
    if let Some((owner, us)) = stranger(&about) {
        let problem = format!("belongs to the user {owner}, not to you ({us}) or root");
        return Err(unreadable(
            problem,
            "read it, and if you trust it, `chown` it to yourself; else remove it",
        ));
    }
    let bytes = read(&file, &about, LONGEST_FILE).map_err(|error| refused(error.to_string()))?;
    let Some(bytes) = bytes else {
        let problem = format!("it is longer than {LONGEST_FILE} bytes");
        let fault = Fault { line: 1, problem, fix: "write less".to_owned() };
        return Err(ProviderError::Invalid { file: path.to_owned(), faults: vec![fault] });
    };
    String::from_utf8(bytes.to_vec())
        .map_err(|_| unreadable("is not UTF-8".to_owned(), "save {file} as UTF-8"))
}
