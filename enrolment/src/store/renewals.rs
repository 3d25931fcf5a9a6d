//! Rows of begun renewals: each has a nonce, which is spent on one intent.

use policies::ids::{CardNumber, IntentId};
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

/// A self-renewal that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    pub(crate) card: CardNumber,
    pub(crate) nonce: String,
    pub(crate) started_at: Time,
    pub(crate) intent_id: Option<IntentId>,
}

/// Writes a begun renewal.
pub(crate) async fn begin(
    tx: Tx<'_>,
    renewal_id: &str,
    card: &CardNumber,
    nonce: &str,
    at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO renewal (renewal_id, card_number, nonce, started_at, intent_id) VALUES ($1, $2, $3, $4, NULL)",
        params![renewal_id, card, nonce, at],
    )
    .await?;
    Ok(())
}

/// The renewal of that number.
pub(crate) async fn find(tx: Tx<'_>, renewal_id: &str) -> Result<Option<Begun>, StoreError> {
    let row = tx
        .row(
            "SELECT card_number, nonce, started_at, intent_id FROM renewal WHERE renewal_id = $1",
            params![renewal_id],
        )
        .await?;
    row.map(|row| {
        let (card, nonce, started_at, intent_id) =
            row.read::<(CardNumber, String, Time, Option<IntentId>)>()?;
        Ok(Begun {
            card,
            nonce,
            started_at,
            intent_id,
        })
    })
    .transpose()
}

/// When the newest renewal of that card was begun that has no set yet, if one was.
pub(crate) async fn begun_last(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Time>, StoreError> {
    let row = tx
        .row(
            "SELECT started_at FROM renewal WHERE card_number = $1 AND intent_id IS NULL
             ORDER BY started_at DESC LIMIT 1",
            params![card],
        )
        .await?;
    Ok(row.map(Row::read::<(Time,)>).transpose()?.map(|(at,)| at))
}

/// Spends the nonce of a renewal on an intent, once; false when another intent has it.
pub(crate) async fn spend(
    tx: Tx<'_>,
    renewal_id: &str,
    intent_id: &IntentId,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE renewal SET intent_id = $2 WHERE renewal_id = $1 AND intent_id IS NULL",
            params![renewal_id, intent_id],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives the nonce back: the intent was burned, and the same requests may be sent again.
pub(crate) async fn give_back(tx: Tx<'_>, intent_id: &IntentId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE renewal SET intent_id = NULL WHERE intent_id = $1",
        params![intent_id],
    )
    .await?;
    Ok(())
}

/// Gives a begun renewal another nonce; the one before is dead.
pub(crate) async fn renonce(
    tx: Tx<'_>,
    renewal_id: &str,
    nonce: &str,
    at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE renewal SET nonce = $2, started_at = $3 WHERE renewal_id = $1",
        params![renewal_id, nonce, at],
    )
    .await?;
    Ok(())
}

/// The renewal goes on with another set; false when it was not about the first one.
pub(crate) async fn go_on_with(
    tx: Tx<'_>,
    renewal_id: &str,
    from: &IntentId,
    to: &IntentId,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE renewal SET intent_id = $3 WHERE renewal_id = $1 AND intent_id = $2",
            params![renewal_id, from, to],
        )
        .await?;
    Ok(changed == 1)
}

/// The renewal that led to that set.
pub(crate) async fn of_intent(
    tx: Tx<'_>,
    intent_id: &IntentId,
) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "SELECT renewal_id FROM renewal WHERE intent_id = $1",
            params![intent_id],
        )
        .await?;
    Ok(row
        .map(Row::read::<(String,)>)
        .transpose()?
        .map(|(renewal_id,)| renewal_id))
}
