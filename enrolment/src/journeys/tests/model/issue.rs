//! How the model issues: what was there before, the guards of each ground in their order, and the
//! two transactions around the signature.

use super::law::{Ask, Ground, Stop, may, task_of};
use super::state::{Card, DAY, Gave, Model, Said, Set, Who, three_years_after};

/// What the first transaction found or wrote down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Intended {
    Already(usize),
    ToSign(usize),
}

impl Model {
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
        self.end_set(set, "revoked", "cessation_of_operation");
    }

    /// Asks for a set: what was there before, or the law.
    pub(super) fn ask(&mut self, ask: Ask, stop: Stop) -> Said {
        match (self.intend(ask)?, stop) {
            (Intended::Already(set), _) => Ok(Gave::Set(set)),
            (Intended::ToSign(_), Stop::BeforeSignature) => Err("key_did_not_sign"),
            (Intended::ToSign(set), Stop::No) => self.record(set),
        }
    }

    /// The first of the two transactions.
    pub(super) fn intend(&mut self, ask: Ask) -> Result<Intended, &'static str> {
        if let Ground::Desk { work, by, .. }
        | Ground::First {
            work: Some(work),
            by,
        } = ask.ground
            && self.works[work].by != by
        {
            return Err("not_found");
        }
        match self.known(&ask)? {
            Some(set) if self.sets[set].state == "reserved" => {
                if self.forgetful {
                    return Err("busy");
                }
                Ok(Intended::ToSign(set))
            }
            Some(set) => Ok(Intended::Already(set)),
            None => {
                self.clock()?;
                let mut after = self.clone();
                let set = after.judge(&ask)?;
                after.mark = after.mark.max(after.now);
                *self = after;
                Ok(Intended::ToSign(set))
            }
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
        may(by, "issue")?;
        let is_there = ask.card < self.cards.len();
        if is_there {
            self.alive(ask.card)?;
        } else if !self.open() {
            return Err("identity_closed");
        }
        self.verified.then_some(()).ok_or("identity_not_verified")?;
        let begun = is_there && self.is_begun(ask.card);
        if self.has_live_card() && !begun {
            return Err("live_card_exists");
        }
        self.terms.then_some(()).ok_or("terms_not_accepted")?;
        if is_there && !begun {
            return Err("card_serial_reused");
        }
        self.issuer()?;
        self.keys(ask, work.is_none_or(|work| self.works[work].set.is_none()))?;
        if !is_there {
            self.cards.push(Card::requested(None));
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
            again,
            ..
        } = ask.ground
        else {
            return Err("no desk");
        };
        self.present(by)?;
        self.forget(ask.card);
        let card = ask.card;
        let proven = self.works[work].set.is_none() && self.now <= self.works[work].started + 600;
        let kind = self.works[work].kind;
        let set = if again {
            let pending = self.pending(card);
            if let Some(set) = pending {
                may(by, task_of(self.sets[set].ground()))?;
            }
            self.alive(card)?;
            let waits = |set: &usize| self.now <= self.sets[*set].decided + 14 * DAY;
            let pending = pending.filter(waits).ok_or("nothing_pending")?;
            seen.then_some(()).ok_or("holder_not_present")?;
            self.keys(ask, proven)?;
            self.issuer()?;
            self.take_the_place_of(ask, pending)?
        } else {
            may(by, kind)?;
            self.guards(ask)?;
            self.keys(ask, proven)?;
            self.issuer()?;
            if kind == "repair"
                && let Some(pending) = self.delivered(card)
            {
                self.give_back(pending);
                self.end_set(pending, "revoked", "superseded");
            }
            self.nothing_pending(card)?;
            let word = if kind == "renew" { "assisted" } else { kind };
            self.reserve(ask, word, None)
        };
        self.works[work].set = Some(set);
        Ok(set)
    }

    /// What each kind of work asks between role and keys.
    fn guards(&self, ask: &Ask) -> Result<(), &'static str> {
        let Ground::Desk {
            work, seen, reason, ..
        } = ask.ground
        else {
            return Err("no desk");
        };
        let card = ask.card;
        let living = self.current(card).or(self.delivered(card));
        let from = living
            .or_else(|| self.last_released(card))
            .ok_or("card_not_active");
        let told = || seen.then_some(()).ok_or("holder_not_present");
        match self.works[work].kind {
            "renew" => {
                self.usable(card)?;
                self.check_set(from?)?;
                self.in_time(from?)?;
                self.in_window(from?)?;
                told()
            }
            "reissue" => {
                self.alive(card)?;
                self.activated(card)?;
                if self.in_time(from?).is_ok() {
                    return Err("certificate_not_expired");
                }
                told()?;
                self.seconded(work)
            }
            _ => {
                self.alive(card)?;
                self.activated(card)?;
                reason.then_some(()).ok_or("reason_missing")?;
                told()
            }
        }
    }

    fn seconded(&self, work: usize) -> Result<(), &'static str> {
        if !self.staff || self.now >= self.role_ends {
            return Ok(());
        }
        let second = self.works[work].second.ok_or("second_actor_needed")?;
        self.present(second).map_err(|_| "second_actor_needed")
    }

    fn last_released(&self, card: usize) -> Option<usize> {
        let of_card = |set: &usize| self.sets[*set].card == card && self.sets[*set].released;
        let newest = |set: &usize| (self.sets[*set].decided, *set);
        (0..self.sets.len()).filter(of_card).max_by_key(newest)
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
            ended: None,
        });
        self.sets.len() - 1
    }

    /// A restart: the old pending set ends, slot and decision go on with the new one.
    fn take_the_place_of(&mut self, ask: &Ask, pending: usize) -> Result<usize, &'static str> {
        if self.sets[pending].state == "reserved" {
            return Err("renewal_in_progress");
        }
        self.end_set(pending, "revoked", "superseded");
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
            self.end_set(set, "revoked", self.cards[card].reason);
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
            self.end_set(current, "revoked", "superseded");
        }
        Ok(Gave::Set(set))
    }

    /// The serials of an interrupted set are given up.
    pub(super) fn burn(&mut self, set: usize) {
        self.give_back(set);
        self.end_set(set, "burned", "cessation_of_operation");
        let about = |one: Option<usize>| one.filter(|one| *one != set);
        for renewal in &mut self.renewals {
            renewal.set = about(renewal.set);
        }
        for work in &mut self.works {
            work.set = about(work.set);
        }
    }
}
