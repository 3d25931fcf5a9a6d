//! The holder puts her new card to use (domain 5.4 T4, F16): it has reached her and she told the
//! desk; a code went to her verified address; the card itself signs a nonce with the key of its
//! pending authentication certificate; and she accepts the terms. Nobody is signed in by that.
//!
//! Whoever shows neither the card nor the code is told nothing but that; with the card's signature
//! the guards speak in their order.

use policies::card::{CardState, KeyRole};
use policies::ids::CardNumber;
use policies::lifecycle::{self, ActivateFacts, CodeFacts};
use policies::refusal::RefusalCode;
use policies::time::Time;

use super::first_card::put_to_use;
use super::{JourneyError, Subject, fresh_id};
use crate::audit::Event;
use crate::cards::pending_set;
use crate::codes::{self, Asked, Attempt, CodeHouse, CodePurpose, Drawn, Named, Typed, keep};
use crate::store::{Key, Tx, handling, people};

/// An activation that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Names it.
    pub activation_id: String,
    /// What the card signs, as these very characters.
    pub nonce: String,
}

/// What the holder's card client sends.
#[derive(Clone)]
pub struct Activation {
    /// The activation and the code.
    pub typed: Typed,
    /// The signature over the nonce, as the card made it.
    pub signature: Vec<u8>,
    /// The version of the terms that she accepts.
    pub terms_version: String,
    /// She says that the card has reached her.
    pub receipt_confirmed: bool,
}

/// Begins: a code is sent if there is such a card, on its way or produced, whose arrival is on
/// record, of somebody with an address that counts. The answer is the same for everybody.
///
/// # Errors
/// Refuses with `too_many_codes` when the same number was named too often within the hour.
pub async fn start(house: &CodeHouse, named: Named, now: Time) -> Result<Begun, JourneyError> {
    let nonce = fresh_id()?;
    let asked = Asked {
        purpose: CodePurpose::Activate,
        named,
        transport_key: None,
        nonce: Some(nonce.clone()),
    };
    let drawn = Drawn::draw(&house.vault, CodePurpose::Activate, &house.chance)?;
    let (policy, activation_id) = (house.policy.clone(), drawn.request_id.clone());
    house
        .store
        .write("activation.start", Key::none(), move |tx| {
            let (policy, asked, drawn) = (policy.clone(), asked.clone(), drawn.clone());
            Box::pin(async move {
                let number = asked.named.card_number(tx).await?;
                let journey = handling::journey(tx, &number).await?;
                codes::ask(tx, &policy, &asked, &drawn, now, |_, card| {
                    let waits = matches!(card.state, CardState::Produced | CardState::Dispatched);
                    waits && journey.receipt_confirmed_at.is_some()
                })
                .await
            })
        })
        .await?;
    Ok(Begun {
        activation_id,
        nonce,
    })
}

/// Puts the card to use.
///
/// # Errors
/// Refuses with `code_wrong` whoever has neither code nor card, with `proof_of_possession_failed`
/// whoever has the code alone; then as `policies::lifecycle::activate` does.
pub async fn finish(
    house: &CodeHouse,
    wanted: Activation,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let key = Key::of("code", &wanted.typed.request_id.clone());
    let inner = house.clone();
    let done = house
        .store
        .write("activation.finish", key, move |tx| {
            let (house, wanted) = (inner.clone(), wanted.clone());
            Box::pin(async move {
                let doors = (house.vault.as_ref(), house.policy.as_ref());
                let purpose = CodePurpose::Activate;
                let attempt = codes::attempt(tx, doors, purpose, &wanted.typed, now).await?;
                keep(activate(tx, &house, &attempt, &wanted, now).await)
            })
        })
        .await?;
    ca::crash_point!("activation.before_answer");
    Ok(done?)
}

async fn activate(
    tx: Tx<'_>,
    house: &CodeHouse,
    attempt: &Attempt,
    wanted: &Activation,
    now: Time,
) -> Result<CardNumber, JourneyError> {
    let request = attempt.request.as_ref().ok_or(RefusalCode::CodeWrong)?;
    let card = request.card.clone().ok_or(RefusalCode::CodeWrong)?;
    let nonce = request.nonce.clone().ok_or(RefusalCode::CodeWrong)?;
    if !signed_by_card(tx, &card, &nonce, &wanted.signature).await? {
        return Err(match attempt.facts {
            CodeFacts::Right { .. } => RefusalCode::ProofOfPossessionFailed,
            CodeFacts::Wrong => RefusalCode::CodeWrong,
        }
        .into());
    }
    let subject = Subject::of_card(tx, &card).await?;
    let journey = handling::journey(tx, &card).await?;
    let facts = ActivateFacts {
        subject: subject.facts(),
        receipt_confirmed: journey.receipt_confirmed_at.is_some() && wanted.receipt_confirmed,
        terms_accepted: wanted.terms_version == house.policy.terms_version(),
        code: attempt.facts,
    };
    let permit = lifecycle::activate(&facts, now, &house.policy)?;
    attempt.spend(tx, None, now).await?;
    ca::crash_point!("activation.in_transaction");
    let person = permit.user_id().clone();
    if subject.person.terms_version.as_deref() != Some(wanted.terms_version.as_str()) {
        people::set_terms(tx, &person, &wanted.terms_version).await?;
        let event = Event::TermsAccepted {
            person: person.clone(),
        };
        tx.audit(now, &event).await?;
    }
    put_to_use(tx, permit).await?;
    Ok(card)
}

async fn signed_by_card(
    tx: Tx<'_>,
    card: &CardNumber,
    nonce: &str,
    signature: &[u8],
) -> Result<bool, JourneyError> {
    let pending = pending_set(tx, card).await?;
    let certificate = pending
        .as_ref()
        .and_then(|set| set.certificate(KeyRole::Authentication));
    Ok(certificate
        .is_some_and(|held| ca::signed_by::signed_by(&held.der, nonce.as_bytes(), signature)))
}
