//! A step with its names resolved: what the model and the real house are asked to do.

use super::law::{Ask, Ground, Stop};
use super::state::{Model, Who, Wish};
use super::step::{Paper, Repeat, Show, Step};

/// A step whose names stand for something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    Ask(Ask, Stop),
    Activate {
        card: usize,
        receipt: bool,
        code: bool,
    },
    Start {
        shown: usize,
        signature: bool,
    },
    Renonce {
        renewal: usize,
        shown: usize,
    },
    Look {
        renewal: usize,
        shown: usize,
    },
    Confirm {
        renewal: usize,
        shown: usize,
    },
    GiveUp {
        renewal: usize,
        shown: usize,
    },
    Use {
        shown: usize,
    },
    Serials {
        shown: usize,
    },
    Begin {
        card: usize,
        by: Who,
        kind: &'static str,
    },
    Second {
        work: usize,
        by: Who,
    },
    Written {
        work: usize,
        by: Who,
        shown: usize,
    },
    Abandon {
        card: usize,
        by: Who,
    },
    Lock {
        card: usize,
    },
    Unlock {
        card: usize,
        by: Who,
        seen: bool,
    },
    Cancel {
        card: usize,
        by: Option<Who>,
        reason: bool,
    },
    Close {
        by: Who,
    },
    Recover,
    Tidy,
    Slow(Option<usize>),
    Late(usize),
    Request {
        by: Who,
        wish: Wish,
    },
    Replace {
        by: Who,
        wish: Wish,
        reason: bool,
    },
    Dispatch {
        card: usize,
        by: Who,
        home: bool,
    },
    Receipt {
        card: usize,
        by: Who,
    },
    Reopen {
        by: Who,
    },
    Terms,
    Secrets {
        work: usize,
        by: Who,
    },
    AskCode {
        named: Option<usize>,
    },
    Type {
        unlock: usize,
        code: Option<usize>,
        finish: bool,
    },
    Unlocked {
        unlock: usize,
    },
    Beat {
        sources: Option<i64>,
    },
    Reset {
        twice: bool,
    },
}

fn newest(n: usize, length: usize) -> Option<usize> {
    length.checked_sub(1).map(|last| last - n % length)
}

/// Numbers given out so far, and the slow one's set.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    pub(super) keys: usize,
    pub(super) idems: usize,
    pub(super) slow: Option<usize>,
    wishes: Vec<Wish>,
}

impl Counters {
    /// A wish for that card in the place of that one, or one that was there before.
    fn wish(&mut self, repeat: Repeat, replaces: Option<usize>, card: usize) -> Wish {
        let before = repeat.of.and_then(|n| newest(n, self.wishes.len()));
        let Some(before) = before else {
            let key = self.wishes.len();
            self.wishes.push((key, replaces, card));
            return (key, replaces, card);
        };
        let (_, known, named) = self.wishes[before];
        if repeat.same && known.is_some() == replaces.is_some() {
            (before, known, named)
        } else {
            (before, replaces, card)
        }
    }

    fn paper(&mut self, paper: Paper) -> (usize, usize) {
        let mut one = |wanted: Option<usize>, count: fn(&mut Self) -> &mut usize| {
            let count = count(self);
            wanted.and_then(|n| newest(n, *count)).unwrap_or_else(|| {
                *count += 1;
                *count - 1
            })
        };
        (
            one(paper.keys, |all| &mut all.keys),
            one(paper.idem, |all| &mut all.idems),
        )
    }
}

impl Model {
    fn shown(&self, show: Show) -> Option<usize> {
        let card = self.newest_card()?;
        let released: Vec<usize> = (0..self.sets.len())
            .filter(|set| self.sets[*set].released)
            .collect();
        let nth = |n| newest(n, released.len()).map(|at| released[at]);
        match show {
            Show::Current => self.current(card).or_else(|| nth(0)),
            Show::Pending => self.delivered(card).or_else(|| nth(0)),
            Show::Nth(n) => nth(n),
            Show::Signature => nth(0),
        }
    }

