//! The journeys: everything that changes people, roles and cards. A journey is one transaction, or
//! the pair around a signature (house decision 3). It takes `now`, reads the facts, asks
//! `policies`, spends the permit and writes the audit line, all inside the write closure, so that a
//! repeat judges again. Each can be repeated safely: the same wish gets the same answer, another
//! wish under the same key is a conflict.

pub mod abandon;
pub mod accept_terms;
pub mod activation;
pub mod authenticator;
pub mod authenticator_app;
pub mod cancel_card;
pub mod cancel_own;
pub mod card_secrets;
pub mod change_contact;
pub mod close_person;
pub mod confirm;
pub mod confirm_receipt;
pub mod deputy;
pub mod desk_authenticator;
pub mod desk_card;
pub mod dispatch_card;
pub mod federated;
pub mod first_card;
pub mod grant_role;
pub mod invitation;
pub mod lock;
pub mod owner;
pub mod public_key;
pub mod record_plastic;
pub mod register_organisation;
pub mod register_person;
pub mod renewal;
pub mod reopen_person;
pub mod replace_card;
pub mod request_card;
pub mod self_renew;
pub mod suspend_roles;
pub mod unlock;

use policies::access::{ActorFacts, ActorRole};
use policies::ids::{IdError, UserId};
use policies::issuance::SubjectFacts;
use policies::refusal::{Refusal, RefusalCode};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::audit::Actor;
use crate::cards::Card;
use crate::register::Person;
use crate::store::{StoreError, Tx, cards, people};

/// Why a journey did not arrive.
#[derive(Debug, thiserror::Error)]
pub enum JourneyError {
    /// The law says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database did not take it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The authority could not prepare or sign.
    #[error(transparent)]
    Authority(#[from] ca::CaError),
    /// The platform gave no random bytes.
    #[error("no random bytes")]
    NoChance,
    /// A card's secret does not open.
    #[error(transparent)]
    Vault(#[from] crate::vault::VaultError),
    /// A password could not be hashed.
    #[error("a password could not be hashed")]
    Hash,
    /// A fresh identifier was not one.
    #[error("an identifier was malformed")]
    Identifier(#[from] IdError),
}

impl From<RefusalCode> for JourneyError {
    fn from(code: RefusalCode) -> Self {
        Self::Refused(code.into())
    }
}

impl JourneyError {
    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Store(_)
            | Self::Authority(_)
            | Self::NoChance
            | Self::Vault(_)
            | Self::Hash
            | Self::Identifier(_) => None,
        }
    }
}

/// A key chosen by the client: the same key with the same wish gets the same answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IdempotencyKey(String);

/// A text that cannot be an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an idempotency key is 1 to 128 visible ASCII characters")]
pub struct IdempotencyKeyError;

impl IdempotencyKey {
    /// The key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for IdempotencyKey {
    type Err = IdempotencyKeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits =
            (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdempotencyKeyError)
        }
    }
}

/// Who acts at a desk, and as what. Nobody acts for herself (invariant I11): that question is asked
/// by `policies`, and the schema repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeskActor {
    /// The person or operator.
    pub actor: Actor,
    /// The parts she plays under the role she chose.
    pub roles: Vec<ActorRole>,
    /// Whether her registration authority hosts an organisation of the person acted upon.
    pub in_scope: bool,
}

impl DeskActor {
    pub(crate) fn facts(&self, subject: &UserId) -> ActorFacts {
        ActorFacts {
            roles: self.roles.clone(),
            is_subject: self.person() == Some(subject),
            in_scope: self.in_scope,
        }
    }

    /// The person who acts; operators and the system are none.
    pub(crate) fn person(&self) -> Option<&UserId> {
        person_of(&self.actor)
    }
}

/// The person behind an actor.
pub(crate) fn person_of(actor: &Actor) -> Option<&UserId> {
    match actor {
        Actor::Holder(user_id) | Actor::Person(user_id) => Some(user_id),
        Actor::Operator(_) | Actor::System => None,
    }
}

/// The card and its holder as one transaction sees them.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    pub(crate) person: Person,
    pub(crate) card: Card,
}

impl Subject {
    /// Reads both; a card that is not there is refused as `not_found`.
    pub(crate) async fn of_card(
        tx: Tx<'_>,
        number: &policies::ids::CardNumber,
    ) -> Result<Self, JourneyError> {
        let card = cards::find(tx, number)
            .await?
            .ok_or(RefusalCode::NotFound)?;
        let person = people::find(tx, &card.user_id)
            .await?
            .ok_or(RefusalCode::NotFound)?;
        Ok(Self { person, card })
    }

    pub(crate) fn facts(&self) -> SubjectFacts {
        SubjectFacts {
            user_id: self.person.user_id.clone(),
            person_version: self.person.version,
            person_open: self.person.open,
            card: self.card.number.clone(),
            card_version: self.card.version,
            card_state: self.card.state,
        }
    }
}

/// Something was changed by somebody else between judging and writing, inside one transaction: that
/// cannot be.
pub(crate) const MOVED: StoreError = StoreError::Inconsistent {
    table: "card",
    column: "version",
};

/// The fingerprint of a wish: SHA-256 over its parts, each with its length before it, as hex.
pub(crate) fn request_hash(parts: &[&[u8]]) -> String {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    hex::encode(context.finish())
}

/// A fresh identifier of 128 random bits, as hex.
pub(crate) fn fresh_id() -> Result<String, JourneyError> {
    let mut bytes = [0_u8; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| JourneyError::NoChance)?;
    Ok(hex::encode(bytes))
}

#[cfg(test)]
mod tests;
