//! The tests of the program: each starts the real one in a folder of its own, and nothing of this machine's environment is
//! seen. `commands/` proves what the commands do, `messages/` what is said of it; what needs a terminal, a limit of the system,
//! a second process or a canary in every command stands beside.

#[cfg(test)]
mod canary;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod messages;
#[cfg(test)]
#[cfg(unix)]
mod process;
#[cfg(test)]
mod serving;
#[cfg(test)]
mod support;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod terminal;
