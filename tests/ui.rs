//! What compiles and what does not. `TRYBUILD=overwrite cargo test --test ui` writes the `.stderr` files anew; read each
//! as the person who meets it.

#[test]
fn ui() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
