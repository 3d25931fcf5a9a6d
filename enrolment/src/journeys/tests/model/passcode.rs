//! Codes that unlock, and the secrets of a card, as the model tells them: both the old and the new
//! secret stand until somebody says that the card has the new one.

use super::resolve::Deed;
use super::state::{Code, Gave, Model, Pair, Said, Unlock, Who};

/// Codes in an hour, for the same number and for the same person; and wrong ones for a request.
const OFTEN: usize = 5;

impl Model {
    pub(super) fn act_on_passcode(&mut self, deed: Deed) -> Said {
        match deed {
            Deed::Secrets { work, by } => self.secrets_of(work, by),
            Deed::AskCode { named } => self.ask_code(named),
            Deed::Type {
                unlock,
                code,
                finish,
            } => self.type_in(unlock, code, finish),
            Deed::Unlocked { unlock } => self.unlocked(unlock),
            _ => Err("no deed of the model"),
        }
    }

    /// What is to be written next is made once, and stays the same until it is written.
    fn next_secret(&mut self, card: usize, kind: usize) -> usize {
        *self.cards[card].secrets[kind].next.get_or_insert_with(|| {
            self.secrets += 1;
            self.secrets - 1
        })
    }

    pub(super) fn promote(&mut self, card: usize, kind: usize, secret: usize) {
        let pair = &mut self.cards[card].secrets[kind];
        if pair.next == Some(secret) {
            *pair = Pair {
                current: Some(secret),
                next: None,
            };
        }
    }

    fn secrets_of(&mut self, work: usize, by: Who) -> Said {
        if self.works[work].by != by {
            return Err("not_found");
        }
        let card = self.works[work].card;
        let given = [0, 1].map(|kind| self.next_secret(card, kind));
        self.works[work].secrets = Some(given);
        let [unblock, management] = self.cards[card].secrets;
        Ok(Gave::Secrets(unblock, Some(management)))
    }

    /// The card of a person: the one that lives, or the one that was cancelled last.
    fn card_of_person(&self) -> Option<usize> {
        let live = self.cards.iter().position(|card| card.state != "cancelled");
        let ended = |card: &usize| (self.cards[*card].cancelled, std::cmp::Reverse(*card));
        live.or_else(|| (0..self.cards.len()).max_by_key(ended))
    }

    fn ask_code(&mut self, named: Option<usize>) -> Said {
        let since = self.now - 3_600;
        let same = |one: &&Unlock| one.named == named && one.started > since;
        if self.unlocks.iter().filter(same).count() >= OFTEN {
            return Err("too_many_codes");
        }
        let card = named.or_else(|| self.card_of_person());
        self.unlocks.push(Unlock {
            named,
            card,
            started: self.now,
            tries: 0,
            finished: false,
            confirmed: false,
            next: None,
        });
        let sent = self.codes.iter().filter(|code| code.sent > since).count();
        let in_use = |card: usize| matches!(self.cards[card].state, "active" | "locked");
        let goes_out = sent < OFTEN && self.open() && card.is_some_and(in_use);
        if goes_out {
            self.codes.push(Code {
                sent: self.now,
                used: false,
            });
        }
        Ok(Gave::Code(goes_out))
    }

    fn type_in(&mut self, unlock: usize, code: Option<usize>, finish: bool) -> Said {
        let asked = &mut self.unlocks[unlock];
        let counts = usize::from(asked.tries) < OFTEN && !asked.finished;
        asked.tries += u8::from(counts);
        let card = asked.card;
        let alive = |one: &usize| {
            let code = &self.codes[*one];
            !code.used && code.sent > self.now - 7_200
        };
        let code = code.filter(|_| counts && card.is_some()).filter(alive);
        let code = code.ok_or("code_wrong")?;
        if self.now > self.codes[code].sent + 900 {
            return Err("code_expired");
        }
        let card = card.ok_or("code_wrong")?;
        self.alive(card)?;
        self.activated(card)?;
        if let Some(current) = self.current(card) {
            self.in_time(current)?;
        }
        if !finish {
            return Ok(Gave::Nothing);
        }
        let next = self.next_secret(card, 0);
        self.codes[code].used = true;
        self.unlocks[unlock].finished = true;
        self.unlocks[unlock].next = Some(next);
        Ok(Gave::Secrets(self.cards[card].secrets[0], None))
    }

    fn unlocked(&mut self, unlock: usize) -> Said {
        let asked = self.unlocks[unlock].clone();
        if !asked.finished {
            return Err("not_found");
        }
        if asked.confirmed {
            return Ok(Gave::Nothing);
        }
        let card = asked.card.ok_or("not_found")?;
        self.alive(card)?;
        self.activated(card)?;
        self.unlocks[unlock].confirmed = true;
        if let Some(next) = asked.next {
            self.promote(card, 0, next);
        }
        self.cards[card].state = "active";
        Ok(Gave::Nothing)
    }
}
