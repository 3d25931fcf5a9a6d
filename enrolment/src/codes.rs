//! One-time codes: eight digits that go to a verified address and prove that it is read. A code is
//! for one thing, lives 15 minutes, bears five wrong tries, works once, and never makes a session
//! (domain 5.4 T6; attack table 40).
//!
//! Whoever asks gets the same answer, and the same work is done, whether there is such a person, has
//! an address, or has had too many codes: a letter to nobody is put where there is nobody. Only the
//! count of requests for the same number is told, since it needs no person to exist.

use std::sync::Arc;

use policies::ids::{CardNumber, UserId};
use policies::lifecycle::CodeFacts;
use policies::refusal::{Refusal, RefusalCode};
use policies::time::{Span, Time};
use policies::values::Policy;
use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::audit::{Code, Event};
use crate::cards::Card;
use crate::journeys::{JourneyError, fresh_id};
use crate::notices::Letter;
use crate::outbox::{self, Channel, Message};
use crate::register::Person;
use crate::store::codes::{self, Request, Stored};
use crate::store::contacts::{self, Contact};
use crate::store::{StoreError, Tx, cards, people};
use crate::vault::{Vault, eight_digits};

/// The hour of "so many codes an hour".
const HOUR: Span = Span::hours(1);
/// For how long a code that came too late is still told apart from a wrong one.
const REMEMBERED: Span = Span::hours(2);

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

/// The digits that were typed, without blanks and dashes; none when they are not eight.
pub(crate) fn typed(text: &str) -> Option<Zeroizing<String>> {
    let digits: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'))
        .collect();
    let digits = Zeroizing::new(digits);
    let eight = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    eight.then_some(digits)
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

/// What was typed in, and for which request.
#[derive(Clone)]
pub struct Typed {
    /// The request's name.
    pub request_id: String,
    /// The code as it was typed.
    pub code: Zeroizing<String>,
}

/// What became of a typed code.
pub(crate) struct Attempt {
    /// The request, if there is one that can still be finished.
    pub(crate) request: Option<Request>,
    /// What the law is to know of the code.
    pub(crate) facts: CodeFacts,
    code_id: Option<String>,
}

/// Counts the try and compares. Nothing is spent yet: see [`Attempt::spend`]. The same work is done
/// for a request that does not exist.
pub(crate) async fn attempt(
    tx: Tx<'_>,
    (vault, policy): (&Vault, &Policy),
    purpose: CodePurpose,
    wanted: &Typed,
    now: Time,
) -> Result<Attempt, StoreError> {
    let request = codes::find(tx, &wanted.request_id, purpose).await?;
    let counted = codes::try_once(tx, &wanted.request_id, policy.code_tries()).await?;
    let stand_in = Request {
        id: wanted.request_id.clone(),
        purpose,
        asked_for: [0; 32],
        user_id: None,
        card: None,
        transport_key: None,
        nonce: None,
        target: None,
        started_at: now,
        finished_at: None,
        confirmed_at: None,
        next_secret: None,
    };
    let asked = request.as_ref().unwrap_or(&stand_in);
    let candidates = codes::candidates(tx, asked, now.minus(REMEMBERED)).await?;
    let digits = typed(&wanted.code);
    let mut found: Option<&Stored> = None;
    if let Some(digits) = &digits {
        // One comparison at least; the newest right one wins.
        vault.is_code(purpose, "", digits, &[0; 32]);
        for code in &candidates {
            if vault.is_code(purpose, &code.id, digits, &code.digest) && found.is_none() {
                found = Some(code);
            }
        }
    }
    let found = found.filter(|_| counted && request.is_some());
    Ok(Attempt {
        facts: found.map_or(CodeFacts::Wrong, |code| CodeFacts::Right {
            sent_at: code.sent_at,
        }),
        code_id: found.map(|code| code.id.clone()),
        request: request.filter(|_| counted),
    })
}

impl Attempt {
    /// Whether the code is the right one and in time; anything else is refused before anything
    /// about the person is looked at.
    pub(crate) fn proven(&self, now: Time, policy: &Policy) -> Result<&Request, Refusal> {
        policies::lifecycle::check_code(self.facts, now, policy)?;
        self.request
            .as_ref()
            .ok_or_else(|| RefusalCode::CodeWrong.into())
    }

    /// Spends code and request in one conditional statement each: of any number of attempts at
    /// once, one finds them unspent.
    pub(crate) async fn spend(
        &self,
        tx: Tx<'_>,
        next_secret: Option<&str>,
        now: Time,
    ) -> Result<(), JourneyError> {
        let (Some(request), Some(code_id)) = (&self.request, &self.code_id) else {
            return Err(RefusalCode::CodeWrong.into());
        };
        let spent = codes::spend(tx, code_id, now).await?
            && codes::finish(tx, &request.id, next_secret, now).await?;
        if spent {
            Ok(())
        } else {
            Err(RefusalCode::CodeWrong.into())
        }
    }
}

/// A refusal that must not undo the try it counts is an answer of the transaction, not its failure.
pub type Answer<T> = Result<Result<T, Refusal>, JourneyError>;

/// Turns a refusal into an answer, so that what was counted is kept.
pub(crate) fn keep<T>(done: Result<T, JourneyError>) -> Answer<T> {
    match done {
        Ok(answer) => Ok(Ok(answer)),
        Err(JourneyError::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    }
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_dashes_do_not_matter_and_eight_digits_do() {
        for good in ["12345678", "1234 5678", " 1234-5678 ", "12\u{2013}34 56 78"] {
            assert_eq!(typed(good).unwrap().as_str(), "12345678", "{good}");
        }
        for bad in ["", "1234567", "123456789", "1234567a", "１２３４５６７８"] {
            assert!(typed(bad).is_none(), "{bad}");
        }
    }
}
