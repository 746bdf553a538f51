//! Files that say what a provider file can't: each is refused in the right line, with what to write instead, and what is
//! to be written is accepted.

use crate::provider::{Provider, ProviderError};

use super::SHORT;

/// A short valid file, in which a piece is written in another way.
struct Hostile {
    /// The piece of the valid file.
    piece: &'static str,
    /// What is wrong, in its place.
    wrong: &'static str,
    /// Words of the line that is at fault.
    line: &'static str,
    problem: &'static str,
    fix: &'static str,
    /// What the fix says, in the place of the piece.
    mended: &'static str,
}

const fn row(
    piece: &'static str,
    wrong: &'static str,
    line: &'static str,
    problem: &'static str,
    fix: &'static str,
    mended: &'static str,
) -> Hostile {
    Hostile { piece, wrong, line, problem, fix, mended }
}

const END: &str = "#end";
const TITLE: &str = "title = \"Example\"";
const GRANTS: &str = "grants = [\"authorization_code\"]";
const TOKEN: &str = "token = \"https://example.com/token\"";
const AUTHORIZE: &str = "authorize = \"https://example.com/authorize\"";
const TOKENS: &str = "tokens = \"rotates\"";
const BASIC: &str = "authentication = [\"basic\"]";
const PAGE: &str = "url = \"https://example.com/apps\"";
const SHOP: &str = "[variables.shop]\nabout = \"the shop\"\n[endpoints]";

