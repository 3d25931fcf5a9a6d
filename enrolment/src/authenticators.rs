//! A person's ways to sign in beside her card, as they are shown and judged (domain 5.7). Reading
//! only; what changes them is a journey. What each kind needs for its ceremony stands in the module
//! of that kind.

use policies::authenticator::{AuthenticatorFacts, AuthenticatorState};
use policies::ids::{AuthenticatorId, UserId};
use policies::signin::{Aal, Method};
use policies::time::Time;
use policies::words::UnknownWord;

use crate::cards;
use crate::store::{StoreError, Tx, authenticators};

/// Who put an authenticator on record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedBy {
    /// Its owner.
    Holder,
    /// A desk, in a meeting.
    Desk,
    /// Somebody in person, for a card left at home.
    Temporary,
}

impl AddedBy {
    /// Its word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Holder => "holder",
            Self::Desk => "desk",
            Self::Temporary => "temporary",
        }
    }
}

impl std::str::FromStr for AddedBy {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        [Self::Holder, Self::Desk, Self::Temporary]
            .into_iter()
            .find(|by| by.as_str() == word)
            .ok_or_else(|| UnknownWord {
                list: "AddedBy",
                word: word.to_owned(),
            })
    }
}

/// One way to sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authenticator {
    /// Its name in the books.
    pub id: AuthenticatorId,
    /// Whose it is.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Which kind.
    pub method: Method,
    /// What she calls it.
    pub name: String,
    /// Where it stands.
    pub state: AuthenticatorState,
    /// What its evidence proves.
    pub evidence: Aal,
    /// The level at which it was added, or to which it was raised.
    pub bound_at: Aal,
    /// Who added it.
    pub added_by: AddedBy,
    /// When.
    pub added_at: Time,
    /// When it was raised to what its evidence proves, if it was added in a weaker session.
    pub raised_at: Option<Time>,
    /// When it signed her in last.
    pub used_at: Option<Time>,
    /// The last second of a temporary one.
    pub ends_at: Option<Time>,
    /// Moves with every change.
    pub version: i64,
}

impl Authenticator {
    /// What the law asks about it.
    pub fn facts(&self) -> AuthenticatorFacts {
        AuthenticatorFacts {
            user_id: self.user_id.clone(),
            person_open: self.person_open,
            state: self.state,
            evidence: self.evidence,
            bound_at: self.bound_at,
            ends_at: self.ends_at,
            version: self.version,
        }
    }

    /// Since when it counts as it does now: what waits before it opens a desk waits from then.
    pub fn counts_since(&self) -> Time {
        self.raised_at.unwrap_or(self.added_at)
    }

    /// Whether it could sign her in now.
    pub fn is_usable(&self, now: Time) -> bool {
        policies::authenticator::judge(&self.facts(), now).is_ok()
    }
}

/// The authenticator of that name.
///
/// # Errors
/// What the engine says.
pub async fn find(tx: Tx<'_>, id: &AuthenticatorId) -> Result<Option<Authenticator>, StoreError> {
    authenticators::find(tx, id).await
}

/// A person's ways to sign in beside her card that would work now, each kind once with the highest
/// level that one of them reaches; the strongest first. `except` is left out.
///
/// # Errors
/// What the engine says.
pub async fn usable(
    tx: Tx<'_>,
    user_id: &UserId,
    except: Option<&AuthenticatorId>,
    now: Time,
) -> Result<Vec<(Method, Aal)>, StoreError> {
    let mut ways: Vec<(Method, Aal)> = Vec::new();
    for one in of_person(tx, user_id).await? {
        if except == Some(&one.id) || !one.is_usable(now) {
            continue;
        }
        let level = one.facts().level();
        match ways.iter_mut().find(|(method, _)| *method == one.method) {
            Some((_, highest)) => *highest = level.max(*highest),
            None => ways.push((one.method, level)),
        }
    }
    ways.sort_by_key(|(_, level)| std::cmp::Reverse(*level));
    Ok(ways)
}

/// The same with her card, which comes first.
///
/// # Errors
/// What the engine says.
pub async fn ways_in(
    tx: Tx<'_>,
    user_id: &UserId,
    except: Option<&AuthenticatorId>,
    now: Time,
) -> Result<Vec<(Method, Aal)>, StoreError> {
    let mut ways = usable(tx, user_id, except, now).await?;
    if cards::works(tx, user_id, now).await? {
        ways.insert(0, (Method::Smartcard, Method::Smartcard.cap()));
    }
    Ok(ways)
}

/// A person's authenticators that are not removed, newest first.
///
/// # Errors
/// What the engine says.
pub async fn of_person(tx: Tx<'_>, user_id: &UserId) -> Result<Vec<Authenticator>, StoreError> {
    authenticators::of_person(tx, user_id).await
}
