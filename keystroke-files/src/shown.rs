//! What of a path or name from outside may be shown. By mistake people put a secret where a name belongs: the key itself in
//! `KEYSTROKE_VAULT_KEY_FILE`, a token as a label. An error that repeats it would put it into a log.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;

/// Stands for what is not shown.
const HIDDEN: &str = "…";

/// How providers' secrets begin.
const PREFIXES: &[&str] = &[
    "sk-",
    "sk_",
    "rk_",
    "pk-",
    "xoxb-",
    "xoxp-",
    "xoxa-",
    "xoxe-",
    "xoxs-",
    "xapp-",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "ASIA",
    "AIza",
    "ya29.",
    "eyJ",
    "lin_api_",
    "lin_oauth_",
    "npm_",
    "pypi-",
    "hf_",
    "gsk_",
    "SG.",
    "whsec_",
    "shpat_",
    "dop_v1_",
    "nvapi-",
    "dckr_pat_",
    "figd_",
    "secret_",
    "ntn_",
    "key-",
    "AGE-SECRET-KEY-",
    "Bearer ",
];

/// Whether a text contains anything that looks like a secret: an entry of a vault's ring, a key of that length in base64,
/// a token of an MCP client, a private key, or a word that begins as providers' secrets do.
pub fn holds_secret(text: &str) -> bool {
    text.contains("-----BEGIN ")
        || text.contains("@wrapped:")
        || has_token(text)
        || has_ring_entry(text)
        || text.split(|c: char| c.is_whitespace() || "\"'`=,;:/\\".contains(c)).any(has_prefix)
        || is_key(text.trim())
}

/// Whether a path looks like a secret: by [`holds_secret`], or because it is one long random word. A path that begins with
/// `/` or has a dot in it is not taken for such a word.
pub fn is_secret_path(path: &Path) -> bool {
    // Its parents too: a file's name may have been added to a folder that is a secret.
    path.ancestors().any(|path| {
        let text = path.to_string_lossy();
        holds_secret(&text) || is_random(text.trim())
    })
}

/// A path as it may be shown: `…` if it looks like a secret.
pub fn shown(path: &(impl AsRef<Path> + ?Sized)) -> Shown<'_> {
    Shown(path.as_ref())
}

/// A path as it may be shown, made by [`shown`].
pub struct Shown<'a>(&'a Path);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_secret_path(self.0) { f.write_str(HIDDEN) } else { self.0.display().fmt(f) }
    }
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if is_secret_path(self.0) { f.write_str(HIDDEN) } else { self.0.fmt(f) }
    }
}

/// A path to paste into a shell: one word, and never a flag.
pub fn in_shell(path: &(impl AsRef<Path> + ?Sized)) -> String {
    let text = shown(path).to_string();
    let text = if text.starts_with('-') { format!("./{text}") } else { text };
    let plain = |c: char| c.is_alphanumeric() || "/._-+,:@%…".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text with `…` for each word that looks like a secret.
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    if !holds_secret(text) && !text.split(ends_word).any(is_key) {
        return Cow::Borrowed(text);
    }
    let words = text.split_inclusive(ends_word).map(|word| {
        let end = word.strip_suffix(ends_word).map_or(word.len(), str::len);
        let (word, after) = word.split_at_checked(end).unwrap_or((word, ""));
        let hidden = holds_secret(word) || is_key(word.trim_matches(['.', ':', ',', ';', ')', '(']));
        [if hidden { HIDDEN } else { word }, after].concat()
    });
    let text: String = words.collect();
    // A secret of several words, such as a private key, shows only in the whole.
    if holds_secret(&text) { Cow::Borrowed(HIDDEN) } else { Cow::Owned(text) }
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '`' | '\'' | '"')
}

/// `id:base64`, of a key's length or near it: a piece of a key is not shown either.
fn has_ring_entry(text: &str) -> bool {
    let mut parts = text.split(':');
    let mut before = parts.next().unwrap_or_default();
    parts.any(|part| {
        let id = std::mem::replace(&mut before, part)
            .ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        let key = part.trim_start();
        let length = key.find(|c| !in_base64(c)).unwrap_or(key.len());
        let padded = key.get(length..).is_some_and(|rest| rest.starts_with('='));
        // Longer ones than a key are paths, such as `host:/srv/…`, unless they end as base64 does.
        id && ((padded && length >= 40) || (length == 43 && key.len() == length && is_mixed(key)))
    })
}

/// `kst_<id>_<secret>`.
fn has_token(text: &str) -> bool {
    text.match_indices("kst_").any(|(at, _)| {
        let rest = text.get(at + 4..).unwrap_or_default();
        let in_token = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        rest.split_once('_').is_some_and(|(id, secret)| {
            id.len() >= 8
                && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && secret.chars().take_while(|c| in_token(*c)).count() >= 20
        })
    })
}

fn has_prefix(word: &str) -> bool {
    PREFIXES.iter().any(|prefix| {
        word.strip_prefix(prefix)
            .is_some_and(|rest| rest.len() >= 12 && jumps(rest) >= 2 && jumps(rest) * 8 >= rest.len())
    })
}

