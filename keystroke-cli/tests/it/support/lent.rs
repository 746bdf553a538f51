//! What an action is lent of what the program stored: the credential `exa` with the fields `a`, `b`, `c` and `d`.

use keystroke_core::scope::{NoUser, Unpinned};
use keystroke_core::{
    Action, Anonymous, Codec, Credential, Failure, FieldReader, FieldSpec, Invocation, Requirement, Run,
    Runtime, SecretString,
};
use keystroke_vault::Vault;

use crate::support::Home;

/// The values of the four fields, as a run of the organization `default` is lent them.
pub(crate) fn lent(home: &Home) -> Vec<String> {
    in_project(home, "any", async |run| Reveal.run(run, ()).await.unwrap())
}

/// Leaves a row of a refusal and one of an absence: a call that needs what is not there for this project, and one that goes
/// without it.
pub(crate) fn not_lent(home: &Home, project: &str) {
    in_project(home, project, async |run| {
        assert_eq!(Reveal.run(run, ()).await.unwrap_err().code(), "resolve");
        assert!(!RevealAny.run(run, ()).await.unwrap());
    });
}

fn in_project<T>(home: &Home, project: &str, work: impl AsyncFnOnce(&Run<Anonymous>) -> T) -> T {
    let runtime = Runtime::new(Vault::open(home.vault()).unwrap());
    let run = runtime.organization("default").project(project);
    let executor = tokio::runtime::Builder::new_current_thread().build().unwrap();
    executor.block_on(work(&run))
}

struct Exa([SecretString; 4]);

impl Credential for Exa {
    const KEY: &'static str = "exa";
    type Pin = Unpinned;
    const FIELDS: &'static [FieldSpec] =
        &[FieldSpec::secret("a"), FieldSpec::secret("b"), FieldSpec::secret("c"), FieldSpec::secret("d")];

    fn read(from: &mut FieldReader<'_>) -> Option<Self> {
        Some(Self([from.required("a")?, from.required("b")?, from.required("c")?, from.required("d")?]))
    }

    fn secrets(&self, _each: &mut dyn FnMut(&'static str, &str)) {}
}

/// An action that returns what it was lent.
struct Reveal;

impl Action for Reveal {
    type Input = ();
    type Output = Vec<String>;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "reveal";
    const DESCRIPTION: &'static str = "Returns what it was lent.";
    const REQUIREMENTS: &'static [Requirement] = &[Requirement::of::<Exa>()];
    const CODEC: Codec<(), Vec<String>, Failure> = Codec::new();

    async fn execute(&self, _input: (), lent: &Invocation) -> Result<Vec<String>, Failure> {
        let exa: &Exa = lent.credential().ok_or_else(|| Failure::new("no credential"))?;
        Ok(exa.0.iter().map(|secret| secret.expose_secret().to_owned()).collect())
    }
}

/// An action that says whether it was lent one.
struct RevealAny;

impl Action for RevealAny {
    type Input = ();
    type Output = bool;
    type Error = Failure;
    type Pin = Unpinned;
    type CredentialPins = Unpinned;
    type Need = NoUser;
    const SLUG: &'static str = "reveal-any";
    const DESCRIPTION: &'static str = "Says whether it was lent one.";
    const REQUIREMENTS: &'static [Requirement] = &[Requirement::of::<Exa>().optional()];
    const CODEC: Codec<(), bool, Failure> = Codec::new();

    async fn execute(&self, _input: (), lent: &Invocation) -> Result<bool, Failure> {
        Ok(lent.credential::<Exa>().is_some())
    }
}
