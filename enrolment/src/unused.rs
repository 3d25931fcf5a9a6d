//! Authenticators that nobody has used for 12 months (domain 5.7): a list for the desk, of the people
//! its registration authority looks after, the longest unused first.

use std::sync::Arc;

use policies::access::{self, ActorFacts, PersonAction};
use policies::ids::{AuthenticatorId, UserId};
use policies::signin::Method;
use policies::time::Time;
use policies::values::Policy;

use crate::desk::DeskSession;
use crate::journeys::JourneyError;
use crate::store::{Store, authenticators};

/// So many stand on a page.
pub const ON_A_PAGE: usize = 50;

/// One that nobody uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Its name in the books.
    pub id: AuthenticatorId,
    /// Whose it is.
    pub user_id: UserId,
    /// The name she wants to be shown by.
    pub owner: String,
    /// Which kind.
    pub method: Method,
    /// What she calls it.
    pub name: String,
    /// When it was added.
    pub added_at: Time,
    /// When it signed her in last.
    pub used_at: Option<Time>,
}

impl Unused {
    /// Since when nobody has used it.
    pub fn since(&self) -> Time {
        self.used_at.unwrap_or(self.added_at)
    }
}

/// Where a page begins: after this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    since: Time,
    id: String,
}

impl Place {
    /// Before all of them.
    const fn first() -> Self {
        Self {
            since: Time::from_unix(0),
            id: String::new(),
        }
    }

    /// As it stands in a URL.
    pub fn to_text(&self) -> String {
        format!("{}.{}", self.since.unix(), self.id)
    }

    /// Reads what [`Place::to_text`] wrote; none for anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (since, id) = text.split_once('.')?;
        let id: AuthenticatorId = id.parse().ok()?;
        Some(Self {
            since: Time::from_unix(since.parse().ok()?),
            id: id.to_string(),
        })
    }
}

/// A page of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnusedPage {
    /// At most [`ON_A_PAGE`], the longest unused first.
    pub lines: Vec<Unused>,
    /// Where the next page begins, if there is one.
    pub next: Option<Place>,
}

/// The page that begins after `after`.
///
/// # Errors
/// Refuses with `role_not_held`, `identity_closed`, and with `actor_role_missing` for a role that does
/// not manage authenticators.
pub async fn list(
    store: &Store,
    policy: &Arc<Policy>,
    (by, after): (DeskSession, Option<Place>),
    now: Time,
) -> Result<UnusedPage, JourneyError> {
    let policy = Arc::clone(policy);
    let after = after.unwrap_or_else(Place::first);
    let mut lines = store
        .read::<_, JourneyError, _>("authenticators.unused", move |tx| {
            let (policy, by, after) = (Arc::clone(&policy), by.clone(), after.clone());
            Box::pin(async move {
                let standing = by.standing(tx, now).await?;
                let anybody = ActorFacts {
                    roles: standing.roles,
                    is_subject: false,
                    in_scope: true,
                };
                access::ask(&policy, &anybody, PersonAction::ManageAuthenticators)?;
                let Some(authority) = standing.authority else {
                    return Ok(Vec::new());
                };
                let until = now.minus_calendar_months(policy.unused_months());
                let most = i64::try_from(ON_A_PAGE + 1).unwrap_or(i64::MAX);
                let after = (after.since, after.id.as_str());
                Ok(authenticators::unused(tx, &authority, (after, until), most).await?)
            })
        })
        .await?;
    let more = lines.len() > ON_A_PAGE;
    lines.truncate(ON_A_PAGE);
    let next = lines.last().filter(|_| more).map(|last| Place {
        since: last.since(),
        id: last.id.to_string(),
    });
    Ok(UnusedPage { lines, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
        let place = Place {
            since: Time::from_unix(1_800_000_000),
            id: "a1".into(),
        };
        assert_eq!(Place::read(&place.to_text()), Some(place));
        for wrong in ["", "1", "x.a", "1.", "1.a b", "1.'; --"] {
            assert_eq!(Place::read(wrong), None, "{wrong}");
        }
    }
}
