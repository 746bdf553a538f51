//! A toolset that needs a user is not served without a way to get one: that does not compile, and says how to fix it.
//! `TRYBUILD=overwrite cargo test -p keystroke-mcp --test it ui` updates what is said.

#[test]
fn a_server_whose_tools_need_a_user_takes_only_runs_with_one() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("tests/ui/*.rs");
}
