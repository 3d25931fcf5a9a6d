//! Rows of revocation lists: what each must say, the numbers given out, the newest signed one; and
//! the clock mark.

use policies::card::RevocationReason;
use policies::ids::Serial;
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

const REVISION: StoreError = StoreError::Inconsistent {
    table: "crl_head",
    column: "revision",
};
const LAST_NUMBER: StoreError = StoreError::Inconsistent {
    table: "crl_head",
    column: "last_number",
};

/// The row number of the full list.
pub(crate) const FULL: i64 = 128;

/// A signed list.
#[derive(Clone, Debug)]
pub(crate) struct SignedList {
    pub(crate) number: i64,
    pub(crate) revision: i64,
    pub(crate) this_update: Time,
    pub(crate) next_update: Time,
    pub(crate) der: Vec<u8>,
}

/// One entry of a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) serial: Serial,
    pub(crate) at: Time,
    pub(crate) reason: RevocationReason,
}

/// Records that what the shard's list must say has changed.
pub(crate) async fn bump(tx: Tx<'_>, issuer: &str, shard: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO crl_head (issuer, shard, revision, last_number) VALUES ($1, $2, 1, 0)
         ON CONFLICT (issuer, shard) DO UPDATE SET revision = crl_head.revision + 1",
        params![issuer, shard],
    )
    .await?;
    Ok(())
}

/// The revision of a shard; of the full list, the sum over the shards.
pub(crate) async fn revision(tx: Tx<'_>, issuer: &str, shard: i64) -> Result<i64, StoreError> {
    let (from, to) = if shard == FULL {
        (0, FULL - 1)
    } else {
        (shard, shard)
    };
    let rows = tx
        .rows(
            "SELECT revision FROM crl_head WHERE issuer = $1 AND shard BETWEEN $2 AND $3",
            params![issuer, from, to],
        )
        .await?;
    let mut sum = 0_i64;
    for row in rows {
        let (revision,) = row.read::<(i64,)>()?;
        sum = sum.checked_add(revision).ok_or(REVISION)?;
    }
    Ok(sum)
}

/// Gives out the next number of a list; a number given out is never given again, used or not.
pub(crate) async fn next_number(tx: Tx<'_>, issuer: &str, shard: i64) -> Result<i64, StoreError> {
    let row = tx
        .row(
            "INSERT INTO crl_head (issuer, shard, revision, last_number) VALUES ($1, $2, 0, 1)
             ON CONFLICT (issuer, shard) DO UPDATE SET last_number = crl_head.last_number + 1
             RETURNING last_number",
            params![issuer, shard],
        )
        .await?
        .ok_or(LAST_NUMBER)?;
    let (number,) = row.read::<(i64,)>()?;
    Ok(number)
}

/// The newest signed list of a shard.
pub(crate) async fn newest(
    tx: Tx<'_>,
    issuer: &str,
    shard: i64,
) -> Result<Option<SignedList>, StoreError> {
    let row = tx
        .row(
            "SELECT number, revision, this_update, next_update, der FROM crl WHERE issuer = $1 AND shard = $2",
            params![issuer, shard],
        )
        .await?;
    row.map(|row| {
        let (number, revision, this_update, next_update, der) =
            row.read::<(i64, i64, Time, Time, Vec<u8>)>()?;
        Ok(SignedList {
            number,
            revision,
            this_update,
            next_update,
            der,
        })
    })
    .transpose()
}

/// Keeps a signed list, unless one with a higher number came first.
pub(crate) async fn record(
    tx: Tx<'_>,
    issuer: &str,
    shard: i64,
    list: &SignedList,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO crl (issuer, shard, number, revision, this_update, next_update, der)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (issuer, shard) DO UPDATE
         SET number = excluded.number, revision = excluded.revision, this_update = excluded.this_update,
             next_update = excluded.next_update, der = excluded.der
         WHERE excluded.number > crl.number",
        params![issuer, shard, list.number, list.revision, list.this_update, list.next_update, list.der.as_slice()],
    )
    .await?;
    Ok(())
}

/// What the list of a shard must say: everything revoked whose end is not before the given instant,
/// by serial.
pub(crate) async fn entries(
    tx: Tx<'_>,
    issuer: &str,
    shard: i64,
    from: Time,
) -> Result<Vec<Entry>, StoreError> {
    let (low, high) = if shard == FULL {
        (0, FULL - 1)
    } else {
        (shard, shard)
    };
    let rows = tx
        .rows(
            "SELECT serial, revoked_at, revocation_reason FROM certificate
             WHERE issuer = $1 AND shard BETWEEN $2 AND $3 AND revoked_at IS NOT NULL AND not_after >= $4
             ORDER BY serial",
            params![issuer, low, high, from],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let (serial, at, reason) = row.read::<(Serial, Time, RevocationReason)>()?;
            Ok(Entry { serial, at, reason })
        })
        .collect()
}

/// The highest time seen, if any was recorded.
pub(crate) async fn clock_mark(tx: Tx<'_>) -> Result<Option<Time>, StoreError> {
    let row = tx
        .row("SELECT mark FROM clock_mark WHERE one = 1", params![])
        .await?;
    Ok(row
        .map(Row::read::<(Time,)>)
        .transpose()?
        .map(|(mark,)| mark))
}

/// Raises the mark; never lowers it.
pub(crate) async fn raise_clock_mark(tx: Tx<'_>, mark: Time) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO clock_mark (one, mark) VALUES (1, $1)
         ON CONFLICT (one) DO UPDATE SET mark = excluded.mark WHERE excluded.mark > clock_mark.mark",
        params![mark],
    )
    .await?;
    Ok(())
}

/// Sets the mark, down as well.
pub(crate) async fn reset_clock_mark(tx: Tx<'_>, mark: Time) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO clock_mark (one, mark) VALUES (1, $1) ON CONFLICT (one) DO UPDATE SET mark = excluded.mark",
        params![mark],
    )
    .await?;
    Ok(())
}
