//! Access ends or pauses while the identity stays (domain 5.8, E37): leave suspends every role, a
//! single role ends at an instant. Both may be repeated: what is done already is answered as done,
//! without a second audit line.

use std::sync::Arc;

use policies::ids::{RoleId, UserId};
use policies::permit::{EndRolePermit, SuspendPermit};
use policies::position;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{DeskActor, JourneyError};
use crate::audit::{Actor, Event};
use crate::store::{Key, Store, Tx, people, roles};

/// Suspends every role of the person that has not ended; answers how many changed.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::position::suspend` does.
pub async fn suspend_roles(
    store: &Store,
    policy: &Arc<Policy>,
    user_id: &UserId,
    by: &DeskActor,
    now: Time,
) -> Result<usize, JourneyError> {
    let (policy, user_id, by) = (Arc::clone(policy), user_id.clone(), by.clone());
    store
        .write(
            "suspend_roles",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (policy, user_id, by) = (Arc::clone(&policy), user_id.clone(), by.clone());
                Box::pin(async move {
                    people::find(tx, &user_id)
                        .await?
                        .ok_or(RefusalCode::NotFound)?;
                    let permit = position::suspend(&user_id, &by.facts(&user_id), now, &policy)?;
                    suspend(tx, permit, &by.actor).await
                })
            },
        )
        .await
}

async fn suspend(tx: Tx<'_>, permit: SuspendPermit, actor: &Actor) -> Result<usize, JourneyError> {
    let now = permit.decided_at();
    let suspended = roles::suspend_all(tx, permit.user_id(), now).await?;
    for role in &suspended {
        let event = Event::RoleSuspended {
            actor: actor.clone(),
            person: permit.user_id().clone(),
            role: role.clone(),
        };
        tx.audit(now, &event).await?;
    }
    Ok(suspended.len())
}

/// Ends one role at `now`.
///
/// # Errors
/// Refuses as `policies::position::end` does.
pub async fn end_role(
    store: &Store,
    policy: &Arc<Policy>,
    user_id: &UserId,
    role_id: &RoleId,
    by: &DeskActor,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.clone());
    let (user_id, role_id) = (user_id.clone(), role_id.clone());
    store
        .write(
            "end_role",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (policy, by) = (Arc::clone(&policy), by.clone());
                let (user_id, role_id) = (user_id.clone(), role_id.clone());
                Box::pin(async move {
                    let held = roles::held(tx, &user_id).await?;
                    let is_hers = held.iter().any(|role| role.role_id == role_id);
                    let actor = by.facts(&user_id);
                    let whose = (&user_id, &role_id);
                    let permit = position::end(whose, is_hers, &actor, now, &policy)?;
                    end(tx, permit, by.actor).await
                })
            },
        )
        .await
}

async fn end(tx: Tx<'_>, permit: EndRolePermit, actor: Actor) -> Result<(), JourneyError> {
    let now = permit.decided_at();
    if roles::end(tx, permit.user_id(), permit.role_id(), now).await? {
        let event = Event::RoleEnded {
            actor,
            person: permit.user_id().clone(),
            role: permit.role_id().clone(),
        };
        tx.audit(now, &event).await?;
    }
    Ok(())
}
