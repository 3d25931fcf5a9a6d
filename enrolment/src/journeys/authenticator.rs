//! The life of an authenticator beside the card (domain 5.7): added when its ceremony has
//! succeeded, used, raised, thought lost, found, taken away. Every change is told to all addresses
//! of its owner in the same transaction.

use std::sync::Arc;

use policies::authenticator::{self, AuthenticatorState, Change, OwnFacts, Standing};
use policies::ids::{AuthenticatorId, UserId};
use policies::permit::{AddAuthenticatorPermit, ChangeAuthenticatorPermit};
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::owner::Owner;
use super::{JourneyError, MOVED, invitation};
use crate::audit::{Actor, Code, Event};
use crate::authenticators::{AddedBy, Authenticator};
use crate::cards;
use crate::notices::{self, Notice};
use crate::signed_in::SignedIn;
use crate::store::{Key, Store, StoreError, Tx, apps, authenticators, federated, people};

/// Longest name that a person may give, in characters.
pub const LONGEST_NAME: usize = 40;

/// What she calls an authenticator: 1 to 40 characters; no markup, and nothing unseen that turns the
/// text beside it round.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// Not a name for an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 40 characters, without markup and unseen signs")]
pub struct NameError;

impl std::str::FromStr for Name {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let text = text.trim();
        let fits = (1..=LONGEST_NAME).contains(&text.chars().count());
        let plain = text.chars().all(is_plain);
        (fits && plain)
            .then(|| Self(text.to_owned()))
            .ok_or(NameError)
    }
}

impl From<NameError> for JourneyError {
    fn from(_: NameError) -> Self {
        RefusalCode::NameNotAllowed.into()
    }
}

