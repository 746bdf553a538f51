//! primary: run

use keystroke::prelude::*;

pub fn start<A, R>(action: A, run: &R) {
    drop(action.run(run, ()));
}

fn main() {}
