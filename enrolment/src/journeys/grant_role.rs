//! A person is given a role in an organisation (domain 5.8): the end of position assignment, after
//! request and approval. The role id is the key of the wish.

use std::sync::Arc;

use policies::ids::{OrgCode, PersonOrgId, RoleId, UserId};
use policies::lifecycle::PersonFacts;
use policies::permit::GrantPermit;
use policies::position::{self, GrantFacts};
use policies::refusal::RefusalCode;
use policies::role::{CodedName, JobRole, RoleHeld};
use policies::time::Time;
use policies::values::Policy;

use super::{DeskActor, JourneyError, request_hash};
use crate::audit::Event;
use crate::store::{Key, Store, Tx, organisations, people, roles};

/// What is granted, and to whom.
#[derive(Clone, Debug)]
pub struct NewRole {
    /// The number of this role held by this person.
    pub role_id: RoleId,
    /// The person.
    pub user_id: UserId,
    /// The organisation.
    pub org_code: OrgCode,
    /// The number of her membership, if this is her first role there.
    pub person_orgid: PersonOrgId,
    /// What she does.
    pub job_role: JobRole,
    /// The three-part name of it.
    pub role_name: String,
    /// Activities beyond the baseline of the job role.
    pub activities: Vec<CodedName>,
    /// Areas of work.
    pub areas_of_work: Vec<CodedName>,
    /// Workgroups.
    pub workgroups: Vec<CodedName>,
    /// First instant with access.
    pub starts_at: Time,
    /// First instant without access.
    pub ends_at: Option<Time>,
}

impl NewRole {
    fn hash(&self) -> String {
        let codes = |coded: &[CodedName]| -> String {
            let words = coded
                .iter()
                .flat_map(|one| [one.code.as_str(), one.name.as_str()]);
            request_hash(&words.map(str::as_bytes).collect::<Vec<_>>())
        };
        request_hash(&[
            self.user_id.as_str().as_bytes(),
            self.org_code.as_str().as_bytes(),
            self.job_role.to_string().as_bytes(),
            self.role_name.as_bytes(),
            codes(&self.activities).as_bytes(),
            codes(&self.areas_of_work).as_bytes(),
            codes(&self.workgroups).as_bytes(),
            &self.starts_at.unix().to_be_bytes(),
            &self.ends_at.map_or(i64::MAX, Time::unix).to_be_bytes(),
        ])
    }
}

/// Grants the role; the same grant again is answered as done.
///
/// # Errors
/// Refuses with `not_found` (person or organisation), as `policies::position::grant` does, and with
/// `idempotency_key_reused` when the role id stands for another grant.
pub async fn grant_role(
    store: &Store,
    policy: &Arc<Policy>,
    new: NewRole,
    by: &DeskActor,
    now: Time,
) -> Result<(), JourneyError> {
    let (policy, hash, by) = (Arc::clone(policy), new.hash(), by.clone());
    store
        .write(
            "grant_role",
            Key::of("person", new.user_id.clone().as_str()),
            move |tx| {
                let (policy, new) = (Arc::clone(&policy), new.clone());
                let (hash, by) = (hash.clone(), by.clone());
                Box::pin(async move {
                    if let Some(standing) = roles::request_hash(tx, &new.role_id).await? {
                        return if standing == hash {
                            Ok(())
                        } else {
                            Err(RefusalCode::IdempotencyKeyReused.into())
                        };
                    }
                    let permit = judge(tx, &policy, &new, &by, now).await?;
                    spend(tx, permit, new, &hash, &by).await
                })
            },
        )
        .await
}

async fn judge(
    tx: Tx<'_>,
    policy: &Policy,
    new: &NewRole,
    by: &DeskActor,
    now: Time,
) -> Result<GrantPermit, JourneyError> {
    let person = people::find(tx, &new.user_id)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let facts = GrantFacts {
        person: PersonFacts {
            user_id: person.user_id,
            version: person.version,
            open: person.open,
        },
        identity_verified: person.id_assurance_level > 0,
        role_id: new.role_id.clone(),
    };
    Ok(position::grant(
        &facts,
        &by.facts(&new.user_id),
        now,
        policy,
    )?)
}

async fn spend(
    tx: Tx<'_>,
    permit: GrantPermit,
    new: NewRole,
    hash: &str,
    by: &DeskActor,
) -> Result<(), JourneyError> {
    let (user_id, now) = (permit.user_id(), permit.decided_at());
    let organisation = organisations::find(tx, &new.org_code)
        .await?
        .ok_or(RefusalCode::NotFound)?;
    let person_orgid = organisations::join(tx, user_id, &new.org_code, &new.person_orgid).await?;
    let role = RoleHeld {
        role_id: permit.role_id().clone(),
        person_orgid,
        org_code: organisation.org_code.clone(),
        org_name: organisation.name,
        job_role: new.job_role,
        role_name: new.role_name,
        activities: new.activities,
        areas_of_work: new.areas_of_work,
        workgroups: new.workgroups,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        suspended: false,
    };
    roles::insert(tx, user_id, &role, (now, by.person()), hash).await?;
    let event = Event::RoleGranted {
        actor: by.actor.clone(),
        person: user_id.clone(),
        role: role.role_id,
        organisation: organisation.org_code,
    };
    tx.audit(now, &event).await?;
    Ok(())
}
