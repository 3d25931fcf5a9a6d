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
    /// From the last second of the newest code.
    Code(i64),
    /// From the last second at which a closed profile may be reopened.
    Recheck(i64),
    /// From the last second at which three years fit into the issuer's life.
    Issuer(i64),
    /// Falls back.
    Back(i64),
    /// From the highest time seen, where it fell back.
    Mark(i64),
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
    /// A desk asks for a card.
    Request {
        by: Who,
        wish: Repeat,
        used_plastic: bool,
    },
    Replace {
        by: Who,
        wish: Repeat,
        reason: bool,
    },
    Dispatch {
        by: Who,
        home: bool,
    },
    Receipt {
        by: Who,
    },
    Reopen {
        by: Who,
    },
    Terms,
    /// The client of a work asks for the card's own secrets.
    Secrets {
        work: usize,
        by: Option<Who>,
    },
    /// A stranger asks for a code, naming the card or the person.
    AskCode {
        by_card: bool,
    },
    /// Types the n-th newest code in, or another one.
    Type {
        unlock: usize,
        code: Option<usize>,
        finish: bool,
    },
    /// The card has its new passcode.
    Unlocked {
        unlock: usize,
    },
    /// The job of every half minute, with independent sources so many seconds away.
    Beat {
        sources: Option<i64>,
    },
    /// Two operators put the mark right, or one twice.
    Reset {
        twice: bool,
    },
    /// The next two happen at once.
    Together,
}

/// Whether the n-th newest wish comes again, and whether it names the same card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Repeat {
    pub(super) of: Option<usize>,
    pub(super) same: bool,
}
