//! Whether each registration authority has enough people who can help: two at least whose cards work,
//! and do not all end within four weeks of each other (domain F7, E42). Its managers are told, once a
//! week; `matron doctor` says it too.

use std::sync::Arc;

use policies::access::ActorRole;
use policies::ids::{OrgCode, UserId};
use policies::rbac::{Rbac, actor_roles};
use policies::reminder::{Shortage, shortage};
use policies::role;
use policies::time::{Span, Time};

use crate::notices::{self, Notice};
use crate::store::{Key, Store, StoreError, Tx, organisations, reminders, roles};

/// Authorities in one transaction.
const AT_ONCE: i64 = 10;
/// How often the managers of one authority are told.
const WARN_EVERY: Span = Span::days(7);

/// An authority that is short of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Short {
    /// Its organisation.
    pub org_code: OrgCode,
    /// Its name.
    pub name: String,
    /// Why.
    pub why: Shortage,
    /// How many can help now.
    pub usable: usize,
    /// Its managers.
    pub managers: Vec<UserId>,
}

/// Those of the next few authorities after `after`, by code, that are short; and where the following
/// ones begin. An organisation without any people of a registration authority is none.
///
/// # Errors
/// What the store says.
pub async fn short_after(
    tx: Tx<'_>,
    after: &str,
    rbac: &Rbac,
    now: Time,
) -> Result<(Vec<Short>, Option<OrgCode>), StoreError> {
    let codes = reminders::authorities(tx, after, AT_ONCE).await?;
    let mut short = Vec::new();
    for code in &codes {
        short.extend(judge(tx, code, rbac, now).await?);
    }
    let full = i64::try_from(codes.len()).is_ok_and(|found| found == AT_ONCE);
    Ok((short, codes.into_iter().next_back().filter(|_| full)))
}

async fn judge(
    tx: Tx<'_>,
    org_code: &OrgCode,
    rbac: &Rbac,
    now: Time,
) -> Result<Option<Short>, StoreError> {
    let (mut managers, mut ends, mut any) = (Vec::new(), Vec::new(), false);
    for person in reminders::staff_of(tx, org_code, now).await? {
        let held = roles::held(tx, &person).await?;
        let parts: Vec<ActorRole> = role::offered(&held, now)
            .into_iter()
            .filter(|role| role.org_code == *org_code)
            .flat_map(|role| actor_roles(role, rbac))
            .collect();
        if !parts.iter().any(|part| part.is_ra_staff()) {
            continue;
        }
        any = true;
        ends.extend(reminders::usable_until(tx, &person, now).await?);
        if parts.contains(&ActorRole::RaManager) {
            managers.push(person);
        }
    }
    let Some(why) = shortage(&ends).filter(|_| any) else {
        return Ok(None);
    };
    let organisation = organisations::find(tx, org_code).await?;
    Ok(organisation.map(|organisation| Short {
        org_code: org_code.clone(),
        name: organisation.name,
        why,
        usable: ends.len(),
        managers,
    }))
}

/// Tells the managers of every authority that is short, unless they were told within the week.
/// Answers how many authorities were told.
///
/// # Errors
/// What the store says.
pub async fn warn(store: &Store, rbac: &Arc<Rbac>, now: Time) -> Result<usize, StoreError> {
    let (mut told, mut after) = (0, String::new());
    loop {
        let (rbac, from) = (Arc::clone(rbac), after.clone());
        let write = store.write::<_, StoreError, _>("desk_cover", Key::none(), move |tx| {
            let (rbac, from) = (Arc::clone(&rbac), from.clone());
            Box::pin(async move {
                let (short, next) = short_after(tx, &from, &rbac, now).await?;
                let mut told = 0;
                for one in &short {
                    told += usize::from(tell(tx, one, now).await?);
                }
                Ok((told, next))
            })
        });
        let (now_told, next) = write.await?;
        told += now_told;
        match next {
            Some(code) => after = code.to_string(),
            None => return Ok(told),
        }
    }
}

async fn tell(tx: Tx<'_>, short: &Short, now: Time) -> Result<bool, StoreError> {
    let since = now.minus(WARN_EVERY);
    if short.managers.is_empty() || !reminders::warn(tx, &short.org_code, now, since).await? {
        return Ok(false);
    }
    let notice = Notice::DeskShort {
        organisation: short.name.clone(),
        usable: u32::try_from(short.usable).unwrap_or(u32::MAX),
        end_together: short.why == Shortage::EndTogether,
    };
    for manager in &short.managers {
        notices::tell(tx, manager, &notice, now).await?;
    }
    Ok(true)
}
