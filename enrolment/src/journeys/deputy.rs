//! A ward gets its named deputy, or has none any more (domain 5.7). Both may be repeated: what is
//! so already is answered as done, without a second line in the trail.

use std::sync::Arc;

use policies::access::{self, PersonAction};
use policies::deputy::{self as law, NameFacts, Ward};
use policies::ids::{DeputyId, UserId};
use policies::permit::{EndDeputyPermit, NameDeputyPermit};
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{JourneyError, fresh_id, person_of};
use crate::audit::{Actor, Event};
use crate::deputies::{NamedDeputy, names_of};
use crate::desk::{Desk, DeskSession};
use crate::notices::{self, Notice};
use crate::register::Person;
use crate::store::{Key, Store, StoreError, Tx, deputies, organisations, people, roles};

/// Whom a desk names, for which ward, and until when.
#[derive(Clone, Debug)]
pub struct NameDeputy {
    /// Whom.
    pub user_id: UserId,
    /// For which ward.
    pub ward: Ward,
    /// Its last second; none for as long as the policy allows.
    pub ends_at: Option<Time>,
    /// Who names her.
    pub by: Desk,
}

/// Whether the registration authority of whoever acts looks after this ward.
async fn looks_after(tx: Tx<'_>, by: &Desk, ward: &Ward, now: Time) -> Result<bool, JourneyError> {
    let session = match by {
        Desk::Known(actor) => return Ok(actor.in_scope),
        Desk::Session(session) => session,
    };
    let hers = session.standing(tx, now).await?.authority;
    let its = organisations::authority_of(tx, &ward.org_code).await?;
    Ok(hers.is_some() && hers == its)
}

/// The wards that she works in now, as far as whoever acts looks after them, each with its name.
///
/// # Errors
/// Refuses as `DeskSession::standing` does.
pub(crate) async fn within_reach(
    tx: Tx<'_>,
    user_id: &UserId,
    by: &Desk,
    now: Time,
) -> Result<Vec<(Ward, String)>, JourneyError> {
    let mut found = Vec::new();
    for (ward, name) in law::wards_of(&roles::held(tx, user_id).await?, now) {
        if looks_after(tx, by, &ward, now).await? {
            found.push((ward, name));
        }
    }
    Ok(found)
}

/// What she is named for now in wards that whoever acts looks after, each with the name of the ward
/// and of its organisation.
///
/// # Errors
/// Refuses as `DeskSession::standing` does.
pub(crate) async fn named_within_reach(
    tx: Tx<'_>,
    user_id: &UserId,
    by: &Desk,
    now: Time,
) -> Result<Vec<(NamedDeputy, String, String)>, JourneyError> {
    let mut found = Vec::new();
    for one in named(tx, user_id, now).await? {
        if looks_after(tx, by, &one.0.ward, now).await? {
            found.push(one);
        }
    }
    Ok(found)
}

/// What the law asks about naming her, inside a transaction. What must be in scope is the ward: who
/// looks after another organisation of hers, or once did, names nobody there.
///
/// # Errors
/// Refuses as `DeskSession::standing` does.
pub(crate) async fn facts(
    tx: Tx<'_>,
    person: &Person,
    (ward, ends_at): (Option<Ward>, Option<Time>),
    by: &Desk,
    now: Time,
) -> Result<NameFacts, JourneyError> {
    let held = roles::held(tx, &person.user_id).await?;
    let works_in = law::wards_of(&held, now).into_iter();
    let works_in: Vec<Ward> = works_in.map(|(ward, _)| ward).collect();
    let actor = by.actor(tx, &person.user_id, now).await?;
    let mut actor = actor.facts(&person.user_id);
    if let Some(ward) = ward.as_ref().filter(|ward| works_in.contains(ward)) {
        actor.in_scope = looks_after(tx, by, ward, now).await?;
    }
    Ok(NameFacts {
        user_id: person.user_id.clone(),
        person_open: person.open,
        identity_verified: person.id_assurance_level > 0,
        ward,
        works_in,
        ends_at,
        actor,
    })
}

/// Names somebody the deputy of a ward. A naming that counts already is answered as it stands,
/// unless another last second is asked for: then the new one takes its place.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::deputy::name` does.
pub async fn name_deputy(
    store: &Store,
    policy: &Arc<Policy>,
    wanted: NameDeputy,
    now: Time,
) -> Result<NamedDeputy, JourneyError> {
    let id: DeputyId = fresh_id()?.parse()?;
    let (policy, key) = (
        Arc::clone(policy),
        Key::of("person", wanted.user_id.as_str()),
    );
    store
        .write("name_deputy", key, move |tx| {
            let (policy, wanted, id) = (Arc::clone(&policy), wanted.clone(), id.clone());
            Box::pin(async move {
                let person = people::find(tx, &wanted.user_id)
                    .await?
                    .ok_or(RefusalCode::NotFound)?;
                let asked = (Some(wanted.ward), wanted.ends_at);
                let facts = facts(tx, &person, asked, &wanted.by, now).await?;
                let permit = law::name(&facts, now, &policy)?;
                spend(tx, permit, (id, facts.ends_at), wanted.by.trail()).await
            })
        })
        .await
}

