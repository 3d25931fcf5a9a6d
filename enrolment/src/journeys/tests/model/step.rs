//! What can happen, one step at a time. A step names things by how new they are, so that a history
//! stays sensible when steps are taken out of it.

use super::law::Stop;
use super::state::Who;

/// Which certificate a card shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Show {
    Current,
    Pending,
    /// The n-th newest set that ever left the house.
    Nth(usize),
    /// The signature certificate of the newest one.
    Signature,
}

/// Where the clock goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jump {
    By(i64),
    /// So many seconds from the first second of the window of the current set.
    Window(i64),
    /// From the last second of the current set.
    Expiry(i64),
    /// From the last second of a pending set.
    Pending(i64),
    /// From the last second of the newest work.
    Work(i64),
    /// From the last second of the newest nonce.
    Nonce(i64),
    /// From the last second of the sponsor's role.
    Sponsor(i64),
}

/// How requests are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Paper {
    /// The n-th newest pair of keys; `None`: fresh ones.
    pub(super) keys: Option<usize>,
    /// The n-th newest idempotency key; `None`: a fresh one.
    pub(super) idem: Option<usize>,
    pub(super) twice: bool,
    pub(super) nonce: bool,
    pub(super) stop: Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Tick(Jump),
    First {
        by: Who,
        paper: Paper,
    },
    Activate {
        receipt: bool,
        code: bool,
    },
    Start {
        show: Show,
    },
    Renew {
        renewal: usize,
        show: Show,
        paper: Paper,
    },
    Renonce {
        renewal: usize,
        show: Show,
    },
    Restart {
        renewal: usize,
        show: Show,
        paper: Paper,
    },
    Look {
        renewal: usize,
        show: Show,
    },
    Confirm {
        renewal: usize,
        show: Show,
    },
    GiveUp {
        renewal: usize,
        show: Show,
    },
    Use {
        show: Show,
    },
    Serials {
        show: Show,
    },
    Begin {
        by: Who,
        kind: &'static str,
    },
    Second {
        work: usize,
        by: Who,
    },
    Issue {
        work: usize,
        by: Option<Who>,
        seen: bool,
        reason: bool,
        again: bool,
        paper: Paper,
    },
    Written {
        work: usize,
        by: Option<Who>,
        show: Show,
    },
    Abandon {
        by: Who,
    },
    Lock,
    Unlock {
        by: Who,
        seen: bool,
    },
    Cancel {
        by: Option<Who>,
        reason: bool,
    },
    Close {
        by: Who,
    },
    /// A process starts and finishes what it finds.
    Recover,
    /// The job of every minute.
    Tidy,
    /// Somebody has signed what is reserved, and is slow.
    Slow,
    /// The slow one records.
    Late,
}
