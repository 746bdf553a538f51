//! Every fix of every error, tried: the command that is refused runs in a shell, what its fix names is pasted into the
//! same shell, and the command runs again. The situations are a table (`fixes/table.rs`); an error that is not in it
//! fails the test, and so does a command of a fix that nobody says the end of.

mod table;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use self::table::{NOT_PASTED, SITUATIONS, Situation, Then};
use crate::support::{self, ACME, Home, MANIFEST};

/// What a reader puts in the place of the words that stand for what only they know.
const PLACEHOLDERS: [(&str, &str); 4] =
    [("FIELD", "api_key"), ("FILE", "acme.toml"), ("FOLDER", "backup"), ("NAME", "ada")];

/// What all situations have: `put` stores a credential and keeps its id in `$ID`, and `again` has a variable set in every
/// shell from then on.
const PRELUDE: &str = r#"
again() { printf '%s\n' "$1" >> ~/vars; eval "$1"; }
put() { ID=$(printf %s a-secret | keystroke credentials set "$@" --json | grep -o '"id": "[^"]*"' | cut -d'"' -f4 | head -1) && again "ID=$ID"; }
[ ! -e ~/vars ] || . ~/vars
"#;

struct Shell {
    home: Home,
}

#[derive(Debug)]
struct Screen {
    text: String,
    code: i32,
}

impl Shell {
    fn new(situation: &Situation) -> Self {
        let home = Home::new();
        let manifest = MANIFEST;
        let work = home.work();
        fs::write(work.join("app.json"), manifest).unwrap();
        fs::write(work.join("account.json"), manifest.replacen("\"api_key\",\n", "\"oauth_managed\",\n", 1))
            .unwrap();
        let plain = manifest
            .replace("\"secret\": false, \"required\": false", "\"secret\": false, \"required\": true");
        fs::write(work.join("plain.json"), plain).unwrap();
        fs::write(work.join("acme.toml"), ACME).unwrap();
        let shell = Self { home };
        let done = shell.run(&format!("set -e; {}", situation.before));
        assert_eq!(done.code, 0, "{}: {done:?}", situation.about);
        (situation.plant)(&shell.home);
        shell
    }

    /// Runs lines as one who types them into bash, and pipes a secret to what reads one.
    fn run(&self, lines: &str) -> Screen {
        let programs = Path::new(support::PROGRAM).parent().unwrap().display().to_string();
        fs::write(self.home.path().join("typed"), "a-typed-secret").unwrap();
        let typed = fs::File::open(self.home.path().join("typed")).unwrap();
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1\n{PRELUDE}\n{lines}")])
            .current_dir(self.home.work())
            .env_clear()
            .env("PATH", format!("{programs}:/usr/bin:/bin"))
            .env("HOME", self.home.path())
            .env("KEYSTROKE_HOME", self.home.vault())
            .env("EXA_API_KEY", "a-secret-of-the-environment")
            .env("EXA_PORT", "443")
            .env("EXA_SECRET", "another-secret-7Qm2vX9d-of-the-environment")
            .stdin(Stdio::from(typed))
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        Screen { text, code: output.status.code().unwrap() }
    }
}

impl Screen {
    /// The fix, where there is one: an explanation has one, and exits with 0.
    fn fix(&self) -> Option<&str> {
        self.text.lines().find_map(|line| line.strip_prefix("fix: "))
    }

    fn is_mended(&self) -> bool {
        self.code == 0 && self.fix().is_none()
    }
}

/// What of a fix can be pasted: commands, and flags that go onto the command that was refused.
fn pastes(fix: &str, line: &str) -> Vec<String> {
    const COMMANDS: [&str; 9] =
        ["keystroke ", "KEYSTROKE_", "chmod ", "rm ", "mv ", "export ", "(umask ", "chown ", "grep "];
    const FLAGS: [&str; 5] = ["--yes", "--add", "--show", "--metadata", "--replace"];
    let pieces = fix.split('`').skip(1).step_by(2);
    let mut pastes = Vec::new();
    for piece in pieces {
        let is_flag = piece.starts_with("--") && (piece.contains(' ') || FLAGS.contains(&piece));
        if COMMANDS.iter().any(|command| piece.starts_with(command)) {
            pastes.push(piece.to_owned());
        } else if is_flag {
            pastes.push(format!("{line} {piece}"));
        }
    }
    pastes
}

fn filled_in(paste: &str) -> String {
    assert!(!paste.contains('<'), "a shell would read a redirection: {paste}");
    PLACEHOLDERS.iter().fold(paste.to_owned(), |paste, (word, meant)| paste.replace(word, meant))
}

#[test]
fn every_fix_does_what_it_says() {
    std::thread::scope(|scope| {
        for part in SITUATIONS.chunks(SITUATIONS.len().div_ceil(4)) {
            scope.spawn(move || part.iter().for_each(try_fixes));
        }
    });
}

