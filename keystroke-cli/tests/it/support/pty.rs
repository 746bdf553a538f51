//! A terminal and a person at it: a program that runs in a pseudo-terminal, what it shows, and the keys that are pressed.

use std::io::{Read as _, Write as _};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use pty_process::blocking::{Command, Pty, open};
use rustix::termios::{LocalModes, tcgetattr};

pub(crate) const ENTER: &str = "\r";
pub(crate) const TAB: &str = "\t";
pub(crate) const CTRL_C: &str = "\u{3}";
pub(crate) const CTRL_D: &str = "\u{4}";
pub(crate) const ESCAPE: &str = "\u{1b}";

/// When a test gives up: what it waits for takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    pty: Arc<Pty>,
    child: Child,
    screen: Receiver<Vec<u8>>,
    shown: String,
    /// Up to where the test has looked.
    seen: usize,
    modes: LocalModes,
}

impl Terminal {
    /// Starts the command in a terminal of 80 columns.
    pub(crate) fn start(command: Command) -> Self {
        Self::of_width(80, command)
    }

    /// Starts the command in a terminal of so many columns.
    pub(crate) fn of_width(columns: u16, command: Command) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(24, columns)).unwrap();
        let modes = tcgetattr(&pty).unwrap().local_modes;
        let child = command.spawn(pts).unwrap();
        let pty = Arc::new(pty);
        let (to, screen) = channel();
        let reader = Arc::clone(&pty);
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            // When nobody has the other side open any more, there is an error or nothing.
            while let Ok(length @ 1..) = (&*reader).read(&mut buffer) {
                if to.send(buffer[..length].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { pty, child, screen, shown: String::new(), seen: 0, modes }
    }

    /// Waits until the text is shown, after what was waited for before.
    #[track_caller]
    pub(crate) fn expect(&mut self, text: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.shown[self.seen..].find(text) {
                self.seen += at + text.len();
                return;
            }
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown += &String::from_utf8_lossy(&bytes),
                Err(error) => panic!("no `{text}` ({error}) in {}", self.shown),
            }
        }
    }

    /// Looks until the program ends whether the terminal ever shows by itself what is typed.
    pub(crate) fn watch_echo(&self) -> EchoWatch {
        let (pty, over) = (Arc::clone(&self.pty), Arc::new(AtomicBool::new(false)));
        let until = Arc::clone(&over);
        let watching = std::thread::spawn(move || {
            let mut has_echoed = false;
            while !until.load(Ordering::Relaxed) {
                has_echoed |= tcgetattr(&pty).unwrap().local_modes.contains(LocalModes::ECHO);
            }
            has_echoed
        });
        EchoWatch { watching, over }
    }

    pub(crate) fn press(&self, keys: &str) {
        (&*self.pty).write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end: all that was shown, and the exit code. The terminal is as it was before.
    #[track_caller]
    pub(crate) fn end(mut self) -> (String, Option<i32>) {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.screen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.shown += &String::from_utf8_lossy(&bytes),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it does not end: {}", self.shown);
                }
            }
        }
        let code = self.child.wait().unwrap().code();
        assert_eq!(tcgetattr(&self.pty).unwrap().local_modes, self.modes, "the terminal echoes as before");
        (self.shown, code)
    }
}

/// A look at whether the terminal echoes.
pub(crate) struct EchoWatch {
    watching: JoinHandle<bool>,
    over: Arc<AtomicBool>,
}

impl EchoWatch {
    /// Whether it has echoed at any time since.
    pub(crate) fn has_echoed(self) -> bool {
        self.over.store(true, Ordering::Relaxed);
        self.watching.join().unwrap()
    }
}
