//! Which parts somebody may play at a desk, now or later, read in the transaction that asks.

use policies::access::ActorRole;
use policies::ids::UserId;
use policies::rbac::{Rbac, actor_roles};
use policies::role;
use policies::time::Time;

use crate::register;
use crate::store::{StoreError, Tx, people};

/// Whether the person holds a role of a registration authority that has not ended: one that is
/// suspended or has yet to begin counts too, since what is done to a colleague on leave is still done
/// when she is back. Nobody of the desk reissues for a colleague alone (contract 5).
pub(crate) async fn is_ra_staff(
    tx: Tx<'_>,
    user_id: &UserId,
    rbac: &Rbac,
    now: Time,
) -> Result<bool, StoreError> {
    let held = register::roles(tx, user_id).await?;
    let mut unended = held.iter().filter(|role| {
        let ended = role.ends_at.is_some_and(|ends_at| ends_at <= now);
        !ended
    });
    Ok(unended.any(|role| {
        let parts = actor_roles(role, rbac);
        parts.into_iter().any(ActorRole::is_ra_staff)
    }))
}

/// Every part that the person may play at a desk now; none when her profile is closed.
pub(crate) async fn parts_now(
    tx: Tx<'_>,
    user_id: &UserId,
    rbac: &Rbac,
    now: Time,
) -> Result<Vec<ActorRole>, StoreError> {
    let person = people::find(tx, user_id).await?;
    if person.is_none_or(|person| !person.open) {
        return Ok(Vec::new());
    }
    let held = register::roles(tx, user_id).await?;
    let offered = role::offered(&held, now).into_iter();
    Ok(offered.flat_map(|role| actor_roles(role, rbac)).collect())
}
