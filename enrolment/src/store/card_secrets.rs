//! Rows of the cards' own secrets, sealed.

use policies::ids::CardNumber;
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};
use crate::vault::SecretKind;

/// What is on record of one kind of secret of one card.
#[derive(Clone, Default)]
pub(crate) struct Pair {
    /// On the card for certain.
    pub(crate) current: Option<Vec<u8>>,
    /// Given out to be written there: its name, and itself.
    pub(crate) next: Option<(String, Vec<u8>)>,
}

/// Both secrets of that kind.
pub(crate) async fn pair(
    tx: Tx<'_>,
    card: &CardNumber,
    kind: SecretKind,
) -> Result<Pair, StoreError> {
    let rows = tx
        .rows(
            "SELECT secret_id, standing, sealed FROM card_secret WHERE card_number = $1 AND kind = $2",
            params![card, kind.as_str()],
        )
        .await?;
    let mut pair = Pair::default();
    for row in rows {
        let (id, standing, sealed) = row.read::<(String, String, Vec<u8>)>()?;
        if standing == "current" {
            pair.current = Some(sealed);
        } else {
            pair.next = Some((id, sealed));
        }
    }
    Ok(pair)
}

/// Writes the next secret.
pub(crate) async fn put_next(
    tx: Tx<'_>,
    card: &CardNumber,
    kind: SecretKind,
    (id, sealed): (&str, &[u8]),
    now: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO card_secret (secret_id, card_number, kind, standing, sealed, made_at)
         VALUES ($1, $2, $3, 'next', $4, $5)",
        params![id, card, kind.as_str(), sealed, now],
    )
    .await?;
    Ok(())
}

/// The next secret of that name is on the card: it is the current one, and the one before it is
/// dropped. False when it was promoted before, or another took its place.
pub(crate) async fn promote(tx: Tx<'_>, id: &str) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT card_number, kind FROM card_secret WHERE secret_id = $1 AND standing = 'next'",
            params![id],
        )
        .await?;
    let Some((card, kind)) = row.map(Row::read::<(CardNumber, String)>).transpose()? else {
        return Ok(false);
    };
    tx.execute(
        "DELETE FROM card_secret WHERE card_number = $1 AND kind = $2 AND standing = 'current'",
        params![card, kind],
    )
    .await?;
    let changed = tx
        .execute(
            "UPDATE card_secret SET standing = 'current' WHERE secret_id = $1 AND standing = 'next'",
            params![id],
        )
        .await?;
    Ok(changed == 1)
}

/// Notes which secrets a desk work gave out.
pub(crate) async fn note_work(
    tx: Tx<'_>,
    work_id: &str,
    unblock: &str,
    management: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE desk_work SET next_unblock = $2, next_management = $3 WHERE work_id = $1",
        params![work_id, unblock, management],
    )
    .await?;
    Ok(())
}

/// The secrets that a desk work gave out.
pub(crate) async fn of_work(tx: Tx<'_>, work_id: &str) -> Result<Vec<String>, StoreError> {
    let row = tx
        .row(
            "SELECT next_unblock, next_management FROM desk_work WHERE work_id = $1",
            params![work_id],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Vec::new());
    };
    let (unblock, management) = row.read::<(Option<String>, Option<String>)>()?;
    Ok([unblock, management].into_iter().flatten().collect())
}

/// Notes which management key a self-renewal gave out.
pub(crate) async fn note_renewal(
    tx: Tx<'_>,
    renewal_id: &str,
    management: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE renewal SET next_management = $2 WHERE renewal_id = $1",
        params![renewal_id, management],
    )
    .await?;
    Ok(())
}

/// The management key that a self-renewal gave out, if it did.
pub(crate) async fn of_renewal(tx: Tx<'_>, renewal_id: &str) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "SELECT next_management FROM renewal WHERE renewal_id = $1",
            params![renewal_id],
        )
        .await?;
    let given = row.map(Row::read::<(Option<String>,)>).transpose()?;
    Ok(given.and_then(|(id,)| id))
}

/// Whether a secret of that name is on record for that card and of that kind.
pub(crate) async fn is_of(
    tx: Tx<'_>,
    id: &str,
    card: &CardNumber,
    kind: SecretKind,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT secret_id FROM card_secret WHERE secret_id = $1 AND card_number = $2 AND kind = $3",
            params![id, card, kind.as_str()],
        )
        .await?;
    Ok(row.is_some())
}
