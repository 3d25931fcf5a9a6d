//! Access ends or pauses while the identity stays (domain 5.8, E37): leave suspends every role, a
//! single role ends at an instant. Both may be repeated: what is done already is answered as done,
//! without a second audit line.

use policies::ids::{RoleId, UserId};
use policies::refusal::RefusalCode;
use policies::time::Time;

use super::{DeskActor, JourneyError};
use crate::audit::Event;
use crate::store::{Key, Store, people, roles};

/// Suspends every role of the person that has not ended; answers how many changed.
///
/// # Errors
/// Refuses with `actor_is_subject` and `not_found`.
pub async fn suspend_roles(
    store: &Store,
    user_id: &UserId,
    by: &DeskActor,
    now: Time,
) -> Result<usize, JourneyError> {
    let (user_id, by) = (user_id.clone(), by.clone());
    store
        .write(
            "suspend_roles",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (user_id, by) = (user_id.clone(), by.clone());
                Box::pin(async move {
                    if by.person() == Some(&user_id) {
                        return Err(RefusalCode::ActorIsSubject.into());
                    }
                    people::find(tx, &user_id)
                        .await?
                        .ok_or(RefusalCode::NotFound)?;
                    let suspended = roles::suspend_all(tx, &user_id, now).await?;
                    for role in &suspended {
                        let event = Event::RoleSuspended {
                            actor: by.actor.clone(),
                            person: user_id.clone(),
                            role: role.clone(),
                        };
                        tx.audit(now, &event).await?;
                    }
                    Ok(suspended.len())
                })
            },
        )
        .await
}

/// Ends one role at `now`.
///
/// # Errors
/// Refuses with `actor_is_subject`, and with `role_not_held` when it is not a role of this person.
pub async fn end_role(
    store: &Store,
    user_id: &UserId,
    role_id: &RoleId,
    by: &DeskActor,
    now: Time,
) -> Result<(), JourneyError> {
    let (user_id, role_id, by) = (user_id.clone(), role_id.clone(), by.clone());
    store
        .write(
            "end_role",
            Key::of("person", user_id.clone().as_str()),
            move |tx| {
                let (user_id, role_id, by) = (user_id.clone(), role_id.clone(), by.clone());
                Box::pin(async move {
                    if by.person() == Some(&user_id) {
                        return Err(RefusalCode::ActorIsSubject.into());
                    }
                    if !roles::held(tx, &user_id)
                        .await?
                        .iter()
                        .any(|role| role.role_id == role_id)
                    {
                        return Err(RefusalCode::RoleNotHeld.into());
                    }
                    if roles::end(tx, &user_id, &role_id, now).await? {
                        let event = Event::RoleEnded {
                            actor: by.actor,
                            person: user_id,
                            role: role_id,
                        };
                        tx.audit(now, &event).await?;
                    }
                    Ok(())
                })
            },
        )
        .await
}
