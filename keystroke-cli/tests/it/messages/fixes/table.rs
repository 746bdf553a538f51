//! Situations in which something is refused, and what comes of each command and flag that the fix names.

use std::time::{Duration, SystemTime};

use keystroke_core::{CredentialKind, Instance, Status};
use keystroke_vault::{Add, Vault};

use crate::support::Home;

/// What comes after a command of a fix, or of the refused command with a flag of the fix.
pub(crate) enum Then {
    /// The command that was refused works.
    Mended,
    /// It asks for `--yes` first, and then that command works.
    Confirmed,
    /// It does what is done instead, or shows what to choose from.
    Instead,
    /// There is more to mend, which is told with this word.
    Next(&'static str),
}

use Then::{Confirmed, Instead, Mended, Next};

pub(crate) struct Situation {
    pub(crate) about: &'static str,
    /// The error's.
    pub(crate) code: &'static str,
    /// What is done before, in the shell.
    pub(crate) before: &'static str,
    /// And what the program can't do.
    pub(crate) plant: fn(&Home),
    /// What is refused.
    pub(crate) line: &'static str,
    /// In the order of the fix.
    pub(crate) then: &'static [Then],
}

const fn of(
    code: &'static str,
    about: &'static str,
    before: &'static str,
    line: &'static str,
    then: &'static [Then],
) -> Situation {
    Situation { about, code, before, plant: |_| {}, line, then }
}

impl Situation {
    const fn plant(self, plant: fn(&Home)) -> Self {
        Self { plant, ..self }
    }
}

/// An instance of `exa` that no command makes.
fn exa(home: &Home, with: impl FnOnce(Instance) -> Instance) {
    let (vault, _) = Vault::open_or_init(keystroke_vault::VaultOptions::at(home.vault())).unwrap();
    let instance = Instance::new("exa").in_organization("default").field("api_key", "a-secret");
    vault.add([with(instance)], Add::OnlyFirst).unwrap();
}

fn sql(home: &Home, file: &str, statement: &str) {
    rusqlite::Connection::open(home.vault().join(file)).unwrap().execute_batch(statement).unwrap();
}

const EXA: &str = "put exa --set api_key=@stdin";
const SET: &str = "printf %s a-secret | keystroke credentials set exa --set api_key=@stdin";

pub(crate) const SITUATIONS: &[Situation] = &[
    // Of resolving.
    of("missing", "nothing declares the fields", "keystroke vault init", "keystroke explain exa", &[Mended]),
    of(
        "missing",
        "a manifest does",
        "keystroke vault init",
        "keystroke explain exa --manifest app.json",
        &[Mended],
    ),
    of(
        "missing",
        "one of its fields is plain and short",
        "keystroke vault init",
        "keystroke explain exa --manifest plain.json",
        &[Mended],
    ),
    of(
        "missing",
        "in a project that a shell would take apart",
        "keystroke vault init",
        "keystroke explain exa --pin project --project \"Ada's \\$HOME\"",
        &[Mended],
    ),
    of(
        "missing",
        "in an organization likewise",
        "keystroke vault init",
        "keystroke explain exa --organization 'a; exit 3'",
        &[Mended],
    ),
    of(
        "missing",
        "of a user",
        "keystroke vault init",
        "keystroke explain exa --pin user --as-user 'Ada L'",
        &[Mended],
    ),
    of(
        "missing",
        "an account",
        "keystroke vault init",
        "keystroke explain exa --manifest account.json",
        &[Next("connect")],
    ),
    of(
        "missing",
        "of a manifest's",
        "keystroke vault init",
        "keystroke check app.json --as-user ada",
        &[Next("slack")],
    ),
    of(
        "ambiguous",
        "two and no mark",
        "put exa --set api_key=@stdin; put exa --set api_key=@stdin --add",
        "keystroke explain exa",
        &[Mended],
    ),
    of(
        "no_user",
        "pinned to a user scope",
        "put slack --set token=@stdin --scope user --user ada",
        "keystroke explain slack --pin user",
        &[Mended],
    ),
    of(
        "selection_not_found",
        "assigned to all, and a user's own",
        "put exa --set api_key=@stdin --scope user --user ada; keystroke credentials assign $ID --action search --tool 'my agent'",
        "keystroke explain exa --action search --tool 'my agent'",
        &[Next("there is none in"), Instead],
    ),
    of(
        "assignment_conflicts_with_pin",
        "assigned outside of the pin",
        "put exa --set api_key=@stdin; keystroke credentials assign $ID --action search --direct",
        "keystroke explain exa --action search --direct --pin project",
        &[Next("there is none in"), Instead],
    ),
    of(
        "revoked",
        "the default, beside another one",
        "put exa --set api_key=@stdin --default; keystroke credentials revoke $ID; put exa --set api_key=@stdin --add",
        "keystroke explain exa",
        &[Mended],
    ),
    of(
        "revoked",
        "the default, beside two others",
        "put exa --set api_key=@stdin --default; keystroke credentials revoke $ID; put exa --set api_key=@stdin --add; put exa --set api_key=@stdin --add",
        "keystroke explain exa",
        &[Mended],
    ),
    of(
        "revoked",
        "the default, and no other one",
        "put exa --set api_key=@stdin --default; keystroke credentials revoke $ID",
        "keystroke explain exa",
        &[Mended],
    ),
    of(
        "revoked",
        "the default of a project, and no other one",
        "put exa --set api_key=@stdin --default --scope project --project-slug 'a b'; keystroke credentials revoke $ID",
        "keystroke explain exa --project 'a b'",
        &[Mended],
    ),
    of(
        "revoked",
        "the default of a user, and no other one",
        "put exa --set api_key=@stdin --default --scope user --user ada; keystroke credentials revoke $ID",
        "keystroke explain exa --pin user --as-user ada",
        &[Mended],
    ),
    of(
        "revoked",
        "the only one",
        "put exa --set api_key=@stdin; keystroke credentials revoke $ID",
        "keystroke explain exa",
        &[Mended],
    ),
    of(
        "revoked",
        "both, and no mark",
        "put exa --set api_key=@stdin; keystroke credentials revoke $ID; put exa --set api_key=@stdin --add; keystroke credentials revoke $ID",
        "keystroke explain exa --manifest app.json",
        &[Mended],
    ),
    of(
        "revoked",
        "the assigned one, beside another one",
        "put exa --set api_key=@stdin; keystroke credentials assign $ID --action search --direct; keystroke credentials revoke $ID; put exa --set api_key=@stdin --add",
        "keystroke explain exa --action search --direct",
        &[Mended, Instead],
    ),
    of(
        "wrong_kind",
        "an account where a key is declared",
        "true",
        "keystroke explain exa --manifest app.json",
        &[Mended],
    )
    .plant(|home| exa(home, |one| one.kind(CredentialKind::OauthManaged))),
    of(
        "wrong_kind",
        "a key where an account is declared",
        EXA,
        "keystroke explain exa --manifest account.json",
        &[Next("connect")],
    ),
    of(
        "invalid",
        "a field has another name",
        "put exa --set apikey=@stdin",
        "keystroke explain exa --manifest app.json",
        &[Mended],
    ),
    of("invalid", "a plain one is missing", EXA, "keystroke explain exa --manifest plain.json", &[Mended]),
    of("needs_reconnect", "a key", "true", "keystroke explain exa --manifest app.json", &[Mended])
        .plant(|home| exa(home, |one| one.status(Status::NeedsReconnect))),
    of("expired", "a key", "true", "keystroke explain exa --manifest app.json", &[Mended])
        .plant(|home| exa(home, |one| one.expires_at(SystemTime::now() - Duration::from_secs(60)))),
    // Of the vault.
    of("no_vault", "nothing is there", "true", "keystroke credentials list", &[Mended, Next("Usage:")]),
    of(
        "malformed_ring",
        "a variable that is no ring",
        "put exa --set api_key=@stdin; cp ~/vault/config/vault.keys .; again 'export KEYSTROKE_VAULT_KEY=nonsense'",
        "keystroke credentials list",
        &[Mended, Next("does not hold")],
    ),
    of(
        "malformed_ring",
        "a variable that is no ring, before there is a vault",
        "again 'export KEYSTROKE_VAULT_KEY=nonsense'",
        "keystroke vault init",
        &[Next("is set and empty"), Mended],
    ),
    of(
        "malformed_ring",
        "a file that is no ring, before there is a vault",
        "again 'export KEYSTROKE_VAULT_KEY_FILE=\"a b.keys\"'; (umask 077; echo nonsense > 'a b.keys')",
        "keystroke vault init",
        &[Mended],
    ),
    of(
        "exposed_key",
        "a ring that others can read",
        "put exa --set api_key=@stdin; again 'export KEYSTROKE_VAULT_KEY_FILE=\"it'\\''s.keys\"'; cp ~/vault/config/vault.keys \"it's.keys\"; chmod 644 \"it's.keys\"",
        "keystroke credentials list",
        &[Mended],
    ),
    of(
        "exposed_folder",
        "a vault whose folder others may write to",
        "put exa --set api_key=@stdin; chmod o+w ~/vault",
        "keystroke credentials list",
        &[Mended, Next("chmod")],
    ),
    of(
        "unknown_tool",
        "a slip in a tool's name",
        "true",
        "keystroke tokens create --manifest app.json --tool serach",
        &[],
    ),
    of(
        "unknown_key",
        "another ring",
        "put exa --set api_key=@stdin; keystroke vault backup backup; again 'export KEYSTROKE_VAULT_KEY_FILE=other'; (umask 077; keystroke vault new-key > other)",
        "keystroke credentials list",
        &[Next("--yes")],
    ),
    of(
        "cannot_restore",
        "a backup from before a new key",
        "put exa --set api_key=@stdin; keystroke vault backup backup; keystroke vault rotate-key",
        "keystroke vault restore backup --yes",
        &[Mended],
    ),
    of(
        "no_audit",
        "the record is gone",
        "put exa --set api_key=@stdin; keystroke vault backup backup; rm ~/vault/audit.db*",
        "keystroke credentials list",
        &[Confirmed],
    ),
    of(
        "damaged",
        "a page is lost",
        "put exa --set api_key=@stdin; keystroke vault backup backup",
        "keystroke credentials list",
        &[Confirmed],
    )
    .plant(|home| {
        sql(home, "vault.db", "PRAGMA wal_checkpoint(TRUNCATE); DELETE FROM meta");
    }),
    of(
        "audit_altered",
        "a row is gone",
        "put exa --set api_key=@stdin; keystroke vault backup backup",
        "keystroke audit",
        &[Confirmed],
    )
    .plant(|home| sql(home, "audit.db", "DELETE FROM entries WHERE seq = 2")),
    of(
        "altered",
        "a label was changed by hand",
        "put exa --set api_key=@stdin --organization 'a b'; keystroke vault backup backup",
        "keystroke credentials list --organization 'a b'",
        &[Confirmed, Confirmed],
    )
    .plant(|home| sql(home, "vault.db", "UPDATE instances SET label = 'Mine'")),
    of("instance_exists", "a second one", EXA, SET, &[Instead, Mended]),
    of(
        "instance_exists",
        "of two fields",
        "put exa --set api_key=@stdin --set secret=another-secret-7Qm2vX9d",
        SET,
        &[Instead, Mended],
    ),
    of(
        "instance_exists",
        "beside a revoked one",
        "put exa --set api_key=@stdin; keystroke credentials revoke $ID",
        SET,
        &[Mended, Mended],
    ),
    of(
        "instance_exists",
        "beside a revoked default",
        "put exa --set api_key=@stdin --default; keystroke credentials revoke $ID",
        SET,
        &[Mended, Mended],
    ),
    of("no_such_instance", "an id that is none", EXA, "keystroke credentials show no-such-id", &[Instead]),
    of(
        "revoked",
        "a revoked one is rotated",
        "put exa --set api_key=@stdin --default; keystroke credentials revoke $ID",
        "printf %s a-secret | keystroke credentials rotate $ID --set api_key=@stdin",
        &[Instead, Instead],
    ),
    of(
        "out_of_reach",
        "assigned in another project",
        "put exa --set api_key=@stdin --scope project --project-slug ops",
        "keystroke credentials assign $ID --action search --direct --project news",
        &[Instead],
    ),
    of(
        "still_assigned",
        "moved away from where it is used",
        "put exa --set api_key=@stdin; keystroke credentials assign $ID --action search --tool \"Ada's\" --project 'a b'",
        "keystroke credentials move $ID --scope project --yes",
        &[Mended],
    ),
    of(
        "invalid_value",
        "a short one that is no secret",
        "true",
        "keystroke credentials set s3 --set region=eu",
        &[Mended],
    ),
    of(
        "cannot_restore",
        "no backup",
        "keystroke vault init",
        "keystroke vault restore nowhere --yes",
        &[Next("Usage:")],
    ),
    // Of tokens.
    of("token_not_found", "no token has the id", "true", "keystroke tokens revoke 3f7t1h9p5y2c", &[Instead]),
    of(
        "tokens_malformed",
        "the file holds something else",
        "keystroke tokens create; (umask 077; echo nonsense > ~/vault/mcp-tokens.json)",
        "keystroke tokens list",
        &[Mended, Next("is not a list of tokens")],
    ),
    of(
        "tokens_not_private",
        "others can read the file",
        "keystroke tokens create; chmod 644 ~/vault/mcp-tokens.json",
        "keystroke tokens list",
        &[Mended],
    ),
    // Of the program.
    of(
        "usage",
        "no field is given",
        "true",
        ": | keystroke credentials set exa",
        &[Instead, Next("is empty")],
    ),
    of(
        "usage",
        "no field is given, of a project elsewhere",
        "true",
        ": | keystroke credentials set exa --organization 'a b' --scope project --project-slug \"it's\" --label 'My key'",
        &[Instead, Next("is empty")],
    ),
    of(
        "usage",
        "a flag without effect on what cannot be undone",
        EXA,
        "keystroke credentials revoke $ID --project research",
        &[],
    ),
    of(
        "unknown_field",
        "a slip in a field to remove",
        EXA,
        "keystroke credentials rotate $ID --unset apikey",
        &[],
    ),
    of(
        "usage",
        "a user scope and no user",
        "true",
        "printf %s a-secret | keystroke credentials set exa --set api_key=@stdin --scope user",
        &[Mended],
    ),
    of(
        "usage",
        "a user pin and no user",
        "true",
        "printf %s a-secret | keystroke credentials set slack --set token=@stdin --manifest app.json",
        &[Mended],
    ),
    of(
        "usage",
        "a project and no project scope",
        "true",
        "printf %s a-secret | keystroke credentials set exa --set api_key=@stdin --project-slug ops",
        &[Mended],
    ),
    of(
        "usage",
        "an export of what is never exported",
        "keystroke vault init",
        "keystroke vault export",
        &[Mended, Next("Usage:")],
    ),
    of(
        "usage",
        "the word that stands for a field",
        "true",
        "keystroke credentials set exa --set FIELD=a-secret",
        &[Instead],
    ),
    of(
        "unknown_key",
        "a key that no application declares",
        "true",
        "keystroke credentials set exxa --set api_key=a-secret --manifest app.json",
        &[],
    ),
    of(
        "unknown_field",
        "a field that is not declared",
        "true",
        "keystroke credentials set exa --set apikey=a-secret --manifest app.json",
        &[],
    ),
    of(
        "missing_field",
        "a required field is left out",
        "true",
        "keystroke credentials set exa --set port=443 --manifest app.json",
        &[Mended],
    ),
    of(
        "unknown_action",
        "a slip in a slug",
        EXA,
        "keystroke credentials assign $ID --action serach --direct --manifest app.json",
        &[],
    ),
    of(
        "unused_key",
        "an action of another credential",
        EXA,
        "keystroke credentials assign $ID --action post --direct --manifest app.json",
        &[],
    ),
    of(
        "outside_pin",
        "assigned outside of the pin",
        "put slack --set token=@stdin",
        "keystroke credentials assign $ID --action post --direct --manifest app.json",
        &[Instead],
    ),
    of(
        "no_such_assignment",
        "undone twice",
        EXA,
        "keystroke credentials unassign exa --action search --direct",
        &[Instead],
    ),
    of(
        "assigned",
        "deleted while it is in use",
        "put exa --set api_key=@stdin; keystroke credentials assign $ID --action search --direct",
        "keystroke credentials delete $ID",
        &[Instead],
    ),
    of("unconfirmed", "moved", EXA, "keystroke credentials move $ID --scope project", &[Mended]),
    of("unconfirmed", "given up", EXA, "keystroke credentials discard exa", &[Mended]),
    of(
        "unconfirmed",
        "imported",
        "echo EXA_API_KEY=a-secret > .env",
        "keystroke credentials import .env --map EXA_API_KEY=exa.api_key",
        &[Mended],
    ),
    of(
        "nothing_to_discard",
        "nothing is there",
        "keystroke vault init",
        "keystroke credentials discard exa",
        &[Instead],
    ),
    of(
        "nothing_to_import",
        "nothing says what is what",
        "echo EXA_API_KEY=a-secret > .env",
        "keystroke credentials import .env --yes",
        &[Mended],
    ),
    of(
        "other_organization",
        "moved from elsewhere",
        "put exa --set api_key=@stdin --organization 'a b'",
        "keystroke credentials move $ID --scope project --yes",
        &[Mended],
    ),
    of("provider_unknown", "a name of nobody's", "true", "keystroke providers show acme", &[Instead, Mended]),
    of("provider_unknown", "a slip", "true", "keystroke providers show slcak", &[Instead]),
    of(
        "provider_unreadable",
        "others can write to the folder",
        "mkdir -p $KEYSTROKE_HOME/config/providers && chmod 777 $KEYSTROKE_HOME/config/providers",
        "keystroke providers list",
        &[Mended],
    ),
    of(
        "provider_exists",
        "added twice",
        "keystroke providers add acme.toml",
        "keystroke providers add acme.toml",
        &[Mended],
    ),
    of(
        "no_terminal",
        "nobody can be asked",
        "true",
        "keystroke connect exa --organization 'a b' --scope project --project-slug \"it's\" --label 'My key' --default",
        &[Instead],
    ),
    of(
        "no_terminal",
        "for two fields",
        "true",
        "keystroke connect exa --field api_key --field port --allow-short port",
        &[Instead],
    ),
];

/// Errors whose fix is a step that no shell takes, or that no shell can bring about, and why.
pub(crate) const NOT_PASTED: &[(&str, &str)] = &[
    ("selection_mismatch", "only code selects, and no vault assigns for another key"),
    ("selection_unused", "only code selects"),
    ("under_scoped", "an account, which no command connects yet"),
    ("client_missing", "an account, which no command connects yet"),
    ("client_changed", "an account, which no command connects yet"),
    ("client_rejected", "an account, which no command connects yet"),
    ("refreshing", "the same again"),
    ("store_unavailable", "it has the fix of the store: of the vault, those here"),
    ("vault_exists", "the vault is used as it is, or moved away by who knows what is in it"),
    ("missing_key", "only who has the key can put it back"),
    ("wrong_key", "only who has the key can put it back"),
    ("key_wrapping", "a matter of the program that wraps it"),
    ("not_a_vault", "only who knows the file can say where it goes"),
    ("newer_format", "an update of keystroke"),
    ("tokens_newer", "an update of keystroke"),
    (
        "file_too_large",
        "a limit that a process cannot raise again for itself: keystroke-cli/tests/it/process.rs",
    ),
    ("rolled_back", "all programs that have the vault open are ended: keystroke-vault/tests/it/rollback.rs"),
    ("withheld", "a minute passes, by the clock of the process that withholds it"),
    ("replaced", "the program is started again"),
    ("read_only", "a matter of the folder"),
    ("cannot_write", "a matter of what was named"),
    ("disk_full", "a matter of the disk"),
    ("busy", "the same again"),
    ("io", "a matter of the operating system"),
    ("sqlite", "`vault verify` says more, of what nobody foresaw"),
    ("environment", "a variable is unset or given a value that its owner knows"),
    ("clock_set_back", "a matter of the clock"),
    ("system", "the program is started again"),
    ("id_taken", "only code gives ids"),
    ("invalid_text", "another name is given"),
    ("manifest_too_long", "the application prints it anew"),
    ("manifest_not_json", "the application prints it anew"),
    ("manifest_no_format", "the application prints it anew"),
    ("manifest_format", "an update of keystroke, or of the application"),
    ("manifest_invalid", "the application prints it anew"),
    ("manifest_unreadable", "another file is named"),
    ("provider_invalid", "a line of the file is written anew: keystroke-oauth/src/provider/tests/hostile.rs"),
    ("provider_value", "another value is given"),
    ("discovery_failed", "a matter of the issuer, or of the network"),
    ("issuer_mismatch", "another issuer is given"),
    ("client_missing", "a client is registered where its provider says"),
    ("grant_not_offered", "no command connects yet"),
    ("client_incomplete", "no command connects yet"),
    ("client_rejected", "no command connects yet"),
    ("client_changed", "no command connects yet"),
    ("not_renewable", "no command connects yet"),
    ("not_signed", "another key is made at the provider"),
    ("callback_malformed", "no command connects yet"),
    ("callback_other_host", "no command connects yet"),
    ("state_mismatch", "no command connects yet"),
    ("state_expired", "no command connects yet"),
    ("state_other_owner", "no command connects yet"),
    ("issuer_missing", "no command connects yet"),
    ("other_issuer", "no command connects yet"),
    ("sign_in_denied", "no command connects yet"),
    ("sign_in_refused", "no command connects yet"),
    ("token_endpoint_redirects", "a matter of the provider"),
    ("provider_unavailable", "a matter of the provider"),
    ("device_code_expired", "no command connects yet"),
    ("account_unknown", "no command connects yet"),
    ("id_token_invalid", "a matter of the provider, or of this machine's clock"),
    ("port_taken", "no command connects yet"),
    ("cannot_listen", "a matter of the operating system"),
    ("no_callback", "no command connects yet"),
    ("no_http_client", "a matter of the system's certificates"),
    ("tokens_busy", "the same again"),
    ("tokens_io", "a matter of the file"),
    ("no_random_bytes", "a matter of the operating system"),
    ("expiry_too_far", "a shorter time is given"),
    ("context", "only who wrote the file knows what it should say"),
    ("value", "another source of the value is named"),
    ("not_supported", "no command connects accounts yet"),
    ("no_such_variable", "another variable is named"),
    ("given_twice", "only who wrote the file knows which of two it is"),
    ("unreadable", "another file is named"),
    ("not_dotenv", "the file is mended by hand"),
    ("cancelled", "the same again"),
    ("prompt", "a question on a terminal"),
    ("terminal", "what is shown on a terminal: tests/terminal.rs"),
    ("output", "what standard output is connected to"),
    ("json", "never met"),
];
