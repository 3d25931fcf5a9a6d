//! Rows of cards.

use policies::card::{CancelReason, CardState};
use policies::ids::{CardNumber, UserId};
use policies::time::Time;

use crate::cards::Card;
use crate::params;
use crate::store::{Row, StoreError, Tx};

const COUNTER: StoreError = StoreError::Inconsistent {
    table: "card",
    column: "self_renewals",
};

/// The card of that number.
pub(crate) async fn find(tx: Tx<'_>, number: &CardNumber) -> Result<Option<Card>, StoreError> {
    let row = tx
        .row(
            "SELECT card_number, user_id, version, state, epoch, self_renewals, activated_at, cancelled_at, cancel_reason
             FROM card WHERE card_number = $1",
            params![number],
        )
        .await?;
    row.map(decode).transpose()
}

/// The person's live card, or else the one that was cancelled last.
pub(crate) async fn newest_of(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Card>, StoreError> {
    let row = tx
        .row(
            "SELECT card_number, user_id, version, state, epoch, self_renewals, activated_at, cancelled_at, cancel_reason
             FROM card WHERE user_id = $1
             ORDER BY CASE state WHEN 'cancelled' THEN 1 ELSE 0 END, cancelled_at DESC, card_number LIMIT 1",
            params![user_id],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Card, StoreError> {
    type Columns = (
        CardNumber,
        UserId,
        i64,
        CardState,
        i64,
        i64,
        Option<Time>,
        Option<Time>,
        Option<CancelReason>,
    );
    let (
        number,
        user_id,
        version,
        state,
        epoch,
        self_renewals,
        activated_at,
        cancelled_at,
        cancel_reason,
    ) = row.read::<Columns>()?;
    Ok(Card {
        number,
        user_id,
        version,
        state,
        epoch,
        self_renewals: u32::try_from(self_renewals).map_err(|_| COUNTER)?,
        activated_at,
        cancelled_at,
        cancel_reason,
    })
}

/// Writes a requested card.
pub(crate) async fn insert(
    tx: Tx<'_>,
    number: &CardNumber,
    user_id: &UserId,
    at: Time,
    requested_by: Option<&UserId>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO card (card_number, user_id, version, state, epoch, self_renewals, requested_at, requested_by,
                           activated_at, cancelled_at, cancel_reason)
         VALUES ($1, $2, 1, 'requested', 1, 0, $3, $4, NULL, NULL, NULL)",
        params![number, user_id, at, requested_by],
    )
    .await?;
    Ok(())
}

/// Moves the card to another state that is not the end, if it is still as it was judged.
pub(crate) async fn move_to(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
    state: CardState,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET state = $3, version = version + 1,
                    activated_at = CASE WHEN $3 = 'active' AND activated_at IS NULL THEN $4 ELSE activated_at END
             WHERE card_number = $1 AND version = $2 AND state <> 'cancelled'",
            params![number, version, state, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends the card, if it is still as it was judged.
pub(crate) async fn cancel(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
    reason: CancelReason,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET state = 'cancelled', cancel_reason = $3, cancelled_at = $4, version = version + 1
             WHERE card_number = $1 AND version = $2 AND state <> 'cancelled'",
            params![number, version, reason, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Counts one more self-renewal in a row, if the card is still as it was judged.
pub(crate) async fn count_self_renewal(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET self_renewals = self_renewals + 1, version = version + 1
             WHERE card_number = $1 AND version = $2",
            params![number, version],
        )
        .await?;
    Ok(changed == 1)
}

/// Sets the count of self-renewals in a row, if the card is still as it was judged.
pub(crate) async fn set_self_renewals(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
    count: i64,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET self_renewals = $3, version = version + 1 WHERE card_number = $1 AND version = $2",
            params![number, version, count],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives one self-renewal back: the set it paid for was never released.
pub(crate) async fn give_back_self_renewal(
    tx: Tx<'_>,
    number: &CardNumber,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE card SET self_renewals = self_renewals - 1, version = version + 1
         WHERE card_number = $1 AND self_renewals > 0",
        params![number],
    )
    .await?;
    Ok(())
}

/// Records that the set of the card changed, so that whatever was judged before is judged again.
pub(crate) async fn touch(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET version = version + 1 WHERE card_number = $1 AND version = $2",
            params![number, version],
        )
        .await?;
    Ok(changed == 1)
}

/// A person has seen the holder: a new epoch with no self-renewal in it, if the card is still as it
/// was judged.
pub(crate) async fn begin_epoch(
    tx: Tx<'_>,
    number: &CardNumber,
    version: i64,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET epoch = epoch + 1, self_renewals = 0, version = version + 1
             WHERE card_number = $1 AND version = $2",
            params![number, version],
        )
        .await?;
    Ok(changed == 1)
}
