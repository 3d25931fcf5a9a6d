//! Work on somebody else's card in the desk's second reader, over the issuer with a bearer token.

use serde::Serialize;
use wire::desk::{
    CardWork, CardWorkDone, ConfirmDeskCardWork, DeskCardWork, ReissueCardInPerson,
    RenewCardAssisted, SecondDeskCardWork, StartDeskCardWork,
};
use wire::renewal::KeyRequest;
use wire::unlock::{CardUnlockedAssisted, UnlockCardAssisted};

use crate::card::{Card, Place, ROLES, Secret, Shared};
use crate::certificate::Read;
use crate::failure::Failure;
use crate::keys;
use crate::seal::OneTime;
use crate::server::Server;
use crate::show::Show;
use crate::state::{Phase, Progress, State};

/// Name of the notes of works.
const KIND: &str = "work";

/// What is done to a card at a desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// First certificates.
    Issue,
    /// New certificates inside the window.
    Renew,
    /// New certificates after they expired.
    Reissue,
    /// New certificates because the old ones do not work.
    Repair,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Renew => "renew",
            Self::Reissue => "reissue",
            Self::Repair => "repair",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::Issue => "/desk/works/produce",
            Self::Renew => "/desk/works/renew",
            Self::Reissue => "/desk/works/reissue",
            Self::Repair => "/desk/works/repair",
        }
    }
}

/// What the desk person says about it.
#[derive(Debug, Clone, Default)]
pub struct Attested {
    /// The number on the plastic.
    pub card_number: String,
    /// The holder is here with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
    /// References of the evidence that was looked at.
    pub evidence_ids: Vec<String>,
    /// Why a repair is needed.
    pub reason: Option<String>,
}

/// How a second desk person comes to stand behind a work.
pub trait SecondPerson {
    /// Returns once the work has been seconded.
    ///
    /// # Errors
    /// It was not.
    fn stand_behind(&mut self, work_id: &str) -> Result<(), Failure>;
}

/// A second desk person whose token is at hand.
pub struct WithToken(pub Server);

impl SecondPerson for WithToken {
    fn stand_behind(&mut self, work_id: &str) -> Result<(), Failure> {
        let work_id = work_id.to_owned();
        let body = SecondDeskCardWork { work_id };
        let _: serde_json::Value = self.0.post("/desk/works/second", &body)?;
        Ok(())
    }
}

/// Sets a new passcode on a locked card, the holder being present: the server releases the unblock key,
/// sealed to a key of this run, and hears when the card has its new passcode and the key's successor.
/// With an unblock key at hand none is released.
///
/// # Errors
/// A refusal, the card, or no answer.
pub fn unlock(
    card: &mut dyn Card,
    server: &Server,
    attested: &Attested,
    unblock_key: Option<&Secret>,
    new: impl FnOnce() -> Result<Secret, Failure>,
) -> Result<(), Failure> {
    let mut wanted = UnlockCardAssisted {
        card_number: attested.card_number.clone(),
        holder_present: attested.holder_present,
        photo_compared: attested.photo_compared,
        transport_key: None,
        unlock_id: None,
    };
    if card.secret_kind() == Some("passcode") {
        if let Some(unblock_key) = unblock_key {
            card.unblock(unblock_key, &new()?)?;
        } else {
            let one_time = OneTime::generate()?;
            // Before the key is released: it is for a reset that happens.
            let new = new()?;
            wanted.transport_key = Some(one_time.transport_key());
            let released: CardUnlockedAssisted = server.post("/desk/cards/unlock", &wanted)?;
            let sealed = released.sealed_secrets.as_ref();
            let sealed = sealed.ok_or_else(|| Failure::other("no unblock key was released"))?;
            let secrets = one_time.open(sealed, &released.card_number)?;
            crate::unlock::reset(card, secrets, &new)?;
            (wanted.transport_key, wanted.unlock_id) = (None, released.unlock_id);
        }
    }
    let _: CardUnlockedAssisted = server.post("/desk/cards/unlock", &wanted)?;
    Ok(())
}

/// One work.
pub struct Desk<'a> {
    /// The card in the second reader, its passcode proven.
    pub card: &'a Shared,
    /// The gateway, met by the desk person.
    pub server: &'a Server,
    /// The notes.
    pub state: &'a State,
}

