//! Rows of organisations and memberships.

use policies::ids::{OrgCode, PersonOrgId, UserId};
use policies::time::Time;

use crate::params;
use crate::register::{Membership, Organisation};
use crate::store::{Row, StoreError, Tx};

const MISSING: StoreError = StoreError::Inconsistent {
    table: "membership",
    column: "person_orgid",
};

/// The organisation of that code.
pub(crate) async fn find(
    tx: Tx<'_>,
    org_code: &OrgCode,
) -> Result<Option<Organisation>, StoreError> {
    let row = tx
        .row(
            "SELECT org_code, name, hosted_by, desk_hours, desk_contact, address
             FROM organisation WHERE org_code = $1",
            params![org_code],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Organisation, StoreError> {
    type Columns = (OrgCode, String, Option<OrgCode>, String, String, String);
    let (org_code, name, hosted_by, desk_hours, desk_contact, address) = row.read::<Columns>()?;
    Ok(Organisation {
        org_code,
        name,
        hosted_by,
        desk_hours,
        desk_contact,
        address,
    })
}

/// The organisation whose registration authority looks after this one: itself where nobody hosts it.
pub(crate) async fn authority_of(
    tx: Tx<'_>,
    org_code: &OrgCode,
) -> Result<Option<OrgCode>, StoreError> {
    let row = tx
        .row(
            "SELECT COALESCE(hosted_by, org_code) FROM organisation WHERE org_code = $1",
            params![org_code],
        )
        .await?;
    Ok(row
        .map(Row::read::<(OrgCode,)>)
        .transpose()?
        .map(|(authority,)| authority))
}

/// Whether that registration authority registered the person, or hosts an organisation in which she
/// holds or held a position (domain E41).
pub(crate) async fn looks_after(
    tx: Tx<'_>,
    authority: &OrgCode,
    user_id: &UserId,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT person.user_id FROM person WHERE person.user_id = $2 AND (person.home_ra = $1 OR EXISTS
                (SELECT 1 FROM membership
                 JOIN organisation ON organisation.org_code = membership.org_code
                 WHERE membership.user_id = person.user_id
                   AND COALESCE(organisation.hosted_by, organisation.org_code) = $1))",
            params![authority, user_id],
        )
        .await?;
    Ok(row.is_some())
}

/// Writes a new organisation.
pub(crate) async fn insert(
    tx: Tx<'_>,
    organisation: &Organisation,
    at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO organisation (org_code, name, registered_at, hosted_by, desk_hours, desk_contact, address)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            &organisation.org_code,
            &organisation.name,
            at,
            organisation.hosted_by.as_ref(),
            &organisation.desk_hours,
            &organisation.desk_contact,
            &organisation.address,
        ],
    )
    .await?;
    Ok(())
}

/// A person's memberships, by organisation code.
pub(crate) async fn of_person(tx: Tx<'_>, user_id: &UserId) -> Result<Vec<Membership>, StoreError> {
    let rows = tx
        .rows(
            "SELECT membership.person_orgid, membership.org_code, organisation.name
             FROM membership JOIN organisation ON organisation.org_code = membership.org_code
             WHERE membership.user_id = $1 ORDER BY membership.org_code",
            params![user_id],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let (person_orgid, org_code, org_name) =
                row.read::<(PersonOrgId, OrgCode, String)>()?;
            Ok(Membership {
                person_orgid,
                org_code,
                org_name,
            })
        })
        .collect()
}

/// The person's membership of that organisation, made with the offered number if there is none yet.
pub(crate) async fn join(
    tx: Tx<'_>,
    user_id: &UserId,
    org_code: &OrgCode,
    offered: &PersonOrgId,
) -> Result<PersonOrgId, StoreError> {
    tx.execute(
        "INSERT INTO membership (person_orgid, user_id, org_code) VALUES ($1, $2, $3)
         ON CONFLICT (user_id, org_code) DO NOTHING",
        params![offered, user_id, org_code],
    )
    .await?;
    let row = tx
        .row(
            "SELECT person_orgid FROM membership WHERE user_id = $1 AND org_code = $2",
            params![user_id, org_code],
        )
        .await?
        .ok_or(MISSING)?;
    let (person_orgid,) = row.read::<(PersonOrgId,)>()?;
    Ok(person_orgid)
}

/// At most `limit` organisations whose code is `typed` or whose name holds it, by name. `typed` is
/// lower case; `%` and `_` in it mean themselves.
pub(crate) async fn search(
    tx: Tx<'_>,
    typed: &str,
    limit: i64,
) -> Result<Vec<Organisation>, StoreError> {
    let mut pattern = String::from("%");
    for letter in typed.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    let rows = tx
        .rows(
            "SELECT org_code, name, hosted_by, desk_hours, desk_contact, address FROM organisation
             WHERE lower(org_code) = $1 OR lower(name) LIKE $2 ESCAPE '!'
             ORDER BY name, org_code LIMIT $3",
            params![typed, pattern, limit],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}
