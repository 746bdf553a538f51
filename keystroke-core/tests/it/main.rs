//! What does not compile of this crate alone. What its macros refuse is tested in the workspace's own `tests/ui`.

/// SEMANTICS S1: a secret can't be shown, copied, compared or serialised.
/// `TRYBUILD=overwrite cargo test -p keystroke-core --test it` updates what is said.
#[test]
fn a_secret_has_no_trait_that_could_show_it() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
