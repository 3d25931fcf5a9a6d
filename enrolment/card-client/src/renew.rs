//! A holder renews her own card, over CARD_URL, in steps that may each be interrupted.
//!
//! The truth is on the server (is a renewal pending?) and on the card (which keys, which certificates);
//! the note in the state folder only saves questions. A run looks at both and goes on from there:
//!
//! | server says | card has | what is done |
//! |---|---|---|
//! | nothing pending | anything | begin: nonce, two keys, two requests, ask |
//! | pending | its keys | fetch the certificates again, write what is missing, confirm |
//! | pending | other keys or none | restart with fresh keys, then as above |
//! | the current set is superseded | a complete pending set | it was confirmed: make it the current one |
//!
//! Writing to a PIV card takes its management key. The server has it, and releases it for a renewal that
//! is open, sealed to a key of this run, with its successor, which is on the card before the renewal is
//! confirmed.

use wire::card::CardStatus;
use wire::renewal::{
    CardSecretsReleased, ReleaseCardSecrets, RenewMyCard, Renewal, RestartRenewal, StartedRenewal,
    ThisRenewal,
};

use crate::card::{CardError, Place, Shared};
use crate::failure::Failure;
use crate::keys;
use crate::seal::OneTime;
use crate::server::{Server, Servers};
use crate::show::Show;
use crate::state::{Phase, Progress, State};

/// Name of the notes of renewals.
const KIND: &str = "renewal";
/// The current set was replaced: refusals that a confirmed pending set explains (contract 4.2).
const REPLACED: [&str; 3] = [
    "certificate_superseded",
    "pair_superseded",
    "certificate_revoked",
];

fn status(card: &Shared, servers: &Servers, place: Place) -> Result<CardStatus, Failure> {
    servers.card(card, place)?.get("/my/card")
}

/// Whether the failure of the current set is explained by a complete pending one.
fn is_replaced(card: &Shared, failure: &Failure) -> Result<bool, Failure> {
    let replaced = failure.code().is_some_and(|code| REPLACED.contains(&code))
        || matches!(failure, Failure::Card(CardError::Missing { .. }));
    Ok(replaced && keys::pending_set(card)?.is_some())
}

/// What the server says about a card. It is met with the pending set where that has become the current
/// one and the card does not know it yet.
///
/// # Errors
/// A refusal, the card, or no answer.
pub fn look(card: &Shared, servers: &Servers) -> Result<CardStatus, Failure> {
    match status(card, servers, Place::Current) {
        Err(failure) if is_replaced(card, &failure)? => status(card, servers, Place::Pending),
        other => other,
    }
}

/// Which card it is, for its holder.
pub fn in_words(status: &CardStatus) -> String {
    let ends = status.certificates.iter().map(|one| one.not_after).min();
    let number = &status.number;
    ends.map_or_else(
        || format!("The card {number}."),
        |end| format!("The card {number} works until {end}."),
    )
}

/// One renewal of one card.
pub struct Renewing<'a> {
    /// The card, its passcode proven.
    pub card: &'a Shared,
    /// The servers.
    pub servers: &'a Servers,
    /// The notes.
    pub state: &'a State,
}

