//! primary: Team

use keystroke::prelude::*;

#[derive(Clone, Copy)]
pub struct Team;

impl keystroke::scope::ScopePin for Team {
    const SCOPE: Option<keystroke::scope::Scope> = None;
    type NeedOver<N: keystroke::scope::Need> = N;
}

fn main() {}
