//! What the client remembers between two runs: which renewal or work is on its way. Nothing secret.

use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::card::soft::replace;
use crate::failure::Failure;

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Begun; keys are being made.
    Started,
    /// Certificates were asked for.
    Asked,
    /// Certificates are on the card; only the confirmation is missing.
    Written,
}

/// One renewal or work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// The renewal's id, or the work's.
    pub id: String,
    /// The key under which the certificates are asked for.
    pub idempotency_key: String,
    /// How far it has come.
    pub phase: Phase,
}

/// The folder of these notes, one file per card.
#[derive(Debug, Clone)]
pub struct State {
    folder: PathBuf,
}

impl State {
    /// Notes in this folder; it is made when something is noted.
    pub const fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn file(&self, kind: &str, card: &str) -> PathBuf {
        let safe: String = card.chars().filter(char::is_ascii_alphanumeric).collect();
        self.folder.join(format!("{kind}-{safe}.json"))
    }

    /// What is noted for a card. A note that cannot be read is as good as none: the server and the
    /// card know the truth.
    pub fn read(&self, kind: &str, card: &str) -> Option<Progress> {
        let text = fs::read(self.file(kind, card)).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Notes it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn note(&self, kind: &str, card: &str, progress: &Progress) -> Result<(), Failure> {
        let broken = |error| Failure::Other(format!("{}: {error}", self.folder.display()));
        fs::create_dir_all(&self.folder).map_err(broken)?;
        let text = serde_json::to_vec(progress).map_err(Failure::other)?;
        replace(&self.file(kind, card), &text, 0o600).map_err(broken)
    }

    /// Forgets it.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn forget(&self, kind: &str, card: &str) -> Result<(), Failure> {
        match fs::remove_file(self.file(kind, card)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Failure::Other(format!(
                "{}: {error}",
                self.folder.display()
            ))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_back_and_forgotten() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = State::new(folder.path().join("deep"));
        let progress = Progress {
            id: "r1".into(),
            idempotency_key: "k1".into(),
            phase: Phase::Asked,
        };
        assert_eq!(state.read("renewal", "../1"), None);
        state.note("renewal", "../1", &progress).expect("noted");
        assert_eq!(state.read("renewal", "../1"), Some(progress));
        assert!(folder.path().join("deep/renewal-1.json").exists());
        state.forget("renewal", "../1").expect("forgotten");
        state.forget("renewal", "../1").expect("again");
        assert_eq!(state.read("renewal", "../1"), None);
    }
}