impl Desk<'_> {
    /// Does it, or confirms what an interrupted run has already written.
    ///
    /// # Errors
    /// A refusal, the card, or no answer.
    pub fn run(
        &self,
        kind: Kind,
        attested: &Attested,
        second: &mut dyn SecondPerson,
        show: &mut dyn Show,
    ) -> Result<(), Failure> {
        let number = &attested.card_number;
        let noted = self.state.read(KIND, number);
        if let Some(noted) = noted.filter(|noted| noted.phase == Phase::Written) {
            // Removing the old set takes the card's secrets, which this run does not have yet.
            self.start(kind, attested).map_err(Failure::half_way)?;
            match self.confirm(&noted.id, self.serials()?, show) {
                Ok(()) => return self.state.forget(KIND, number),
                // The work has ended meanwhile: it is begun anew.
                Err(Failure::Refused(_)) => self.state.forget(KIND, number)?,
                Err(failure) => return Err(failure.half_way()),
            }
        }
        let done = self.issue(kind, attested, second)?;
        show.line("pending");
        let serials = keys::write(self.card, &done.certificates, show)?;
        // Before the confirmation: from then on the server knows only the new secrets.
        self.card.lock().rotate()?;
        let progress = Progress {
            id: done.work_id.clone(),
            idempotency_key: String::new(),
            phase: Phase::Written,
        };
        self.state.note(KIND, number, &progress)?;
        self.confirm(&done.work_id, serials, show)
            .map_err(Failure::half_way)?;
        self.state.forget(KIND, number)
    }

    fn issue(
        &self,
        kind: Kind,
        attested: &Attested,
        second: &mut dyn SecondPerson,
    ) -> Result<CardWorkDone, Failure> {
        let work = self.start(kind, attested)?;
        if work.second_actor_needed {
            second.stand_behind(&work.work_id)?;
        }
        let csrs = keys::requests(self.card, &work.nonce)?;
        self.ask(kind, &work.work_id, csrs, attested)
    }

    /// Begins a work, and hands the card its secrets where it wants them.
    fn start(&self, kind: Kind, attested: &Attested) -> Result<DeskCardWork, Failure> {
        let one_time = OneTime::generate()?;
        let wanted = self.card.lock().wants_secrets();
        let work: DeskCardWork = self.server.post(
            "/desk/works",
            &StartDeskCardWork {
                card_number: attested.card_number.clone(),
                kind: kind.word().to_owned(),
                transport_key: wanted.then(|| one_time.transport_key()),
            },
        )?;
        if let Some(sealed) = &work.sealed_secrets {
            let secrets = one_time.open(sealed, &attested.card_number)?;
            self.card.lock().use_secrets(secrets);
        }
        Ok(work)
    }

    fn ask(
        &self,
        kind: Kind,
        work_id: &str,
        csrs: Vec<KeyRequest>,
        attested: &Attested,
    ) -> Result<CardWorkDone, Failure> {
        let work_id = work_id.to_owned();
        let idempotency_key = Some(keys::idempotency_key()?);
        let attested = attested.clone();
        let (holder_present, photo_compared) = (attested.holder_present, attested.photo_compared);
        match kind {
            Kind::Renew => self.post(
                kind,
                &RenewCardAssisted {
                    work_id,
                    csrs,
                    holder_present,
                    photo_compared,
                    idempotency_key,
                },
            ),
            Kind::Reissue => self.post(
                kind,
                &ReissueCardInPerson {
                    work_id,
                    csrs,
                    holder_present,
                    photo_compared,
                    evidence_ids: attested.evidence_ids,
                    idempotency_key,
                },
            ),
            Kind::Issue | Kind::Repair => self.post(
                kind,
                &CardWork {
                    work_id,
                    csrs,
                    reason: attested.reason,
                    holder_present,
                    photo_compared,
                    idempotency_key,
                },
            ),
        }
    }

    fn post<B: Serialize>(&self, kind: Kind, body: &B) -> Result<CardWorkDone, Failure> {
        self.server.post(kind.path(), body)
    }

    fn confirm(
        &self,
        work_id: &str,
        serials: Vec<String>,
        show: &mut dyn Show,
    ) -> Result<(), Failure> {
        let work_id = work_id.to_owned();
        let body = ConfirmDeskCardWork { work_id, serials };
        let _: CardWorkDone = self.server.post("/desk/works/confirm", &body)?;
        self.card.lock().promote()?;
        show.line("done");
        Ok(())
    }

    /// The serials on the card: of the pending set, or of the only one.
    fn serials(&self) -> Result<Vec<String>, Failure> {
        if let Some(set) = keys::pending_set(self.card)? {
            return Ok(set.into_iter().map(|read| read.serial).collect());
        }
        let mut serials = Vec::new();
        for role in ROLES {
            if let Some(der) = self.card.lock().certificate(Place::Current, role)? {
                serials.push(Read::from_der(&der)?.serial);
            }
        }
        Ok(serials)
    }
}
