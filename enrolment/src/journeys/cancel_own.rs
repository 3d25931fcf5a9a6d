//! A person ends her own card at any hour (domain 5.4 T15; F80, F81): signed in, by a code to her
//! address, or by the link in a notice; or she reports misuse, which ends nothing but makes the
//! card wait for a new passcode.

use policies::card::{CancelReason, CardState};
use policies::ids::{CardNumber, UserId};
use policies::lifecycle::{self, Canceller};
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, MOVED, Subject, cancel_card};
use crate::audit::{Actor, Event};
use crate::codes::{self, Answer, Asked, CodeHouse, CodePurpose, Drawn, Named, Typed, keep};
use crate::notices::{self, Notice};
use crate::signed_in::SignedIn;
use crate::store::{Key, Store, Tx, cards, codes as rows, people};

/// Begins: a code is sent if there is such a person, with an address that counts and a card that
/// has not ended. The answer names the cancellation and is the same for everybody.
///
/// # Errors
/// Refuses with `too_many_codes` when the same number was named too often within the hour.
pub async fn start(house: &CodeHouse, named: Named, now: Time) -> Result<String, JourneyError> {
    let asked = Asked {
        purpose: CodePurpose::Cancel,
        named,
        transport_key: None,
        nonce: None,
    };
    let drawn = Drawn::draw(&house.vault, CodePurpose::Cancel, &house.chance)?;
    let (policy, answer) = (house.policy.clone(), drawn.request_id.clone());
    house
        .store
        .write("cancel_own.start", Key::none(), move |tx| {
            let (policy, asked, drawn) = (policy.clone(), asked.clone(), drawn.clone());
            Box::pin(async move {
                codes::ask(tx, &policy, &asked, &drawn, now, |_, card| {
                    card.state != CardState::Cancelled
                })
                .await
            })
        })
        .await?;
    Ok(answer)
}

/// Cancels the card against the code.
///
/// # Errors
/// Refuses with `code_wrong` and `code_expired`; then with `reason_missing`.
pub async fn by_code(
    house: &CodeHouse,
    typed: Typed,
    reason: Option<CancelReason>,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let key = Key::of("code", &typed.request_id.clone());
    let inner = house.clone();
    let done = house
        .store
        .write("cancel_own.by_code", key, move |tx| {
            let (house, typed) = (inner.clone(), typed.clone());
            Box::pin(async move {
                let doors = (house.vault.as_ref(), house.policy.as_ref());
                let attempt = codes::attempt(tx, doors, CodePurpose::Cancel, &typed, now).await?;
                let cancelled = async {
                    let request = attempt.proven(now, &house.policy)?;
                    let card = request.card.clone().ok_or(RefusalCode::CodeWrong)?;
                    reason.ok_or(RefusalCode::ReasonMissing)?;
                    attempt.spend(tx, None, now).await?;
                    cancel(tx, &house.policy, &card, reason, now).await?;
                    Ok(card)
                };
                keep(cancelled.await)
            })
        })
        .await?;
    Ok(done?)
}

/// Cancels the newest card of whoever is signed in.
///
/// # Errors
/// Refuses with `reauthentication_needed` where her session lives no more, with `not_found` for somebody
/// without a card, with `reason_missing`.
pub async fn by_herself(
    store: &Store,
    policy: &std::sync::Arc<Policy>,
    (user_id, signed_in): (&UserId, SignedIn),
    reason: Option<CancelReason>,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (policy, user_id) = (policy.clone(), user_id.clone());
    store
        .write(
            "cancel_own.by_herself",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (policy, user_id) = (policy.clone(), user_id.clone());
                let signed_in = signed_in.clone();
                Box::pin(async move {
                    signed_in.live(tx, &user_id, now).await?;
                    let card = cards::newest_of(tx, &user_id)
                        .await?
                        .ok_or(RefusalCode::NotFound)?;
                    reason.ok_or(RefusalCode::ReasonMissing)?;
                    cancel(tx, &policy, &card.number, reason, now).await?;
                    Ok(card.number)
                })
            },
        )
        .await
}

