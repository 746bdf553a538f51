//! primary: run

use keystroke::prelude::*;

pub fn start<A: Action>(action: A, run: &Run<Anonymous>, input: A::Input) {
    drop(action.run(run, input));
}

fn main() {}
