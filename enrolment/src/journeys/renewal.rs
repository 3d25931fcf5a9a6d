//! A begun self-renewal on its way: looked at again, begun again with fresh keys, confirmed by the
//! new certificate, or given up (domain 5.4 T13 to T14; E12, E34). Each is asked for by the card
//! itself, which proved one of its certificates in the handshake.

use std::sync::Arc;

use policies::card::{CertificateState, KeyRole};
use policies::refusal::RefusalCode;
use policies::signin::judge_card;
use policies::time::Time;
use policies::values::Policy;

use super::self_renew::{NONCE_LIFE, proven_by};
use super::{IdempotencyKey, JourneyError, abandon, card_secrets, confirm, fresh_id};
use crate::cards::{CertificateSet, Standing, released};
use crate::ledger::{CardLedger, Ground, Issuing, Presented, Wish};
use crate::requests::{CertificateRequest, Examined};
use crate::store::renewals::{self, Begun};
use crate::store::{Key, Store, Tx, intents};

/// Where a renewal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It has a nonce and waits for its requests.
    Started,
    /// Its set waits to be confirmed on the card.
    Pending,
    /// Its set is the current one.
    Active,
    /// A later set has taken its place.
    Superseded,
    /// Its set was given up, or ended with the card.
    Abandoned,
}

impl Stage {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Superseded => "superseded",
            Self::Abandoned => "abandoned",
        }
    }
}

/// A renewal as it stands.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Which.
    pub renewal_id: String,
    /// Where it is.
    pub stage: Stage,
    /// The nonce that requests must carry now, while it waits for some.
    pub nonce: Option<String>,
    /// The set, while it is pending or current.
    pub set: Option<CertificateSet>,
}

/// How the renewal stands; its pending certificates can be fetched again and again (E12).
///
/// # Errors
/// Refuses with `not_found` for a renewal of another card, and as `policies::signin::judge_card`
/// does: an old set that has expired fetches nothing (E34).
pub async fn find(
    store: &Store,
    presented: &Presented,
    renewal_id: &str,
    now: Time,
) -> Result<Progress, JourneyError> {
    let (presented, renewal_id) = (presented.clone(), renewal_id.to_owned());
    store
        .read("renewal.find", move |tx| {
            let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                judge_card(&standing.facts(), now)?;
                let begun = own(tx, &standing, &renewal_id).await?;
                progress(tx, renewal_id, begun).await
            })
        })
        .await
}

async fn own(tx: Tx<'_>, standing: &Standing, renewal_id: &str) -> Result<Begun, JourneyError> {
    let begun = renewals::find(tx, renewal_id)
        .await?
        .filter(|begun| begun.card == standing.card);
    Ok(begun.ok_or(RefusalCode::NotFound)?)
}

/// Where a renewal of this card is that is not over.
///
/// # Errors
/// Refuses with `not_found` for a renewal of another card, with `nothing_pending` for one whose set
/// was replaced or given up, or whose nonce no longer counts.
pub(super) async fn open_of(
    tx: Tx<'_>,
    standing: &Standing,
    renewal_id: &str,
    now: Time,
) -> Result<Stage, JourneyError> {
    let begun = own(tx, standing, renewal_id).await?;
    let counts = begun.intent_id.is_some() || now <= begun.started_at.plus(NONCE_LIFE);
    let stage = progress(tx, renewal_id.to_owned(), begun).await?.stage;
    let is_open = match stage {
        Stage::Started => counts,
        Stage::Pending | Stage::Active => true,
        Stage::Superseded | Stage::Abandoned => false,
    };
    if is_open {
        Ok(stage)
    } else {
        Err(RefusalCode::NothingPending.into())
    }
}

async fn progress(tx: Tx<'_>, renewal_id: String, begun: Begun) -> Result<Progress, JourneyError> {
    let intent = match &begun.intent_id {
        Some(intent_id) => intents::find(tx, intent_id).await?,
        None => None,
    };
    let (stage, set) = match intent {
        None => (Stage::Started, None),
        Some(intent) => match intent.state {
            CertificateState::Reserved | CertificateState::Signed => (Stage::Started, None),
            CertificateState::Delivered => (Stage::Pending, Some(released(tx, &intent).await?)),
            CertificateState::Active => (Stage::Active, Some(released(tx, &intent).await?)),
            CertificateState::Superseded => (Stage::Superseded, None),
            CertificateState::Revoked | CertificateState::Burned => (Stage::Abandoned, None),
        },
    };
    Ok(Progress {
        renewal_id,
        stage,
        nonce: (stage == Stage::Started).then_some(begun.nonce),
        set,
    })
}

