//! A person enters the register, once. Her user id is the key of the wish: the same record again is
//! answered with the record that stands, another record under the same number is a conflict.

use std::sync::Arc;

use policies::ids::{OrgCode, UserId};
use policies::permit::RegisterPermit;
use policies::position;
use policies::refusal::RefusalCode;
use policies::time::Time;
use policies::values::Policy;

use super::{DeskActor, JourneyError, request_hash};
use crate::audit::Event;
use crate::notices;
use crate::register::{Person, ProfessionalNumber};
use crate::store::{Key, Store, Tx, people};

/// What the register is told about a person.
#[derive(Clone)]
pub struct NewPerson {
    /// Her lifelong number.
    pub user_id: UserId,
    /// "Dr", "Ms"; may be empty.
    pub title: String,
    /// First name.
    pub given_name: String,
    /// Further names; may be empty.
    pub middle_names: String,
    /// Surname.
    pub family_name: String,
    /// Initials of the middle names; may be empty.
    pub initials: String,
    /// The name she wants to be shown.
    pub display_name: String,
    /// Verified mail address.
    pub email: Option<String>,
    /// Verified mobile number.
    pub mobile: Option<String>,
    /// 0 to 3; 0 for a starter who is not verified yet.
    pub id_assurance_level: u8,
    /// A drawn portrait.
    pub photo_svg: Option<String>,
    /// The version of the terms she accepted.
    pub terms_version: Option<String>,
    /// Numbers of professional bodies.
    pub professional_numbers: Vec<ProfessionalNumber>,
    /// The registration authority that looks after her from now on, whatever positions she holds.
    pub home_ra: Option<OrgCode>,
}

impl NewPerson {
    fn hash(&self) -> String {
        let level = [self.id_assurance_level];
        let numbers: Vec<String> = self
            .professional_numbers
            .iter()
            .map(|number| format!("{}:{}", number.body.as_str(), number.number))
            .collect();
        request_hash(&[
            self.user_id.as_str().as_bytes(),
            self.title.as_bytes(),
            self.given_name.as_bytes(),
            self.middle_names.as_bytes(),
            self.family_name.as_bytes(),
            self.initials.as_bytes(),
            self.display_name.as_bytes(),
            self.email.as_deref().unwrap_or_default().as_bytes(),
            self.mobile.as_deref().unwrap_or_default().as_bytes(),
            &level,
            self.photo_svg.as_deref().unwrap_or_default().as_bytes(),
            self.terms_version.as_deref().unwrap_or_default().as_bytes(),
            numbers.join("\n").as_bytes(),
        ])
    }

    fn record(&self, now: Time) -> Person {
        Person {
            user_id: self.user_id.clone(),
            version: 1,
            open: true,
            title: self.title.clone(),
            given_name: self.given_name.clone(),
            middle_names: self.middle_names.clone(),
            family_name: self.family_name.clone(),
            initials: self.initials.clone(),
            display_name: self.display_name.clone(),
            email: self.email.clone(),
            mobile: self.mobile.clone(),
            id_assurance_level: self.id_assurance_level,
            photo_svg: self.photo_svg.clone(),
            terms_version: self.terms_version.clone(),
            registered_at: now,
            closed_at: None,
        }
    }
}

/// Registers the person.
///
/// # Errors
/// Refuses as `policies::position::register` does, and with `idempotency_key_reused` when the number
/// stands for another record.
pub async fn register_person(
    store: &Store,
    policy: &Arc<Policy>,
    new: NewPerson,
    by: &DeskActor,
    now: Time,
) -> Result<Person, JourneyError> {
    let (policy, hash, by) = (Arc::clone(policy), new.hash(), by.clone());
    store
        .write(
            "register_person",
            Key::of("person", new.user_id.clone().as_str()),
            move |tx| {
                let (policy, new) = (Arc::clone(&policy), new.clone());
                let (hash, by) = (hash.clone(), by.clone());
                Box::pin(async move {
                    if let Some(standing) = people::find(tx, &new.user_id).await? {
                        let same = people::request_hash(tx, &new.user_id).await? == Some(hash);
                        return if same {
                            Ok(standing)
                        } else {
                            Err(RefusalCode::IdempotencyKeyReused.into())
                        };
                    }
                    let actor = by.facts(&new.user_id);
                    let permit = position::register(&new.user_id, &actor, now, &policy)?;
                    spend(tx, permit, &new, &hash, by).await
                })
            },
        )
        .await
}

async fn spend(
    tx: Tx<'_>,
    permit: RegisterPermit,
    new: &NewPerson,
    hash: &str,
    by: DeskActor,
) -> Result<Person, JourneyError> {
    let person = new.record(permit.decided_at());
    people::insert(tx, &person, by.person(), hash).await?;
    if let Some(authority) = &new.home_ra {
        people::set_home_ra(tx, permit.user_id(), authority).await?;
    }
    for number in &new.professional_numbers {
        people::insert_number(tx, permit.user_id(), number).await?;
    }
    notices::register(tx, &person).await?;
    let event = Event::PersonRegistered {
        actor: by.actor,
        person: permit.user_id().clone(),
    };
    tx.audit(permit.decided_at(), &event).await?;
    Ok(person)
}