const HOSTILE: &[Hostile] = &[
    // Unknown and missing fields.
    row(TITLE, "tilte = \"Example\"", "tilte", "the file has no field `tilte`", "write `title`", TITLE),
    row(
        "[refresh]",
        "[refesh]",
        "[refesh]",
        "the file has no field `refesh`",
        "write `refresh`",
        "[refresh]",
    ),
    row(
        END,
        "kills_acces_token = true",
        "kills_acces_token",
        "`[refresh]` has no field `kills_acces_token`",
        "write `kills_access_token`",
        "kills_access_token = true",
    ),
    row(END, "q = 1", "q = 1", "`[refresh]` has no field `q`", "remove it, or write one of `tokens`", END),
    row(
        TOKENS,
        "",
        "[refresh]",
        "`[refresh]` lacks the field `tokens`",
        "write `tokens = \"rotates\"`",
        TOKENS,
    ),
    row(
        BASIC,
        "",
        "[token]",
        "`[token]` lacks the field `authentication`",
        "write `authentication = [\"basic\"]`",
        BASIC,
    ),
    row(
        GRANTS,
        "",
        "title",
        "the file lacks the field `grants`",
        "write `grants = [\"authorization_code\"]`",
        GRANTS,
    ),
    // A client is not a part of a provider, and its secret is never repeated.
    row(
        "[token]\n",
        "[token]\nclient_secret = \"S3CR3T-canary\"\n",
        "client_secret",
        "`[token]` has no field `client_secret`",
        "`keystroke clients set`",
        "[token]\n",
    ),
    row(
        "[token]\n",
        "[token]\nparameters = { client_secret = \"S3CR3T-canary\" }\n",
        "parameters",
        "sets `client_secret`",
        "remove it",
        "[token]\n",
    ),
    row(
        "[token]\n",
        "[token]\nheaders = { Authorization = \"Bearer S3CR3T-canary\" }\n",
        "headers",
        "sets `Authorization`",
        "remove it",
        "[token]\n",
    ),
    // Other types.
    row(TITLE, "title = 3", "title", "`title` is an integer", "write it as in `\"text\"`", TITLE),
    row(TITLE, "title = [\"Example\"]", "title", "`title` is an array", "\"text\"", TITLE),
    row(TITLE, "title = \"\"", "title", "`title` is empty", "write a text", TITLE),
    row(TITLE, "title = \"a\\nb\"", "title", "a control character", "on one line", TITLE),
    row(
        GRANTS,
        "grants = \"authorization_code\"",
        "grants",
        "`grants` is a string",
        "[\"authorization_code\"]",
        GRANTS,
    ),
    row(GRANTS, "grants = []", "grants", "`grants` names no grant", "[\"authorization_code\"]", GRANTS),
    row(
        GRANTS,
        "grants = [\"authorization_code\", \"authorization_code\"]",
        "grants",
        "repeats a value at place 2",
        "once",
        GRANTS,
    ),
    row(
        GRANTS,
        "grants = [\"authorisation_code\"]",
        "grants",
        "is not a word that is known here at place 1",
        "write `authorization_code`",
        GRANTS,
    ),
    row(
        GRANTS,
        "grants = [\"password\"]",
        "grants",
        "is not a word that is known here",
        "`\"device_code\"`",
        GRANTS,
    ),
    row(BASIC, "authentication = []", "authentication", "names no way", "[\"basic\"]", BASIC),
    row(
        END,
        "kills_access_token = \"yes\"",
        "kills_access_token",
        "is a string",
        "write it as in `true`",
        "kills_access_token = true",
    ),
    row(
        END,
        "[account]\nfrom = \"answer\"\nid = [\"team.id\"]",
        "id = ",
        "is not a JSON pointer at place 1",
        "\"/access_token\"",
        "[account]\nfrom = \"answer\"\nid = [\"/team/id\"]",
    ),
    row(
        END,
        "[account]\nfrom = \"answer\"\nid = [\"/a~2\"]",
        "id = ",
        "is not a JSON pointer",
        "",
        "[account]\nfrom = \"answer\"\nid = [\"/a~1\"]",
    ),
    row(
        END,
        "[account]\nfrom = { userinfo_post = \"{\" }\nid = [\"/id\"]",
        "from",
        "a body that is not JSON",
        "\"null\"",
        "[account]\nfrom = \"answer\"\nid = [\"/id\"]",
    ),
    row(
        END,
        "[account]\nfrom = { answer = \"/x\", callback = \"y\" }\nid = [\"/id\"]",
        "from",
        "is not one word",
        "`\"answer\"`",
        "[account]\nfrom = \"answer\"\nid = [\"/id\"]",
    ),
    row(
        END,
        "[scopes]\nseparator = \", \"",
        "separator",
        "is not one separator",
        "`\",\"`",
        "[scopes]\nseparator = \",\"",
    ),
    row(
        END,
        "[scopes]\nseparator = \"a\"",
        "separator",
        "is not one separator",
        "`\" \"`",
        "[scopes]\nseparator = \" \"",
    ),
    row(
        TOKENS,
        "tokens = { grace = \"forever\" }",
        "tokens",
        "is not a time of whole seconds",
        "\"30m\"",
        "tokens = { grace = \"30m\" }",
    ),
    row(
        TOKENS,
        "tokens = { grace = \"1500ms\" }",
        "tokens",
        "whole seconds",
        "\"30m\"",
        "tokens = { grace = \"30m\" }",
    ),
    row(
        TOKENS,
        "tokens = { grce = \"10m\" }",
        "tokens",
        "is not a word that is known here",
        "write `grace`",
        "tokens = { grace = \"10m\" }",
    ),
    row(
        TOKENS,
        "tokens = \"grace\"",
        "tokens",
        "is not a word that is known here",
        "`{ grace = \"10m\" }`",
        "tokens = { grace = \"10m\" }",
    ),
    row(
        END,
        "[lifetimes]\nidle = \"1000y\"",
        "idle",
        "up to 100 years",
        "\"90d\"",
        "[lifetimes]\nidle = \"90d\"",
    ),
    // TOML itself.
    row(TITLE, "title = \"Example", "title", "basic string", "as TOML has it", TITLE),
    row(
        TITLE,
        "title = \"Example\"\ntitle = \"Again\"",
        "title = \"Again\"",
        "duplicate key",
        "as TOML has it",
        TITLE,
    ),
    row("[refresh]", "[token]", "[token]\ntokens", "duplicate key", "as TOML has it", "[refresh]"),
    // URLs that lead elsewhere, or hide where they lead.
    row(
        TOKEN,
        "token = \"http://example.com/token\"",
        "token = ",
        "is not `https`",
        "\"https://example.com/oauth/token\"",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"http://localhost/token\"",
        "token = ",
        "by number",
        "https",
        "token = \"http://127.0.0.1:8080/token\"",
    ),
    row(TOKEN, "token = \"ftp://example.com/token\"", "token = ", "is not `https`", "https", TOKEN),
    row(TOKEN, "token = \"file:///etc/passwd\"", "token = ", "is not `https`", "https", TOKEN),
    row(TOKEN, "token = \"javascript:alert(1)\"", "token = ", "is not", "https", TOKEN),
    row(
        TOKEN,
        "token = \"https://user:S3CR3T-canary@example.com/token\"",
        "token = ",
        "a user name or a password",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://example.com@evil.example/token\"",
        "token = ",
        "a user name",
        "https",
        TOKEN,
    ),
    row(TOKEN, "token = \"https://example.com/token#x\"", "token = ", "a fragment", "https", TOKEN),
    row(
        TOKEN,
        "token = \"https://example.com/a/../token\"",
        "token = ",
        "not what a browser would make of it",
        "without `..`",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://EXAMPLE.com/token\"",
        "token = ",
        "not what a browser would make of it",
        "small letters",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://example.com:443/token\"",
        "token = ",
        "not what a browser would make of it",
        "a port that is the usual one",
        TOKEN,
    ),
    row(TOKEN, "token = \"https://example.com./token\"", "token = ", "ends in a dot", "https", TOKEN),
    row(
        TOKEN,
        "token = \"https://0x7f.1/token\"",
        "token = ",
        "not what a browser would make of it",
        "",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://exämple.com/token\"",
        "token = ",
        "a character that no URL has",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = 'https://example.com\\evil'",
        "token = ",
        "a character that no URL has",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://example.com/ token\"",
        "token = ",
        "a character that no URL has",
        "https",
        TOKEN,
    ),
    row(TOKEN, "token = \"example.com/token\"", "token = ", "is not a URL", "https", TOKEN),
    row(TOKEN, "token = \"\"", "token = ", "is empty", "", TOKEN),
    row(
        PAGE,
        "url = \"http://example.com/apps\"",
        "url = ",
        "is not the URL of a web page",
        "https://",
        PAGE,
    ),
    row(PAGE, "url = \"javascript:alert(1)\"", "url = ", "is not the URL of a web page", "https://", PAGE),
    // Templates that lead out of their suffix.
    row(
        TOKEN,
        "token = \"https://{shop}/token\"",
        "token = ",
        "a variable `shop` that the file does not declare",
        "`[variables.shop]`",
        TOKEN,
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.shop]\nabout = \"the shop\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{shop}/token\"",
        "token = \"https",
        "leads to any host",
        "as in `https://{shop}.example.com`",
        "[variables.shop]\nabout = \"the shop\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{shop}.example.com/token\"",
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.shop]\nabout = \"the shop\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{shop}.com/token\"",
        "token = \"https",
        "leads to any host",
        "list the hosts with `values`",
        "[variables.shop]\nabout = \"the shop\"\nvalues = [\"a.example\"]\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{shop}.com/token\"",
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.shop]\nabout = \"the shop\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com.{shop}/token\"",
        "token = \"https",
        "leads to any host",
        "",
        "[variables.shop]\nabout = \"the shop\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/{shop}\"",
    ),
    row(
        TOKEN,
        "token = \"https://a{shop}.example.com/token\"",
        "token = ",
        "not whole between two dots",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://{a}{b}.example.com/token\"",
        "token = ",
        "not whole between two dots",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://example.com/token?shop={shop}\"",
        "token = ",
        "a variable after its path",
        "https",
        TOKEN,
    ),
    row(TOKEN, "token = \"{scheme}://example.com/token\"", "token = ", "is not", "https", TOKEN),
    row(
        TOKEN,
        "token = \"https://example.com:{port}/token\"",
        "token = ",
        "not whole between two dots",
        "https",
        TOKEN,
    ),
    row(
        TOKEN,
        "token = \"https://{shop.example.com/token\"",
        "token = ",
        "not whole between two dots",
        "https",
        TOKEN,
    ),
    row(TOKEN, "token = \"https://example.com/{shop\"", "token = ", "a `{` without a `}`", "https", TOKEN),
    row(TOKEN, "token = \"https://example.com/shop}\"", "token = ", "a `}` without a `{`", "https", TOKEN),
    row(TOKEN, "token = \"https://example.com/{../x}\"", "token = ", "a variable whose name", "https", TOKEN),
    row(
        TOKEN,
        "token = \"https://{client_id}.example.com/token\"",
        "token = ",
        "does not declare",
        "`[variables.client_id]`",
        "token = \"https://example.com/{client_id}\"",
    ),
    row(
        "[endpoints]",
        SHOP,
        "[variables.shop]",
        "`shop` is in no URL",
        "write `{shop}` into one",
        "[endpoints]",
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.dc]\nabout = \"the data centre\"\ncallback = \"server\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{dc}.example.com/token\"",
        "callback",
        "would let whoever writes the callback choose the host",
        "list the `values`",
        "[variables.dc]\nabout = \"the data centre\"\ncallback = \"server\"\ndefault = \"us\"\nvalues = [\"us\", \"eu\"]\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{dc}.example.com/token\"",
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.dc]\nabout = \"the data centre\"\nvalues = [\"a.example\", \"a.example/\"]\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{dc}/token\"",
        "values",
        "makes no good URL of `endpoints.token`",
        "write hosts",
        "[variables.dc]\nabout = \"the data centre\"\nvalues = [\"a.example\"]\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://{dc}/token\"",
    ),
    row(
        "[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/token\"",
        "[variables.dc]\nabout = \"the data centre\"\ndefault = \"a/b\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/{dc}\"",
        "default",
        "is not one segment of a path",
        "without a `/`",
        "[variables.dc]\nabout = \"the data centre\"\ndefault = \"a\"\n[endpoints]\nauthorize = \"https://example.com/authorize\"\ntoken = \"https://example.com/{dc}\"",
    ),
    row(
        "[endpoints]",
        "[variables.Shop]\nabout = \"x\"\n[endpoints]",
        "[variables.Shop]",
        "`Shop` is not a name",
        "a letter first",
        "[endpoints]",
    ),
    // What contradicts itself, or would have no effect.
    row(
        AUTHORIZE,
        "",
        "grants",
        "has `authorization_code`, which needs `endpoints.authorize`",
        "`authorize = \"https://…\"` in `[endpoints]`",
        AUTHORIZE,
    ),
    row(
        GRANTS,
        "grants = [\"client_credentials\"]",
        "authorize = ",
        "`authorize` has no effect",
        "write `\"authorization_code\"` into `grants`",
        "grants = [\"client_credentials\", \"authorization_code\"]",
    ),
    row(
        GRANTS,
        "grants = [\"authorization_code\", \"jwt_bearer\"]",
        "grants",
        "needs `assertion`",
        "write `[assertion]`",
        GRANTS,
    ),
    row(
        TOKENS,
        "tokens = \"none\"\nkills_access_token = true",
        "kills_access_token",
        "no effect without refresh tokens",
        "remove it",
        "tokens = \"none\"",
    ),
    row(
        TOKEN,
        "token = \"https://example.com/token\"\ndevice = \"https://example.com/device\"",
        "device",
        "has no effect",
        "`\"device_code\"`",
        TOKEN,
    ),
    row(
        END,
        "[revocation]\ntoken = \"access\"",
        "[revocation]",
        "`revocation` has no effect",
        "write `revoke` in `[endpoints]`",
        END,
    ),
    row(
        END,
        "[authorize]\niss = true",
        "iss",
        "has nothing to compare with",
        "write `issuer`",
        "[authorize]\niss = false",
    ),
    row(
        END,
        "[account]\nfrom = \"userinfo\"\nid = [\"/id\"]",
        "from",
        "needs `endpoints.userinfo`",
        "`userinfo = \"https://…\"`",
        "[account]\nfrom = \"answer\"\nid = [\"/id\"]",
    ),
    row(
        END,
        "[account]\nfrom = \"answer\"\nid = []",
        "id = ",
        "names no part",
        "[\"/id\"]",
        "[account]\nfrom = \"answer\"\nid = [\"/id\"]",
    ),
    row(
        END,
        "[redirect]\nform = \"https\"\nport = 8765",
        "port",
        "has no effect with `https`",
        "remove it",
        "[redirect]\nform = \"https\"",
    ),
    row(
        END,
        "[redirect]\nport = 80",
        "port",
        "a port that a program may listen on",
        "from 1024",
        "[redirect]\nport = 8765",
    ),
    row(
        END,
        "[redirect]\nport = 70000",
        "port",
        "a port that a program may listen on",
        "to 65535",
        "[redirect]\nport = 8765",
    ),
    row(
        END,
        "[redirect]\npath = \"callback\"",
        "path",
        "is not a path",
        "`\"/callback\"`",
        "[redirect]\npath = \"/callback\"",
    ),
    row(
        END,
        "[redirect]\npath = \"/a?b\"",
        "path",
        "is not a path",
        "`\"/callback\"`",
        "[redirect]\npath = \"/a\"",
    ),
    row(
        END,
        "[redirect]\npath = \"//evil.example\"",
        "path",
        "is not a path",
        "`\"/callback\"`",
        "[redirect]\npath = \"/evil.example\"",
    ),
    row(
        END,
        "[authorize]\nparameters = { redirect_uri = \"https://evil.example\" }",
        "parameters",
        "sets `redirect_uri`",
        "remove it",
        "[authorize]\nparameters = { access_type = \"offline\" }",
    ),
    row(
        END,
        "[authorize]\nparameters = { State = \"x\" }",
        "parameters",
        "sets `State`",
        "remove it",
        "[authorize]",
    ),
    row(
        END,
        "[authorize]\nparameters = { scope = \"x\" }",
        "parameters",
        "sets `scope`",
        "remove it",
        "[authorize]",
    ),
    row(
        END,
        "[authorize]\npkce = \"plain\"",
        "pkce",
        "is not a word",
        "`\"S256\"`",
        "[authorize]\npkce = \"S256\"",
    ),
    row(
        "[token]\n",
        "[token]\nheaders = { \"X\\r\\nY\" = \"z\" }\n",
        "headers",
        "a control character",
        "",
        "[token]\n",
    ),
    row(
        "[token]\n",
        "[token]\nheaders = { \"X Y\" = \"z\" }\n",
        "headers",
        "a name or a value that no header has",
        "letters",
        "[token]\nheaders = { X-Y = \"z\" }\n",
    ),
    row(
        "[token]\n",
        "[token]\nheaders = { host = \"evil.example\" }\n",
        "headers",
        "sets `host`",
        "remove it",
        "[token]\n",
    ),
    row(
        END,
        "[scopes]\nparameter = \"state\"",
        "parameter",
        "the name of another parameter",
        "\"scope\"",
        "[scopes]\nparameter = \"user_scope\"",
    ),
    row(
        END,
        "[scopes]\nused = false\nalways = [\"a\"]",
        "used",
        "have no effect",
        "remove them",
        "[scopes]\nused = false",
    ),
    row(
        END,
        "[scopes]\nalways = [\"a b\"]",
        "always",
        "which is not one scope",
        "each scope by itself",
        "[scopes]\nalways = [\"a\", \"b\"]",
    ),
    row(
        END,
        "[scopes]\naliases = { a = \"b\", b = \"c\" }",
        "aliases",
        "which is an alias itself",
        "on the right",
        "[scopes]\naliases = { a = \"c\", b = \"c\" }",
    ),
    row(
        END,
        "[errors]\ndead = [\"gone\"]\ntransient = [\"gone\"]",
        "transient",
        "has `gone`, as `dead` has",
        "one list",
        "[errors]\ndead = [\"gone\"]",
    ),
    row(
        END,
        "[facts.base]\nfrom = { answer = \"/url\" }\nhosts = [\"https://example.com\"]",
        "hosts",
        "what is not a host",
        "[\"example.com\"]",
        "[facts.base]\nfrom = { answer = \"/url\" }\nhosts = [\"example.com\"]",
    ),
    row(
        END,
        "[facts.base]\nfrom = { answer = \"/url\" }\nhosts = [\"com\"]",
        "hosts",
        "what is not a host",
        "[\"example.com\"]",
        "[facts.base]\nfrom = { answer = \"/url\" }\nhosts = [\"example.com\"]",
    ),
    row(
        END,
        "[facts.base]\nfrom = \"answer\"",
        "from",
        "is not a word",
        "`{ answer = \"/instance_url\" }`",
        "[facts.base]\nfrom = { answer = \"/instance_url\" }",
    ),
    row(
        PAGE,
        "url = \"https://example.com/apps\"\nsteps = [\"Enter {redirekt}\"]",
        "steps",
        "a placeholder that is not known here",
        "`{redirect}`",
        "url = \"https://example.com/apps\"\nsteps = [\"Enter {redirect}\"]",
    ),
    row(
        GRANTS,
        "grants = [\"authorization_code\"]\nverified = \"November\"",
        "verified",
        "is not a month",
        "\"2026-11\"",
        "grants = [\"authorization_code\"]\nverified = \"2026-11\"",
    ),
    row(
        GRANTS,
        "grants = [\"authorization_code\"]\nverified = \"2026-13\"",
        "verified",
        "is not a month",
        "\"2026-11\"",
        "grants = [\"authorization_code\"]\nverified = \"2026-12\"",
    ),
    row(
        GRANTS,
        "grants = [\"authorization_code\"]\nunverified = [\"lifetimes.idel\"]",
        "unverified",
        "has `lifetimes.idel`, which is no field",
        "\"lifetimes.idle\"",
        "grants = [\"authorization_code\"]\nunverified = [\"lifetimes.idle\"]",
    ),
    row(
        GRANTS,
        "grants = [\"authorization_code\"]\nsource = \"my notes\"",
        "source",
        "is not the URL of a web page",
        "https://",
        GRANTS,
    ),
    row(
        END,
        "[[oddities]]\nsays = \"x\"\nsource = \"https://example.com\"",
        "[[oddities]]",
        "lacks the field `verified`",
        "verified = ",
        "[[oddities]]\nsays = \"x\"\nsource = \"https://example.com\"\nverified = \"2026-11\"",
    ),
    row(END, "[oddities]\nsays = \"x\"", "[oddities]", "is not a list", "`[[oddities]]`", END),
    row(
        TOKENS,
        "tokens = \"rotates\"\n[lifetimes.idle]\ndays = 90",
        "[lifetimes.idle]",
        "is a table",
        "\"90d\"",
        "tokens = \"rotates\"\n[lifetimes]\nidle = \"90d\"",
    ),
];