    /// What the step is about here and now; nothing when it names what is not there.
    #[expect(clippy::too_many_lines, reason = "one arm for each kind of step")]
    pub(super) fn resolve(&self, step: Step, counters: &mut Counters) -> Option<Deed> {
        let card = self.newest_card();
        let renewal = |n| newest(n, self.renewals.len());
        let work = |n| newest(n, self.works.len());
        Some(match step {
            Step::Tick(_) => return None,
            Step::First { .. } | Step::Renew { .. } | Step::Restart { .. } | Step::Issue { .. } => {
                return self.resolve_ask(step, counters);
            }
            Step::Activate { receipt, code } => Deed::Activate {
                card: card?,
                receipt,
                code,
            },
            Step::Start { show } => Deed::Start {
                shown: self.shown(show)?,
                signature: show == Show::Signature,
            },
            Step::Renonce { renewal: n, show } => Deed::Renonce {
                renewal: renewal(n)?,
                shown: self.shown(show)?,
            },
            Step::Look { renewal: n, show } => Deed::Look {
                renewal: renewal(n)?,
                shown: self.shown(show)?,
            },
            Step::Confirm { renewal: n, show } => Deed::Confirm {
                renewal: renewal(n)?,
                shown: self.shown(show)?,
            },
            Step::GiveUp { renewal: n, show } => Deed::GiveUp {
                renewal: renewal(n)?,
                shown: self.shown(show)?,
            },
            Step::Use { show } => Deed::Use {
                shown: self.shown(show)?,
            },
            Step::Serials { show } => Deed::Serials {
                shown: self.shown(show)?,
            },
            Step::Begin { by, kind } => Deed::Begin {
                card: card?,
                by,
                kind,
            },
            Step::Second { work: n, by } => Deed::Second { work: work(n)?, by },
            Step::Written { work: n, by, show } => {
                let work = work(n)?;
                let by = by.unwrap_or(self.works[work].by);
                Deed::Written {
                    work,
                    by,
                    shown: self.shown(show)?,
                }
            }
            Step::Abandon { by } => Deed::Abandon { card: card?, by },
            Step::Lock => Deed::Lock { card: card? },
            Step::Unlock { by, seen } => Deed::Unlock {
                card: card?,
                by,
                seen,
            },
            Step::Cancel { by, reason } => Deed::Cancel {
                card: card?,
                by,
                reason,
            },
            Step::Close { by } => Deed::Close { by },
            Step::Recover => Deed::Recover,
            Step::Tidy => Deed::Tidy,
            Step::Slow => {
                counters.slow = (0..self.sets.len())
                    .rev()
                    .find(|set| self.sets[*set].state == "reserved");
                Deed::Slow(counters.slow)
            }
            Step::Late => Deed::Late(counters.slow.take()?),
            _ => return self.resolve_more(step, counters),
        })
    }

    fn resolve_more(&self, step: Step, counters: &mut Counters) -> Option<Deed> {
        let card = self.newest_card();
        let fresh = self.cards.len();
        let unlock = |n| newest(n, self.unlocks.len());
        Some(match step {
            Step::Request {
                by,
                wish,
                used_plastic,
            } => {
                let named = card.filter(|_| used_plastic).unwrap_or(fresh);
                Deed::Request {
                    by,
                    wish: counters.wish(wish, None, named),
                }
            }
            Step::Replace { by, wish, reason } => Deed::Replace {
                by,
                wish: counters.wish(wish, Some(card?), fresh),
                reason,
            },
            Step::Dispatch { by, home } => Deed::Dispatch {
                card: card?,
                by,
                home,
            },
            Step::Receipt { by } => Deed::Receipt { card: card?, by },
            Step::Reopen { by } => Deed::Reopen { by },
            Step::Terms => Deed::Terms,
            Step::Secrets { work, by } => {
                let work = newest(work, self.works.len())?;
                let by = by.unwrap_or(self.works[work].by);
                Deed::Secrets { work, by }
            }
            Step::AskCode { by_card: true } => Deed::AskCode { named: Some(card?) },
            Step::AskCode { by_card: false } => Deed::AskCode { named: None },
            Step::Type {
                unlock: n,
                code,
                finish,
            } => Deed::Type {
                unlock: unlock(n)?,
                code: code.and_then(|n| newest(n, self.codes.len())),
                finish,
            },
            Step::Unlocked { unlock: n } => Deed::Unlocked { unlock: unlock(n)? },
            Step::Beat { sources } => Deed::Beat { sources },
            Step::Reset { twice } => Deed::Reset { twice },
            _ => return None,
        })
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each kind of step")]
    fn resolve_ask(&self, step: Step, counters: &mut Counters) -> Option<Deed> {
        let (ground, card, paper) = match step {
            Step::First { by, paper } => {
                let begun = self.newest_card().filter(|card| self.is_begun(*card));
                (
                    Ground::First { by, work: None },
                    begun.unwrap_or(self.cards.len()),
                    paper,
                )
            }
            Step::Renew {
                renewal,
                show,
                paper,
            } => {
                let renewal = newest(renewal, self.renewals.len())?;
                let shown = self.shown(show)?;
                (
                    Ground::Renewal { renewal, shown },
                    self.sets[shown].card,
                    paper,
                )
            }
            Step::Restart {
                renewal,
                show,
                paper,
            } => {
                let renewal = newest(renewal, self.renewals.len())?;
                let shown = self.shown(show)?;
                (
                    Ground::Restart { renewal, shown },
                    self.sets[shown].card,
                    paper,
                )
            }
            Step::Issue {
                work,
                by,
                seen,
                reason,
                again,
                paper,
            } => {
                let work = newest(work, self.works.len())?;
                let by = by.unwrap_or(self.works[work].by);
                let ground = if self.works[work].kind == "issue" && !again {
                    Ground::First {
                        by,
                        work: Some(work),
                    }
                } else {
                    Ground::Desk {
                        work,
                        by,
                        seen,
                        reason,
                        again,
                    }
                };
                (ground, self.works[work].card, paper)
            }
            _ => return None,
        };
        let (keys, idem) = counters.paper(paper);
        let ask = Ask {
            card,
            ground,
            keys,
            twice: paper.twice,
            idem,
            nonce: paper.nonce,
        };
        Some(Deed::Ask(ask, paper.stop))
    }
}
