//! Rows of deputies of wards.

use policies::deputy::Ward;
use policies::ids::{DeputyId, OrgCode, UserId, WorkgroupCode};
use policies::time::Time;

use crate::deputies::NamedDeputy;
use crate::params;
use crate::store::{Row, StoreError, Tx};

/// Puts a naming on record; a live one of the same person and ward stands in its way.
pub(crate) async fn insert(tx: Tx<'_>, new: &NamedDeputy) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO ward_deputy (deputy_id, user_id, org_code, workgroup, named_by, named_at, ends_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        params![
            &new.id,
            &new.user_id,
            &new.ward.org_code,
            &new.ward.workgroup,
            new.named_by.as_ref(),
            new.named_at,
            new.ends_at,
        ],
    )
    .await?;
    Ok(())
}

/// Her namings that nobody ended, those that have run out among them; the last to end first.
pub(crate) async fn unended_of(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Vec<NamedDeputy>, StoreError> {
    let rows = tx
        .rows(
            "SELECT deputy_id, user_id, org_code, workgroup, named_by, named_at, ends_at, ended_at
             FROM ward_deputy WHERE user_id = $1 AND ended_at IS NULL
             ORDER BY ends_at DESC, deputy_id",
            params![user_id],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

/// The naming of that name.
pub(crate) async fn find(tx: Tx<'_>, id: &DeputyId) -> Result<Option<NamedDeputy>, StoreError> {
    let row = tx
        .row(
            "SELECT deputy_id, user_id, org_code, workgroup, named_by, named_at, ends_at, ended_at
             FROM ward_deputy WHERE deputy_id = $1",
            params![id],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<NamedDeputy, StoreError> {
    type Columns = (
        DeputyId,
        UserId,
        OrgCode,
        WorkgroupCode,
        Option<UserId>,
        Time,
        Time,
        Option<Time>,
    );
    let (id, user_id, org_code, workgroup, named_by, named_at, ends_at, ended_at) =
        row.read::<Columns>()?;
    Ok(NamedDeputy {
        id,
        user_id,
        ward: Ward {
            org_code,
            workgroup,
        },
        named_by,
        named_at,
        ends_at,
        ended_at,
    })
}

/// Ends one; false where it had ended before.
pub(crate) async fn end(
    tx: Tx<'_>,
    id: &DeputyId,
    at: Time,
    by: Option<&UserId>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE ward_deputy SET ended_at = $2, ended_by = $3
             WHERE deputy_id = $1 AND ended_at IS NULL",
            params![id, at, by],
        )
        .await?;
    Ok(changed == 1)
}
