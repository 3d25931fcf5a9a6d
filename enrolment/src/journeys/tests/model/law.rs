//! The law as the model tells it: who may, and in which order a wish for a set is refused.

use super::state::{DAY, ISSUER_ENDS, Model, Print, SPONSOR_ENDS, Set, Who, three_years_after};

/// How an issuance is broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    No,
    /// After transaction A: the key does not sign.
    BeforeSignature,
}

/// On which ground a set is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ground {
    First {
        by: Who,
        work: Option<usize>,
    },
    Renewal {
        renewal: usize,
        shown: usize,
    },
    Restart {
        renewal: usize,
        shown: usize,
    },
    Desk {
        work: usize,
        by: Who,
        seen: bool,
        reason: bool,
        again: bool,
    },
}

/// One wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ask {
    pub(super) card: usize,
    pub(super) ground: Ground,
    pub(super) keys: usize,
    /// One key for both purposes.
    pub(super) twice: bool,
    pub(super) idem: usize,
    /// The requests carry the nonce that stands now.
    pub(super) nonce: bool,
}

/// The parts that may do a task, and whether it is open to any area.
fn table(task: &str) -> (&'static [Who], bool) {
    use Who::{Admin, Agent, Manager, ServiceDesk, Sponsor, Stranger};
    match task {
        "renew" | "unlock" => (&[Manager, Agent, Stranger, Admin, Sponsor], true),
        "reissue" => (&[Manager, Agent, Stranger], true),
        "cancel" => (&[Manager, Agent, Stranger, ServiceDesk], false),
        _ => (&[Manager, Agent, Stranger], false),
    }
}

/// Area, not oneself, role.
pub(super) fn may(by: Who, task: &str) -> Result<(), &'static str> {
    let (allowed, anywhere) = table(task);
    if by == Who::Stranger && !anywhere {
        return Err("actor_out_of_scope");
    }
    if by == Who::Holder {
        return Err("actor_is_subject");
    }
    allowed
        .contains(&by)
        .then_some(())
        .ok_or("actor_role_missing")
}

pub(super) fn task_of(ground: &str) -> &'static str {
    match ground {
        "first" => "issue",
        "reissue" => "reissue",
        "repair" => "repair",
        _ => "renew",
    }
}

impl Model {
    /// The actor is there and holds her role.
    pub(super) fn present(&self, by: Who) -> Result<(), &'static str> {
        if by == Who::Holder && !self.open() {
            return Err("identity_closed");
        }
        let ends = match by {
            Who::Sponsor => SPONSOR_ENDS,
            Who::Holder => self.role_ends,
            _ => i64::MAX,
        };
        (self.now < ends).then_some(()).ok_or("role_not_held")
    }

    pub(super) fn alive(&self, card: usize) -> Result<(), &'static str> {
        if !self.open() {
            return Err("identity_closed");
        }
        (self.cards[card].state != "cancelled")
            .then_some(())
            .ok_or("card_cancelled")
    }

    pub(super) fn activated(&self, card: usize) -> Result<(), &'static str> {
        let activated = matches!(self.cards[card].state, "active" | "locked");
        activated.then_some(()).ok_or("card_not_active")
    }

    pub(super) fn usable(&self, card: usize) -> Result<(), &'static str> {
        self.alive(card)?;
        if self.cards[card].state == "locked" {
            return Err("card_locked");
        }
        self.activated(card)
    }

    pub(super) fn check_set(&self, set: usize) -> Result<(), &'static str> {
        match self.sets[set].state {
            "active" | "delivered" => Ok(()),
            "superseded" => Err("pair_superseded"),
            "revoked" => Err("certificate_revoked"),
            _ => Err("certificate_unknown"),
        }
    }

    pub(super) fn in_time(&self, set: usize) -> Result<(), &'static str> {
        (self.now <= self.sets[set].ends)
            .then_some(())
            .ok_or("certificate_expired")
    }

    pub(super) fn in_window(&self, set: usize) -> Result<(), &'static str> {
        let opens = self.sets[set].ends - 90 * DAY;
        (self.now >= opens)
            .then_some(())
            .ok_or("renewal_window_not_open")
    }

    pub(super) fn keys(&self, ask: &Ask, nonce: bool) -> Result<(), &'static str> {
        let used = |set: &Set| set.keys == ask.keys && set.state != "burned";
        if self.readable(ask) && self.sets.iter().any(used) {
            return Err("key_reused");
        }
        if !nonce || !self.nonce_is_right(ask) {
            return Err("proof_of_possession_failed");
        }
        if ask.twice {
            return Err("key_not_acceptable");
        }
        Ok(())
    }

    pub(super) fn issuer(&self) -> Result<(), &'static str> {
        (three_years_after(self.now) <= ISSUER_ENDS)
            .then_some(())
            .ok_or("issuer_expires_first")
    }

    /// Nothing is signed more than a minute behind the highest time seen.
    pub(super) fn clock(&self) -> Result<(), &'static str> {
        (self.now >= self.mark - 60)
            .then_some(())
            .ok_or("clock_untrusted")
    }

    pub(super) fn nothing_pending(&self, card: usize) -> Result<(), &'static str> {
        self.pending(card)
            .map_or(Ok(()), |_| Err("renewal_in_progress"))
    }

    /// Whether the house expects a nonce at this moment, so that another one is unreadable.
    fn expects_nonce(&self, ask: &Ask) -> bool {
        match ask.ground {
            Ground::First { work: None, .. } => false,
            Ground::First {
                work: Some(work), ..
            }
            | Ground::Desk { work, .. } => {
                let work = &self.works[work];
                work.set.is_some() || self.now <= work.started + 600
            }
            Ground::Renewal { renewal, shown } => {
                let begun = &self.renewals[renewal];
                begun.card == self.sets[shown].card
                    && (begun.set.is_some() || self.now <= begun.started + 3_600)
            }
            Ground::Restart { renewal, shown } => {
                let begun = &self.renewals[renewal];
                begun.card == self.sets[shown].card && self.now <= begun.started + 3_600
            }
        }
    }

    pub(super) fn readable(&self, ask: &Ask) -> bool {
        ask.nonce || !self.expects_nonce(ask)
    }

    fn nonce_is_right(&self, ask: &Ask) -> bool {
        matches!(ask.ground, Ground::First { work: None, .. })
            || (self.expects_nonce(ask) && ask.nonce)
    }

    pub(super) fn print(&self, ask: &Ask) -> Print {
        let named = match ask.ground {
            Ground::First { .. } => ("first", 0),
            Ground::Renewal { .. } => ("self_renewal", 0),
            Ground::Restart { .. } => ("restart", 0),
            Ground::Desk { work, .. } => ("desk", work + 1),
        };
        // One key twice is another pair than that key and a second one.
        let keys = ask.keys * 2 + usize::from(ask.twice);
        self.readable(ask).then_some((named.0, named.1, keys))
    }
}
