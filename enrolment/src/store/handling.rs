//! What is written of a card besides its state and its certificates: who asked for it and by which
//! wish, where it was sent, that it arrived, and what became of its plastic.

use policies::card::PlasticState;
use policies::ids::{CardNumber, OrgCode, UserId};
use policies::permit::{DispatchPermit, PlasticPermit, ReceiptPermit};
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

/// Where a card is on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Journey {
    pub(crate) dispatched_to: Option<OrgCode>,
    pub(crate) dispatched_at: Option<Time>,
    pub(crate) receipt_confirmed_at: Option<Time>,
}

/// The way of that card so far.
pub(crate) async fn journey(tx: Tx<'_>, card: &CardNumber) -> Result<Journey, StoreError> {
    type Columns = (Option<OrgCode>, Option<Time>, Option<Time>);
    let row = tx
        .row(
            "SELECT dispatched_to, dispatched_at, receipt_confirmed_at FROM card WHERE card_number = $1",
            params![card],
        )
        .await?;
    let Some(row) = row else {
        return Ok(Journey::default());
    };
    let (dispatched_to, dispatched_at, receipt_confirmed_at) = row.read::<Columns>()?;
    Ok(Journey {
        dispatched_to,
        dispatched_at,
        receipt_confirmed_at,
    })
}

/// Remembers the wish that asked for a card.
pub(crate) async fn remember_request(
    tx: Tx<'_>,
    card: &CardNumber,
    wish: (&str, &str),
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE card SET request_key = $2, request_hash = $3 WHERE card_number = $1",
        params![card, wish.0, wish.1],
    )
    .await?;
    Ok(())
}

/// The card that this wish led to, with the hash of the wish.
pub(crate) async fn by_request(
    tx: Tx<'_>,
    user_id: &UserId,
    key: &str,
) -> Result<Option<(CardNumber, String)>, StoreError> {
    let row = tx
        .row(
            "SELECT card_number, request_hash FROM card WHERE user_id = $1 AND request_key = $2",
            params![user_id, key],
        )
        .await?;
    row.map(Row::read::<(CardNumber, String)>).transpose()
}

/// Sends the card, if it is still as it was judged.
pub(crate) async fn dispatch(tx: Tx<'_>, permit: &DispatchPermit) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET state = 'dispatched', dispatched_to = $3, dispatched_at = $4, version = version + 1
             WHERE card_number = $1 AND version = $2 AND state IN ('produced', 'dispatched')",
            params![
                permit.card(),
                permit.card_version(),
                permit.to(),
                permit.decided_at(),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Records the arrival, if the card is still as it was judged.
pub(crate) async fn receive(tx: Tx<'_>, permit: &ReceiptPermit) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE card SET receipt_confirmed_at = $3, version = version + 1
             WHERE card_number = $1 AND version = $2",
            params![permit.card(), permit.card_version(), permit.decided_at()],
        )
        .await?;
    Ok(changed == 1)
}

/// What became of the plastic; none while nobody has said.
pub(crate) async fn plastic(
    tx: Tx<'_>,
    card: &CardNumber,
) -> Result<Option<PlasticState>, StoreError> {
    let row = tx
        .row(
            "SELECT state FROM plastic WHERE card_number = $1",
            params![card],
        )
        .await?;
    Ok(row
        .map(Row::read::<(PlasticState,)>)
        .transpose()?
        .map(|(state,)| state))
}

/// Records what became of it.
pub(crate) async fn record_plastic(
    tx: Tx<'_>,
    permit: &PlasticPermit,
    by: Option<&UserId>,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO plastic (card_number, state, recorded_at, recorded_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (card_number) DO UPDATE SET state = excluded.state, recorded_at = excluded.recorded_at,
                                                 recorded_by = excluded.recorded_by",
        params![permit.card(), permit.becomes(), permit.decided_at(), by],
    )
    .await?;
    Ok(())
}
