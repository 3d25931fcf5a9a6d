//! What a desk does to somebody's authenticators: stop one that is lost, take one away, let one
//! count fully (domain 5.7). Nobody does it to herself; every change is told to all addresses.

use std::sync::Arc;

use policies::access::{self, PersonAction};
use policies::authenticator::AuthenticatorState;
use policies::ids::{AuthenticatorId, UserId};
use policies::invitation::{self as law, DeskAuthenticator, DeskChange, Meeting};
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::authenticator::{others_left, spend, tell};
use super::{DeskActor, JourneyError};
use crate::audit::Event;
use crate::authenticators::Authenticator;
use crate::card_view::Offer;
use crate::desk::{Desk, DeskSession};
use crate::store::{Key, Store, StoreError, Tx, authenticators, people};

/// Whose authenticator a desk means.
#[derive(Debug, Clone)]
pub struct DeskWish {
    /// Whose.
    pub user_id: UserId,
    /// Which one.
    pub id: AuthenticatorId,
    /// Who asks.
    pub by: DeskSession,
}

async fn actor(tx: Tx<'_>, wish: &DeskWish, now: Time) -> Result<(Desk, DeskActor), JourneyError> {
    people::find(tx, &wish.user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let desk = Desk::from(wish.by.clone());
    let actor = desk.actor(tx, &wish.user_id, now).await?;
    Ok((desk, actor))
}

async fn find(
    tx: Tx<'_>,
    (desk, wish): (&Desk, &DeskWish),
    now: Time,
) -> Result<(Authenticator, DeskAuthenticator), JourneyError> {
    let one = authenticators::find(tx, &wish.id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let facts = DeskAuthenticator {
        user_id: wish.user_id.clone(),
        ra_staff: desk.is_ra_staff(tx, &wish.user_id, now).await?,
        one: one.facts(),
        others_left: others_left(tx, &one, now).await?,
    };
    Ok((one, facts))
}

/// Stops or takes away one of somebody else's. Answers its state.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::invitation::change_at_desk` does.
pub async fn change(
    store: &Store,
    policy: &Arc<Policy>,
    (wish, change): (DeskWish, DeskChange),
    now: Time,
) -> Result<AuthenticatorState, JourneyError> {
    let (policy, key) = (Arc::clone(policy), Key::of("person", wish.user_id.as_str()));
    store
        .write("authenticator.desk_change", key, move |tx| {
            let (policy, wish) = (Arc::clone(&policy), wish.clone());
            Box::pin(async move {
                let (desk, actor) = actor(tx, &wish, now).await?;
                let asked = actor.facts(&wish.user_id);
                law::may_change(change, &asked, &policy)?;
                let (one, facts) = find(tx, (&desk, &wish), now).await?;
                let permit = law::change_at_desk(&facts, change, &asked, now, &policy)?;
                let reason = change
                    .reason()
                    .map_or("asked_for", |reason| reason.as_str());
                spend(tx, permit, &one, (&actor.actor, reason)).await
            })
        })
        .await
}

/// Lets one of somebody else's count for all that its evidence proves.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::invitation::raise_at_desk` does.
pub async fn raise(
    store: &Store,
    policy: &Arc<Policy>,
    (wish, meeting): (DeskWish, Meeting),
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, key) = (Arc::clone(policy), Key::of("person", wish.user_id.as_str()));
    store
        .write("authenticator.desk_raise", key, move |tx| {
            let (policy, wish) = (Arc::clone(&policy), wish.clone());
            Box::pin(async move {
                let (desk, actor) = actor(tx, &wish, now).await?;
                let asked = actor.facts(&wish.user_id);
                law::may_raise(meeting, &asked, &policy)?;
                let (one, facts) = find(tx, (&desk, &wish), now).await?;
                let permit = law::raise_at_desk(&facts, meeting, &asked, now, &policy)?;
                // Asked twice, it is raised once.
                if !authenticators::raise_one(tx, &one.id, permit.version(), now).await? {
                    return Ok(());
                }
                let event = Event::AuthenticatorRaisedAtDesk {
                    actor: actor.actor,
                    person: permit.user_id().clone(),
                    authenticator: one.id.clone(),
                };
                tx.audit(now, &event).await?;
                Ok(tell(tx, &one, "raised", now).await?)
            })
        })
        .await
}

/// One of somebody's authenticators as a desk sees it.
#[derive(Clone, Debug)]
pub struct DeskLine {
    /// The authenticator.
    pub one: Authenticator,
    /// Whether nothing else of hers would sign her in now.
    pub last: bool,
    /// What may be done to it now, the holder being present, or why not: `suspend`, `remove`,
    /// `raise`.
    pub offers: Vec<Offer>,
}

/// The ways to sign in of that person, for a desk.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::access::ask` does for whoever may not find her.
pub async fn of_person(
    tx: Tx<'_>,
    policy: &Policy,
    (user_id, by): (&UserId, DeskSession),
    now: Time,
) -> Result<Vec<DeskLine>, JourneyError> {
    people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let desk = Desk::from(by);
    let actor = desk.actor(tx, user_id, now).await?;
    let asked = access::ask(policy, &actor.facts(user_id), PersonAction::Find);
    if let Err(refusal) = asked
        && refusal.code != RefusalCode::ActorIsSubject
    {
        return Err(refusal.into());
    }
    Ok(lines(tx, user_id, (&desk, &actor), (now, policy)).await?)
}

/// All of a person's that are not removed, newest first, with what this desk may do to each.
///
/// # Errors
/// What the engine says.
pub(crate) async fn lines(
    tx: Tx<'_>,
    user_id: &UserId,
    (desk, actor): (&Desk, &DeskActor),
    (now, policy): (Time, &Policy),
) -> Result<Vec<DeskLine>, StoreError> {
    let met = Meeting {
        holder_present: true,
        photo_compared: true,
    };
    let asked = actor.facts(user_id);
    let why = Some(law::DeskReason::Lost);
    let ra_staff = desk.is_ra_staff(tx, user_id, now).await?;
    let mut lines = Vec::new();
    for one in authenticators::of_person(tx, user_id).await? {
        let facts = DeskAuthenticator {
            user_id: user_id.clone(),
            ra_staff,
            one: one.facts(),
            others_left: 1,
        };
        let remove = DeskChange::Remove {
            reason: why,
            last_too: true,
        };
        let suspend = DeskChange::Suspend(why);
        let judge = |change| law::change_at_desk(&facts, change, &asked, now, policy).map(drop);
        let raise = law::raise_at_desk(&facts, met, &asked, now, policy);
        let offers = vec![
            ("suspend", judge(suspend)),
            ("remove", judge(remove)),
            ("raise", raise.map(drop)),
        ];
        let last = others_left(tx, &one, now).await? == 0;
        lines.push(DeskLine { one, last, offers });
    }
    Ok(lines)
}
