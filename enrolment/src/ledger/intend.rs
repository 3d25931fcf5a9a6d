//! Transaction A: the wish is judged, and what is going to be signed is written down to the last
//! octet: intent, slot, serials, to-be-signed bytes, audit line. Nothing is signed here.

use ca::authority::{PreparedCertificate, PreparedSet};
use ca::ledger::Intended;
use policies::card::{CertificateState, RevocationReason};
use policies::ids::IntentId;
use policies::permit::{IssueKind, IssuePermit};
use policies::refusal::RefusalCode;
use policies::time::Time;

use super::judge::{self, Judged};
use super::record::free_slot;
use super::{Ground, Issuing, Wish, repeats, reserved};
use crate::audit::{Actor, Event, Sha256};
use crate::cards::{CertificateSet, released};
use crate::clock_mark;
use crate::desk::Attested;
use crate::home::{self, Helped};
use crate::journeys::{JourneyError, MOVED, abandon, fresh_id, person_of};
use crate::store::certificates::Reservation;
use crate::store::intents::Intent;
use crate::store::{StoreError, Tx, cards, certificates, desk_works, intents, renewals};

/// Judges the wish and reserves its set, or finds what the same wish led to before.
pub(super) async fn intend(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: Wish,
    now: Time,
) -> Result<Intended<CertificateSet>, JourneyError> {
    if let Some(known) = known(tx, issuing, &wish).await? {
        return Ok(known);
    }
    clock_mark::pass(tx, now, issuing).await?;
    let Judged {
        permit,
        predecessor,
        replaces,
        attested,
    } = judge::judge(tx, issuing, &wish, now).await?;
    let prepared = issuing
        .authority
        .prepare(permit, wish.keys.keys().to_vec())?;
    ca::crash_point!("issue.in_intend");
    let actor = wish.ground.actor(prepared.permit().user_id());
    if let Some(pending) = &replaces {
        let reason = RevocationReason::Superseded;
        abandon::revoke_set(tx, pending, reason, &actor, now).await?;
    }
    let before = Before {
        predecessor,
        replaces,
    };
    let intent = write_intent(tx, &wish, prepared.permit(), before).await?;
    write_certificates(tx, &intent, &prepared).await?;
    if let Some(attested) = attested {
        write_attestation(tx, &wish, &intent, attested, now).await?;
    }
    ca::crash_point!("issue.after_serials");
    let event = Event::CertificatesIntended {
        actor,
        person: intent.user_id.clone(),
        card: intent.card.clone(),
        intent: intent.id.clone(),
        ground: intent.kind,
        serials: prepared
            .certificates()
            .iter()
            .map(|one| one.serial().clone())
            .collect(),
        to_be_signed: prepared
            .certificates()
            .iter()
            .map(|one| Sha256::of(one.tbs()))
            .collect(),
    };
    tx.audit(now, &event).await?;
    let reserved = prepared
        .certificates()
        .iter()
        .map(PreparedCertificate::to_reserved)
        .collect();
    Ok(Intended::ToSign {
        intent: intent.id,
        reserved,
    })
}

/// What this wish led to before: by its key, or by its public keys under another key (contract 5).
async fn known(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
) -> Result<Option<Intended<CertificateSet>>, JourneyError> {
    let fingerprint = wish.fingerprint();
    let intent = match intents::by_key(tx, &wish.card, wish.key.as_str()).await? {
        Some(intent) if intent.request_hash != fingerprint => {
            return Err(RefusalCode::IdempotencyKeyReused.into());
        }
        Some(intent) => Some(intent),
        None => same_keys(tx, wish, &fingerprint).await?,
    };
    let Some(intent) = intent else {
        return Ok(None);
    };
    match intent.state {
        CertificateState::Reserved => join(tx, issuing, &intent).await.map(Some),
        CertificateState::Signed
        | CertificateState::Delivered
        | CertificateState::Active
        | CertificateState::Superseded => Ok(Some(Intended::Already(released(tx, &intent).await?))),
        // Ended: whatever ended it is what the law now says.
        CertificateState::Revoked | CertificateState::Burned => Ok(None),
    }
}

