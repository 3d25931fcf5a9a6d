//! One-time codes: eight digits that go to a verified address and prove that it is read. A code is
//! for one thing, lives 15 minutes, bears five wrong tries, works once, and never makes a session
//! (domain 5.4 T6; attack table 40).
//!
//! Whoever asks gets the same answer, and the same work is done, whether there is such a person, has
//! an address, or has had too many codes: a letter to nobody is put where there is nobody. Only the
//! count of requests for the same number is told, since it needs no person to exist.

mod attempt;

use std::sync::Arc;

use policies::ids::{CardNumber, UserId};
use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audit::{Code, Event};
use crate::cards::Card;
use crate::clock_mark::ClockTrust;
use crate::journeys::{JourneyError, fresh_id};
use crate::notices::Letter;
use crate::outbox::{self, Channel, Message};
use crate::register::Person;
use crate::store::codes::{self, Request, Stored};
use crate::store::contacts::{self, Contact};
use crate::store::{StoreError, Tx, cards, people};
use crate::vault::{Vault, eight_digits};

pub use attempt::{Answer, Typed};
pub(crate) use attempt::{Attempt, attempt, keep};

/// The hour of "so many codes an hour".
const HOUR: Span = Span::hours(1);
/// What a code is for; a code for one thing is no code for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodePurpose {
    /// To set the passcode of a card anew (T6).
    Unlock,
    /// To put a card to use (T4).
    Activate,
    /// To cancel a card, or report misuse (T15).
    Cancel,
    /// To put an address on record.
    Contact,
}

impl CodePurpose {
    /// Its word in the database and in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Activate => "activate",
            Self::Cancel => "cancel",
            Self::Contact => "contact",
        }
    }
}

/// Whom a stranger names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The holder of this card.
    Card(CardNumber),
    /// This person, with her newest card.
    Person(UserId),
}

impl Named {
    /// Reads a card number (16 digits) or a user id (12), with or without blanks; none for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .collect();
        if let Ok(card) = plain.parse() {
            return Some(Self::Card(card));
        }
        plain.parse().ok().map(Self::Person)
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Card(card) => card.as_str(),
            Self::Person(user_id) => user_id.as_str(),
        }
    }

    /// The card that is meant; a person without one stands for a number that nobody has.
    pub(crate) async fn card_number(&self, tx: Tx<'_>) -> Result<CardNumber, JourneyError> {
        let found = self.look_up(tx).await?;
        match (found, self) {
            (Some((_, card)), _) => Ok(card.number),
            (None, Self::Card(number)) => Ok(number.clone()),
            (None, Self::Person(_)) => Ok("0000000000000000".parse()?),
        }
    }

    async fn look_up(&self, tx: Tx<'_>) -> Result<Option<(Person, Card)>, StoreError> {
        let card = match self {
            Self::Card(number) => cards::find(tx, number).await?,
            Self::Person(user_id) => cards::newest_of(tx, user_id).await?,
        };
        let Some(card) = card else { return Ok(None) };
        let person = people::find(tx, &card.user_id).await?;
        Ok(person.map(|person| (person, card)))
    }
}

/// What a request needs that is not SQL: drawn before the transaction, so that a repeat of its
/// closure writes the same.
#[derive(Clone)]
pub(crate) struct Drawn {
    pub(crate) request_id: String,
    pub(crate) code_id: String,
    digits: Zeroizing<String>,
    digest: [u8; 32],
}

impl Drawn {
    pub(crate) fn draw(
        vault: &Vault,
        purpose: CodePurpose,
        chance: &SystemRandom,
    ) -> Result<Self, JourneyError> {
        let digits = eight_digits(chance).map_err(|_| JourneyError::NoChance)?;
        let code_id = fresh_id()?;
        Ok(Self {
            request_id: fresh_id()?,
            digest: vault.digest(purpose, &code_id, &digits),
            code_id,
            digits,
        })
    }
}

/// A stranger's request, before it is known whom it is about.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) purpose: CodePurpose,
    pub(crate) named: Named,
    pub(crate) transport_key: Option<Vec<u8>>,
    pub(crate) nonce: Option<String>,
}

