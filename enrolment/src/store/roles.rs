//! Rows of roles and of the coded names that each role carries.

use policies::ids::{OrgCode, PersonOrgId, RoleId, UserId};
use policies::role::{CodedName, JobRole, RoleHeld};
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

const JOB_ROLE: StoreError = StoreError::Inconsistent {
    table: "role",
    column: "job_role",
};
const KIND: StoreError = StoreError::Inconsistent {
    table: "role_code",
    column: "kind",
};

/// Every role of the person, oldest first.
pub(crate) async fn held(tx: Tx<'_>, user_id: &UserId) -> Result<Vec<RoleHeld>, StoreError> {
    let rows = tx
        .rows(
            "SELECT role.role_id, role.person_orgid, membership.org_code, organisation.name, role.job_role,
                    role.role_name, role.starts_at, role.ends_at, role.suspended
             FROM role
             JOIN membership ON membership.person_orgid = role.person_orgid
             JOIN organisation ON organisation.org_code = membership.org_code
             WHERE role.user_id = $1 ORDER BY role.starts_at, role.role_id",
            params![user_id],
        )
        .await?;
    let mut roles = Vec::with_capacity(rows.len());
    for row in rows {
        type Columns = (
            RoleId,
            PersonOrgId,
            OrgCode,
            String,
            String,
            String,
            Time,
            Option<Time>,
            bool,
        );
        let (
            role_id,
            person_orgid,
            org_code,
            org_name,
            job_role,
            role_name,
            starts_at,
            ends_at,
            suspended,
        ) = row.read::<Columns>()?;
        roles.push(RoleHeld {
            role_id,
            person_orgid,
            org_code,
            org_name,
            job_role: job_role.parse::<JobRole>().map_err(|_| JOB_ROLE)?,
            role_name,
            activities: Vec::new(),
            areas_of_work: Vec::new(),
            workgroups: Vec::new(),
            starts_at,
            ends_at,
            suspended,
        });
    }
    add_codes(tx, user_id, &mut roles).await?;
    Ok(roles)
}

async fn add_codes(tx: Tx<'_>, user_id: &UserId, roles: &mut [RoleHeld]) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "SELECT role_code.role_id, role_code.kind, role_code.code, role_code.name
             FROM role_code JOIN role ON role.role_id = role_code.role_id
             WHERE role.user_id = $1 ORDER BY role_code.role_id, role_code.kind, role_code.position",
            params![user_id],
        )
        .await?;
    for row in rows {
        let (role_id, kind, code, name) = row.read::<(RoleId, String, String, String)>()?;
        let Some(role) = roles.iter_mut().find(|role| role.role_id == role_id) else {
            continue;
        };
        let coded = CodedName { code, name };
        match kind.as_str() {
            "activity" => role.activities.push(coded),
            "area_of_work" => role.areas_of_work.push(coded),
            "workgroup" => role.workgroups.push(coded),
            _ => return Err(KIND),
        }
    }
    Ok(())
}

/// Writes a role with its coded names.
pub(crate) async fn insert(
    tx: Tx<'_>,
    user_id: &UserId,
    role: &RoleHeld,
    granted: (Time, Option<&UserId>),
    request_hash: &str,
) -> Result<(), StoreError> {
    let (granted_at, granted_by) = granted;
    tx.execute(
        "INSERT INTO role (role_id, user_id, person_orgid, job_role, role_name, starts_at, ends_at, suspended,
                           granted_at, granted_by, request_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10)",
        params![
            &role.role_id,
            user_id,
            &role.person_orgid,
            role.job_role.to_string(),
            &role.role_name,
            role.starts_at,
            role.ends_at,
            granted_at,
            granted_by,
            request_hash,
        ],
    )
    .await?;
    insert_codes(tx, &role.role_id, "activity", &role.activities).await?;
    insert_codes(tx, &role.role_id, "area_of_work", &role.areas_of_work).await?;
    insert_codes(tx, &role.role_id, "workgroup", &role.workgroups).await
}

async fn insert_codes(
    tx: Tx<'_>,
    role_id: &RoleId,
    kind: &'static str,
    codes: &[CodedName],
) -> Result<(), StoreError> {
    for (position, coded) in (0_i64..).zip(codes) {
        tx.execute(
            "INSERT INTO role_code (role_id, kind, position, code, name) VALUES ($1, $2, $3, $4, $5)",
            params![role_id, kind, position, &coded.code, &coded.name],
        )
        .await?;
    }
    Ok(())
}

/// The hash of the wish that granted the role.
pub(crate) async fn request_hash(
    tx: Tx<'_>,
    role_id: &RoleId,
) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "SELECT request_hash FROM role WHERE role_id = $1",
            params![role_id],
        )
        .await?;
    Ok(row
        .map(Row::read::<(String,)>)
        .transpose()?
        .map(|(hash,)| hash))
}

/// Suspends the roles of the person that have not ended; answers which ones changed.
pub(crate) async fn suspend_all(
    tx: Tx<'_>,
    user_id: &UserId,
    now: Time,
) -> Result<Vec<RoleId>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE role SET suspended = 1
             WHERE user_id = $1 AND suspended = 0 AND (ends_at IS NULL OR ends_at > $2) RETURNING role_id",
            params![user_id, now],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(RoleId,)>()?.0))
        .collect()
}

/// Ends one role of the person; false when it had ended before, or is not hers.
pub(crate) async fn end(
    tx: Tx<'_>,
    user_id: &UserId,
    role_id: &RoleId,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE role SET ends_at = $3 WHERE role_id = $1 AND user_id = $2 AND (ends_at IS NULL OR ends_at > $3)",
            params![role_id, user_id, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends every role of the person that has not ended; answers which ones changed.
pub(crate) async fn end_all(
    tx: Tx<'_>,
    user_id: &UserId,
    at: Time,
) -> Result<Vec<RoleId>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE role SET ends_at = $2 WHERE user_id = $1 AND (ends_at IS NULL OR ends_at > $2) RETURNING role_id",
            params![user_id, at],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(RoleId,)>()?.0))
        .collect()
}