/// The intent that the same public keys led to. A renewal that was begun anew with the keys of an
/// old one is no repeat but a key reused (domain E39): its nonce is another.
async fn same_keys(
    tx: Tx<'_>,
    wish: &Wish,
    fingerprint: &str,
) -> Result<Option<Intent>, StoreError> {
    let Some(intent) = intents::by_request(tx, &wish.card, fingerprint).await? else {
        return Ok(None);
    };
    let repeated = match &wish.ground {
        Ground::First { user_id, .. } => intent.user_id == *user_id,
        Ground::SelfRenewal { renewal_id, .. } | Ground::SelfRestart { renewal_id, .. } => {
            let begun = renewals::find(tx, renewal_id).await?;
            begun.is_some_and(|begun| begun.intent_id.as_ref() == Some(&intent.id))
        }
        Ground::Desk(desk) => {
            let work = desk_works::find(tx, &desk.work_id).await?;
            work.is_some_and(|work| work.intent_id.as_ref() == Some(&intent.id))
        }
    };
    Ok(repeated.then_some(intent))
}

/// The same wish is between its two transactions: a key that repeats itself may finish the work
/// twice, and it is the same certificate; with any other key the caller has to wait.
async fn join(
    tx: Tx<'_>,
    issuing: &Issuing,
    intent: &Intent,
) -> Result<Intended<CertificateSet>, JourneyError> {
    let reserved = reserved(tx, &intent.id).await?;
    if !repeats(&issuing.authority, &reserved)? {
        return Err(RefusalCode::Busy.into());
    }
    Ok(Intended::ToSign {
        intent: intent.id.clone(),
        reserved,
    })
}

/// The sets that were there before the new one.
struct Before {
    predecessor: Option<IntentId>,
    replaces: Option<Intent>,
}

/// Writes the intent where the judged versions still stand, and takes the slot of a self-renewal.
async fn write_intent(
    tx: Tx<'_>,
    wish: &Wish,
    permit: &IssuePermit,
    before: Before,
) -> Result<Intent, JourneyError> {
    let card = cards::find(tx, permit.card()).await?.ok_or(MOVED)?;
    let (restarts, given_up) = match permit.kind() {
        IssueKind::Restart => (before.replaces, None),
        _ => (None, before.replaces),
    };
    let intent = Intent {
        id: fresh_id()?.parse()?,
        card: permit.card().clone(),
        user_id: permit.user_id().clone(),
        idempotency_key: wish.key.as_str().to_owned(),
        request_hash: wish.fingerprint(),
        kind: permit.kind(),
        state: CertificateState::Reserved,
        actor: person_of(&wish.ground.actor(permit.user_id())).cloned(),
        predecessor: before.predecessor,
        origin: restarts.as_ref().map(Intent::ground),
        epoch: card.epoch,
        person_version: permit.person_version(),
        card_version: permit.card_version(),
        decided_at: permit.decided_at(),
        not_before: permit.validity().not_before,
        not_after: permit.validity().not_after,
    };
    intents::insert(tx, &intent).await?;
    if let Some(restarts) = &restarts {
        intents::move_slot(tx, &restarts.id, &intent.id).await?;
    }
    let stands = spend_nonce(tx, wish, &intent, restarts.as_ref()).await?
        && match &wish.ground {
            Ground::SelfRenewal { .. } => {
                take_slot(tx, &intent).await?;
                cards::count_self_renewal(tx, &intent.card, permit.card_version()).await?
            }
            Ground::First { .. } | Ground::SelfRestart { .. } | Ground::Desk(_) => {
                cards::touch(tx, &intent.card, permit.card_version()).await?
            }
        };
    if !stands {
        return Err(MOVED.into());
    }
    // A pending self-renewal that a repair ends was never used: it costs nothing, whatever becomes
    // of the repair.
    if let Some(given_up) = &given_up {
        free_slot(tx, given_up).await?;
    }
    ca::crash_point!("issue.after_slot");
    Ok(intent)
}

