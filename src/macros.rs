//! The macros, with their documentation for users.

/// Turns a free `async fn` into a typed action.
///
/// The function stays as you wrote it, and callable. Beside it comes a unit struct with its name in UpperCamelCase
/// (`slack_send_message` → `SlackSendMessage`), its visibility and its docs. The struct implements
/// [`Action`](crate::Action): `Search.run(&run, input)`, `Search.scope(User)`, `toolset![Search]`.
///
/// # Parameters
///
/// They come in any order. A parameter with a `&` is lent, and its type decides what it is; so is an `Option<&Exa>`. Any
/// other is the input.
///
/// | parameter | is | how many |
/// | --- | --- | --- |
/// | `input: T`, `T: Deserialize + JsonSchema`, a struct | the input | one at most |
/// | `exa: &Exa` | a credential, lent for this call | any number, each key once |
/// | `exa: &Pinned<Exa, Organization>` | the same, pinned to a scope | |
/// | `exa: Option<&Exa>`, `Option<&Pinned<Exa, S>>` | a credential that [may be absent](#optional-credentials) | |
/// | `http: &State<reqwest::Client>` | [what the application shares](crate::State) with its actions | any number, each type once |
/// | `cx: &ActionContext` | what the run is, cancellation, progress | one at most |
///
/// It returns `Result<T, E>`, `T: Serialize + DeserializeOwned + JsonSchema` (a step's output is stored and replayed), or
/// [`Content`](crate::Content) for text, images and other files, or [`WithContent<T>`](crate::WithContent) for both,
/// and `E` anything that converts into [`Failure`](crate::Failure): every `std::error::Error` that is
/// `Send + Sync + 'static`, and also `String`, `anyhow::Error`, `Box<dyn Error + Send + Sync>` and `Failure` itself.
/// `Box<dyn Error>` does not, because it can't cross threads, and `&str` is refused, because an action returns owned data:
/// return a `Failure`, and `Err("text")?` converts.
///
/// # Keys
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `slug` | the stable identity that assignments and journals refer to: a–z, 0–9, `-`, `_`, at most 64 | required |
/// | `name` | what people call it | the slug |
/// | `description` | what the model chooses it by, at most 1,024 characters | the `///` comment up to its first heading or code block |
/// | `scope` | `organization`, `project` or `user`: pins all its credentials | no pin |
/// | `read_only` | it changes nothing | off |
/// | `destructive` | it may destroy something | off |
/// | `idempotent` | doing it twice is like doing it once | off |
/// | `validate` | checks the input with its own `garde` rules first (feature `garde`) | off |
/// | `handle` | the name of the action's value | the function's in UpperCamelCase |
/// | `crate` | the path of this crate, where it was renamed | `::keystroke` |
///
/// ```
/// use keystroke::prelude::*;
///
/// # #[credential(key = "slack")]
/// # pub struct Slack { pub bot_token: SecretString }
/// # #[derive(serde::Deserialize, schemars::JsonSchema)]
/// # pub struct Message { pub channel: String, pub text: String }
/// /// Posts a message to a Slack channel.
/// #[action(slug = "slack-send-message", name = "Send a message", scope = user, idempotent)]
/// pub async fn slack_send_message(
///     message: Message,
///     slack: &Slack,
///     cx: &ActionContext,
/// ) -> Result<(), Failure> {
///     let user = cx.user().ok_or_else(|| Failure::new("no user"))?;
///     # let _ = (message.channel, message.text, user, slack.bot_token.expose_secret());
///     Ok(())
/// }
/// ```
///
/// # Optional credentials
///
/// A service may have a free tier, or one of two services may do. Then take the credential as `Option<&Exa>`: it is `None` where
/// the run has none, instead of the error `missing`. That is all that becomes `None` (SEMANTICS R11): a revoked, expired or
/// ambiguous credential is an error here too, and so is an instance that was selected or assigned and can't be used.
///
/// ```
/// use keystroke::prelude::*;
///
/// # #[credential(key = "exa")]
/// # pub struct Exa { pub api_key: SecretString }
/// /// Searches the web; without an Exa key, the free tier.
/// #[action(slug = "search")]
/// pub async fn search(exa: Option<&Exa>) -> Result<String, Failure> {
///     let key = exa.map(|exa| exa.api_key.expose_secret());
///     # let _ = key;
///     Ok(if key.is_some() { "all results" } else { "10 results" }.to_owned())
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let runtime = Runtime::new(MemoryStore::new());
/// let run = runtime.organization("acme").project("research");
/// assert_eq!(Search.run(&run, ()).await?, "10 results");
///
/// // In a unit test, the function itself.
/// let exa = Exa { api_key: "test".into() };
/// assert!(search(None).await.is_ok_and(|found| found == "10 results"));
/// assert!(search(Some(&exa)).await.is_ok_and(|found| found == "all results"));
/// # Ok(())
/// # }
/// ```
///
/// Don't take one as optional to fail by yourself where it is absent: `&Exa` does that before the function runs, and says how to
/// store one. An optional credential that is pinned to the user scope needs no user: without one it is `None`. A
/// user pin on the action, on a use of it or on a call still needs a user.
///
/// # How one action uses another
///
/// It calls the function, as any Rust code does, and passes on what it was lent. It declares the credential itself, so its
/// own requirements name everything it touches, and what assignments, preflights and manifests say of it is true. The
/// inner call is not an execution of its own: there is one resolution, one audit record, one tool.
///
/// ```
/// use keystroke::prelude::*;
///
/// # #[credential(key = "exa")]
/// # pub struct Exa { pub api_key: SecretString }
/// # #[derive(serde::Deserialize, schemars::JsonSchema)]
/// # pub struct Topic { pub topic: String }
/// /// Searches the web.
/// #[action(slug = "search")]
/// pub async fn search(topic: Topic, exa: &Exa) -> Result<Vec<String>, Failure> {
///     # let _ = exa.api_key.expose_secret();
///     Ok(vec![topic.topic])
/// }
///
/// /// Writes a report on a topic.
/// #[action(slug = "report")]
/// pub async fn report(topic: Topic, exa: &Exa) -> Result<String, Failure> {
///     let found = search(topic, exa).await?; // the function, and not `Search.run(…)`
///     Ok(found.join("\n"))
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Failure> {
/// # let exa = Exa { api_key: "test".into() };
/// # let report = report(Topic { topic: "rust".into() }, &exa).await?;
/// # assert_eq!(report, "rust");
/// # Ok(())
/// # }
/// ```
///
/// A context holds no run, so an action can't call `Search.run(…)`. If each step should resolve, be audited and fail by
/// itself, call the two one after the other where you have the run.
///
/// # What it expands to
///
/// - The function, untouched. Nothing is renamed, and no async block is put around the body.
/// - `pub struct SlackSendMessage;`, a plain value (`Copy`, `Clone`, `Debug`, `Default`).
/// - An `impl Action` for it, whose `execute` calls the function with the input and what the runtime lends.
/// - Constants that check your types, so that an error points at the type at fault.
///
/// To see it, name the function:
///
/// ```sh
/// touch src/lib.rs && KEYSTROKE_EXPAND=slack_send_message cargo check
/// ```
///
/// # Where it can stand
///
/// On a free function, in a module or in the body of another function. It can't stand on a method or any other function of
/// an `impl` block, a trait or an `extern` block.
///
/// If the struct's name is already taken (`fn exa` beside the credential `Exa`), choose another one with
/// `handle = ExaSearch`. If a stream is given a closure over *borrowed* items that makes futures, the compiler says
/// "implementation of `FnOnce` is not general enough": collect the futures first, or iterate over owned items.
///
/// An action with a mistake in it still has its value, so its uses add no errors.
pub use keystroke_macros::action;

/// Turns a struct with named fields into a typed credential.
///
/// **Every field is secret**: a [`SecretString`](crate::SecretString), or an `Option` of one. A field that may be shown is
/// marked `#[field(plain)]`, and is a `String`, a number, a `bool` or any other `FromStr` type.
///
/// # Keys
///
/// | key | value | default |
/// | --- | --- | --- |
/// | `key` | the app's slug, by which the store finds the credential: a–z, 0–9, `-`, `_`, at most 64 | required |
/// | `kind` | `api_key`, `oauth` or `keystroke` | `api_key` |
/// | `scope` | `organization`, `project` or `user`: pins it wherever it is used | no pin |
/// | `name` | what people call it | the key |
/// | `oauth_scopes` | `["…"]`: what an OAuth connection must have been granted | none |
/// | `validate` | a function `fn(&Exa) -> Result<(), E>`, `E: Display`: a further check when an instance is opened | none |
/// | `crate` | the path of this crate, where it was renamed | `::keystroke` |
///
/// A field may have `#[field(…)]`: `plain`; `name = "apiKey"`, its name in the store; `default = …`, of a plain field.
///
/// ```
/// use keystroke::prelude::*;
///
/// /// A Jira account. Create a token under Account settings → Security.
/// #[credential(key = "jira", name = "Jira", validate = check)]
/// pub struct Jira {
///     #[field(name = "apiToken")]
///     pub api_token: SecretString,
///     pub webhook_secret: Option<SecretString>,
///     #[field(plain)]
///     pub site: String,
///     #[field(plain, default = 443)]
///     pub port: u16,
/// }
///
/// fn check(jira: &Jira) -> Result<(), &'static str> {
///     if jira.site.contains('/') {
///         return Err("`site` is a host name, without slashes");
///     }
///     Ok(())
/// }
/// ```
///
/// # Kinds
///
/// An `oauth` credential has any of these fields: `access_token: SecretString`, `account: Option<String>`,
/// `expires_at: Option<SystemTime>`, `granted_scopes: Vec<String>`. A `keystroke` credential has one,
/// `connection: Connection`: a handle to call through, which holds no secret.
///
/// # What it expands to
///
/// - The struct without `#[field]`.
/// - An `impl` of [`Credential`](crate::Credential) that reads each field and reports everything wrong at once.
/// - A `Debug` that hides secrets.
/// - Constants that check each field's type, and that nothing implements `Serialize`, `Deserialize`, `JsonSchema`,
///   `Display`, `PartialEq`, `Hash`, `Clone` or `Copy` for it, by a derive or by hand: a secret could leave through these.
///
/// `KEYSTROKE_EXPAND=Jira cargo check` prints it.
pub use keystroke_macros::credential;

/// A list of actions as an agent's tools.
///
/// `toolset![Search, Post.scope(User)]` is a `Result<Toolset<_>, ToolsetErrors>`. The toolset needs a user if any entry
/// does, and then takes only runs that have one. Two entries with one slug do not compile.
///
/// | entry | is |
/// | --- | --- |
/// | `Search`, `tools::Search` | an action, by its name in UpperCamelCase |
/// | `Search.scope(User)` | the same, pinned for this list |
/// | `..library::tools()` | all tools of another toolset, or of the `Result` of one: an expression |
/// | `#[cfg(feature = "post")] Post` | any of these, under a condition |
///
/// An entry may have a `///` comment (for those who read the code) and lint attributes. For an action in a variable, use
/// [`Toolset::builder`](crate::Toolset::builder).
///
/// ```
/// use keystroke::prelude::*;
///
/// # /// Says hello.
/// # #[action(slug = "hello")]
/// # pub async fn hello() -> Result<String, Failure> { Ok("hello".into()) }
/// # fn main() -> Result<(), keystroke::ToolsetErrors> {
/// let tools = toolset![Hello]?;
/// assert_eq!(tools.descriptors().next().map(|tool| tool.name), Some("hello"));
/// # Ok(())
/// # }
/// ```
///
/// # Lists of lists
///
/// A library offers its tools as one value, and an application takes them into its own list. As with any list, the type of
/// the result says whether it needs a user. The result reports all mistakes in either list, and slugs in both, at once.
///
/// ```
/// mod library {
///     use keystroke::prelude::*;
///
///     /// Searches.
///     #[action(slug = "search")]
///     async fn search() -> Result<(), Failure> { Ok(()) }
///
///     pub fn tools() -> Result<Toolset<NoUser>, keystroke::ToolsetErrors> {
///         toolset![Search]
///     }
/// }
///
/// use keystroke::prelude::*;
///
/// /// Posts a message.
/// #[action(slug = "post", scope = user)]
/// async fn post() -> Result<(), Failure> { Ok(()) }
///
/// # fn main() -> Result<(), keystroke::ToolsetErrors> {
/// let tools: Toolset<NeedsUser> = toolset![..library::tools(), Post]?;
/// assert_eq!(tools.descriptors().count(), 2);
/// let same = library::tools()?.merge(toolset![Post])?; // without the macro
/// # assert_eq!(same.descriptors().count(), 2);
///
/// // A condition at run time changes what is in the list, but not its type.
/// let may_post = false;
/// let tools = Toolset::builder().merge(library::tools()).add_if(may_post, Post);
/// let tools: Toolset<NeedsUser> = tools.build()?;
/// assert_eq!(tools.descriptors().count(), 1);
/// # Ok(())
/// # }
/// ```
///
/// If branches give lists of different types, [`needing_user`](crate::Toolset::needing_user) makes them one type.
#[macro_export]
macro_rules! toolset {
    ($($entries:tt)*) => {
        $crate::__toolset_of!(($crate) $($entries)*)
    };
}

/// What the tools of an application ask for, as data: [`Toolset::manifest`](crate::Toolset::manifest), with the name and
/// version of the crate that you call it in. Its `Display` is JSON, which `keystroke check` reads.
///
/// ```
/// use keystroke::prelude::*;
///
/// # /// Exa web search.
/// # #[credential(key = "exa")]
/// # pub struct Exa { pub api_key: SecretString }
/// # /// Searches.
/// # #[action(slug = "search")]
/// # pub async fn search(exa: &Exa) -> Result<(), Failure> { let _ = &exa.api_key; Ok(()) }
/// # fn main() -> Result<(), keystroke::ToolsetErrors> {
/// let tools = toolset![Search]?;
/// // In a command of your own, such as `search manifest`:
/// println!("{}", keystroke::manifest!(tools));
/// # Ok(())
/// # }
/// ```
#[macro_export]
macro_rules! manifest {
    ($tools:expr) => {
        $crate::Toolset::manifest(
            &$tools,
            $crate::manifest::Application::new(
                ::core::env!("CARGO_PKG_NAME"),
                ::core::env!("CARGO_PKG_VERSION"),
            ),
        )
    };
}
