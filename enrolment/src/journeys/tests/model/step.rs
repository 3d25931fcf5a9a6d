//! What can happen, one step at a time, and how a history is drawn from a seed. A step names things
//! by how new they are, so that a history stays sensible when steps are taken out of it.

use super::law::Stop;
use super::state::{EVERYBODY, Who};

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

/// Chance from a seed (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.roll() % n as u64).unwrap()
    }

    /// True once in `n`.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn who(&mut self) -> Who {
        if self.one_in(3) {
            self.pick(&EVERYBODY)
        } else {
            self.pick(&[Who::Manager, Who::Agent])
        }
    }

    fn recent(&mut self) -> usize {
        if self.one_in(4) { self.below(4) } else { 0 }
    }

    fn show(&mut self) -> Show {
        match self.below(12) {
            0..=6 => Show::Current,
            7 | 8 => Show::Pending,
            9 | 10 => Show::Nth(self.below(4)),
            _ => Show::Signature,
        }
    }

    fn paper(&mut self) -> Paper {
        Paper {
            keys: self.one_in(9).then(|| self.below(3)),
            idem: self.one_in(12).then(|| self.below(3)),
            twice: self.one_in(40),
            nonce: !self.one_in(30),
            stop: if self.one_in(6) {
                Stop::BeforeSignature
            } else {
                Stop::No
            },
        }
    }

    fn delta(&mut self) -> i64 {
        self.pick(&[-1, 0, 0, 1, 1, 3_600, 86_400])
    }

    fn jump(&mut self) -> Jump {
        let delta = self.delta();
        match self.below(12) {
            0 => Jump::By(self.pick(&[1, 59, 60, 61, 600, 3_600])),
            1 => Jump::By(self.pick(&[86_400, 10 * 86_400, 400 * 86_400])),
            2..=5 => Jump::Window(delta),
            6 | 7 => Jump::Expiry(delta),
            8 | 9 => Jump::Pending(delta),
            10 => self.pick(&[Jump::Work(delta), Jump::Nonce(delta)]),
            _ => Jump::Sponsor(delta),
        }
    }

    fn kind(&mut self) -> &'static str {
        self.pick(&["issue", "renew", "renew", "reissue", "repair"])
    }

    fn issue(&mut self, again: bool) -> Step {
        Step::Issue {
            work: self.recent(),
            by: self.one_in(12).then(|| self.who()),
            seen: !self.one_in(15),
            reason: !self.one_in(12),
            again,
            paper: self.paper(),
        }
    }

    /// One step that follows no plan.
    fn any(&mut self) -> Step {
        match self.below(44) {
            0..=5 => Step::Tick(self.jump()),
            6 => Step::First {
                by: self.who(),
                paper: self.paper(),
            },
            7 => Step::Activate {
                receipt: !self.one_in(9),
                code: !self.one_in(9),
            },
            8 | 9 => Step::Start { show: self.show() },
            10..=12 => Step::Renew {
                renewal: self.recent(),
                show: self.show(),
                paper: self.paper(),
            },
            13 => Step::Renonce {
                renewal: self.recent(),
                show: self.show(),
            },
            14 | 15 => Step::Restart {
                renewal: self.recent(),
                show: self.show(),
                paper: self.paper(),
            },
            16 => Step::Look {
                renewal: self.recent(),
                show: self.show(),
            },
            17 | 18 => Step::Confirm {
                renewal: self.recent(),
                show: self.show(),
            },
            19 => Step::GiveUp {
                renewal: self.recent(),
                show: self.show(),
            },
            20 | 21 => Step::Use { show: self.show() },
            22 => Step::Serials { show: self.show() },
            23 | 24 => Step::Begin {
                by: self.who(),
                kind: self.kind(),
            },
            25 => Step::Second {
                work: self.recent(),
                by: self.who(),
            },
            26..=28 => self.issue(false),
            29 | 30 => self.issue(true),
            31 | 32 => Step::Written {
                work: self.recent(),
                by: self.one_in(12).then(|| self.who()),
                show: self.pick(&[Show::Pending, Show::Current]),
            },
            33 => Step::Abandon { by: self.who() },
            34 => Step::Lock,
            35 | 36 => Step::Unlock {
                by: self.who(),
                seen: !self.one_in(9),
            },
            37 if self.one_in(3) => Step::Cancel {
                by: (!self.one_in(3)).then(|| self.who()),
                reason: !self.one_in(5),
            },
            38 if self.one_in(8) => Step::Close { by: self.who() },
            39 | 40 => Step::Recover,
            41 => Step::Tidy,
            42 => Step::Slow,
            _ => Step::Late,
        }
    }

    /// A few steps that belong together, so that histories get far.
    fn plan(&mut self) -> Vec<Step> {
        let (show, paper, by) = (Show::Current, self.paper(), self.who());
        let confirm = if self.one_in(2) {
            Step::Use {
                show: Show::Pending,
            }
        } else {
            Step::Confirm {
                renewal: 0,
                show: Show::Pending,
            }
        };
        let delta = self.delta();
        let desk = |kind, at: Jump, again: bool, issue: Step, dice: &mut Self| {
            let second = Step::Second {
                work: 0,
                by: dice.who(),
            };
            let written = Step::Written {
                work: 0,
                by: None,
                show: Show::Pending,
            };
            let mut steps = vec![Step::Tick(at), Step::Begin { by, kind }, second, issue];
            if again {
                steps.extend([Step::Begin { by, kind }, dice.issue(true)]);
            }
            steps.push(written);
            steps
        };
        match self.below(7) {
            0 | 1 => vec![
                Step::Tick(Jump::Window(delta)),
                Step::Start { show },
                Step::Renew {
                    renewal: 0,
                    show,
                    paper,
                },
                confirm,
            ],
            2 => vec![
                Step::Tick(Jump::Window(delta)),
                Step::Start { show },
                Step::Renew {
                    renewal: 0,
                    show,
                    paper,
                },
                Step::Renonce { renewal: 0, show },
                Step::Restart {
                    renewal: 0,
                    show,
                    paper: self.paper(),
                },
                confirm,
            ],
            3 => {
                let (again, issue) = (self.one_in(3), self.issue(false));
                desk("renew", Jump::Window(delta), again, issue, self)
            }
            4 => {
                let (again, issue) = (self.one_in(3), self.issue(false));
                desk("reissue", Jump::Expiry(delta), again, issue, self)
            }
            5 => {
                let (again, issue) = (self.one_in(3), self.issue(false));
                desk("repair", Jump::By(1), again, issue, self)
            }
            _ => vec![
                Step::First { by, paper },
                Step::Recover,
                Step::Activate {
                    receipt: true,
                    code: true,
                },
            ],
        }
    }
}

/// A history of so many steps.
pub(super) fn history(seed: u64, length: usize) -> Vec<Step> {
    let mut dice = Dice(seed);
    let (by, paper) = (dice.who(), dice.paper());
    let mut steps = vec![
        Step::First { by, paper },
        Step::Activate {
            receipt: true,
            code: true,
        },
    ];
    while steps.len() < length {
        if dice.one_in(2) {
            let one = dice.any();
            steps.push(one);
        } else {
            for step in dice.plan() {
                if dice.one_in(5) {
                    let one = dice.any();
                    steps.push(one);
                }
                if !dice.one_in(12) {
                    steps.push(step);
                }
            }
        }
    }
    steps.truncate(length);
    steps
}