/// Confirms by use: the handshake was made with the new authentication certificate. Confirming the
/// current set again is answered as done.
///
/// # Errors
/// Refuses with `not_found`, `serial_mismatch` when the card proved another certificate than the
/// renewal's own, and as `policies::lifecycle::confirm` does.
pub async fn confirm(
    store: &Store,
    presented: &Presented,
    renewal_id: &str,
    now: Time,
) -> Result<Progress, JourneyError> {
    let (presented, renewal_id) = (presented.clone(), renewal_id.to_owned());
    store
        .write(
            "renewal.confirm",
            Key::of("renewal", &renewal_id.clone()),
            move |tx| {
                let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
                Box::pin(async move {
                    let standing = proven_by(tx, &presented).await?;
                    judge_card(&standing.facts(), now)?;
                    let begun = own(tx, &standing, &renewal_id).await?;
                    let Some(intent_id) = begun.intent_id.clone() else {
                        return Err(RefusalCode::NothingPending.into());
                    };
                    if standing.set_id != intent_id {
                        let waits = intents::find(tx, &intent_id)
                            .await?
                            .is_some_and(|set| set.state == CertificateState::Delivered);
                        return Err(if waits {
                            RefusalCode::SerialMismatch.into()
                        } else {
                            RefusalCode::NothingPending.into()
                        });
                    }
                    if standing.certificate_state == CertificateState::Delivered {
                        confirm::by_use(tx, &presented.issuer, &presented.serial, now).await?;
                    }
                    // Not at its mere use: only the card's client knows that the key was replaced.
                    card_secrets::renewal_confirmed(tx, &renewal_id).await?;
                    progress(tx, renewal_id, begun).await
                })
            },
        )
        .await
}

/// A fresh nonce for a pending renewal whose keys the card's client has lost (T13b).
///
/// # Errors
/// Refuses with `not_found`, `nothing_pending`, and as `policies::signin::judge_card` does.
pub async fn renonce(
    store: &Store,
    presented: &Presented,
    renewal_id: &str,
    now: Time,
) -> Result<Progress, JourneyError> {
    let (presented, renewal_id) = (presented.clone(), renewal_id.to_owned());
    let nonce = fresh_id()?;
    store
        .write(
            "renewal.renonce",
            Key::of("renewal", &renewal_id.clone()),
            move |tx| {
                let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
                let nonce = nonce.clone();
                Box::pin(async move {
                    let standing = proven_by(tx, &presented).await?;
                    judge_card(&standing.facts(), now)?;
                    let begun = own(tx, &standing, &renewal_id).await?;
                    let mut progress = progress(tx, renewal_id.clone(), begun).await?;
                    if progress.stage != Stage::Pending {
                        return Err(RefusalCode::NothingPending.into());
                    }
                    renewals::renonce(tx, &renewal_id, &nonce, now).await?;
                    progress.nonce = Some(nonce);
                    Ok(progress)
                })
            },
        )
        .await
}

/// A pending renewal begun again, with its requests.
#[derive(Clone)]
pub struct Restart {
    /// The certificate that the card proved in the handshake of this request.
    pub presented: Presented,
    /// Which renewal.
    pub renewal_id: String,
    /// One request per key, each with the renewal's newest nonce.
    pub requests: Vec<CertificateRequest>,
    /// Chosen by the card's client.
    pub idempotency_key: IdempotencyKey,
}

