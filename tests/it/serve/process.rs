//! Commands of `matron` as processes, and `matron serve` until it is told to stop.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, ChildStderr, Command, Output};
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;

use serde_json::Value;

use super::folder::Production;
use crate::support::matron::program;

/// What a process said, and how it ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) code: Option<i32>,
    pub(super) out: String,
    pub(super) err: String,
}

impl Ended {
    /// The JSON document on its standard output.
    pub(super) fn json(&self) -> Value {
        let begins = self
            .out
            .find(['[', '{'])
            .unwrap_or_else(|| panic!("no JSON: {self:?}"));
        let mut documents = serde_json::Deserializer::from_str(&self.out[begins..]).into_iter();
        documents.next().expect("a document").expect("JSON")
    }

    /// Fails the test unless it ended with this code and said each of these on stderr.
    #[track_caller]
    pub(super) fn refused(&self, code: i32, sentences: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for sentence in sentences {
            assert!(
                self.err.contains(sentence),
                "{sentence}\nis not in\n{}",
                self.err
            );
        }
    }

    /// Fails the test unless it ended well.
    #[track_caller]
    pub(super) fn well(self) -> Self {
        assert_eq!(self.code, Some(0), "{self:?}");
        self
    }
}

impl From<Output> for Ended {
    fn from(output: Output) -> Self {
        let text = |octets: Vec<u8>| String::from_utf8(octets).expect("UTF-8");
        Self {
            code: output.status.code(),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// Runs a command to its end.
pub(super) fn matron(arguments: &[&str]) -> Ended {
    let arguments: Vec<String> = arguments
        .iter()
        .map(|&argument| argument.to_owned())
        .collect();
    program(&arguments)
        .output()
        .expect("this test binary starts again")
        .into()
}

/// A running `matron serve`; ended when dropped.
pub(super) struct Served {
    process: Process,
    out: JoinHandle<String>,
    err: JoinHandle<String>,
}

/// Leaves nothing running behind a test that failed.
struct Process(Child);

impl Served {
    /// Starts it and waits until it says `ready`.
    pub(super) fn start(production: &Production) -> Self {
        Self::start_with(production, gathered)
    }

    /// The same, but nobody reads what it says on stderr before the answer is dropped.
    pub(super) fn start_unread(production: &Production) -> (Self, Sender<()>) {
        let (reads, read) = channel();
        let served = Self::start_with(production, |from| {
            std::thread::spawn(move || {
                read.recv().ok();
                text_of(from)
            })
        });
        (served, reads)
    }

    fn start_with(
        production: &Production,
        messages: impl FnOnce(ChildStderr) -> JoinHandle<String>,
    ) -> Self {
        let arguments = ["serve".to_owned(), "--config".into(), production.config()];
        let mut process = Process(
            program(&arguments)
                .spawn()
                .expect("this test binary starts again"),
        );
        let err = messages(process.0.stderr.take().expect("its standard error"));
        let mut out = BufReader::new(process.0.stdout.take().expect("its standard output"));
        let mut line = String::new();
        while !line.trim_end().ends_with("ready") {
            line.clear();
            if out.read_line(&mut line).expect("its output") == 0 {
                let said = err.join().expect("its messages");
                panic!("it did not start: {said}");
            }
        }
        Self {
            process,
            out: gathered(out),
            err,
        }
    }

    /// Whom to ask for CPU time.
    pub(super) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Starts it with a crash point armed and waits until it has died of it.
    pub(super) fn start_and_die(production: &Production, point: &str) {
        let arguments = ["serve".to_owned(), "--config".into(), production.config()];
        let died = program(&arguments).env("MATRON_CRASH", point).output();
        let died = died.expect("this test binary starts again");
        assert_eq!(died.status.code(), None, "killed, not ended");
    }

    /// Sends SIGTERM and returns at once.
    pub(super) fn terminate(&self) {
        let sent = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status();
        assert!(sent.expect("kill").success());
    }

    /// Waits for its end.
    pub(super) fn ended(mut self) -> Ended {
        let code = self.process.0.wait().expect("its end").code();
        Ended {
            code,
            out: self.out.join().expect("its output"),
            err: self.err.join().expect("its messages"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Reads to the end beside the test, so that a full pipe stops nobody.
fn gathered(from: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || text_of(from))
}

fn text_of(mut from: impl Read) -> String {
    let mut text = String::new();
    from.read_to_string(&mut text).expect("UTF-8");
    text
}
