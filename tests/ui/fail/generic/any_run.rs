//! primary: run

use keystroke::prelude::*;

pub fn start<A: Action, R: keystroke::run::AnyRun>(action: A, run: &R, input: A::Input) {
    drop(action.run(run, input));
}

fn main() {}
