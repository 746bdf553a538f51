//! What the program says: its screens, its refusals and their fixes, and what it tells of a success that leaves something
//! broken.

#[cfg(unix)]
mod docs;
#[cfg(unix)]
mod fixes;
mod output;
mod refusals;
mod silent;
