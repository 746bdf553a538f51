//! What must compile does, and runs: the fixtures of `tests/ui/pass`, each a program. What must not compile is in
//! `tests/ui.rs`, which counts errors and their places.

#[test]
fn what_must_compile_compiles_and_runs() {
    trybuild::TestCases::new().pass("tests/ui/pass/*.rs");
}
