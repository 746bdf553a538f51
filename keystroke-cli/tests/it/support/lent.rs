//! What an action is lent of what the program stored: the credential `exa` with the fields `a`, `b`, `c` and `d`.

use keystroke_core::scope::{NoUser, Unpinned};
use keystroke_core::{
    Action, Codec, Credential, Failure, FieldReader, FieldSpec, Invocation, Requirement, Runtime,
    SecretString,
};
use keystroke_vault::Vault;

use crate::support::Home;

/// The values of the four fields, as a run of the organization `default` is lent them.
pub(crate) fn lent(home: &Home) -> Vec<String> {
    let runtime = Runtime::new(Vault::open(home.vault()).unwrap());
    let run = runtime.organization("default").project("any");
    let executor = tokio::runtime::Builder::new_current_thread().build().unwrap();
    executor.block_on(async { Reveal.run(&run, ()).await }).unwrap()
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