/// Pastes each part of the fix into a home of its own.
fn try_fixes(situation: &Situation) {
    let Situation { about, line, then, code, .. } = situation;
    let mut shell = Shell::new(situation);
    let mut refused = shell.run(line);
    let json = shell.run(&format!("{line} --json"));
    assert!(json.text.contains(&format!("\"code\": \"{code}\"")), "{about}: {json:?}");
    for index in 0..then.len().max(1) {
        if index > 0 {
            shell = Shell::new(situation);
            refused = shell.run(line);
        }
        let fix = refused.fix().unwrap_or_else(|| panic!("{about}: nothing is refused: {refused:?}"));
        let all = pastes(fix, line);
        assert_eq!(
            all.len(),
            then.len(),
            "{about}: of each that can be pasted the table says what comes: {all:?}"
        );
        if let (Some(paste), Some(then)) = (all.get(index), then.get(index)) {
            try_one(&shell, line, &filled_in(paste), then, &format!("{about}: {fix}"));
        }
    }
}

/// Pastes one command, or the refused one with a flag, and runs what was refused again.
fn try_one(shell: &Shell, line: &str, paste: &str, then: &Then, about: &str) {
    let is_again = paste.starts_with(line);
    let pasted = shell.run(paste);
    let told = || format!("{about}\npasted `{paste}`: {pasted:?}");
    // A variable is set for the shell that it is pasted into.
    let next = || {
        shell.run(&if paste.starts_with("export ") { format!("{paste}; {line}") } else { line.to_owned() })
    };
    match then {
        Then::Mended if is_again => assert!(pasted.is_mended(), "{}", told()),
        Then::Mended => {
            assert_eq!(pasted.code, 0, "{}", told());
            let next = next();
            assert!(next.is_mended(), "{}\nthen: {next:?}", told());
        }
        Then::Confirmed => {
            assert!(pasted.text.contains("fix: run the same command with `--yes`"), "{}", told());
            let confirmed = shell.run(&format!("{paste} --yes"));
            let next = next();
            assert!(confirmed.is_mended() && next.is_mended(), "{}\n{confirmed:?}\n{next:?}", told());
        }
        Then::Instead => assert!(pasted.is_mended(), "{}", told()),
        Then::Next(word) => {
            let next = if is_again { pasted.text.clone() } else { pasted.text.clone() + &next().text };
            assert!(next.contains(word) && next.contains("fix: "), "{}\nthen: {next}", told());
        }
    }
}

/// The words of a source text that stand as a code: after `before`, in quotes.
fn words(text: &str, before: &str) -> BTreeSet<String> {
    let after = text.split(before).skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"'));
    let words = after.filter_map(|rest| rest.split_once('"').map(|(word, _)| word.to_owned()));
    words
        .filter(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
        .collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else {
            *text += &fs::read_to_string(path).unwrap();
        }
    }
}

/// By the codes in the sources: whoever adds an error has to say here what becomes of its fix.
#[test]
fn no_error_is_forgotten() {
    let manifest = include_str!("../../../../../keystroke-core/src/declare/manifest/read/mod.rs");
    let (_, manifest) = manifest.split_once("fn code(&self)").unwrap();
    let manifest = words(manifest.split_once("\n    }\n").unwrap().0, "=> ");
    assert!(manifest.len() > 4, "{manifest:?}");
    let mut known = BTreeSet::from_iter(manifest);
    let vault = words(include_str!("../../../../../keystroke-vault/src/error/messages.rs"), "message(");
    assert!(vault.len() > 30, "{vault:?}");
    known.extend(vault);
    let tokens =
        include_str!("../../../../../keystroke-tokens/src/error.rs").split_once("\nimpl Denied").unwrap().0;
    known.extend(words(tokens, "=> ("));
    known.extend(words(include_str!("../../../../../keystroke-core/src/resolve/error/text.rs"), "code: "));
    let providers = words(include_str!("../../../../../keystroke-oauth/src/provider/error.rs"), "(");
    assert!(providers.len() > 5, "{providers:?}");
    known.extend(providers);
    known.extend(words(
        include_str!("../../../../../keystroke-oauth/src/provider/client_missing.rs"),
        "-> &'static str {\n",
    ));
    let oauth = words(include_str!("../../../../../keystroke-oauth/src/error.rs"), "=> (");
    assert!(oauth.len() > 20, "{oauth:?}");
    known.extend(oauth);
    known.extend(words(include_str!("../../../../../keystroke-oauth/src/http.rs"), "-> &'static str {\n"));
    let mut program = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut program);
    for before in ["refused(", "Refusal::new(", "code: "] {
        known.extend(words(&program, before));
    }
    known.insert("usage".to_owned());
    assert!(known.len() > 80, "{known:?}");
    let told: BTreeSet<String> = SITUATIONS
        .iter()
        .map(|situation| situation.code)
        .chain(NOT_PASTED.iter().map(|(code, _)| *code))
        .map(str::to_owned)
        .collect();
    let missing: Vec<_> = known.difference(&told).collect();
    assert!(missing.is_empty(), "what becomes of the fixes of {missing:?}?");
    let gone: Vec<_> = told.difference(&known).collect();
    assert!(gone.is_empty(), "no errors any more: {gone:?}");
}