/// The nonce of the requests is spent on this intent; false when it was spent before.
async fn spend_nonce(
    tx: Tx<'_>,
    wish: &Wish,
    intent: &Intent,
    restarts: Option<&Intent>,
) -> Result<bool, StoreError> {
    match (&wish.ground, restarts) {
        (Ground::First { work_id: None, .. }, _) => Ok(true),
        (
            Ground::First {
                work_id: Some(work_id),
                ..
            },
            _,
        ) => desk_works::spend(tx, work_id, &intent.id).await,
        (Ground::SelfRenewal { renewal_id, .. }, _) => {
            renewals::spend(tx, renewal_id, &intent.id).await
        }
        (Ground::SelfRestart { renewal_id, .. }, Some(restarts)) => {
            renewals::go_on_with(tx, renewal_id, &restarts.id, &intent.id).await
        }
        (Ground::SelfRestart { .. }, None) => Ok(false),
        (Ground::Desk(desk), _) => desk_works::spend(tx, &desk.work_id, &intent.id).await,
    }
}

async fn write_attestation(
    tx: Tx<'_>,
    wish: &Wish,
    intent: &Intent,
    attested: Attested,
    now: Time,
) -> Result<(), JourneyError> {
    if attested.out_of_area {
        tell_home(tx, wish, intent, now).await?;
    }
    desk_works::attest(tx, intent, &attested).await?;
    let event = Event::DeskActed {
        actor: Actor::Person(attested.actor),
        second_actor: attested.second_actor.map(Actor::Person),
        person: intent.user_id.clone(),
        card: intent.card.clone(),
        intent: intent.id.clone(),
        ground: intent.ground(),
        out_of_area: attested.out_of_area,
    };
    tx.audit(now, &event).await?;
    Ok(())
}

/// A renewal or reissue by a desk of another area is told to the person's own authority.
async fn tell_home(tx: Tx<'_>, wish: &Wish, intent: &Intent, now: Time) -> Result<(), StoreError> {
    let (Ground::Desk(desk), Some(helped)) = (&wish.ground, helped(intent.kind)) else {
        return Ok(());
    };
    let about = (&intent.user_id, &intent.card);
    home::tell(tx, &desk.by, about, helped, now).await?;
    Ok(())
}

const fn helped(kind: IssueKind) -> Option<Helped> {
    match kind {
        IssueKind::Assisted => Some(Helped::Renewed),
        IssueKind::Reissue => Some(Helped::Reissued),
        _ => None,
    }
}

/// Takes the first free slot of the epoch. There is one, or the law has been asked wrongly; then
/// the schema refuses.
async fn take_slot(tx: Tx<'_>, intent: &Intent) -> Result<(), StoreError> {
    let taken = intents::slots_taken(tx, &intent.card, intent.epoch).await?;
    let slot = if taken.contains(&1) { 2 } else { 1 };
    intents::take_slot(tx, intent, slot).await
}

async fn write_certificates(
    tx: Tx<'_>,
    intent: &Intent,
    prepared: &PreparedSet,
) -> Result<(), StoreError> {
    let before = match &intent.predecessor {
        Some(predecessor) => certificates::of_set(tx, predecessor).await?,
        None => Vec::new(),
    };
    for certificate in prepared.certificates() {
        let predecessor = before
            .iter()
            .find(|one| one.key_role == certificate.key_role());
        let tbs_sha256 = Sha256::of(certificate.tbs());
        let reservation = Reservation {
            intent,
            serial: certificate.serial(),
            issuer: certificate.issuer().as_str(),
            key_role: certificate.key_role(),
            predecessor: predecessor.map(|one| &one.serial),
            shard: certificate.shard(),
            spki_sha256: &hex::encode(certificate.spki_sha256()),
            tbs: certificate.tbs(),
            tbs_sha256: tbs_sha256.as_str(),
        };
        certificates::reserve(tx, &reservation).await?;
    }
    Ok(())
}