/// One that is cancelled already is answered as done.
async fn cancel(
    tx: Tx<'_>,
    policy: &Policy,
    card: &CardNumber,
    reason: Option<CancelReason>,
    now: Time,
) -> Result<(), JourneyError> {
    let subject = Subject::of_card(tx, card).await?;
    if subject.card.state == CardState::Cancelled {
        return Ok(());
    }
    let facts = subject.facts();
    let permit = lifecycle::cancel(&facts, &Canceller::Holder, reason, now, policy)?;
    cancel_card::spend(tx, permit, &Actor::Holder(facts.user_id)).await
}

/// The last digits of the card that a notice's link would cancel; none for a link that is unknown,
/// spent or over. Changes nothing: mail programs follow links by themselves.
///
/// # Errors
/// What the engine says.
pub async fn of_link(
    store: &Store,
    token: &str,
    now: Time,
) -> Result<Option<CardNumber>, JourneyError> {
    let hash = codes::hash(token);
    let found = store
        .read::<_, JourneyError, _>("cancel_own.of_link", move |tx| {
            Box::pin(async move { Ok(rows::link(tx, hash, now).await?) })
        })
        .await?;
    Ok(found)
}

/// Cancels the card of a notice's link, once.
///
/// # Errors
/// Refuses with `not_found` for a link that is unknown, spent or over.
pub async fn by_link(
    house: &CodeHouse,
    token: &str,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let (hash, policy) = (codes::hash(token), house.policy.clone());
    house
        .store
        .write("cancel_own.by_link", Key::none(), move |tx| {
            let policy = policy.clone();
            Box::pin(async move {
                let card = rows::link(tx, hash, now)
                    .await?
                    .ok_or(RefusalCode::NotFound)?;
                if !rows::spend_link(tx, hash, now).await? {
                    return Err(RefusalCode::NotFound.into());
                }
                let reason = Some(CancelReason::Misused);
                cancel(tx, &policy, &card, reason, now).await?;
                Ok(card)
            })
        })
        .await
}

/// Whoever reads her mail reports misuse; inside the caller's transaction, which ends her sessions
/// as well.
///
/// # Errors
/// The answer refuses with `code_wrong` and `code_expired`; what the engine says.
pub async fn report_by_code(
    tx: Tx<'_>,
    house: &CodeHouse,
    typed: &Typed,
    now: Time,
) -> Answer<UserId> {
    let doors = (house.vault.as_ref(), house.policy.as_ref());
    let attempt = codes::attempt(tx, doors, CodePurpose::Cancel, typed, now).await?;
    let reported = async {
        let request = attempt.proven(now, &house.policy)?;
        let user_id = request.user_id.clone().ok_or(RefusalCode::CodeWrong)?;
        attempt.spend(tx, None, now).await?;
        report(tx, &user_id, now).await?;
        Ok(user_id)
    };
    keep(reported.await)
}

/// Somebody says that her card or account is misused, inside the caller's transaction, which ends
/// her sessions as well. Her card, if she has one in use, waits for a new passcode.
///
/// # Errors
/// Refuses with `identity_closed`; what the engine says.
pub async fn report(tx: Tx<'_>, user_id: &UserId, now: Time) -> Result<(), JourneyError> {
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    if !person.open {
        return Err(RefusalCode::IdentityClosed.into());
    }
    let card = cards::newest_of(tx, user_id).await?;
    let card = card.filter(|card| matches!(card.state, CardState::Active | CardState::Locked));
    if let Some(card) = &card {
        let subject = Subject::of_card(tx, &card.number).await?;
        let permit = lifecycle::report_misuse(&subject.facts(), now)?;
        if card.state == CardState::Active {
            let version = permit.card_version();
            if !cards::move_to(tx, permit.card(), version, CardState::Locked, now).await? {
                return Err(MOVED.into());
            }
            let event = Event::CardLocked {
                actor: Actor::Holder(user_id.clone()),
                person: user_id.clone(),
                card: card.number.clone(),
            };
            tx.audit(now, &event).await?;
        }
    }
    let event = Event::MisuseReported {
        person: user_id.clone(),
        card: card.map(|card| card.number),
    };
    tx.audit(now, &event).await?;
    notices::tell(tx, user_id, &Notice::MisuseReported, now).await?;
    Ok(())
}
