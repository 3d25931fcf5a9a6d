//! A desk issues a later set in the holder's presence: assisted renewal, in-person reissue, repair
//! (domain 5.4 T10 to T12), the first set of a requested card (T2), or any of them again with fresh
//! keys (T13b). Each is a work with a nonce of its own, begun in `crate::desk`.

use std::sync::Arc;

use policies::card::CertificateState;
use policies::ids::{CardNumber, IntentId, Serial};
use policies::permit::IssueKind;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{IdempotencyKey, JourneyError};
use super::{card_secrets, confirm};
use crate::cards::{CertificateSet, released};
use crate::desk::{Attestation, Desk, DeskSession, WORK_LIFE, WorkKind};
use crate::ledger::{CardLedger, DeskWish, Ground, Issuing, Wish};
use crate::requests::{CertificateRequest, Examined};
use crate::store::desk_works::{self, Work};
use crate::store::{Key, Store, StoreError, Tx, intents};

/// A work with its requests.
#[derive(Clone)]
pub struct DeskCard {
    /// From `desk::start_work`.
    pub work_id: String,
    /// One request per key, each with the nonce of the work.
    pub requests: Vec<CertificateRequest>,
    /// What the desk says about the holder.
    pub attestation: Attestation,
    /// The pending set is begun again instead of a new one.
    pub restart: bool,
    /// Chosen by the client; the number of the work stands in where it is missing.
    pub idempotency_key: Option<IdempotencyKey>,
}

/// Issues the set that the work is about.
///
/// # Errors
/// Refuses as the rule of the work's kind does (`policies::renewal::assisted`, `reissue`, `repair`,
/// `restart`, `policies::issuance::first_card`), with `not_found` for a work that is unknown or
/// somebody else's, or of another kind than `kind`; with `proof_of_possession_failed` also for one
/// that is over or spent, and with `idempotency_key_reused` and `clock_untrusted`.
pub async fn issue(
    issuing: &Issuing,
    kind: WorkKind,
    wanted: DeskCard,
    by: DeskSession,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let work = begun(&issuing.store, &wanted.work_id, &by)
        .await?
        .filter(|work| work.kind == kind)
        .ok_or(RefusalCode::NotFound)?;
    let in_time = work.intent_id.is_some() || now <= work.started_at.plus(WORK_LIFE);
    let keys = if in_time {
        Examined::examine(&wanted.requests, Some(&work.nonce))
    } else {
        Examined::examine(&wanted.requests, None).unproven()
    };
    let ground = match work.kind {
        WorkKind::Issue if !wanted.restart => Ground::First {
            user_id: work.user_id,
            by: Desk::Session(by),
            work_id: Some(work.id.clone()),
        },
        _ => Ground::Desk(DeskWish {
            work_id: work.id.clone(),
            by,
            attestation: wanted.attestation,
            restart: wanted.restart,
        }),
    };
    let key = match wanted.idempotency_key {
        Some(key) => key,
        None => work
            .id
            .parse()
            .map_err(|_| JourneyError::from(RefusalCode::IdempotencyKeyReused))?,
    };
    let wish = Wish {
        card: work.card,
        key,
        keys,
        ground,
    };
    let ledger = CardLedger::new(issuing.clone(), now);
    ca::issuance::issue(&issuing.authority, &ledger, wish).await
}

/// Begins the pending set again with fresh keys: the card's client lost the first ones (T13b). The
/// work is a new one of any kind on that card; the decision that stands is the old one.
///
/// # Errors
/// Refuses as `policies::renewal::restart` does, with `not_found` for a work that is unknown or
/// somebody else's, and otherwise as [`issue`].
pub async fn restart(
    issuing: &Issuing,
    wanted: DeskCard,
    by: DeskSession,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let work = begun(&issuing.store, &wanted.work_id, &by)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let wanted = DeskCard {
        restart: true,
        ..wanted
    };
    issue(issuing, work.kind, wanted, by, now).await
}

/// The work, if this desk person began it.
async fn begun(store: &Store, work_id: &str, by: &DeskSession) -> Result<Option<Work>, StoreError> {
    let (work_id, actor) = (work_id.to_owned(), by.user_id.clone());
    let work = store
        .read("desk.work", move |tx| {
            let work_id = work_id.clone();
            Box::pin(async move { desk_works::find(tx, &work_id).await })
        })
        .await?;
    Ok(work.filter(|work| work.actor == actor))
}

/// The desk's client has written the new certificates and read them back: they become the current
/// ones. The first set of a card stays pending until its holder has made the card hers (T4).
///
/// # Errors
/// Refuses with `not_found` for a work that is unknown, somebody else's, or has issued nothing, and
/// as `policies::lifecycle::confirm` does.
pub async fn confirm(
    store: &Store,
    work_id: &str,
    serials: Vec<Serial>,
    by: &DeskSession,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let work = begun(store, work_id, by)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let Some(intent) = work.intent_id else {
        return Err(RefusalCode::NothingPending.into());
    };
    let session = by.clone();
    let (ground, written) = store
        .read("desk.work_set", move |tx| {
            let (session, intent) = (session.clone(), intent.clone());
            Box::pin(async move {
                session.standing(tx, now).await?;
                Ok::<_, JourneyError>(standing(tx, &intent).await?)
            })
        })
        .await?
        .ok_or(RefusalCode::NothingPending)?;
    // The serials of another set say nothing about this work.
    if !confirm::names(&written, &serials) {
        return Err(RefusalCode::SerialMismatch.into());
    }
    if ground == IssueKind::First {
        keep_secrets(store, work_id).await?;
        return Ok(written);
    }
    let confirmed = confirm::by_serials(store, &work.card, serials, now).await?;
    keep_secrets(store, work_id).await?;
    Ok(confirmed)
}

/// The card has its new secrets too. In a transaction of its own: when it is lost, the card's old
/// and new secrets both stay on record, and confirming again ends it.
async fn keep_secrets(store: &Store, work_id: &str) -> Result<(), JourneyError> {
    let (key, work_id) = (Key::of("work", work_id), work_id.to_owned());
    store
        .write("desk.keep_secrets", key, move |tx| {
            let work_id = work_id.clone();
            Box::pin(async move { Ok(card_secrets::work_confirmed(tx, &work_id).await?) })
        })
        .await
}

/// The set, while it is pending or current, with the ground of its first decision: a first set that
/// was begun again is still a first one.
async fn standing(
    tx: Tx<'_>,
    intent: &IntentId,
) -> Result<Option<(IssueKind, CertificateSet)>, StoreError> {
    let living = [CertificateState::Delivered, CertificateState::Active];
    let found = intents::find(tx, intent).await?;
    match found.filter(|set| living.contains(&set.state)) {
        Some(set) => Ok(Some((set.ground(), released(tx, &set).await?))),
        None => Ok(None),
    }
}

/// A desk gives up the pending set of a card it may renew (T14).
///
/// # Errors
/// Refuses with `not_found`, the questions of `policies::access::ask`, and `nothing_pending`.
pub async fn abandon(
    store: &Store,
    policy: &Arc<Policy>,
    card: &CardNumber,
    by: DeskSession,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, card) = (Arc::clone(policy), card.clone());
    store
        .write(
            "desk.abandon",
            Key::of("card", card.clone().as_str()),
            move |tx| {
                let (policy, card, by) = (Arc::clone(&policy), card.clone(), by.clone());
                Box::pin(async move { super::abandon::by_desk(tx, &card, by, &policy, now).await })
            },
        )
        .await
}