async fn spend(
    tx: Tx<'_>,
    permit: NameDeputyPermit,
    (id, asked): (DeputyId, Option<Time>),
    actor: Actor,
) -> Result<NamedDeputy, JourneyError> {
    let (user_id, now) = (permit.user_id(), permit.decided_at());
    let all = deputies::unended_of(tx, user_id).await?;
    if let Some(before) = all.into_iter().find(|one| one.ward == *permit.ward()) {
        let live = before.naming().is_live(now);
        if live && asked.is_none_or(|ends_at| ends_at == before.ends_at) {
            return Ok(before);
        }
        if live {
            end_one(tx, &before, &actor, now).await?;
        } else {
            // It has run out by itself: the books are closed on it at its own last second.
            deputies::end(tx, &before.id, before.ends_at, None).await?;
        }
    }
    let new = NamedDeputy {
        id,
        user_id: user_id.clone(),
        ward: permit.ward().clone(),
        named_by: person_of(&actor).cloned(),
        named_at: now,
        ends_at: permit.ends_at(),
        ended_at: None,
    };
    deputies::insert(tx, &new).await?;
    let event = Event::DeputyNamed {
        actor,
        person: new.user_id.clone(),
        deputy: new.id.clone(),
        organisation: new.ward.org_code.clone(),
        workgroup: new.ward.workgroup.clone(),
        ends_at: new.ends_at,
    };
    tx.audit(now, &event).await?;
    let held = roles::held(tx, &new.user_id).await?;
    let (ward, organisation) = names_of(&new.ward, &held);
    let notice = Notice::DeputyNamed {
        ward,
        organisation,
        ends_at: new.ends_at,
    };
    notices::tell(tx, &new.user_id, &notice, now).await?;
    Ok(new)
}

/// Ends a naming, by whomever it was made; one that has ended before is answered as done.
///
/// # Errors
/// Refuses with `not_found`, and as `policies::deputy::end` does.
pub async fn end_deputy(
    store: &Store,
    policy: &Arc<Policy>,
    (user_id, id): (UserId, DeputyId),
    by: impl Into<Desk>,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, by) = (Arc::clone(policy), by.into());
    let key = Key::of("person", user_id.as_str());
    store
        .write("end_deputy", key, move |tx| {
            let (policy, by) = (Arc::clone(&policy), by.clone());
            let (user_id, id) = (user_id.clone(), id.clone());
            Box::pin(async move {
                people::find(tx, &user_id)
                    .await?
                    .ok_or(RefusalCode::NotFound)?;
                let actor = by.actor(tx, &user_id, now).await?;
                let found = deputies::find(tx, &id).await?;
                let found = found.filter(|one| one.user_id == user_id);
                let mut asked = actor.facts(&user_id);
                if let Some(found) = &found {
                    asked.in_scope = looks_after(tx, &by, &found.ward, now).await?;
                }
                let permit = law::end(&id, found.is_some(), &asked, now, &policy)?;
                spend_end(tx, permit, found, &actor.actor).await
            })
        })
        .await
}

async fn spend_end(
    tx: Tx<'_>,
    permit: EndDeputyPermit,
    found: Option<NamedDeputy>,
    actor: &Actor,
) -> Result<(), JourneyError> {
    let now = permit.decided_at();
    let live = found.filter(|one| one.id == *permit.id() && one.naming().is_live(now));
    let Some(live) = live else { return Ok(()) };
    end_one(tx, &live, actor, now).await?;
    let held = roles::held(tx, &live.user_id).await?;
    let (ward, organisation) = names_of(&live.ward, &held);
    let notice = Notice::DeputyEnded { ward, organisation };
    notices::tell(tx, &live.user_id, &notice, now).await?;
    Ok(())
}

async fn end_one(
    tx: Tx<'_>,
    one: &NamedDeputy,
    actor: &Actor,
    now: Time,
) -> Result<(), StoreError> {
    if deputies::end(tx, &one.id, now, person_of(actor)).await? {
        let event = Event::DeputyEnded {
            actor: actor.clone(),
            person: one.user_id.clone(),
            deputy: one.id.clone(),
        };
        tx.audit(now, &event).await?;
    }
    Ok(())
}

/// Ends all that she is named for, her profile being closed.
///
/// # Errors
/// What the engine says.
pub(crate) async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    actor: &Actor,
    now: Time,
) -> Result<(), StoreError> {
    for one in deputies::unended_of(tx, user_id).await? {
        if one.naming().is_live(now) {
            end_one(tx, &one, actor, now).await?;
        }
    }
    Ok(())
}

/// What she is named for now, each with the name of the ward and of its organisation.
///
/// # Errors
/// What the engine says.
async fn named(
    tx: Tx<'_>,
    user_id: &UserId,
    now: Time,
) -> Result<Vec<(NamedDeputy, String, String)>, StoreError> {
    let all = deputies::unended_of(tx, user_id).await?;
    let live: Vec<_> = all
        .into_iter()
        .filter(|one| one.naming().is_live(now))
        .collect();
    if live.is_empty() {
        return Ok(Vec::new());
    }
    let held = roles::held(tx, user_id).await?;
    let with_names = live.into_iter().map(|one| {
        let (ward, organisation) = names_of(&one.ward, &held);
        (one, ward, organisation)
    });
    Ok(with_names.collect())
}

/// The same for a desk that may see her.
///
/// # Errors
/// Refuses with `not_found`, and with the questions of `policies::access::ask` about finding her.
pub async fn of_person(
    tx: Tx<'_>,
    policy: &Policy,
    (user_id, by): (&UserId, DeskSession),
    now: Time,
) -> Result<Vec<NamedDeputy>, JourneyError> {
    people::find(tx, user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let actor = Desk::from(by).actor(tx, user_id, now).await?;
    access::ask(policy, &actor.facts(user_id), PersonAction::Find)?;
    let all = named(tx, user_id, now).await?;
    Ok(all.into_iter().map(|(one, _, _)| one).collect())
}
