//! Transaction A: the wish is judged, and what is going to be signed is written down to the last
//! octet: intent, slot, serials, to-be-signed bytes, audit line. Nothing is signed here.

use ca::authority::{PreparedCertificate, PreparedSet};
use ca::keys::Repeats;
use ca::ledger::Intended;
use policies::card::{CardState, CertificateState};
use policies::ids::{IntentId, UserId};
use policies::issuance::{FirstCardFacts, KeyFacts, SubjectFacts, first_card};
use policies::permit::{IssuePermit, Validity};
use policies::refusal::RefusalCode;
use policies::renewal::{PendingFacts, RenewalFacts, SetFacts, self_renew};
use policies::time::Time;

use super::{Ground, Issuing, Presented, Wish, reserved};
use crate::audit::{Event, Sha256};
use crate::cards::{Card, CertificateSet, released};
use crate::clock_mark;
use crate::journeys::{
    DeskActor, JourneyError, MOVED, Subject, abandon, fresh_id, person_of, self_renew,
};
use crate::store::certificates::Reservation;
use crate::store::intents::Intent;
use crate::store::{StoreError, Tx, cards, certificates, intents, people, renewals};

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
    let (permit, predecessor) = match &wish.ground {
        Ground::First { user_id, by } => (
            judge_first(tx, issuing, &wish, (user_id, by), now).await?,
            None,
        ),
        Ground::SelfRenewal {
            renewal_id,
            presented,
        } => {
            let judged = judge_renewal(tx, issuing, &wish, (renewal_id, presented), now).await?;
            (judged.0, Some(judged.1))
        }
    };
    let prepared = issuing
        .authority
        .prepare(permit, wish.keys.keys().to_vec())?;
    ca::crash_point!("issue.in_intend");
    let intent = write_intent(tx, &wish, prepared.permit(), predecessor).await?;
    write_certificates(tx, &intent, &prepared).await?;
    ca::crash_point!("issue.after_serials");
    let event = Event::CertificatesIntended {
        actor: wish.ground.actor(&intent.user_id),
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
        Ground::SelfRenewal { renewal_id, .. } => {
            let begun = renewals::find(tx, renewal_id).await?;
            begun.is_some_and(|begun| begun.intent_id.as_ref() == Some(&intent.id))
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
    for certificate in &reserved {
        match issuing.authority.issuer(certificate.issuer())?.repeats() {
            Repeats::Deterministic => {}
            Repeats::Randomised => return Err(RefusalCode::Busy.into()),
        }
    }
    Ok(Intended::ToSign {
        intent: intent.id.clone(),
        reserved,
    })
}

/// Facts and law of a first card. The card's row begins here, unless an interrupted issuance left
/// it requested.
async fn judge_first(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    first: (&UserId, &DeskActor),
    now: Time,
) -> Result<IssuePermit, JourneyError> {
    let (user_id, by) = first;
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let row = cards::find(tx, &wish.card).await?;
    let begun = match &row {
        Some(card) => is_begun(tx, card, user_id).await?,
        None => false,
    };
    let live = cards::newest_of(tx, user_id)
        .await?
        .filter(|card| card.state != CardState::Cancelled);
    let facts = FirstCardFacts {
        subject: SubjectFacts {
            user_id: user_id.clone(),
            person_version: person.version,
            person_open: person.open,
            card: wish.card.clone(),
            card_version: row.as_ref().map_or(1, |card| card.version),
            card_state: row
                .as_ref()
                .filter(|card| card.user_id == *user_id)
                .map_or(CardState::Requested, |card| card.state),
        },
        identity_verified: person.id_assurance_level > 0,
        terms_accepted: person.terms_version.is_some(),
        other_live_card: live.is_some() && !begun,
        plastic_used_before: row.is_some() && !begun,
        series_ended: false,
        actor: by.facts(user_id),
        keys: key_facts(tx, wish).await?,
        issuer_not_after: issuing.authority.current()?.validity().not_after,
    };
    let permit = first_card(&facts, now, &issuing.policy)?;
    if row.is_none() {
        cards::insert(tx, permit.card(), permit.user_id(), now, by.person()).await?;
        let event = Event::CardRequested {
            actor: by.actor.clone(),
            person: user_id.clone(),
            card: wish.card.clone(),
        };
        tx.audit(now, &event).await?;
    }
    Ok(permit)
}

/// True when this card was requested for this person and holds no set: a first issuance that was
/// given up.
async fn is_begun(tx: Tx<'_>, card: &Card, user_id: &UserId) -> Result<bool, StoreError> {
    let requested = card.state == CardState::Requested && card.user_id == *user_id;
    Ok(requested && intents::pending(tx, &card.number).await?.is_none())
}

/// Facts and law of a renewal by the holder; answers with the set that asks.
async fn judge_renewal(
    tx: Tx<'_>,
    issuing: &Issuing,
    wish: &Wish,
    renewal: (&String, &Presented),
    now: Time,
) -> Result<(IssuePermit, IntentId), JourneyError> {
    let (renewal_id, presented) = renewal;
    let standing = self_renew::proven_by(tx, presented).await?;
    if standing.card != wish.card {
        return Err(RefusalCode::CertificateUnknown.into());
    }
    let begun = renewals::find(tx, renewal_id)
        .await?
        .filter(|begun| begun.card == wish.card);
    let unspent = begun.is_some_and(|begun| begun.intent_id.is_none());
    abandon::if_forgotten(tx, &wish.card, &issuing.policy, now).await?;
    let subject = Subject::of_card(tx, &wish.card).await?;
    let pending = intents::pending(tx, &wish.card).await?;
    let keys = key_facts(tx, wish).await?;
    let facts = RenewalFacts {
        subject: subject.facts(),
        current: SetFacts {
            state: standing.certificate_state,
            validity: Validity {
                not_before: standing.not_before,
                not_after: standing.not_after,
            },
        },
        self_renewals_in_a_row: subject.card.self_renewals,
        pending: pending.map(|set| PendingFacts {
            kind: set.kind,
            issued_at: set.decided_at,
        }),
        keys: KeyFacts {
            proven: keys.proven && unspent,
            ..keys
        },
        issuer_not_after: issuing.authority.current()?.validity().not_after,
    };
    Ok((self_renew(&facts, now, &issuing.policy)?, standing.set_id))
}

async fn key_facts(tx: Tx<'_>, wish: &Wish) -> Result<KeyFacts, StoreError> {
    let mut fresh = true;
    for (_, key) in wish.keys.keys() {
        fresh &= !certificates::key_is_known(tx, &hex::encode(key.spki_sha256())).await?;
    }
    Ok(wish.keys.facts(fresh))
}

/// Writes the intent where the judged versions still stand, and takes the slot of a self-renewal.
async fn write_intent(
    tx: Tx<'_>,
    wish: &Wish,
    permit: &IssuePermit,
    predecessor: Option<IntentId>,
) -> Result<Intent, JourneyError> {
    let card = cards::find(tx, permit.card()).await?.ok_or(MOVED)?;
    let intent = Intent {
        id: fresh_id()?.parse()?,
        card: permit.card().clone(),
        user_id: permit.user_id().clone(),
        idempotency_key: wish.key.as_str().to_owned(),
        request_hash: wish.fingerprint(),
        kind: permit.kind(),
        state: CertificateState::Reserved,
        actor: person_of(&wish.ground.actor(permit.user_id())).cloned(),
        predecessor,
        epoch: card.epoch,
        person_version: permit.person_version(),
        card_version: permit.card_version(),
        decided_at: permit.decided_at(),
        not_before: permit.validity().not_before,
        not_after: permit.validity().not_after,
    };
    intents::insert(tx, &intent).await?;
    let stands = match &wish.ground {
        Ground::First { .. } => cards::touch(tx, &intent.card, permit.card_version()).await?,
        Ground::SelfRenewal { renewal_id, .. } => {
            take_slot(tx, &intent).await?;
            renewals::spend(tx, renewal_id, &intent.id).await?
                && cards::count_self_renewal(tx, &intent.card, permit.card_version()).await?
        }
    };
    ca::crash_point!("issue.after_slot");
    if stands {
        Ok(intent)
    } else {
        Err(MOVED.into())
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
