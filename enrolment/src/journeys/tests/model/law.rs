//! The law as the model tells it: who may, and in which order a wish for a set is refused.

use super::state::{
    DAY, Gave, ISSUER_ENDS, Model, Print, SPONSOR_ENDS, Said, Set, Who, three_years_after,
};

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
#[derive(Clone, Copy, Debug)]
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

fn task_of(ground: &str) -> &'static str {
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
        if by == Who::Holder && !self.open {
            return Err("identity_closed");
        }
        if by == Who::Sponsor && self.now >= SPONSOR_ENDS {
            return Err("role_not_held");
        }
        Ok(())
    }

    /// Area, not oneself, role.
    pub(super) fn may(&self, by: Who, task: &str) -> Result<(), &'static str> {
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

    pub(super) fn alive(&self, card: usize) -> Result<(), &'static str> {
        if !self.open {
            return Err("identity_closed");
        }
        (self.cards[card].state != "cancelled")
            .then_some(())
            .ok_or("card_cancelled")
    }

    fn activated(&self, card: usize) -> Result<(), &'static str> {
        let activated = matches!(self.cards[card].state, "active" | "locked");
        activated.then_some(()).ok_or("card_not_active")
    }

    fn usable(&self, card: usize) -> Result<(), &'static str> {
        self.alive(card)?;
        if self.cards[card].state == "locked" {
            return Err("card_locked");
        }
        self.activated(card)
    }

    fn check_set(&self, set: usize) -> Result<(), &'static str> {
        match self.sets[set].state {
            "active" | "delivered" => Ok(()),
            "superseded" => Err("pair_superseded"),
            "revoked" => Err("certificate_revoked"),
            _ => Err("certificate_unknown"),
        }
    }

    fn in_time(&self, set: usize) -> Result<(), &'static str> {
        (self.now <= self.sets[set].ends)
            .then_some(())
            .ok_or("certificate_expired")
    }

    fn in_window(&self, set: usize) -> Result<(), &'static str> {
        let opens = self.sets[set].ends - 90 * DAY;
        (self.now >= opens)
            .then_some(())
            .ok_or("renewal_window_not_open")
    }

    fn keys(&self, ask: &Ask, nonce: bool) -> Result<(), &'static str> {
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

    fn issuer(&self) -> Result<(), &'static str> {
        (three_years_after(self.now) <= ISSUER_ENDS)
            .then_some(())
            .ok_or("issuer_expires_first")
    }

    fn nothing_pending(&self, card: usize) -> Result<(), &'static str> {
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

    fn readable(&self, ask: &Ask) -> bool {
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

    /// The pending set ends first if it has waited for more than 14 days.
    fn forget(&mut self, card: usize) {
        if let Some(set) = self.delivered(card)
            && self.now > self.sets[set].decided + 14 * DAY
        {
            self.abandon(set);
        }
    }

    pub(super) fn abandon(&mut self, set: usize) {
        self.give_back(set);
        self.sets[set].state = "revoked";
    }

    /// Asks for a set: what was there before, or the law.
    pub(super) fn ask(&mut self, ask: Ask, stop: Stop) -> Said {
        if let Ground::Desk { work, by, .. }
        | Ground::First {
            work: Some(work),
            by,
        } = ask.ground
            && self.works[work].by != by
        {
            return Err("not_found");
        }
        let known = self.known(&ask)?;
        let set = match known {
            Some(set) if self.sets[set].state == "reserved" => {
                if self.forgetful {
                    return Err("busy");
                }
                set
            }
            Some(set) => return Ok(Gave::Set(set)),
            None => {
                let mut after = self.clone();
                let set = after.judge(&ask)?;
                *self = after;
                set
            }
        };
        match stop {
            Stop::BeforeSignature => Err("key_did_not_sign"),
            Stop::No => self.record(set),
        }
    }

    fn known(&self, ask: &Ask) -> Result<Option<usize>, &'static str> {
        let print = self.print(ask);
        let of_card = |set: &&Set| set.card == ask.card && set.state != "burned";
        let at = |found: &Set| self.sets.iter().position(|set| std::ptr::eq(set, found));
        let by_key = self
            .sets
            .iter()
            .filter(of_card)
            .find(|set| set.idem == ask.idem);
        let found = match by_key {
            Some(set) if print.is_none() || set.print != print => {
                return Err("idempotency_key_reused");
            }
            Some(set) => at(set),
            None => {
                let same = |set: &&Set| print.is_some() && set.print == print;
                let newest = self
                    .sets
                    .iter()
                    .filter(of_card)
                    .filter(same)
                    .max_by_key(|set| set.decided);
                newest.and_then(at).filter(|set| self.is_repeat(ask, *set))
            }
        };
        Ok(found.filter(|set| self.sets[*set].state != "revoked"))
    }

    fn is_repeat(&self, ask: &Ask, set: usize) -> bool {
        match ask.ground {
            Ground::First { .. } => true,
            Ground::Renewal { renewal, .. } | Ground::Restart { renewal, .. } => {
                self.renewals[renewal].set == Some(set)
            }
            Ground::Desk { work, .. } => self.works[work].set == Some(set),
        }
    }

    /// Judges and reserves.
    fn judge(&mut self, ask: &Ask) -> Result<usize, &'static str> {
        match ask.ground {
            Ground::First { by, work } => self.first(ask, by, work),
            Ground::Renewal { renewal, shown } => self.self_renewal(ask, renewal, shown),
            Ground::Restart { renewal, shown } => self.self_restart(ask, renewal, shown),
            Ground::Desk { .. } => self.at_desk(ask),
        }
    }

    fn first(&mut self, ask: &Ask, by: Who, work: Option<usize>) -> Result<usize, &'static str> {
        self.present(by)?;
        self.may(by, "issue")?;
        let is_there = ask.card < self.cards.len();
        if is_there {
            self.alive(ask.card)?;
        } else if !self.open {
            return Err("identity_closed");
        }
        let begun = is_there && self.is_begun(ask.card);
        if self.has_live_card() && !begun {
            return Err("live_card_exists");
        }
        if is_there && !begun {
            return Err("card_serial_reused");
        }
        self.issuer()?;
        self.keys(ask, true)?;
        if let Some(work) = work
            && self.works[work].set.is_some()
        {
            return Err("proof_of_possession_failed");
        }
        if !is_there {
            self.cards.push(super::state::Card {
                state: "requested",
                epoch: 1,
                used: 0,
            });
        }
        let set = self.reserve(ask, "first", None);
        if let Some(work) = work {
            self.works[work].set = Some(set);
        }
        Ok(set)
    }

    fn self_renewal(
        &mut self,
        ask: &Ask,
        renewal: usize,
        shown: usize,
    ) -> Result<usize, &'static str> {
        self.forget(ask.card);
        self.usable(ask.card)?;
        self.check_set(shown)?;
        self.in_time(shown)?;
        self.in_window(shown)?;
        if self.cards[ask.card].used >= 2 {
            return Err("self_renewal_limit_reached");
        }
        self.keys(ask, self.renewals[renewal].set.is_none())?;
        self.issuer()?;
        self.nothing_pending(ask.card)?;
        let set = self.reserve(ask, "self_renewal", None);
        self.sets[set].slot = true;
        self.cards[ask.card].used += 1;
        self.renewals[renewal].set = Some(set);
        Ok(set)
    }

    fn self_restart(
        &mut self,
        ask: &Ask,
        renewal: usize,
        shown: usize,
    ) -> Result<usize, &'static str> {
        self.forget(ask.card);
        self.alive(ask.card)?;
        let waits = |set: &usize| *set != shown && self.now <= self.sets[*set].decided + 14 * DAY;
        let pending = self
            .pending(ask.card)
            .filter(waits)
            .ok_or("nothing_pending")?;
        if self.sets[pending].ground() != "self_renewal" {
            return Err("actor_role_missing");
        }
        self.usable(ask.card)?;
        self.check_set(shown)?;
        self.in_time(shown)?;
        self.keys(ask, self.renewals[renewal].set == Some(pending))?;
        self.issuer()?;
        let set = self.take_the_place_of(ask, pending)?;
        self.renewals[renewal].set = Some(set);
        Ok(set)
    }

    fn at_desk(&mut self, ask: &Ask) -> Result<usize, &'static str> {
        let Ground::Desk {
            work,
            by,
            seen,
            reason,
            again,
        } = ask.ground
        else {
            return Err("no desk");
        };
        self.present(by)?;
        self.forget(ask.card);
        let card = ask.card;
        let proven = self.works[work].set.is_none() && self.now <= self.works[work].started + 600;
        let told = |seen: bool| seen.then_some(()).ok_or("holder_not_present");
        let from = self
            .current(card)
            .or(self.delivered(card))
            .or_else(|| self.last_released(card));
        let kind = self.works[work].kind;
        let set = if again {
            let pending = self.pending(card);
            if let Some(set) = pending {
                self.may(by, task_of(self.sets[set].ground()))?;
            }
            self.alive(card)?;
            let waits = |set: &usize| self.now <= self.sets[*set].decided + 14 * DAY;
            let pending = pending.filter(waits).ok_or("nothing_pending")?;
            told(seen)?;
            self.keys(ask, proven)?;
            self.issuer()?;
            self.take_the_place_of(ask, pending)?
        } else {
            self.may(by, kind)?;
            match kind {
                "renew" => {
                    self.usable(card)?;
                    let from = from.ok_or("card_not_active")?;
                    self.check_set(from)?;
                    self.in_time(from)?;
                    self.in_window(from)?;
                    told(seen)?;
                }
                "reissue" => {
                    self.alive(card)?;
                    self.activated(card)?;
                    let from = from.ok_or("card_not_active")?;
                    if self.in_time(from).is_ok() {
                        return Err("certificate_not_expired");
                    }
                    told(seen)?;
                    self.seconded(work)?;
                }
                _ => {
                    self.alive(card)?;
                    self.activated(card)?;
                    reason.then_some(()).ok_or("reason_missing")?;
                    told(seen)?;
                }
            }
            self.keys(ask, proven)?;
            self.issuer()?;
            if kind == "repair"
                && let Some(pending) = self.delivered(card)
            {
                self.abandon(pending);
            }
            self.nothing_pending(card)?;
            let word = if kind == "renew" { "assisted" } else { kind };
            self.reserve(ask, word, None)
        };
        self.works[work].set = Some(set);
        Ok(set)
    }

    fn seconded(&self, work: usize) -> Result<(), &'static str> {
        if !self.staff {
            return Ok(());
        }
        let second = self.works[work].second.ok_or("second_actor_needed")?;
        self.present(second).map_err(|_| "second_actor_needed")
    }

    fn last_released(&self, card: usize) -> Option<usize> {
        let of_card = |set: &usize| self.sets[*set].card == card && self.sets[*set].released;
        (0..self.sets.len()).rev().find(of_card)
    }

    fn reserve(&mut self, ask: &Ask, kind: &'static str, origin: Option<&'static str>) -> usize {
        self.sets.push(Set {
            card: ask.card,
            kind,
            origin,
            state: "reserved",
            decided: self.now,
            ends: three_years_after(self.now),
            epoch: self.cards[ask.card].epoch,
            slot: false,
            keys: ask.keys,
            idem: ask.idem,
            print: self.print(ask),
            released: false,
        });
        self.sets.len() - 1
    }

    /// A restart: the old pending set ends, slot and decision go on with the new one.
    fn take_the_place_of(&mut self, ask: &Ask, pending: usize) -> Result<usize, &'static str> {
        if self.sets[pending].state == "reserved" {
            return Err("renewal_in_progress");
        }
        self.sets[pending].state = "revoked";
        let origin = self.sets[pending].ground();
        let slot = std::mem::take(&mut self.sets[pending].slot);
        let set = self.reserve(ask, "restart", Some(origin));
        self.sets[set].slot = slot;
        Ok(set)
    }

    /// The signatures come back.
    pub(super) fn record(&mut self, set: usize) -> Said {
        let card = self.sets[set].card;
        let ended = self.alive(card).err();
        match self.sets[set].state {
            "reserved" => {}
            "revoked" | "burned" => return Err(ended.unwrap_or("certificate_revoked")),
            _ => return Ok(Gave::Set(set)),
        }
        if let Some(code) = ended {
            self.give_back(set);
            self.sets[set].state = "revoked";
            return Err(code);
        }
        self.sets[set].state = "delivered";
        self.sets[set].released = true;
        match self.sets[set].kind {
            "first" => self.cards[card].state = "produced",
            "assisted" | "reissue" | "repair" => {
                self.cards[card].epoch += 1;
                self.cards[card].used = 0;
            }
            _ => {}
        }
        if self.sets[set].kind == "repair"
            && let Some(current) = self.current(card)
        {
            self.sets[current].state = "revoked";
        }
        Ok(Gave::Set(set))
    }

    /// The serials of an interrupted set are given up.
    pub(super) fn burn(&mut self, set: usize) {
        self.give_back(set);
        self.sets[set].state = "burned";
        let about = |one: Option<usize>| one.filter(|one| *one != set);
        for renewal in &mut self.renewals {
            renewal.set = about(renewal.set);
        }
        for work in &mut self.works {
            work.set = about(work.set);
        }
    }
}