/// No control character, no angle bracket, nothing that sets the direction of writing (Unicode bidi
/// controls) and no line of its own; what joins a picture of several is fine.
fn is_plain(letter: char) -> bool {
    !letter.is_control()
        && !matches!(
            letter,
            '<' | '>'
                | '\u{61c}'
                | '\u{200b}'
                | '\u{200e}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

impl Name {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What the law asks about whoever wants to change her own authenticators, inside the transaction.
///
/// # Errors
/// Refuses with `not_found` for nobody; what the engine says.
pub async fn own_facts(
    tx: Tx<'_>,
    user_id: &UserId,
    standing: Standing,
) -> Result<OwnFacts, JourneyError> {
    let person = people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let all = authenticators::of_person(tx, user_id).await?;
    Ok(OwnFacts {
        user_id: user_id.clone(),
        person_open: person.open,
        standing,
        closed: None,
        count: invitation::count(&all),
    })
}

/// Whether she may add one now, so that nobody is offered what would be refused. Asked again where it
/// begins and where it ends.
///
/// # Errors
/// Refuses as `policies::authenticator::may_add` does.
pub async fn may_add(
    store: &Store,
    policy: &Arc<Policy>,
    owner: &Owner,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, owner) = (policy.clone(), owner.clone());
    store
        .read("authenticator.may_add", move |tx| {
            let (policy, owner) = (policy.clone(), owner.clone());
            Box::pin(async move {
                let own = owner.facts(tx, now).await?;
                Ok(authenticator::may_add(&own, now, &policy)?)
            })
        })
        .await
}

/// What is written when a ceremony has succeeded.
pub struct Addition {
    /// Its name in the books, drawn by the caller.
    pub id: AuthenticatorId,
    /// What she calls it.
    pub name: Name,
    /// Who adds it.
    pub by: AddedBy,
    /// The last second of a temporary one.
    pub ends_at: Option<Time>,
}

/// Spends the permit inside the transaction of the ceremony: the row, its audit line, the notice.
/// The caller writes what its kind needs beside it.
///
/// # Errors
/// What the engine says.
pub async fn add(
    tx: Tx<'_>,
    permit: AddAuthenticatorPermit,
    addition: &Addition,
    actor: &Actor,
) -> Result<(), JourneyError> {
    let now = permit.decided_at();
    let row = Authenticator {
        id: addition.id.clone(),
        user_id: permit.user_id().clone(),
        person_open: true,
        method: permit.method(),
        name: addition.name.as_str().to_owned(),
        state: AuthenticatorState::Registered,
        evidence: permit.evidence(),
        bound_at: permit.bound_at(),
        added_by: addition.by,
        added_at: now,
        raised_at: None,
        used_at: None,
        ends_at: addition.ends_at,
        version: 1,
    };
    authenticators::insert(tx, &row).await?;
    let event = Event::AuthenticatorAdded {
        actor: actor.clone(),
        person: row.user_id.clone(),
        authenticator: row.id.clone(),
        method: Code::of(row.method.as_str()),
        evidence: Code::of(row.evidence.as_str()),
        bound_at: Code::of(row.bound_at.as_str()),
    };
    tx.audit(now, &event).await?;
    let notice = Notice::AuthenticatorAdded {
        method: row.method.as_str().to_owned(),
        name: row.name,
    };
    notices::tell(tx, &row.user_id, &notice, now).await?;
    Ok(())
}

/// Notes a sign-in with it inside the transaction of the sign-in.
///
/// # Errors
/// What the engine says.
pub async fn used(tx: Tx<'_>, id: &AuthenticatorId, now: Time) -> Result<(), StoreError> {
    authenticators::used(tx, id, now).await
}

/// A sign-in at AAL3 by another authenticator raises what was added in a weaker session (house
/// decision 9), inside the transaction of that sign-in. She is told: it may be somebody else's.
///
/// # Errors
/// What the engine says.
pub async fn raise(tx: Tx<'_>, user_id: &UserId, now: Time) -> Result<(), StoreError> {
    for authenticator in authenticators::raise(tx, user_id, now).await? {
        let raised = authenticators::find(tx, &authenticator).await?;
        let event = Event::AuthenticatorRaised {
            person: user_id.clone(),
            authenticator,
        };
        tx.audit(now, &event).await?;
        if let Some(one) = raised {
            tell(tx, &one, "raised", now).await?;
        }
    }
    Ok(())
}

/// It answered as only a copy could: nobody uses it any more, and she is told.
///
/// # Errors
/// What the engine says.
pub async fn lock(
    tx: Tx<'_>,
    authenticator: &Authenticator,
    why: &'static str,
    now: Time,
) -> Result<(), JourneyError> {
    let to = AuthenticatorState::Locked;
    if !authenticators::change(tx, &authenticator.id, authenticator.version, to, now).await? {
        return Err(MOVED.into());
    }
    let event = Event::AuthenticatorChanged {
        actor: Actor::System,
        person: authenticator.user_id.clone(),
        authenticator: authenticator.id.clone(),
        state: Code::of(to.as_str()),
        reason: Code::of(why),
    };
    tx.audit(now, &event).await?;
    Ok(tell(tx, authenticator, to.as_str(), now).await?)
}

/// Whose authenticator, and what is to become of it.
#[derive(Debug, Clone)]
pub struct Wish {
    /// Who asks: its owner.
    pub user_id: UserId,
    /// In which session.
    pub signed_in: SignedIn,
    /// Which one.
    pub id: AuthenticatorId,
    /// What is to become of it.
    pub change: Change,
}

/// Suspends, resumes or removes one of her own. Answers its state.
///
/// # Errors
/// Refuses with `reauthentication_needed` where her session lives no more, and as
/// `policies::authenticator::change_own` does.
pub async fn change_own(
    store: &Store,
    policy: &Arc<Policy>,
    wish: Wish,
    now: Time,
) -> Result<AuthenticatorState, JourneyError> {
    let (policy, key) = (policy.clone(), Key::of("person", wish.user_id.as_str()));
    store
        .write("authenticator.change", key, move |tx| {
            let (policy, wish) = (policy.clone(), wish.clone());
            Box::pin(async move {
                let live = wish.signed_in.live(tx, &wish.user_id, now).await?;
                let found = authenticators::find(tx, &wish.id).await?;
                let found = found.ok_or(RefusalCode::NotFound)?;
                let own = own_facts(tx, &wish.user_id, live.standing).await?;
                let left = others_left(tx, &found, now).await?;
                let facts = found.facts();
                let permit =
                    authenticator::change_own(&own, &facts, wish.change, left, now, &policy)?;
                if found.state == AuthenticatorState::Suspended && wish.change == Change::Resume {
                    // Whoever held it meanwhile may have begun sessions with it before it was lost.
                    let sessions = &wish.signed_in.sessions;
                    sessions.end_opened_by(tx, &wish.id, now).await?;
                }
                let actor = Actor::Holder(wish.user_id.clone());
                spend(tx, permit, &found, (&actor, "asked_for")).await
            })
        })
        .await
}

/// Her other ways to sign in that would work now, the card among them.
pub(crate) async fn others_left(
    tx: Tx<'_>,
    one: &Authenticator,
    now: Time,
) -> Result<u32, StoreError> {
    let all = authenticators::of_person(tx, &one.user_id).await?;
    let others = all
        .iter()
        .filter(|other| other.id != one.id && other.ends_at.is_none() && other.is_usable(now))
        .count();
    let card = u32::from(cards::works(tx, &one.user_id, now).await?);
    Ok(u32::try_from(others)
        .unwrap_or(u32::MAX)
        .saturating_add(card))
}

/// Spends the permit inside the transaction: the row, its audit line with the reason, the notice.
pub(crate) async fn spend(
    tx: Tx<'_>,
    permit: ChangeAuthenticatorPermit,
    one: &Authenticator,
    (actor, reason): (&Actor, &'static str),
) -> Result<AuthenticatorState, JourneyError> {
    let (to, now) = (permit.to(), permit.decided_at());
    if one.state == to {
        return Ok(to);
    }
    if !authenticators::change(tx, &one.id, permit.version(), to, now).await? {
        return Err(MOVED.into());
    }
    let event = Event::AuthenticatorChanged {
        actor: actor.clone(),
        person: one.user_id.clone(),
        authenticator: one.id.clone(),
        state: Code::of(to.as_str()),
        reason: Code::of(reason),
    };
    tx.audit(now, &event).await?;
    if to == AuthenticatorState::Removed {
        apps::forget_removed(tx, &one.user_id).await?;
        federated::forget_removed(tx, &one.user_id).await?;
    }
    tell(tx, one, to.as_str(), now).await?;
    Ok(to)
}

/// Tells its owner what became of it: a state, or `raised`.
pub(crate) async fn tell(
    tx: Tx<'_>,
    one: &Authenticator,
    to: &'static str,
    now: Time,
) -> Result<(), StoreError> {
    let notice = Notice::AuthenticatorChanged {
        method: one.method.as_str().to_owned(),
        name: one.name.clone(),
        state: to.to_owned(),
    };
    notices::tell(tx, &one.user_id, &notice, now).await?;
    Ok(())
}

/// Takes all of a person's away, inside the closing of her profile. She is told once, not of each.
///
/// # Errors
/// What the engine says.
pub(crate) async fn remove_all(
    tx: Tx<'_>,
    user_id: &UserId,
    actor: &Actor,
    now: Time,
) -> Result<(), StoreError> {
    let removed = authenticators::remove_all(tx, user_id, now).await?;
    if !removed.is_empty() {
        notices::tell(tx, user_id, &Notice::AuthenticatorsClosed, now).await?;
    }
    for authenticator in removed {
        let event = Event::AuthenticatorChanged {
            actor: actor.clone(),
            person: user_id.clone(),
            authenticator,
            state: Code::of(AuthenticatorState::Removed.as_str()),
            reason: Code::of("identity_closed"),
        };
        tx.audit(now, &event).await?;
    }
    apps::forget_removed(tx, user_id).await?;
    federated::forget_removed(tx, user_id).await
}