fn faults(file: &str) -> Vec<crate::provider::Fault> {
    match Provider::parse("example", file) {
        Err(ProviderError::Invalid { faults, .. }) => faults,
        Err(error) => panic!("{error}"),
        Ok(_) => Vec::new(),
    }
}

#[test]
fn each_is_refused_in_its_line_and_its_fix_works() {
    let short = format!("{SHORT}{END}\n");
    assert_eq!(faults(&short), []);
    for Hostile { piece, wrong, line, problem, fix, mended } in HOSTILE {
        assert!(short.contains(piece), "{piece}");
        let file = short.replacen(piece, wrong, 1);
        let faults = faults(&file);
        let told = faults.iter().find(|fault| fault.problem.contains(problem));
        let told = told.unwrap_or_else(|| panic!("`{wrong}`: {faults:?}"));
        assert!(told.fix.contains(fix), "`{wrong}`: {told:?}");
        let at = 1 + file.get(..file.find(line).unwrap()).unwrap().matches('\n').count();
        assert_eq!(told.line, at, "`{wrong}`: {told:?}");
        assert!(
            !format!("{faults:?}").contains("canary"),
            "what may be a secret is not repeated: {faults:?}"
        );
        let mended = short.replacen(piece, mended, 1);
        let left = Provider::parse("example", &mended);
        assert!(left.is_ok(), "`{wrong}`, mended: {left:?}");
    }
}

