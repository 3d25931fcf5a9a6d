//! Every step as the model takes it.

use super::law::may;
use super::resolve::Deed;
use super::state::{
    DAY, Gave, ISSUER_ENDS, Model, Renewal, SPONSOR_ENDS, START, Said, Who, Work, years_after,
};
use super::step::Jump;

impl Model {
    /// Moves the clock: back only by steps that say so, and not beyond the issuer's end.
    pub(super) fn tick(&mut self, jump: Jump) {
        let card = self.newest_card();
        let current = card
            .and_then(|card| self.current(card))
            .map(|set| self.sets[set].ends);
        let pending = card
            .and_then(|card| self.delivered(card))
            .map(|set| self.sets[set].decided);
        let to = match jump {
            Jump::By(seconds) => Some(self.now + seconds),
            Jump::Window(delta) => current.map(|ends| ends - 90 * DAY + delta),
            Jump::Expiry(delta) => current.map(|ends| ends + delta),
            Jump::Pending(delta) => pending.map(|decided| decided + 14 * DAY + delta),
            Jump::Work(delta) => self.works.last().map(|work| work.started + 600 + delta),
            Jump::Nonce(delta) => self
                .renewals
                .last()
                .map(|renewal| renewal.started + 3_600 + delta),
            Jump::Sponsor(delta) => Some(SPONSOR_ENDS + delta),
            Jump::Code(delta) => self.codes.last().map(|code| code.sent + 900 + delta),
            Jump::Recheck(delta) => self.closed.map(|closed| years_after(2, closed) + delta),
            Jump::Issuer(delta) => Some(years_after(-3, ISSUER_ENDS + 1) + delta),
            Jump::Back(seconds) => Some(self.now - seconds),
            Jump::Mark(delta) => (self.now < self.mark).then_some(self.mark + delta),
        };
        let earliest = match jump {
            Jump::Back(_) => START,
            _ => self.now,
        };
        self.now = to
            .unwrap_or(self.now)
            .clamp(earliest, ISSUER_ENDS.max(self.now));
    }

    /// Does the deed.
    pub(super) fn act(&mut self, deed: Deed) -> Said {
        match deed {
            Deed::Ask(ask, stop) => self.ask(ask, stop),
            Deed::Activate {
                card,
                receipt,
                code,
            } => self.activate(card, receipt, code),
            Deed::Start {
                signature: true, ..
            } => Err("certificate_wrong_purpose"),
            Deed::Start { shown, .. } => {
                let card = self.sets[shown].card;
                self.renewals.push(Renewal {
                    card,
                    started: self.now,
                    set: None,
                });
                Ok(Gave::Nothing)
            }
            Deed::Renonce { renewal, shown } => self.renonce(renewal, shown),
            Deed::Look { renewal, shown } => {
                self.own(renewal, shown)?;
                Ok(Gave::Stage(self.stage(renewal)))
            }
            Deed::Confirm { renewal, shown } => self.confirm_renewal(renewal, shown),
            Deed::GiveUp { renewal, shown } => self.give_up(renewal, shown),
            Deed::Use { shown } => self.used(shown),
            Deed::Serials { shown } => self.serials(shown),
            Deed::Begin { card, by, kind } => self.begin(card, by, kind),
            Deed::Second { work, by } => self.second(work, by),
            Deed::Written { work, by, shown } => self.written(work, by, shown),
            Deed::Abandon { card, by } => {
                self.present(by)?;
                may(by, "renew")?;
                // Only what is done in the holder's presence reaches into another area.
                (by != Who::Stranger)
                    .then_some(())
                    .ok_or("actor_out_of_scope")?;
                let pending = self.delivered(card).ok_or("nothing_pending")?;
                self.abandon(pending);
                Ok(Gave::Nothing)
            }
            Deed::Lock { card } => self.lock(card),
            Deed::Unlock { card, by, seen } => self.unlock(card, by, seen),
            Deed::Cancel { card, by, reason } => self.cancel(card, by, reason),
            Deed::Close { by } => self.close(by),
            Deed::Recover | Deed::Tidy => {
                for set in self.interrupted(matches!(deed, Deed::Recover)) {
                    self.settle(set);
                }
                Ok(Gave::Nothing)
            }
            Deed::Slow(_) => Ok(Gave::Nothing),
            Deed::Late(set) => self.record(set),
            _ => self.act_more(deed),
        }
    }

