//! What must compile: each file of `pass` is a program, which also runs. That it compiles without a word, `fixtures` shows.

#![allow(dead_code, unused_imports, reason = "a program's public items are unused in a module")]

#[path = "pass/credential_default.rs"]
mod credential_default;
#[path = "pass/forms.rs"]
mod forms;
#[path = "pass/generic_code.rs"]
mod generic_code;

#[test]
fn every_program_that_must_compile_also_runs() {
    credential_default::main();
    forms::main().expect("it runs");
    generic_code::main().expect("it runs");
}