/// Begins with base64 of 32 bytes, as a path does to which a name was added.
fn is_key(text: &str) -> bool {
    text.split_at_checked(44).is_some_and(|(key, rest)| {
        let whole = key.strip_suffix('=').is_some_and(|key| key.chars().all(in_base64));
        whole && (rest.is_empty() || rest.starts_with('/'))
    })
}

/// One word, long and of all kinds of letters.
fn is_random(text: &str) -> bool {
    text.len() >= 32
        && !text.starts_with('/')
        && text.chars().all(|c| in_base64(c) || c == '=')
        && is_mixed(text)
}

const fn in_base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')
}

/// Capitals, small letters and digits, as names never mix them.
fn is_mixed(text: &str) -> bool {
    let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
    has(char::is_ascii_uppercase)
        && has(char::is_ascii_lowercase)
        && has(char::is_ascii_digit)
        && jumps(text) * 8 >= text.len()
}

/// How often a letter follows a digit, a digit a letter, or a capital a small letter.
fn jumps(text: &str) -> usize {
    let pairs = text.chars().zip(text.chars().skip(1));
    pairs
        .filter(|(a, b)| {
            (a.is_ascii_digit() && b.is_ascii_alphabetic())
                || (a.is_ascii_alphabetic() && b.is_ascii_digit())
                || (a.is_ascii_lowercase() && b.is_ascii_uppercase())
        })
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RING: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const SLASHED: &str = "k2m4q9d3x:q83vASNFZ4mrze//ASNFZ4mrze8BI0VniavN7wEjRWc=";

    #[test]
    fn what_is_a_secret_by_its_form_is_not_shown() {
        let key = RING.split_once(':').unwrap().1;
        let token = "kst_7k2m4q9d3x5z_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        for secret in [
            RING.to_owned(),
            SLASHED.to_owned(),
            format!("{SLASHED}/vault.db"),
            format!("./{RING}"),
            format!(" {RING}\n"),
            format!("{RING},{SLASHED}"),
            format!("# The key of a keystroke vault.\n{RING}\n"),
            format!("KEYSTROKE_VAULT_KEY={RING}"),
            RING.trim_end_matches('=').to_owned(),
            key.to_owned(),
            format!("{key}/config/vault.keys"),
            key.trim_end_matches('=').to_owned(),
            "@wrapped:AAEC".to_owned(),
            token.to_owned(),
            format!("/home/me/{token}"),
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl".to_owned(),
            "sk-proj-4f9c2e7ab01d8856".to_owned(),
            "/tmp/xoxb-123456789012-1234567890123-a1b2c3d4e5f6g7h8".to_owned(),
            "ghp_16C7e42F292c6912E7710c838347Ae178B4a".to_owned(),
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        ] {
            assert_eq!(shown(&secret).to_string(), HIDDEN, "{secret}");
            assert_eq!(format!("{:?}", shown(&secret)), HIDDEN, "{secret}");
        }
        for text in [
            format!("there is no vault at {RING}/vault.db. To fix it, …"),
            format!("`{token}` is no id"),
            format!("the file '{key}'."),
            format!("{key}/vault.db: no such file"),
            format!("unknown field `{SLASHED}`, expected one of `organization`"),
        ] {
            let safe = without_secrets(&text);
            assert!(safe.contains(HIDDEN) && !safe.contains("BgcICQ") && !safe.contains("rze"), "{safe}");
        }
        assert_eq!(without_secrets(&format!("a `{token}` b")), "a `…` b");
    }

    #[test]
    fn a_path_with_spaces_is_quoted_for_a_shell() {
        for (path, quoted) in [
            ("/a/b-c.d", "/a/b-c.d"),
            ("/a b", "'/a b'"),
            ("-rf", "./-rf"),
            ("-rf/a b", "'./-rf/a b'"),
            ("/a'b", r"'/a'\''b'"),
            ("", "''"),
        ] {
            assert_eq!(in_shell(path), quoted);
        }
    }

    #[test]
    fn names_and_paths_as_there_are_many_are_shown() {
        for name in [
            "/home/ada/.local/share/keystroke/vault.db",
            "/tmp/.tmpAb3dE9/vault/config/vault.keys",
            "/nix/store/0c2q1ig7xz4y9f4pjgpj3b3m2l5a6wq8-keystroke-0.1.0",
            "/var/folders/zz/zyxvpxvq6csfxvn_n0000000000000/T/",
            "Users/Some1/Projects/Something/KeyFolder9",
            "/data/year=2026/month=11",
            "/srv/sk-learn-experiments-2024",
            "C:/Users/ada/AppData/Roaming/keystroke/vault.keys",
            "nas:/volume1/backups/keystroke/2026",
            "a/b:c",
            "5f4dcc3b-5aa7-65d6-1d83-27deb882cf99",
            "d41d8cd98f00b204e9800998ecf8427e",
            "research",
            "",
        ] {
            assert_eq!(shown(name).to_string(), name);
            assert_eq!(without_secrets(name), name);
        }
        let text =
            "run `keystroke credentials set exa --set api_key=@stdin`, or set KEYSTROKE_VAULT_KEY_FILE";
        assert_eq!(without_secrets(text), text);
    }
}
