//! Rows of works at a desk, and of what was attested there.

use policies::ids::{CardNumber, IntentId, UserId};
use policies::time::Time;

use crate::desk::{Attested, WorkKind};
use crate::params;
use crate::store::intents::Intent;
use crate::store::{Row, StoreError, Tx};

const KIND: StoreError = StoreError::Inconsistent {
    table: "desk_work",
    column: "kind",
};

/// A work at a desk.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) id: String,
    pub(crate) card: CardNumber,
    pub(crate) user_id: UserId,
    pub(crate) kind: WorkKind,
    pub(crate) actor: UserId,
    pub(crate) second_actor: Option<UserId>,
    pub(crate) nonce: String,
    pub(crate) started_at: Time,
    pub(crate) intent_id: Option<IntentId>,
}

/// Writes a work that was begun.
pub(crate) async fn begin(tx: Tx<'_>, work: &Work) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO desk_work (work_id, card_number, user_id, kind, actor, second_actor, nonce, started_at, intent_id)
         VALUES ($1, $2, $3, $4, $5, NULL, $6, $7, NULL)",
        params![
            &work.id,
            &work.card,
            &work.user_id,
            work.kind.as_str(),
            &work.actor,
            &work.nonce,
            work.started_at,
        ],
    )
    .await?;
    Ok(())
}

/// The work of that number.
pub(crate) async fn find(tx: Tx<'_>, work_id: &str) -> Result<Option<Work>, StoreError> {
    let row = tx
        .row(
            "SELECT work_id, card_number, user_id, kind, actor, second_actor, nonce, started_at, intent_id
             FROM desk_work WHERE work_id = $1",
            params![work_id],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Work, StoreError> {
    type Columns = (
        String,
        CardNumber,
        UserId,
        String,
        UserId,
        Option<UserId>,
        String,
        Time,
        Option<IntentId>,
    );
    let (work_id, card, user_id, kind, actor, second_actor, nonce, started_at, intent_id) =
        row.read::<Columns>()?;
    Ok(Work {
        id: work_id,
        card,
        user_id,
        kind: kind.parse().map_err(|_| KIND)?,
        actor,
        second_actor,
        nonce,
        started_at,
        intent_id,
    })
}

/// Spends the nonce of a work on an intent, once; false when another intent has it.
pub(crate) async fn spend(
    tx: Tx<'_>,
    work_id: &str,
    intent_id: &IntentId,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE desk_work SET intent_id = $2 WHERE work_id = $1 AND intent_id IS NULL",
            params![work_id, intent_id],
        )
        .await?;
    Ok(changed == 1)
}

/// Gives the nonce back: the intent was burned, and the same requests may be sent again.
pub(crate) async fn give_back(tx: Tx<'_>, intent_id: &IntentId) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE desk_work SET intent_id = NULL WHERE intent_id = $1",
        params![intent_id],
    )
    .await?;
    Ok(())
}

/// Another desk person stands behind the work; false when somebody does already.
pub(crate) async fn second(
    tx: Tx<'_>,
    work_id: &str,
    second_actor: &UserId,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE desk_work SET second_actor = $2
             WHERE work_id = $1 AND second_actor IS NULL AND intent_id IS NULL",
            params![work_id, second_actor],
        )
        .await?;
    Ok(changed == 1)
}

/// Writes what the desk attested for a set.
pub(crate) async fn attest(tx: Tx<'_>, intent: &Intent, act: &Attested) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO desk_act (intent_id, user_id, actor, second_actor, holder_present, photo_compared, out_of_area,
                               reason, evidence)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        params![
            &intent.id,
            &intent.user_id,
            &act.actor,
            act.second_actor.as_ref(),
            act.holder_present,
            act.photo_compared,
            act.out_of_area,
            act.reason.map(policies::renewal::RepairReason::as_str),
            act.evidence.join(" "),
        ],
    )
    .await?;
    Ok(())
}
