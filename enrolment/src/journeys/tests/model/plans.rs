//! Steps that belong together.

use super::dice::Dice;
use super::law::Stop;
use super::step::{Jump, Show, Step};

impl Dice {
    /// How the first card comes to be: at one desk, or over the whole road.
    pub(super) fn beginning(&mut self) -> Vec<Step> {
        let (by, paper) = (self.who(), self.paper());
        let mut steps = if self.one_in(2) {
            vec![Step::First { by, paper }]
        } else {
            self.road()
        };
        steps.push(Step::Activate {
            receipt: !self.one_in(3),
            code: true,
        });
        steps
    }

    /// Asked for, produced, sent, arrived.
    fn road(&mut self) -> Vec<Step> {
        let by = self.who();
        vec![
            Step::Request {
                by,
                wish: self.repeat(),
                used_plastic: false,
            },
            Step::Begin { by, kind: "issue" },
            Step::Secrets { work: 0, by: None },
            self.issue(false),
            Step::Written {
                work: 0,
                by: None,
                show: Show::Pending,
            },
            Step::Dispatch { by, home: true },
            Step::Receipt { by },
        ]
    }

    /// A passcode is blocked; the card may be pulled before it has the new one.
    fn unlock(&mut self) -> Vec<Step> {
        let mut steps = vec![Step::Lock];
        for _ in 0..=self.below(3) {
            steps.push(Step::AskCode {
                by_card: self.one_in(2),
            });
            if self.one_in(4) {
                // Its life; how long a late one is told apart; the hour in which codes are counted.
                let delta = self.delta();
                let jumps = [
                    Jump::Code(delta),
                    Jump::Code(6_299),
                    Jump::Code(6_300),
                    Jump::By(3_599),
                    Jump::By(3_600),
                ];
                steps.push(Step::Tick(self.pick(&jumps)));
            }
            steps.push(Step::Type {
                unlock: 0,
                code: Some(0),
                finish: !self.one_in(4),
            });
        }
        let unlock = self.recent();
        steps.push(Step::Unlocked { unlock });
        steps
    }

    /// A card ends and another one comes, or the person goes and comes back.
    fn again(&mut self) -> Vec<Step> {
        let by = self.who();
        if self.one_in(2) {
            let (wish, reason) = (self.repeat(), !self.one_in(5));
            let mut steps = vec![Step::Replace { by, wish, reason }];
            steps.extend(self.road().into_iter().skip(1));
            return steps;
        }
        let mut steps = vec![Step::Close { by }];
        if self.one_in(2) {
            let delta = self.delta();
            steps.push(Step::Tick(Jump::Recheck(delta)));
        }
        steps.push(Step::Reopen { by });
        steps.extend(self.road());
        steps
    }

    /// What was begun is finished in the last second, or in the next one.
    fn just_in_time(&mut self) -> Vec<Step> {
        let (show, renewal, delta) = (Show::Current, 0, self.pick(&[-1, 0, 0, 1, 1]));
        let paper = self.paper();
        if self.one_in(2) {
            let restart = self.one_in(3);
            let mut steps = vec![Step::Tick(Jump::Window(3_600)), Step::Start { show }];
            if restart {
                let paper = self.paper();
                steps.push(Step::Renew {
                    renewal,
                    show,
                    paper,
                });
                steps.push(Step::Renonce { renewal, show });
            }
            steps.push(Step::Tick(Jump::Nonce(delta)));
            steps.push(if restart {
                Step::Restart {
                    renewal,
                    show,
                    paper,
                }
            } else {
                Step::Renew {
                    renewal,
                    show,
                    paper,
                }
            });
            return steps;
        }
        let (by, kind) = (self.who(), self.pick(&["renew", "repair", "reissue"]));
        let at = if kind == "reissue" {
            Jump::Expiry(self.delta())
        } else {
            Jump::Window(3_600)
        };
        vec![
            Step::Tick(at),
            Step::Begin { by, kind },
            Step::Tick(Jump::Work(delta)),
            Step::Second {
                work: 0,
                by: self.who(),
            },
            self.issue(false),
        ]
    }

    /// A process dies; the job of every minute finds what is old enough. Or the issuer's own end is
    /// three years away.
    fn just_now(&mut self) -> Vec<Step> {
        let mut issue = self.issue(false);
        if let Step::Issue { paper, .. } = &mut issue {
            paper.stop = Stop::BeforeSignature;
        }
        let by = self.who();
        let mut steps = vec![Step::Begin { by, kind: "repair" }, issue];
        if self.one_in(3) {
            steps[1] = self.issue(false);
            let delta = self.pick(&[-1, 0, 1]);
            steps.insert(0, Step::Tick(Jump::Issuer(delta)));
            return steps;
        }
        steps.push(Step::Tick(Jump::By(self.pick(&[58, 59, 60, 61]))));
        steps.push(self.pick(&[Step::Tidy, Step::Recover]));
        steps
    }

    /// Two that meet: a renewal under way, and what ends, confirms or repeats it.
    fn at_once(&mut self) -> Vec<Step> {
        let (show, renewal) = (Show::Current, 0);
        let fresh = show;
        let new = Show::Pending;
        let renew = Step::Renew {
            renewal,
            show,
            paper: self.paper(),
        };
        let mut steps = vec![
            Step::Tick(Jump::Window(3_600)),
            Step::Start { show: fresh },
            Step::Begin {
                by: self.who(),
                kind: "renew",
            },
        ];
        if self.one_in(2) {
            steps.extend([renew, Step::Renonce { renewal, show }]);
        }
        let mut both = [(); 2].map(|()| match self.below(12) {
            0 | 1 => Step::Renew {
                renewal,
                show,
                paper: self.paper(),
            },
            2 => Step::Restart {
                renewal,
                show,
                paper: self.paper(),
            },
            3 => self.issue(false),
            4 => self.issue(true),
            5 => Step::Confirm { renewal, show: new },
            6 => Step::Use { show: new },
            7 => Step::GiveUp { renewal, show },
            8 => Step::Cancel {
                by: None,
                reason: true,
            },
            9 => self.pick(&[Step::Recover, Step::Tidy, Step::Lock]),
            10 => Step::Close { by: self.who() },
            _ => self.any(),
        });
        if self.one_in(4) {
            both[1] = both[0];
        }
        steps.push(Step::Together);
        steps.extend(both);
        steps
    }

    /// Something is asked of a house whose clock fell back, and again when it is right.
    fn clock_falls_back(&mut self) -> Vec<Step> {
        let (show, renewal, seconds) = (Show::Current, 0, self.below(4));
        let back = self.pick(&[30, 60, 61, 86_400]) + i64::from(seconds == 0);
        let renew = |dice: &mut Self| Step::Renew {
            renewal,
            show,
            paper: dice.paper(),
        };
        vec![
            Step::Tick(Jump::Window(3_600)),
            Step::Beat { sources: None },
            Step::Tick(Jump::Back(back)),
            Step::Start { show },
            renew(self),
            self.any(),
            Step::Tick(Jump::Mark(-60)),
            Step::Start { show },
            renew(self),
        ]
    }

    /// A few steps that belong together, so that histories get far.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of step")]
    pub(super) fn plan(&mut self) -> Vec<Step> {
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
        match self.below(15) {
            13 => self.just_in_time(),
            14 => self.just_now(),
            11 | 12 => self.at_once(),
            7 | 8 => self.unlock(),
            9 => self.again(),
            10 => self.clock_falls_back(),
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
