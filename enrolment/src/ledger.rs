//! The books of issuance: this room's side of the ca's ledger port (house decision 3). Transaction
//! A, `intend`, judges and writes down what is going to be signed; transaction B, `record`, reads
//! card and holder again and only then releases what was signed. Both run in the strict door, and
//! each may run again.

mod intend;
mod judge;
mod record;

use std::sync::Arc;

use ca::authority::{Authority, Reserved, Signed};
use ca::keys::Repeats;
use ca::ledger::{Intended, Ledger, Unfinished};
use policies::ids::{CardNumber, IntentId, Serial, UserId};
use policies::permit::IssueKind;
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::audit::Actor;
use crate::cards::CertificateSet;
use crate::clock_mark::ClockTrust;
use crate::desk::{Attestation, Desk, DeskSession};
use crate::journeys::{IdempotencyKey, JourneyError, request_hash};
use crate::requests::Examined;
use crate::store::{Key, Store, StoreError, Tx, certificates, intents};

/// The crash points inside the two transactions, in the order in which they are passed; those
/// around them are `ca::crash::ISSUANCE`.
pub const CRASH_POINTS: [&str; 5] = [
    "issue.in_intend",
    "issue.after_slot",
    "issue.after_serials",
    "issue.in_record",
    "issue.after_certificates",
];

/// What every issuance needs, built once.
#[derive(Clone)]
pub struct Issuing {
    /// The database.
    pub store: Store,
    /// Who signs.
    pub authority: Arc<Authority>,
    /// The law's values.
    pub policy: Arc<Policy>,
    /// What the clock of this process is.
    pub clock: ClockTrust,
}

/// The ledger at one instant: everything it writes carries that time.
pub struct CardLedger {
    issuing: Issuing,
    now: Time,
    patience: Option<Span>,
    burning_patience: Option<Span>,
}

impl CardLedger {
    /// The books as of `now`. An intent counts as interrupted at once.
    pub fn new(issuing: Issuing, now: Time) -> Self {
        Self {
            issuing,
            now,
            patience: None,
            burning_patience: None,
        }
    }

    /// The books of a process that starts: what another process may be signing at this moment is
    /// not given up before `patience` is over. What can be signed again is finished at once: both
    /// make the same certificate.
    pub fn starting(issuing: Issuing, now: Time, patience: Span) -> Self {
        let shared = issuing.store.is_shared();
        Self {
            burning_patience: shared.then_some(patience),
            ..Self::new(issuing, now)
        }
    }

    /// The same, but an intent counts as interrupted only after `patience`: while requests are
    /// being served.
    pub fn patient(issuing: Issuing, now: Time, patience: Span) -> Self {
        Self {
            patience: Some(patience),
            ..Self::new(issuing, now)
        }
    }
}

/// One wish for one set, complete enough to be judged as often as the transaction runs.
#[derive(Clone)]
pub struct Wish {
    pub(crate) card: CardNumber,
    pub(crate) key: IdempotencyKey,
    pub(crate) keys: Examined,
    pub(crate) ground: Ground,
}

/// On which ground the set is asked for.
#[derive(Clone)]
pub(crate) enum Ground {
    /// The first set of a new card for this person.
    First {
        user_id: UserId,
        by: Desk,
        work_id: Option<String>,
    },
    /// The holder's own renewal, proven in the handshake by a certificate of the card.
    SelfRenewal {
        renewal_id: String,
        presented: Presented,
    },
    /// The holder begins her own pending renewal again, with fresh keys.
    SelfRestart {
        renewal_id: String,
        presented: Presented,
    },
    /// A work at a desk.
    Desk(DeskWish),
}

/// What a desk asks for.
#[derive(Clone)]
pub(crate) struct DeskWish {
    pub(crate) work_id: String,
    pub(crate) by: DeskSession,
    pub(crate) attestation: Attestation,
    /// The pending set is begun again instead of a new one.
    pub(crate) restart: bool,
}

/// The certificate that a card proved in its handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Who issued it.
    pub issuer: String,
    /// Its serial.
    pub serial: Serial,
}