/// Takes a stranger's request and sends a code to every address that counts, if `fits` says that
/// the card is in a state for it.
///
/// # Errors
/// Refuses with `too_many_codes` when the same number was named too often within the hour.
pub(crate) async fn ask(
    tx: Tx<'_>,
    policy: &Policy,
    asked: &Asked,
    drawn: &Drawn,
    now: Time,
    fits: impl Fn(&Person, &Card) -> bool,
) -> Result<(), JourneyError> {
    let asked_for = fingerprint(asked.purpose, asked.named.as_str());
    let before = codes::asked_since(tx, asked_for, now.minus(HOUR)).await?;
    if before >= policy.codes_per_hour() {
        let refusal = Refusal::new(RefusalCode::TooManyCodes).used(before, policy.codes_per_hour());
        return Err(refusal.into());
    }
    let found = asked.named.look_up(tx).await?;
    let known = found.as_ref().map(|(person, _)| &person.user_id);
    let request = Request {
        id: drawn.request_id.clone(),
        purpose: asked.purpose,
        asked_for,
        user_id: known.cloned(),
        card: found.as_ref().map(|(_, card)| card.number.clone()),
        transport_key: asked.transport_key.clone(),
        nonce: asked.nonce.clone(),
        target: None,
        started_at: now,
        finished_at: None,
        confirmed_at: None,
        next_secret: None,
    };
    codes::begin(tx, &request).await?;
    let sent = codes::sent_since(tx, known, now.minus(HOUR)).await?;
    let may = sent < policy.codes_per_hour()
        && found
            .as_ref()
            .is_some_and(|(person, card)| person.open && fits(person, card));
    let contacts = contacts::live(tx, known).await?;
    let count: Vec<Contact> = contacts
        .into_iter()
        .filter(|contact| may && contact.facts().counts_for_codes(now, policy))
        .collect();
    send(tx, &request, drawn, &count, now).await?;
    let event = Event::CodeAsked {
        person: known.cloned(),
        card: request.card.clone(),
        task: Code::of(asked.purpose.as_str()),
    };
    tx.audit(now, &event).await?;
    Ok(())
}

/// Writes the code and one letter for each channel; where there is no address, a letter to nobody
/// that is settled at once.
async fn send(
    tx: Tx<'_>,
    request: &Request,
    drawn: &Drawn,
    to: &[Contact],
    now: Time,
) -> Result<(), StoreError> {
    // A code that was sent to nobody belongs to nobody, so that nobody can guess it.
    let owner = request.user_id.as_ref().filter(|_| !to.is_empty());
    let code = Stored {
        id: drawn.code_id.clone(),
        digest: drawn.digest.to_vec(),
        sent_at: now,
    };
    codes::insert(tx, request, owner, &code).await?;
    for channel in [Channel::Mail, Channel::Sms] {
        let contact = to.iter().find(|contact| contact.channel == channel);
        let address = contact.map(|contact| contact.address.as_str());
        put_code(tx, request.purpose, drawn, (channel, address), now).await?;
    }
    Ok(())
}

async fn put_code(
    tx: Tx<'_>,
    purpose: CodePurpose,
    drawn: &Drawn,
    (channel, address): (Channel, Option<&str>),
    now: Time,
) -> Result<(), StoreError> {
    let letter = Letter::Code {
        code: drawn.digits.to_string(),
        purpose,
    };
    let content = letter.to_content()?;
    let Some(address) = address else {
        return outbox::put_to_nobody(tx, now, channel).await;
    };
    let message = Message {
        channel,
        address: address.to_owned(),
        content,
    };
    outbox::put(&tx, now, &message).await
}

/// Sends a code to a new address of a known person; it proves nothing but that she reads it.
pub(crate) async fn ask_for_contact(
    tx: Tx<'_>,
    policy: &Policy,
    (user_id, channel, address): (&UserId, Channel, &str),
    drawn: &Drawn,
    now: Time,
) -> Result<(), JourneyError> {
    let limit = policy.codes_per_hour();
    // An address is counted whoever names it: nobody is flooded from many accounts.
    let asked_for = fingerprint(CodePurpose::Contact, address);
    let to_it = codes::asked_since(tx, asked_for, now.minus(HOUR)).await?;
    let by_her = codes::sent_since(tx, Some(user_id), now.minus(HOUR)).await?;
    if to_it.max(by_her) >= limit {
        return Err(Refusal::new(RefusalCode::TooManyCodes)
            .used(to_it.max(by_her), limit)
            .into());
    }
    let request = Request {
        id: drawn.request_id.clone(),
        purpose: CodePurpose::Contact,
        asked_for,
        user_id: Some(user_id.clone()),
        card: None,
        transport_key: None,
        nonce: None,
        target: Some((channel, address.to_owned())),
        started_at: now,
        finished_at: None,
        confirmed_at: None,
        next_secret: None,
    };
    codes::begin(tx, &request).await?;
    let code = Stored {
        id: drawn.code_id.clone(),
        digest: drawn.digest.to_vec(),
        sent_at: now,
    };
    codes::insert(tx, &request, Some(user_id), &code).await?;
    put_code(
        tx,
        CodePurpose::Contact,
        drawn,
        (channel, Some(address)),
        now,
    )
    .await?;
    Ok(())
}

fn fingerprint(purpose: CodePurpose, text: &str) -> [u8; 32] {
    hash(&format!("{}\n{text}", purpose.as_str()))
}

/// SHA-256 of a text, for tokens that are random and stored hashed.
pub(crate) fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0_u8; 32];
    hash.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
    hash
}

/// Forgets at most `piece` requests, with their codes, and links that are over; how many went.
///
/// # Errors
/// What the engine says.
pub async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    codes::forget_ended(tx, now, piece).await
}

/// What every journey with a code needs of the house.
#[derive(Clone)]
pub struct CodeHouse {
    /// The database.
    pub store: crate::store::Store,
    /// The keys.
    pub vault: Arc<Vault>,
    /// The law.
    pub policy: Arc<Policy>,
    /// The source of chance.
    pub chance: SystemRandom,
    /// What its clock is.
    pub clock: ClockTrust,
}
