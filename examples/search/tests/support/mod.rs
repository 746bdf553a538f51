//! What the tests share: the program as a real process, and the stand-in as a second one.
#![allow(dead_code, reason = "each test binary uses a part of it")]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// The program, without the variables of whoever runs the tests.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_search"));
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        let proxies = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
        if name.starts_with("KEYSTROKE") || proxies.contains(&name.to_lowercase().as_str()) {
            command.env_remove(name.as_ref());
        }
    }
    for name in [
        "EXA_BASE_URL",
        "FIRECRAWL_BASE_URL",
        "EXA_API_KEY",
        "STAND_IN_KEYS",
        "RUST_LOG",
        "XDG_DATA_HOME",
        "XDG_CONFIG_HOME",
    ] {
        command.env_remove(name);
    }
    command.stdin(Stdio::null());
    command
}

/// A process's exit code, standard output and standard error.
pub fn ended(output: Output) -> (Option<i32>, String, String) {
    let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The stand-in as a process of its own; it ends when this is dropped.
pub struct StandIn {
    process: Child,
    /// Where it answers.
    pub base_url: String,
    /// The key that it made, if it was given none.
    pub key: Option<String>,
}

impl StandIn {
    /// Starts it over a folder, with keys or to make one.
    pub fn over(folder: &Path, keys: Option<&str>) -> Self {
        let mut command = program();
        command.arg("--serve-stand-in").arg("--corpus").arg(folder);
        command.stdout(Stdio::piped()).stderr(Stdio::null());
        if let Some(keys) = keys {
            command.env("STAND_IN_KEYS", keys);
        }
        let mut process = command.spawn().expect("the stand-in starts");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines();
        let mut line = || lines.next().expect("a line").expect("readable");
        let base_url = line();
        let key = keys.is_none().then(line);
        Self { process, base_url, key }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder with two small documents.
pub fn documents() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let guide = "# Guide\n\n## Pins\n\nA scope that is pinned in code has no fallback.\n\n## Naïve \"quotes\"\n\nAND OR NOT\n";
    std::fs::write(folder.path().join("guide.md"), guide).expect("a file");
    let code = "/// A pinned scope.\npub struct Pinned;\n\nfn other() {}\n";
    std::fs::write(folder.path().join("code one.rs"), code).expect("a file");
    folder
}

/// All files below a folder with their content, to tell whether anything changed.
pub fn everything_in(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).expect("a readable folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                found.push((path.clone(), Vec::new()));
                waiting.push(path);
            } else {
                let content = std::fs::read(&path).expect("a readable file");
                found.push((path, content));
            }
        }
    }
    found.sort();
    found
}

/// A key that no other text holds by chance, with characters that encodings change.
pub fn canary() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("random bytes");
    let half = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("canary/{}+{}~", half(&bytes[..8]), half(&bytes[8..]))
}

/// The forms in which a text may hide in an output: plain, hex, base64 and percent-encoded.
pub fn forms(secret: &str) -> Vec<(String, String)> {
    let hex = |upper: bool, before: &str| -> String {
        let digits = |byte| if upper { format!("{byte:02X}") } else { format!("{byte:02x}") };
        secret.bytes().map(|byte| format!("{before}{}", digits(byte))).collect()
    };
    let reserved: String = secret
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c.to_string() } else { format!("%{:02X}", u32::from(c)) })
        .collect();
    let mut forms = vec![
        ("plain".to_owned(), secret.to_owned()),
        ("hex".to_owned(), hex(false, "")),
        ("upper hex".to_owned(), hex(true, "")),
        ("percent".to_owned(), hex(true, "%")),
        ("lower percent".to_owned(), hex(false, "%")),
        ("reserved percent".to_owned(), reserved),
    ];
    for shift in 0..3 {
        // In a longer text the secret begins at any of three places of a group; what does not depend on its
        // neighbours are the whole groups inside.
        let text = format!("{}{secret}", &"aa"[..shift]);
        for (name, engine) in [("base64", STANDARD_NO_PAD), ("base64url", URL_SAFE_NO_PAD)] {
            let encoded = engine.encode(&text);
            let (from, to) = (4 * shift.div_ceil(3), 4 * (text.len() / 3));
            forms.push((format!("{name} at {shift}"), encoded[from..to].to_owned()));
        }
    }
    forms
}

/// The forms of a secret that a text holds.
pub fn found_in(text: &str, secret: &str) -> Vec<String> {
    forms(secret).into_iter().filter(|(_, form)| text.contains(form)).map(|(name, _)| name).collect()
}