    /// The sets that a process finds interrupted.
    pub(super) fn interrupted(&self, starts: bool) -> Vec<usize> {
        // A process that starts waits only for what others may be signing.
        let waits = !starts || (self.forgetful && self.shared);
        let latest = self.now - if waits { 60 } else { 0 };
        let found = |set: &usize| self.sets[*set].state == "reserved";
        // Without waiting no date is asked for, and the clock may have fallen back.
        let old = |set: &usize| !waits || self.sets[*set].decided <= latest;
        (0..self.sets.len()).filter(found).filter(old).collect()
    }

    /// What it does about one of them.
    pub(super) fn settle(&mut self, set: usize) {
        if self.forgetful {
            self.burn(set);
        } else {
            // What ended in the meantime is withheld; that is an end, too.
            let _ = self.record(set);
        }
    }

    fn activate(&mut self, card: usize, receipt: bool, code: bool) -> Said {
        self.alive(card)?;
        match self.cards[card].state {
            "produced" | "dispatched" => {}
            "requested" => return Err("card_not_active"),
            _ => return Err("card_active"),
        }
        let arrived = receipt || self.cards[card].arrived;
        arrived.then_some(()).ok_or("receipt_not_confirmed")?;
        self.terms.then_some(()).ok_or("terms_not_accepted")?;
        code.then_some(()).ok_or("code_wrong")?;
        let set = self.delivered(card).ok_or("nothing_pending")?;
        self.cards[card].state = "active";
        self.sets[set].state = "active";
        Ok(Gave::Set(set))
    }