#[test]
fn one_mistake_is_one_fault() {
    let short = format!("{SHORT}{END}\n");
    for Hostile { piece, wrong, .. } in HOSTILE {
        let faults = faults(&short.replacen(piece, wrong, 1));
        assert_eq!(faults.len(), 1, "`{wrong}`: {faults:?}");
    }
}

#[test]
fn all_faults_are_told_at_once_in_the_order_of_their_lines() {
    let file =
        SHORT.replace(TITLE, "title = 3").replace(TOKENS, "tokens = \"rots\"").replace(BASIC, "auth = 1");
    let faults = faults(&file);
    let lines: Vec<usize> = faults.iter().map(|fault| fault.line).collect();
    assert!(faults.len() >= 4 && lines.is_sorted(), "{faults:?}");
    let error = Provider::parse("example", &file).unwrap_err();
    assert!(error.problem().starts_with("example.toml:1: `title` is an integer; example.toml:"), "{error}");
    assert!(error.fix().starts_with("in line 1 write it as in `\"text\"`; in line "), "{error}");
    assert_eq!(format!("{error}"), format!("{error:?}"));
}

#[test]
fn sizes_are_bounded() {
    let many = |count: usize| (0..count).map(|index| format!("\"s{index}\"")).collect::<Vec<_>>().join(",");
    for (text, problem) in [
        (format!("[scopes]\nalways = [{}]\n", many(129)), "more than 128 values"),
        (format!("[scopes]\nalways = [\"{}\"]\n", "x".repeat(2049)), "longer than 2048 bytes"),
        (
            (0..65).map(|index| format!("[facts.f{index}]\nfrom = {{ callback = \"x\" }}\n")).collect(),
            "more than 64 tables",
        ),
        (format!("# {}\n", "x".repeat(64 * 1024)), "longer than 65536 bytes"),
        (format!("x = {}\n", "[".repeat(20_000)), ""),
        ((0..100).map(|index| format!("zz{index} = 1\n")).collect(), "`[refresh]` has no field `zz0`"),
    ] {
        let faults = faults(&format!("{SHORT}{text}"));
        assert!(!faults.is_empty() && faults.len() <= 20, "{}", faults.len());
        assert!(faults.iter().any(|fault| fault.problem.contains(problem)), "{problem}: {faults:?}");
    }
}

#[test]
fn a_name_is_a_word_for_commands_and_files() {
    for name in [
        "",
        "Slack",
        "slack bot",
        "../slack",
        "slack.toml",
        "1slack",
        "-slack",
        "slack-",
        "sl/ack",
        "släck",
        &"a".repeat(49),
    ] {
        let error = Provider::parse(name, SHORT).expect_err(name);
        assert_eq!(error.code(), "provider_invalid");
        assert!(error.problem().contains("is not the name of a provider"), "{error}");
    }
    for name in ["slack", "x", "github-app", "n8n"] {
        assert!(Provider::parse(name, SHORT).is_ok(), "{name}");
    }
}
