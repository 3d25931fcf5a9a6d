//! The holder sets her blocked passcode anew without a desk (domain 5.4 T6, F43): a code to a
//! verified address releases the card's unblock key, once, and the next one; both are kept until
//! the card client says that the card has taken the next, so that a card that is pulled in between
//! is not lost. What our books say of the passcode does not matter: only the card knows.

use policies::card::CardState;
use policies::ids::CardNumber;
use policies::lifecycle::{self, UnlockFacts};
use policies::refusal::RefusalCode;
use policies::time::Time;
use zeroize::Zeroizing;

use super::card_secrets::both;
use super::{JourneyError, MOVED, Subject, fresh_id};
use crate::audit::{Actor, Event};
use crate::codes::{self, Asked, Attempt, CodeHouse, CodePurpose, Drawn, Named, Typed, keep};
use crate::notices::{self, Notice};
use crate::store::{Key, Tx, card_secrets, cards, codes as rows, contacts, intents};
use crate::vault::SecretKind;

/// What is released for one reset. No `Debug`.
#[derive(Clone)]
pub struct Released {
    /// The card.
    pub card: CardNumber,
    /// To which the answer is to be sealed.
    pub transport_key: Vec<u8>,
    /// The unblock key that the card has; none for a card that never got one of ours.
    pub unblock_key: Option<Zeroizing<Vec<u8>>>,
    /// The unblock key that the card is to have afterwards.
    pub next_unblock_key: Zeroizing<Vec<u8>>,
}

/// Begins: a code is sent if there is such a card, in use, of somebody with an address that counts.
/// The answer names the unlock and is the same for everybody.
///
/// # Errors
/// Refuses with `too_many_codes` when the same number was named too often within the hour.
pub async fn start(
    house: &CodeHouse,
    named: Named,
    transport_key: Option<Vec<u8>>,
    now: Time,
) -> Result<String, JourneyError> {
    let asked = Asked {
        purpose: CodePurpose::Unlock,
        named,
        transport_key,
        nonce: None,
    };
    let drawn = Drawn::draw(&house.vault, CodePurpose::Unlock, &house.chance)?;
    let (policy, answer) = (house.policy.clone(), drawn.request_id.clone());
    house
        .store
        .write("unlock.start", Key::none(), move |tx| {
            let (policy, asked, drawn) = (policy.clone(), asked.clone(), drawn.clone());
            Box::pin(async move {
                codes::ask(tx, &policy, &asked, &drawn, now, |_, card| {
                    matches!(card.state, CardState::Active | CardState::Locked)
                })
                .await
            })
        })
        .await?;
    Ok(answer)
}

/// Asks whether the code would do, and counts the try; nothing is spent or released.
///
/// # Errors
/// As [`finish`].
pub async fn check(house: &CodeHouse, typed: Typed, now: Time) -> Result<(), JourneyError> {
    let key = Key::of("code", &typed.request_id.clone());
    let (vault, policy) = (house.vault.clone(), house.policy.clone());
    let done = house
        .store
        .write("unlock.check", key, move |tx| {
            let (vault, policy, typed) = (vault.clone(), policy.clone(), typed.clone());
            Box::pin(async move {
                let doors = (vault.as_ref(), policy.as_ref());
                let attempt = codes::attempt(tx, doors, CodePurpose::Unlock, &typed, now).await?;
                keep(judge(tx, &attempt, &policy, now).await.map(drop))
            })
        })
        .await?;
    Ok(done?)
}

/// Releases the unblock key and the next one against the code, once.
///
/// # Errors
/// Refuses with `code_wrong` and `code_expired`; then, the code being right, as
/// `policies::lifecycle::unlock` does.
pub async fn finish(house: &CodeHouse, typed: Typed, now: Time) -> Result<Released, JourneyError> {
    let key = Key::of("code", &typed.request_id.clone());
    let token = (fresh_id()?, fresh_id()?);
    let inner = house.clone();
    let done = house
        .store
        .write("unlock.finish", key, move |tx| {
            let (house, typed, token) = (inner.clone(), typed.clone(), token.clone());
            Box::pin(async move {
                let doors = (house.vault.as_ref(), house.policy.as_ref());
                let attempt = codes::attempt(tx, doors, CodePurpose::Unlock, &typed, now).await?;
                keep(release(tx, &house, &attempt, token, now).await)
            })
        })
        .await?;
    ca::crash_point!("unlock.before_release");
    Ok(done?)
}