impl Wish {
    /// Names exactly this wish: the ground, the keys and, where the caller names her, the person.
    /// The same keys on another ground or for somebody else are another wish.
    pub(crate) fn fingerprint(&self) -> String {
        let (ground, about) = match &self.ground {
            Ground::First { user_id, .. } => (IssueKind::First.as_str(), user_id.as_str()),
            Ground::SelfRenewal { .. } => (IssueKind::SelfRenewal.as_str(), ""),
            Ground::SelfRestart { .. } => (IssueKind::Restart.as_str(), ""),
            Ground::Desk(wish) => ("desk", wish.work_id.as_str()),
        };
        let parts = [ground, about, self.keys.fingerprint()];
        request_hash(&parts.map(str::as_bytes))
    }
}

impl Ground {
    /// Who acts, for the audit line.
    fn actor(&self, holder: &UserId) -> Actor {
        match self {
            Self::First { by, .. } => by.trail(),
            Self::SelfRenewal { .. } | Self::SelfRestart { .. } => Actor::Holder(holder.clone()),
            Self::Desk(wish) => Actor::Person(wish.by.user_id.clone()),
        }
    }
}

impl Ledger for CardLedger {
    type Wish = Wish;
    type Answer = CertificateSet;
    type Error = JourneyError;

    async fn intend(&self, wish: Wish) -> Result<Intended<CertificateSet>, JourneyError> {
        let (issuing, now) = (self.issuing.clone(), self.now);
        self.issuing
            .store
            .write(
                "issue.intend",
                Key::of("card", wish.card.clone().as_str()),
                move |tx| {
                    let (issuing, wish) = (issuing.clone(), wish.clone());
                    Box::pin(async move { intend::intend(tx, &issuing, wish, now).await })
                },
            )
            .await
    }

    async fn record(
        &self,
        intent: IntentId,
        signed: Vec<Signed>,
    ) -> Result<CertificateSet, JourneyError> {
        let (signed, now) = (Arc::new(signed), self.now);
        let recorded = self
            .issuing
            .store
            .write(
                "issue.record",
                Key::of("intent", intent.clone().as_str()),
                move |tx| {
                    let (intent, signed) = (intent.clone(), Arc::clone(&signed));
                    Box::pin(async move { record::record(tx, &intent, &signed, now).await })
                },
            )
            .await?;
        match recorded {
            record::Recorded::Released(set) => Ok(set),
            record::Recorded::Withheld(code) => Err(code.into()),
        }
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, JourneyError> {
        let ago = |patience: Option<Span>| patience.map(|patience| self.now.minus(patience));
        let (before, to_burn) = (ago(self.patience), ago(self.burning_patience));
        let authority = Arc::clone(&self.issuing.authority);
        self.issuing
            .store
            .read("issue.unfinished", move |tx| {
                let authority = Arc::clone(&authority);
                Box::pin(async move {
                    let mut unfinished = Vec::new();
                    for (intent, decided_at) in intents::unfinished(tx, before).await? {
                        let reserved = reserved(tx, &intent).await?;
                        let too_early = to_burn.is_some_and(|until| decided_at > until);
                        if too_early && !repeats(&authority, &reserved)? {
                            continue;
                        }
                        unfinished.push(Unfinished { intent, reserved });
                    }
                    Ok(unfinished)
                })
            })
            .await
    }

    async fn burn(&self, unfinished: Unfinished) -> Result<(), JourneyError> {
        let (intent, now) = (unfinished.intent, self.now);
        self.issuing
            .store
            .write(
                "issue.burn",
                Key::of("intent", intent.clone().as_str()),
                move |tx| {
                    let intent = intent.clone();
                    Box::pin(async move { record::burn(tx, &intent, now).await })
                },
            )
            .await
    }
}

/// Whether signing again makes the same certificates.
pub(super) fn repeats(authority: &Authority, reserved: &[Reserved]) -> Result<bool, ca::CaError> {
    for certificate in reserved {
        match authority.issuer(certificate.issuer())?.repeats() {
            Repeats::Deterministic => {}
            Repeats::Randomised => return Ok(false),
        }
    }
    Ok(true)
}

/// What of an intent is still to be signed.
pub(super) async fn reserved(tx: Tx<'_>, intent: &IntentId) -> Result<Vec<Reserved>, JourneyError> {
    const ISSUER: StoreError = StoreError::Inconsistent {
        table: "certificate",
        column: "issuer",
    };
    let rows = certificates::of_set(tx, intent).await?;
    rows.into_iter()
        .map(|row| {
            let issuer = row.issuer.parse().map_err(|_| ISSUER)?;
            Ok(Reserved::new(row.serial, issuer, row.tbs))
        })
        .collect()
}
