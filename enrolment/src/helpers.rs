//! Who can help: people with a part at a desk, near the person who needs it. Named with the
//! organisation, its hours and how to reach it; somebody without a usable card helps nobody.

use std::collections::BTreeSet;

use policies::access::ActorRole;
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::rbac::{Rbac, actor_roles};
use policies::role;
use policies::time::Time;
use serde::{Deserialize, Serialize};

use crate::StoreError;
use crate::store::{Tx, cards, organisations, people, roles};

/// How many are named; more would be a list, not help.
const AT_MOST: usize = 3;

/// Somebody who can help.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helper {
    /// Her name.
    pub name: String,
    /// The organisation.
    pub organisation: String,
    /// When its desk is open.
    pub hours: String,
    /// How it is reached.
    pub contact: String,
}

/// Up to three people with one of these roles, those of the person's own organisations first, then
/// those of the registration authority that hosts them.
///
/// # Errors
/// What the store says.
pub async fn near(
    tx: Tx<'_>,
    about: (Option<UserId>, Option<CardNumber>),
    wanted: &[ActorRole],
    rbac: &Rbac,
    now: Time,
) -> Result<Vec<Helper>, StoreError> {
    let person = match about {
        (Some(user_id), _) => Some(user_id),
        (None, Some(card)) => cards::find(tx, &card).await?.map(|card| card.user_id),
        (None, None) => None,
    };
    let Some(person) = person.filter(|_| !wanted.is_empty()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    let mut seen = BTreeSet::from([person.clone()]);
    for org_code in organisations_near(tx, &person).await? {
        let Some(organisation) = organisations::find(tx, &org_code).await? else {
            continue;
        };
        for user_id in people::usable_staff_of(tx, &org_code, now).await? {
            if found.len() == AT_MOST {
                return Ok(found);
            }
            if seen.contains(&user_id) || !plays(tx, &user_id, &org_code, wanted, rbac, now).await?
            {
                continue;
            }
            let Some(helper) = people::find(tx, &user_id).await? else {
                continue;
            };
            seen.insert(user_id);
            found.push(Helper {
                name: helper.display_name,
                organisation: organisation.name.clone(),
                hours: organisation.desk_hours.clone(),
                contact: organisation.desk_contact.clone(),
            });
        }
    }
    Ok(found)
}

/// The organisations of the person, then the authorities that host them, each once.
async fn organisations_near(tx: Tx<'_>, person: &UserId) -> Result<Vec<OrgCode>, StoreError> {
    let own = organisations::of_person(tx, person).await?;
    let mut near: Vec<OrgCode> = own.into_iter().map(|one| one.org_code).collect();
    for org_code in near.clone() {
        if let Some(authority) = organisations::authority_of(tx, &org_code).await?
            && !near.contains(&authority)
        {
            near.push(authority);
        }
    }
    if let Some(home) = people::home_ra(tx, person).await?
        && !near.contains(&home)
    {
        near.push(home);
    }
    Ok(near)
}

/// Whether she plays one of these parts in that organisation now.
async fn plays(
    tx: Tx<'_>,
    user_id: &UserId,
    org_code: &OrgCode,
    wanted: &[ActorRole],
    rbac: &Rbac,
    now: Time,
) -> Result<bool, StoreError> {
    let held = roles::held(tx, user_id).await?;
    Ok(role::offered(&held, now)
        .into_iter()
        .filter(|role| role.org_code == *org_code)
        .flat_map(|role| actor_roles(role, rbac))
        .any(|part| wanted.contains(&part)))
}