async fn judge(
    tx: Tx<'_>,
    attempt: &Attempt,
    policy: &policies::values::Policy,
    now: Time,
) -> Result<(Subject, policies::permit::ActivatePermit), JourneyError> {
    // Nothing about the person is told to whoever does not read her mail.
    let request = attempt.proven(now, policy)?;
    let card = request.card.clone().ok_or(RefusalCode::CodeWrong)?;
    let subject = Subject::of_card(tx, &card).await?;
    let contacts = contacts::live(tx, Some(&subject.person.user_id)).await?;
    let current = intents::current(tx, &card).await?;
    let facts = UnlockFacts {
        subject: subject.facts(),
        not_after: current.map_or(now, |set| set.not_after),
        verified_contact: contacts
            .iter()
            .any(|contact| contact.facts().counts_for_codes(now, policy)),
        // Whoever asks too often gets no code, so that one that was typed in was not too many.
        codes_this_hour: 0,
        code: attempt.facts,
    };
    let permit = lifecycle::unlock(&facts, now, policy)?;
    Ok((subject, permit))
}

async fn release(
    tx: Tx<'_>,
    house: &CodeHouse,
    attempt: &Attempt,
    (token, fresh): (String, String),
    now: Time,
) -> Result<Released, JourneyError> {
    let (subject, permit) = judge(tx, attempt, &house.policy, now).await?;
    let (card, person) = (permit.card(), permit.user_id());
    let transport_key = attempt
        .request
        .as_ref()
        .and_then(|request| request.transport_key.clone())
        .ok_or(RefusalCode::CodeWrong)?;
    let made = (fresh, now);
    let (next_id, secret) = both(tx, house, card, SecretKind::Unblock, made).await?;
    attempt.spend(tx, Some(&next_id), now).await?;
    ca::crash_point!("unlock.in_transaction");
    let ends_at = now.plus(house.policy.contact_hold());
    rows::insert_link(tx, codes::hash(&token), (card, person), now, ends_at).await?;
    let notice = Notice::CardUnlocked {
        cancel_token: token,
    };
    notices::tell(tx, person, &notice, now).await?;
    let event = Event::UnblockKeyReleased {
        person: person.clone(),
        card: card.clone(),
    };
    tx.audit(now, &event).await?;
    Ok(Released {
        card: subject.card.number,
        transport_key,
        unblock_key: secret.current,
        next_unblock_key: secret.next,
    })
}

/// The card has its new passcode and the next unblock key: that is the current one now, and a card
/// that is locked in our books is active again. Confirming twice is confirming once.
///
/// # Errors
/// Refuses with `not_found` for an unlock that is unknown or not finished, and as
/// `policies::lifecycle::unlocked` does.
pub async fn confirm(house: &CodeHouse, unlock_id: &str, now: Time) -> Result<(), JourneyError> {
    let unlock_id = unlock_id.to_owned();
    let key = Key::of("code", &unlock_id.clone());
    house
        .store
        .write("unlock.confirm", key, move |tx| {
            let unlock_id = unlock_id.clone();
            Box::pin(async move { confirmed(tx, &unlock_id, now).await })
        })
        .await?;
    ca::crash_point!("unlock.after_active");
    Ok(())
}

async fn confirmed(tx: Tx<'_>, unlock_id: &str, now: Time) -> Result<(), JourneyError> {
    let request = rows::find(tx, unlock_id, CodePurpose::Unlock)
        .await?
        .filter(|request| request.finished_at.is_some())
        .ok_or(RefusalCode::NotFound)?;
    if request.confirmed_at.is_some() {
        return Ok(());
    }
    let card = request.card.ok_or(RefusalCode::NotFound)?;
    let subject = Subject::of_card(tx, &card).await?;
    let permit = lifecycle::unlocked(&subject.facts(), now)?;
    if !rows::confirm(tx, unlock_id, now).await? {
        return Err(MOVED.into());
    }
    if let Some(next) = &request.next_secret {
        card_secrets::promote(tx, next).await?;
    }
    ca::crash_point!("unlock.before_active");
    if subject.card.state == CardState::Locked {
        let version = permit.card_version();
        if !cards::move_to(tx, permit.card(), version, CardState::Active, now).await? {
            return Err(MOVED.into());
        }
    }
    let event = Event::CardUnlocked {
        actor: Actor::Holder(permit.user_id().clone()),
        person: permit.user_id().clone(),
        card,
    };
    tx.audit(now, &event).await?;
    Ok(())
}
