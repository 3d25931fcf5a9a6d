//! How a history is drawn from a seed: steps that follow no plan between steps that belong together,
//! so that histories get far.

use super::law::Stop;
use super::state::{EVERYBODY, Who};
use super::step::{Jump, Paper, Repeat, Show, Step};

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

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    pub(super) fn who(&mut self) -> Who {
        if self.one_in(3) {
            self.pick(&EVERYBODY)
        } else {
            self.pick(&[Who::Manager, Who::Agent])
        }
    }

    pub(super) fn recent(&mut self) -> usize {
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

    pub(super) fn paper(&mut self) -> Paper {
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

    pub(super) fn delta(&mut self) -> i64 {
        self.pick(&[-1, 0, 0, 1, 1, 3_600, 86_400])
    }

    pub(super) fn jump(&mut self) -> Jump {
        let delta = self.delta();
        match self.below(14) {
            12 => self.pick(&[Jump::Code(delta), Jump::Recheck(delta), Jump::Mark(-60)]),
            13 => self.back(),
            0 => Jump::By(self.pick(&[1, 59, 60, 61, 600, 3_600])),
            1 => Jump::By(self.pick(&[86_400, 10 * 86_400, 400 * 86_400])),
            2..=5 => Jump::Window(delta),
            6 | 7 => Jump::Expiry(delta),
            8 | 9 => Jump::Pending(delta),
            10 => self.pick(&[Jump::Work(delta), Jump::Nonce(delta)]),
            _ => Jump::Sponsor(delta),
        }
    }

    /// The clock falls back: by as much as is tolerated, by more, or far.
    fn back(&mut self) -> Jump {
        if self.one_in(3) {
            return Jump::Mark(self.pick(&[-61, -60, 0, 1]));
        }
        Jump::Back(self.pick(&[1, 30, 59, 60, 61, 3_600, 86_400, 400 * 86_400]))
    }

    pub(super) fn repeat(&mut self) -> Repeat {
        Repeat {
            of: self.one_in(4).then(|| self.below(3)),
            same: !self.one_in(3),
        }
    }

    fn kind(&mut self) -> &'static str {
        self.pick(&["issue", "renew", "renew", "reissue", "repair"])
    }

    pub(super) fn issue(&mut self, again: bool) -> Step {
        Step::Issue {
            work: self.recent(),
            by: self.one_in(12).then(|| self.who()),
            seen: !self.one_in(15),
            reason: !self.one_in(12),
            again,
            paper: self.paper(),
        }
    }

    /// One step about a card on its way, a passcode, the clock, or two at once.
    fn any_more(&mut self) -> Step {
        match self.below(16) {
            0 => Step::Request {
                by: self.who(),
                wish: self.repeat(),
                used_plastic: self.one_in(5),
            },
            1 => Step::Replace {
                by: self.who(),
                wish: self.repeat(),
                reason: !self.one_in(5),
            },
            2 => Step::Dispatch {
                by: self.who(),
                home: !self.one_in(5),
            },
            3 => Step::Receipt { by: self.who() },
            4 => Step::Reopen { by: self.who() },
            5 => Step::Terms,
            6 => Step::Secrets {
                work: self.recent(),
                by: self.one_in(9).then(|| self.who()),
            },
            7 | 8 => Step::AskCode {
                by_card: self.one_in(2),
            },
            9 | 10 => self.type_in(),
            11 => Step::Unlocked {
                unlock: self.recent(),
            },
            12 => Step::Beat {
                sources: self.pick(&[None, Some(0), Some(-3_601), Some(-86_400)]),
            },
            13 => Step::Reset {
                twice: self.one_in(4),
            },
            _ => Step::Together,
        }
    }

    pub(super) fn type_in(&mut self) -> Step {
        Step::Type {
            unlock: self.recent(),
            code: (!self.one_in(5)).then(|| self.recent()),
            finish: !self.one_in(4),
        }
    }

    /// One step that follows no plan.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of step")]
    pub(super) fn any(&mut self) -> Step {
        match self.below(57) {
            44..=56 => self.any_more(),
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
            38 if self.one_in(4) => Step::Close { by: self.who() },
            39 | 40 => Step::Recover,
            41 => Step::Tidy,
            42 => Step::Slow,
            _ => Step::Late,
        }
    }
}

/// A history of so many steps.
pub(super) fn history(seed: u64, length: usize) -> Vec<Step> {
    let mut dice = Dice(seed);
    let mut steps = dice.beginning();
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