/// Issues the pending set again for fresh keys; decision and count stand (T13b).
///
/// # Errors
/// Refuses as `policies::renewal::restart` does, with `proof_of_possession_failed` also for a nonce
/// that is over or of another renewal.
pub async fn restart(
    issuing: &Issuing,
    wanted: Restart,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let (presented, renewal_id) = (wanted.presented.clone(), wanted.renewal_id.clone());
    let (card, nonce) = issuing
        .store
        .read::<_, JourneyError, _>("renewal.restart_nonce", move |tx| {
            let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                let begun = renewals::find(tx, &renewal_id)
                    .await?
                    .filter(|begun| begun.card == standing.card)
                    .filter(|begun| now <= begun.started_at.plus(NONCE_LIFE));
                Ok((standing.card, begun.map(|begun| begun.nonce)))
            })
        })
        .await?;
    let keys = match nonce {
        Some(nonce) => Examined::examine(&wanted.requests, Some(&nonce)),
        None => Examined::examine(&wanted.requests, None).unproven(),
    };
    let wish = Wish {
        card,
        key: wanted.idempotency_key,
        keys,
        ground: Ground::SelfRestart {
            renewal_id: wanted.renewal_id,
            presented: wanted.presented,
        },
    };
    let ledger = CardLedger::new(issuing.clone(), now);
    ca::issuance::issue(&issuing.authority, &ledger, wish).await
}

/// The holder gives up her pending renewal: it was never used, so it costs no self-renewal (T14).
///
/// # Errors
/// Refuses with `not_found`, `nothing_pending`, and as `policies::signin::judge_card` does.
pub async fn give_up(
    store: &Store,
    policy: &Arc<Policy>,
    presented: &Presented,
    renewal_id: &str,
    now: Time,
) -> Result<Progress, JourneyError> {
    let asked = presented.clone();
    let card = store
        .read::<_, JourneyError, _>("renewal.whose", move |tx| {
            let presented = asked.clone();
            Box::pin(async move { Ok(proven_by(tx, &presented).await?.card) })
        })
        .await?;
    let (presented, renewal_id) = (presented.clone(), renewal_id.to_owned());
    let policy = Arc::clone(policy);
    // The card's turn, as whoever uses the pending set takes it: the two would lock its rows crosswise.
    let key = Key::of("card", card.as_str());
    store
        .write("renewal.give_up", key, move |tx| {
            let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
            let policy = Arc::clone(&policy);
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                judge_card(&standing.facts(), now)?;
                let begun = own(tx, &standing, &renewal_id).await?;
                let before = progress(tx, renewal_id.clone(), begun.clone()).await?;
                // Whoever proves the new set has begun to use it: that is no set to give up.
                if before.stage != Stage::Pending
                    || begun.intent_id.as_ref() == Some(&standing.set_id)
                {
                    return Err(RefusalCode::NothingPending.into());
                }
                abandon::by_holder(tx, &standing.card, &policy, now).await?;
                progress(tx, renewal_id, begun).await
            })
        })
        .await
}

/// Any use of a pending certificate confirms it (contract 5). Called for each request of a card;
/// does nothing for a certificate that is not pending or may not be used.
///
/// # Errors
/// What the store says.
pub async fn confirm_if_pending(
    store: &Store,
    presented: &Presented,
    now: Time,
) -> Result<(), JourneyError> {
    let asked = presented.clone();
    let pending = store
        .read::<_, JourneyError, _>("renewal.is_pending", move |tx| {
            let presented = asked.clone();
            Box::pin(async move { usable_pending(tx, &presented, now).await })
        })
        .await?;
    let Some(pending) = pending else {
        return Ok(());
    };
    let presented = presented.clone();
    let key = Key::of("card", pending.card.as_str());
    store
        .write("renewal.confirm_by_use", key, move |tx| {
            let presented = presented.clone();
            Box::pin(async move {
                if usable_pending(tx, &presented, now).await?.is_some() {
                    confirm::by_use(tx, &presented.issuer, &presented.serial, now).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn usable_pending(
    tx: Tx<'_>,
    presented: &Presented,
    now: Time,
) -> Result<Option<Standing>, JourneyError> {
    let standing = crate::cards::standing(tx, &presented.issuer, &presented.serial).await?;
    Ok(standing.filter(|standing| {
        standing.key_role == KeyRole::Authentication
            && standing.certificate_state == CertificateState::Delivered
            && judge_card(&standing.facts(), now).is_ok()
    }))
}