    /// The card may be used with this certificate now.
    fn judge_card(&self, shown: usize) -> Result<(), &'static str> {
        let set = &self.sets[shown];
        self.alive(set.card)?;
        match self.cards[set.card].state {
            "locked" => return Err("card_locked"),
            "active" => {}
            _ => return Err("card_not_active"),
        }
        match set.state {
            "revoked" => Err("certificate_revoked"),
            "superseded" => Err("certificate_superseded"),
            _ if self.now < set.decided => Err("certificate_not_yet_valid"),
            _ if self.now > set.ends => Err("certificate_expired"),
            _ => Ok(()),
        }
    }

    fn own(&self, renewal: usize, shown: usize) -> Result<(), &'static str> {
        self.judge_card(shown)?;
        let own = self.renewals[renewal].card == self.sets[shown].card;
        own.then_some(()).ok_or("not_found")
    }

    fn stage(&self, renewal: usize) -> &'static str {
        match self.renewals[renewal].set.map(|set| self.sets[set].state) {
            None | Some("reserved") => "started",
            Some("delivered") => "pending",
            Some("active") => "active",
            Some("superseded") => "superseded",
            Some(_) => "abandoned",
        }
    }

    fn renonce(&mut self, renewal: usize, shown: usize) -> Said {
        self.own(renewal, shown)?;
        if self.stage(renewal) != "pending" {
            return Err("nothing_pending");
        }
        self.renewals[renewal].started = self.now;
        Ok(Gave::Stage("pending"))
    }

    fn confirm_renewal(&mut self, renewal: usize, shown: usize) -> Said {
        self.own(renewal, shown)?;
        let set = self.renewals[renewal].set.ok_or("nothing_pending")?;
        if set != shown {
            let waits = self.sets[set].state == "delivered";
            return Err(if waits {
                "serial_mismatch"
            } else {
                "nothing_pending"
            });
        }
        if self.sets[set].state == "delivered" {
            self.swap(set)?;
        }
        Ok(Gave::Stage(self.stage(renewal)))
    }

    fn give_up(&mut self, renewal: usize, shown: usize) -> Said {
        self.own(renewal, shown)?;
        match self.renewals[renewal].set {
            Some(set) if set != shown && self.stage(renewal) == "pending" => self.abandon(set),
            _ => return Err("nothing_pending"),
        }
        Ok(Gave::Stage(self.stage(renewal)))
    }

    fn used(&mut self, shown: usize) -> Said {
        if self.sets[shown].state == "delivered" && self.judge_card(shown).is_ok() {
            self.swap(shown)?;
        }
        Ok(Gave::Nothing)
    }

    /// The pending set becomes the current one.
    fn swap(&mut self, set: usize) -> Said {
        let card = self.sets[set].card;
        self.alive(card)?;
        if !matches!(self.cards[card].state, "active" | "locked") {
            return Err("card_not_active");
        }
        if let Some(current) = self.current(card) {
            self.end_set(current, "superseded", "superseded");
        }
        self.sets[set].state = "active";
        if matches!(self.sets[set].ground(), "reissue" | "repair") {
            self.cards[card].state = "active";
        }
        Ok(Gave::Set(set))
    }

    fn serials(&mut self, shown: usize) -> Said {
        let card = self.sets[shown].card;
        let pending = self.delivered(card);
        if pending.is_none() && self.current(card) == Some(shown) {
            return Ok(Gave::Set(shown));
        }
        self.alive(card)?;
        if !matches!(self.cards[card].state, "active" | "locked") {
            return Err("card_not_active");
        }
        match pending.ok_or("nothing_pending")? {
            set if set == shown => self.swap(set),
            _ => Err("serial_mismatch"),
        }
    }

    fn begin(&mut self, card: usize, by: Who, kind: &'static str) -> Said {
        self.present(by)?;
        may(by, kind)?;
        self.alive(card)?;
        let work = Work {
            card,
            kind,
            by,
            second: None,
            started: self.now,
            set: None,
            secrets: None,
        };
        self.works.push(work);
        Ok(Gave::Nothing)
    }

    fn second(&mut self, work: usize, by: Who) -> Said {
        let now = self.now;
        let found = &self.works[work];
        if now > found.started + 600 {
            return Err("not_found");
        }
        if found.second == Some(by) {
            return Ok(Gave::Nothing);
        }
        self.present(by)?;
        may(by, found.kind)?;
        let found = &mut self.works[work];
        if found.by == by {
            return Err("second_actor_needed");
        }
        if found.second.is_some() || found.set.is_some() {
            return Err("not_found");
        }
        found.second = Some(by);
        Ok(Gave::Nothing)
    }

    fn written(&mut self, work: usize, by: Who, shown: usize) -> Said {
        self.may_write(work, by, shown)?;
        self.is_written(work)
    }

    /// The client names the set that this work made.
    pub(super) fn may_write(&self, work: usize, by: Who, shown: usize) -> Result<(), &'static str> {
        let found = &self.works[work];
        if found.by != by {
            return Err("not_found");
        }
        let set = found.set.ok_or("nothing_pending")?;
        let stands = [self.delivered(found.card), self.current(found.card)];
        if !stands.contains(&Some(set)) {
            return Err("nothing_pending");
        }
        if set != shown {
            return Err("serial_mismatch");
        }
        Ok(())
    }

    pub(super) fn is_written(&mut self, work: usize) -> Said {
        let set = self.works[work].set.ok_or("nothing_pending")?;
        let said = if self.sets[set].ground() == "first" {
            Gave::Set(set)
        } else {
            self.serials(set)?
        };
        if let Some(secrets) = self.works[work].secrets {
            let card = self.works[work].card;
            for (kind, secret) in secrets.into_iter().enumerate() {
                self.promote(card, kind, secret);
            }
        }
        Ok(said)
    }

    fn lock(&mut self, card: usize) -> Said {
        match self.cards[card].state {
            "cancelled" => Err("card_cancelled"),
            "active" | "locked" => {
                self.cards[card].state = "locked";
                Ok(Gave::Nothing)
            }
            _ => Err("card_not_active"),
        }
    }

    fn unlock(&mut self, card: usize, by: Who, seen: bool) -> Said {
        may(by, "unlock")?;
        self.alive(card)?;
        // What the card says counts: a desk unlocks whatever is in use, on record as locked or not.
        if !matches!(self.cards[card].state, "active" | "locked") {
            return Err("card_not_active");
        }
        seen.then_some(()).ok_or("holder_not_present")?;
        self.cards[card].state = "active";
        Ok(Gave::Nothing)
    }

    fn cancel(&mut self, card: usize, by: Option<Who>, reason: bool) -> Said {
        if let Some(by) = by.filter(|by| *by != Who::Holder) {
            may(by, "cancel")?;
        }
        if self.cards[card].state != "cancelled" {
            reason.then_some(()).ok_or("reason_missing")?;
            self.end(card, "key_compromise");
        }
        Ok(Gave::Nothing)
    }

    pub(super) fn end(&mut self, card: usize, reason: &'static str) {
        self.cards[card].state = "cancelled";
        self.cards[card].cancelled = Some(self.now);
        self.cards[card].reason = reason;
        for set in 0..self.sets.len() {
            let good = matches!(self.sets[set].state, "active" | "delivered");
            if self.sets[set].card == card && good {
                self.end_set(set, "revoked", reason);
            }
        }
    }

    fn close(&mut self, by: Who) -> Said {
        may(by, "close")?;
        let live = self.cards.iter().position(|card| card.state != "cancelled");
        if self.closed.is_none() {
            if let Some(card) = live {
                self.end(card, "cessation_of_operation");
            }
            self.closed = Some(self.now);
            self.role_ends = self.role_ends.min(self.now);
        }
        Ok(Gave::Nothing)
    }
}
