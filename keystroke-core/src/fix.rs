//! The program's commands as fixes name them: one spelling for core, vault and program, so that what is pasted into a
//! shell does what the fix says. A name may hold spaces, quotes or a `$`, so each is quoted as one word of a POSIX shell.
//! Placeholders are in capitals (`FIELD`), because a shell reads `<field>` as two redirections.
//!
//! For the crates of this repository; it may change in any version.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::run::consumer::{Assignment, Consumer};
use crate::store::ClientName;
use crate::store::instance::{InstanceId, Owner};

/// The placeholder for a field whose name is unknown.
pub const FIELD: &str = "FIELD";

/// A text as one word of a POSIX shell.
pub fn word(text: &str) -> Cow<'_, str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
    }
}

/// Where the values of fields come from: ` --set api_key=@stdin`. Standard input holds one value, so several come from
/// the environment. Those that are no secrets may be short.
pub fn settings<'a>(key: &str, fields: impl IntoIterator<Item = &'a str>, plain: &[String]) -> String {
    let fields: Vec<&str> = fields.into_iter().collect();
    let mut text = match fields.as_slice() {
        [] => format!(" --set {FIELD}=@stdin"),
        [one] => format!(" --set {}=@stdin", word(one)),
        several => {
            let from = |field: &&str| format!(" --set {}=@env:{}", word(field), variable(key, field));
            several.iter().map(from).collect()
        }
    };
    for field in fields.iter().filter(|field| plain.iter().any(|plain| plain == *field)) {
        // Writing into a string does not fail.
        let _ = write!(text, " --allow-short {}", word(field));
    }
    text
}

/// The variable that a field's value may stand in: `EXA_API_KEY` for `api_key` of `exa`.
pub fn variable(key: &str, field: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    // No variable's name begins with a digit.
    let before = if key.starts_with(|c: char| c.is_ascii_digit()) { "_" } else { "" };
    format!("{before}{key}_{field}").chars().map(letter).collect()
}

/// Whose it is: ` --scope user --as-user ada`.
pub fn scope(owner: &Owner) -> String {
    match owner {
        Owner::Organization => " --scope org".to_owned(),
        Owner::Project(project) => format!(" --scope project --project-slug {}", word(project)),
        Owner::User(user) => format!(" --scope user --as-user {}", word(user)),
    }
}

/// `keystroke credentials set …`, for `owner`; without one, in the program's default scope.
pub fn set(key: &str, settings: &str, owner: Option<&Owner>, organization: &str) -> String {
    let place = place(owner, organization);
    format!("keystroke credentials set {}{settings}{place}", word(key))
}

/// `keystroke connect …`, for `owner` likewise.
pub fn connect(key: &str, owner: Option<&Owner>, organization: &str) -> String {
    format!("keystroke connect {}{}", word(key), place(owner, organization))
}

/// `keystroke credentials reconnect …`.
pub fn reconnect(id: &InstanceId) -> String {
    format!("keystroke credentials reconnect {}", word(id.as_str()))
}

/// `keystroke clients set …`, whose secret comes from standard input.
pub fn set_client(ClientName { provider, name }: &ClientName, organization: &str) -> String {
    let name = name.as_ref().map_or_else(String::new, |name| format!(" --name {}", word(name)));
    format!(
        "keystroke clients set {} --client-id CLIENT_ID --set client_secret=@stdin{name} --organization {}",
        word(provider),
        word(organization)
    )
}

/// Where an instance is stored.
fn place(owner: Option<&Owner>, organization: &str) -> String {
    format!("{} --organization {}", owner.map(scope).unwrap_or_default(), word(organization))
}

/// `keystroke credentials list …`.
pub fn list(key: &str, organization: &str) -> String {
    format!("keystroke credentials list {} --organization {}", word(key), word(organization))
}

/// `keystroke credentials unassign …`.
pub fn unassign(key: &str, place: &Assignment) -> String {
    let Assignment { organization, project, consumer, action } = place;
    let consumer = match consumer {
        Consumer::Direct => "--direct".to_owned(),
        Consumer::Workflow(slug) => format!("--step {}", word(slug)),
        Consumer::Agent(slug) => format!("--tool {}", word(slug)),
        Consumer::Poll(slug) => format!("--poll {}", word(slug)),
    };
    format!(
        "keystroke credentials unassign {} --action {} {consumer} --organization {} --project {}",
        word(key),
        word(action),
        word(organization),
        word(project)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_one_word_of_a_shell() {
        for text in
            ["acme", "Ada's team", "a b", "$HOME", "`id`", "a;b", "~", "", "*", "ä", "a\"b", "#x", "!x"]
        {
            let line = format!("printf %s {}", word(text));
            let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text, "{line}");
        }
        assert_eq!(word("exa-7k2m"), "exa-7k2m");
    }

    #[test]
    fn every_name_of_a_command_is_one_word() {
        let (key, id, team) = ("my app", InstanceId::from("an id"), "Ada's team");
        let client = ClientName { provider: "a;b".to_owned(), name: Some("$HOME".to_owned()) };
        let user = Owner::User("Ada L".to_owned());
        for (command, words) in [
            (
                connect(key, Some(&user), team),
                vec!["connect", key, "--scope", "user", "--as-user", "Ada L", "--organization", team],
            ),
            (reconnect(&id), vec!["credentials", "reconnect", "an id"]),
            (
                set_client(&client, team),
                vec![
                    "clients",
                    "set",
                    "a;b",
                    "--client-id",
                    "CLIENT_ID",
                    "--set",
                    "client_secret=@stdin",
                    "--name",
                    "$HOME",
                    "--organization",
                    team,
                ],
            ),
        ] {
            let line = format!("keystroke() {{ printf '%s\\n' \"$@\"; }}; {command}");
            let output = std::process::Command::new("sh").args(["-c", &line]).output().unwrap();
            let typed = String::from_utf8(output.stdout).unwrap();
            assert_eq!(typed.lines().collect::<Vec<_>>(), words, "{command}");
        }
    }

    #[test]
    fn values_come_from_where_a_shell_has_them() {
        let fields =
            |names: &'static [&str]| settings("1password", names.iter().copied(), &["port".to_owned()]);
        assert_eq!(fields(&["token"]), " --set token=@stdin");
        assert_eq!(fields(&["port"]), " --set port=@stdin --allow-short port");
        assert_eq!(
            fields(&["token", "port"]),
            " --set token=@env:_1PASSWORD_TOKEN --set port=@env:_1PASSWORD_PORT --allow-short port"
        );
        assert_eq!(fields(&[]), " --set FIELD=@stdin");
    }
}