impl Renewing<'_> {
    /// Renews, or goes on with what was begun.
    ///
    /// # Errors
    /// [`Failure::HalfWay`] when the same command goes on from there; otherwise why not.
    pub fn run(&self, show: &mut dyn Show) -> Result<(), Failure> {
        let status = match status(self.card, self.servers, Place::Current) {
            Ok(status) => status,
            Err(failure) => return self.was_confirmed(failure, show),
        };
        if status.pending_renewal_id.is_none() && self.has_ended(&status.number)? {
            show.line("done");
            return Ok(());
        }
        let renewal = match &status.pending_renewal_id {
            Some(id) => self.resume(id, &status.number),
            None => self.begin(&status.number),
        };
        let renewal = renewal.map_err(|failure| self.waits(failure, &status.number))?;
        show.line("pending");
        self.finish(&renewal, &status.number, show)
            .map_err(Failure::half_way)
    }

    /// Gives the pending renewal up; the current set stays.
    ///
    /// # Errors
    /// Nothing is pending, or the card.
    pub fn abandon(&self) -> Result<(), Failure> {
        let status = status(self.card, self.servers, Place::Current)?;
        let server = self.servers.card(self.card, Place::Current)?;
        let id = status.pending_renewal_id.unwrap_or_default();
        // While it is open, for the card is emptied afterwards.
        self.get_secrets(&server, &id)?;
        let this = ThisRenewal { renewal_id: id };
        let _: Renewal = server.post("/renewals/abandon", &this)?;
        self.card.lock().discard()?;
        self.state.forget(KIND, &status.number)
    }

    /// Whether the renewal that an interrupted run had written is active: then only tidying was left.
    fn has_ended(&self, number: &str) -> Result<bool, Failure> {
        let noted = self.state.read(KIND, number);
        let Some(noted) = noted.filter(|noted| noted.phase == Phase::Written) else {
            return Ok(false);
        };
        let server = self.servers.card(self.card, Place::Current)?;
        let renewal = server.get::<Renewal>(&format!("/renewals/{}", noted.id));
        let ended = renewal.is_ok_and(|renewal| renewal.state == "active");
        if ended {
            self.tidy(&server, &noted.id)?;
        }
        self.state.forget(KIND, number)?;
        Ok(ended)
    }

    /// A failure before anything was asked for leaves nothing behind.
    fn waits(&self, failure: Failure, number: &str) -> Failure {
        match self.state.read(KIND, number) {
            Some(noted) if noted.phase != Phase::Started => failure.half_way(),
            _ => failure,
        }
    }

    /// The current set does not pass. If the pending one is complete and does, then it had been
    /// confirmed, and only the card does not know it yet.
    fn was_confirmed(&self, failure: Failure, show: &mut dyn Show) -> Result<(), Failure> {
        if !is_replaced(self.card, &failure)? {
            return Err(failure);
        }
        let Ok(status) = status(self.card, self.servers, Place::Pending) else {
            return Err(failure);
        };
        let server = self.servers.card(self.card, Place::Pending)?;
        if let Some(id) = &status.current_renewal_id {
            self.tidy(&server, id).map_err(Failure::half_way)?;
        } else {
            self.card.lock().promote()?;
        }
        self.state.forget(KIND, &status.number)?;
        show.line("done");
        Ok(())
    }

    /// A renewal was confirmed that the card does not know of: its key is replaced, the server hears of
    /// that, and its old set goes.
    fn tidy(&self, server: &Server, id: &str) -> Result<(), Failure> {
        self.get_secrets(server, id)?;
        self.card.lock().rotate()?;
        let renewal_id = id.to_owned();
        let _: Renewal = server.post("/renewals/confirm", &ThisRenewal { renewal_id })?;
        // Last: afterwards the card has no pending set, and the server was met with it.
        Ok(self.card.lock().promote()?)
    }

    /// Hands the card its management key, where it wants one.
    fn get_secrets(&self, server: &Server, id: &str) -> Result<(), Failure> {
        if !self.card.lock().wants_secrets() {
            return Ok(());
        }
        let one_time = OneTime::generate()?;
        let asked = ReleaseCardSecrets {
            renewal_id: id.to_owned(),
            transport_key: one_time.transport_key(),
        };
        let released: CardSecretsReleased = server.post("/renewals/secrets", &asked)?;
        let secrets = one_time.open(&released.sealed_secrets, &released.card_number)?;
        self.card.lock().use_secrets(secrets);
        Ok(())
    }

    fn begin(&self, number: &str) -> Result<Renewal, Failure> {
        let server = self.servers.card(self.card, Place::Current)?;
        let begun: StartedRenewal = server.post("/renewals", &serde_json::json!({}))?;
        let mut progress = Progress {
            id: begun.renewal_id.clone(),
            idempotency_key: keys::idempotency_key()?,
            phase: Phase::Started,
        };
        self.state.note(KIND, number, &progress)?;
        self.get_secrets(&server, &begun.renewal_id)?;
        let csrs = keys::requests(self.card, &begun.nonce)?;
        progress.phase = Phase::Asked;
        self.state.note(KIND, number, &progress)?;
        let wanted = RenewMyCard {
            renewal_id: begun.renewal_id,
            csrs,
            idempotency_key: progress.idempotency_key,
        };
        let answer = server.post("/renewals/renew", &wanted);
        // A final "no" leaves nothing behind; no answer, or "later", may have left a pending set.
        if let Err(Failure::Refused(problem)) = &answer
            && !matches!(problem.status, 429 | 503)
        {
            self.card.lock().discard()?;
            self.state.forget(KIND, number)?;
        }
        answer
    }

    fn resume(&self, id: &str, number: &str) -> Result<Renewal, Failure> {
        let server = self.servers.card(self.card, Place::Current)?;
        let renewal: Renewal = server.get(&format!("/renewals/{id}"))?;
        self.get_secrets(&server, id)?;
        if keys::has_keys_of(self.card, &renewal.certificates)? {
            return Ok(renewal);
        }
        let mut again = RestartRenewal {
            renewal_id: id.to_owned(),
            csrs: Vec::new(),
            idempotency_key: None,
        };
        let fresh: Renewal = server.post("/renewals/restart", &again)?;
        let nonce = fresh.nonce.ok_or_else(|| {
            Failure::other("the server gave no nonce for the renewal that is begun again")
        })?;
        let key = keys::idempotency_key()?;
        let progress = Progress {
            id: id.to_owned(),
            idempotency_key: key.clone(),
            phase: Phase::Asked,
        };
        self.state.note(KIND, number, &progress)?;
        again.csrs = keys::requests(self.card, &nonce)?;
        again.idempotency_key = Some(key);
        server.post("/renewals/restart", &again)
    }

    fn finish(&self, renewal: &Renewal, number: &str, show: &mut dyn Show) -> Result<(), Failure> {
        keys::write(self.card, &renewal.certificates, show)?;
        self.card.lock().rotate()?;
        let progress = Progress {
            id: renewal.renewal_id.clone(),
            idempotency_key: String::new(),
            phase: Phase::Written,
        };
        self.state.note(KIND, number, &progress)?;
        let server = self.servers.card(self.card, Place::Pending)?;
        let this = ThisRenewal {
            renewal_id: renewal.renewal_id.clone(),
        };
        let _: Renewal = server.post("/renewals/confirm", &this)?;
        self.card.lock().promote()?;
        self.state.forget(KIND, number)?;
        show.line("done");
        Ok(())
    }
}
