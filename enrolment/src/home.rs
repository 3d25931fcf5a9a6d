//! A desk of another area has helped somebody: her own registration authority is told, in the
//! transaction of the act (contract 5, "the home RA is told"; domain E41). Its managers get the
//! notice; where it has none, its agents do. The line in the trail is flagged as well.

use policies::access::ActorRole;
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::rbac::{Rbac, actor_roles};
use policies::role;
use policies::time::Time;
use serde::{Deserialize, Serialize};

use crate::desk::DeskSession;
use crate::notices::{self, Notice};
use crate::store::{StoreError, Tx, organisations, people, reminders, roles};

/// What another area's desk may do with the holder present.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Helped {
    /// Her passcode was set anew.
    Unlocked,
    /// Her certificates were renewed.
    Renewed,
    /// Her expired card got new certificates.
    Reissued,
}

/// Tells the person's own registration authorities what this desk did. Answers how many people were
/// told; nobody is where the authority has nobody with a part at its desk.
///
/// # Errors
/// What the store says.
pub(crate) async fn tell(
    tx: Tx<'_>,
    by: &DeskSession,
    (person, card): (&UserId, &CardNumber),
    helped: Helped,
    now: Time,
) -> Result<usize, StoreError> {
    let notice = Notice::HelpedElsewhere {
        helped,
        card: card.to_string(),
        desk: name_of_desk(tx, by).await?,
    };
    let mut told = 0;
    for authority in authorities_of(tx, person).await? {
        for colleague in staff(tx, &authority, &by.rbac, now).await? {
            notices::tell(tx, &colleague, &notice, now).await?;
            told += 1;
        }
    }
    Ok(told)
}

/// The name of the organisation of the role under which the desk acts.
async fn name_of_desk(tx: Tx<'_>, by: &DeskSession) -> Result<String, StoreError> {
    let held = roles::held(tx, &by.user_id).await?;
    let Some(role) = held.iter().find(|role| role.role_id == by.role_id) else {
        return Ok(String::new());
    };
    let organisation = organisations::find(tx, &role.org_code).await?;
    Ok(organisation.map_or_else(String::new, |found| found.name))
}

/// The authority that registered her; where none is on record, those that host her organisations.
async fn authorities_of(tx: Tx<'_>, person: &UserId) -> Result<Vec<OrgCode>, StoreError> {
    if let Some(home) = people::home_ra(tx, person).await? {
        return Ok(vec![home]);
    }
    let mut found = Vec::new();
    for membership in organisations::of_person(tx, person).await? {
        let authority = organisations::authority_of(tx, &membership.org_code).await?;
        found.extend(authority.filter(|code| !found.contains(code)));
    }
    Ok(found)
}

/// The managers of an authority, or its agents where it has no manager.
async fn staff(
    tx: Tx<'_>,
    authority: &OrgCode,
    rbac: &Rbac,
    now: Time,
) -> Result<Vec<UserId>, StoreError> {
    let (mut managers, mut others) = (Vec::new(), Vec::new());
    for person in reminders::staff_of(tx, authority, now).await? {
        let held = roles::held(tx, &person).await?;
        let parts: Vec<ActorRole> = role::offered(&held, now)
            .into_iter()
            .filter(|role| role.org_code == *authority)
            .flat_map(|role| actor_roles(role, rbac))
            .collect();
        if parts.contains(&ActorRole::RaManager) {
            managers.push(person);
        } else if parts.iter().any(|part| part.is_ra_staff()) {
            others.push(person);
        }
    }
    Ok(if managers.is_empty() {
        others
    } else {
        managers
    })
}
