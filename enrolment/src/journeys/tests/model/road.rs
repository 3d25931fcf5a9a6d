//! A card on its way to its holder, as the model tells it: asked for, replaced, sent, arrived; a
//! profile that is opened again; and the mark of the clock.

use super::law::may;
use super::resolve::Deed;
use super::state::{Card, Gave, Model, Said, Who, Wish, years_after};

impl Model {
    /// The deeds that are not about certificates.
    pub(super) fn act_more(&mut self, deed: Deed) -> Said {
        match deed {
            Deed::Request { by, wish } => self.request(by, wish),
            Deed::Replace { by, wish, reason } => {
                let mut after = self.clone();
                let said = after.replace(by, wish, reason)?;
                *self = after;
                Ok(said)
            }
            Deed::Dispatch { card, by, home } => self.dispatch(card, by, home),
            Deed::Receipt { card, by } => {
                self.present(by)?;
                may(by, "issue")?;
                self.on_its_way(card)?;
                self.cards[card].arrived = true;
                Ok(Gave::Nothing)
            }
            Deed::Reopen { by } => self.reopen(by),
            Deed::Terms => {
                self.open().then_some(()).ok_or("identity_closed")?;
                self.terms = true;
                Ok(Gave::Nothing)
            }
            Deed::Beat { sources } => {
                let most = sources.map_or(self.now, |away| self.now + away + 3_600);
                self.mark = self.mark.max(self.now.min(most));
                Ok(Gave::Nothing)
            }
            Deed::Reset { twice: true } => Err("actor_is_subject"),
            Deed::Reset { twice: false } => {
                self.mark = self.now;
                Ok(Gave::Nothing)
            }
            _ => self.act_on_passcode(deed),
        }
    }

    /// The card that the same wish led to.
    fn asked_before(&self, wish: Wish) -> Result<Option<usize>, &'static str> {
        let same_key = |card: &&Card| card.wish.is_some_and(|(key, ..)| key == wish.0);
        match self.cards.iter().find(same_key) {
            Some(card) if card.wish == Some(wish) => Ok(Some(wish.2)),
            Some(_) => Err("idempotency_key_reused"),
            None => Ok(None),
        }
    }

    fn request(&mut self, by: Who, wish: Wish) -> Said {
        self.present(by)?;
        may(by, "issue")?;
        if let Some(card) = self.asked_before(wish)? {
            return Ok(Gave::Card(card));
        }
        self.open().then_some(()).ok_or("identity_closed")?;
        self.verified.then_some(()).ok_or("identity_not_verified")?;
        if self.has_live_card() {
            return Err("live_card_exists");
        }
        self.terms.then_some(()).ok_or("terms_not_accepted")?;
        if wish.2 < self.cards.len() {
            return Err("card_serial_reused");
        }
        self.cards.push(Card::requested(Some(wish)));
        Ok(Gave::Card(wish.2))
    }

    fn replace(&mut self, by: Who, wish: Wish, reason: bool) -> Said {
        self.present(by)?;
        may(by, "issue")?;
        if let Some(card) = self.asked_before(wish)? {
            return Ok(Gave::Card(card));
        }
        let old = wish.1.ok_or("not_found")?;
        if self.cards[old].state != "cancelled" {
            may(by, "cancel")?;
            reason.then_some(()).ok_or("reason_missing")?;
            self.end(old, "superseded");
        }
        self.request(by, wish)
    }

    fn on_its_way(&self, card: usize) -> Result<(), &'static str> {
        self.alive(card)?;
        match self.cards[card].state {
            "produced" | "dispatched" => Ok(()),
            "requested" => Err("card_not_active"),
            _ => Err("card_active"),
        }
    }

    fn dispatch(&mut self, card: usize, by: Who, home: bool) -> Said {
        self.present(by)?;
        may(by, "issue")?;
        self.on_its_way(card)?;
        home.then_some(()).ok_or("address_not_allowed")?;
        self.cards[card].state = "dispatched";
        self.cards[card].sent = true;
        Ok(Gave::Nothing)
    }

    fn reopen(&mut self, by: Who) -> Said {
        self.present(by)?;
        may(by, "reopen")?;
        if let Some(closed) = self.closed {
            let in_time = self.now <= years_after(2, closed);
            in_time.then_some(()).ok_or("identity_recheck_needed")?;
        }
        self.closed = None;
        Ok(Gave::Nothing)
    }
}
