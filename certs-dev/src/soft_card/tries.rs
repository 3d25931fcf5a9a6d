//! The counter of wrong passcodes, which a real card keeps on its chip: written before the passcode is looked at,
//! so that pulling the plug wins nobody a try.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context as _, Result};

/// Wrong passcodes in a row that block a card (domain F42).
pub const TRIES: u8 = 3;

/// One card at a time: two windows must not share a try.
static READER: Mutex<()> = Mutex::new(());

/// What the card says to a passcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passcode {
    /// It is right.
    Right,
    /// It is wrong; so many tries are left, at least one.
    Wrong {
        /// Tries left.
        left: u8,
    },
    /// It was wrong for the third time just now.
    BlockedNow,
    /// The card was blocked before.
    Blocked,
}

/// Compares, counting in `counter`.
pub(super) fn judge(counter: &Path, right: &str, offered: &str) -> Result<Passcode> {
    let _reader = READER.lock().unwrap_or_else(PoisonError::into_inner);
    let before = count(counter)?;
    if before >= TRIES {
        return Ok(Passcode::Blocked);
    }
    let now = before + 1;
    fs::write(counter, now.to_string())
        .with_context(|| format!("cannot write {}", counter.display()))?;
    if same(right, offered) {
        fs::remove_file(counter).with_context(|| format!("cannot clear {}", counter.display()))?;
        return Ok(Passcode::Right);
    }
    Ok(match TRIES - now {
        0 => Passcode::BlockedNow,
        left => Passcode::Wrong { left },
    })
}

fn count(counter: &Path) -> Result<u8> {
    match fs::read_to_string(counter) {
        Ok(text) => Ok(text.trim().parse().unwrap_or(TRIES)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", counter.display())),
    }
}

/// Digests are compared, so that the time says nothing about the passcode.
fn same(right: &str, offered: &str) -> bool {
    let digest = |text: &str| ring::digest::digest(&ring::digest::SHA256, text.as_bytes());
    digest(right).as_ref() == digest(offered).as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_wrong_ones_block_and_a_right_one_clears() {
        let folder = tempfile::tempdir().unwrap();
        let counter = folder.path().join("amara.tries");
        let say = |offered| judge(&counter, "493817", offered).unwrap();
        assert_eq!(say("1"), Passcode::Wrong { left: 2 });
        assert_eq!(say("2"), Passcode::Wrong { left: 1 });
        assert_eq!(say("493817"), Passcode::Right);
        assert_eq!(say("1"), Passcode::Wrong { left: 2 });
        assert_eq!(say("2"), Passcode::Wrong { left: 1 });
        assert_eq!(say("3"), Passcode::BlockedNow);
        assert_eq!(say("493817"), Passcode::Blocked);
    }

    #[test]
    fn a_damaged_counter_blocks() {
        let folder = tempfile::tempdir().unwrap();
        let counter = folder.path().join("amara.tries");
        fs::write(&counter, "??").unwrap();
        assert_eq!(
            judge(&counter, "493817", "493817").unwrap(),
            Passcode::Blocked
        );
    }
}
