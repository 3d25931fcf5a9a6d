//! Rows of intents, which are the sets of certificates of a card, and of the renewal slots they
//! take.

use policies::card::CertificateState;
use policies::ids::{CardNumber, IntentId, UserId};
use policies::permit::IssueKind;
use policies::renewal::PendingFacts;
use policies::time::Time;

use crate::params;
use crate::store::{Row, StoreError, Tx};

const KIND: StoreError = StoreError::Inconsistent {
    table: "intent",
    column: "kind",
};

/// One intent.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    pub(crate) id: IntentId,
    pub(crate) card: CardNumber,
    pub(crate) user_id: UserId,
    pub(crate) idempotency_key: String,
    pub(crate) request_hash: String,
    pub(crate) kind: IssueKind,
    pub(crate) state: CertificateState,
    pub(crate) actor: Option<UserId>,
    pub(crate) predecessor: Option<IntentId>,
    /// Of a restarted set: the ground of the first decision.
    pub(crate) origin: Option<IssueKind>,
    pub(crate) epoch: i64,
    pub(crate) person_version: i64,
    pub(crate) card_version: i64,
    pub(crate) decided_at: Time,
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
}

impl Intent {
    /// The ground of the decision that stands: a restart repeats an earlier one.
    pub(crate) fn ground(&self) -> IssueKind {
        self.origin.unwrap_or(self.kind)
    }

    /// The set as the law sees it while it waits.
    pub(crate) fn pending_facts(&self) -> PendingFacts {
        PendingFacts {
            kind: self.ground(),
            issued_at: self.decided_at,
        }
    }
}

/// The intent of that number.
pub(crate) async fn find(tx: Tx<'_>, intent_id: &IntentId) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE intent_id = $1",
            params![intent_id],
        )
        .await?;
    row.map(decode).transpose()
}

/// The intent that a card's idempotency key led to; a burned one does not count.
pub(crate) async fn by_key(
    tx: Tx<'_>,
    card: &CardNumber,
    key: &str,
) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE card_number = $1 AND idempotency_key = $2 AND state <> 'burned'",
            params![card, key],
        )
        .await?;
    row.map(decode).transpose()
}

/// The intent of that card which asked for exactly this; a burned one does not count.
pub(crate) async fn by_request(
    tx: Tx<'_>,
    card: &CardNumber,
    hash: &str,
) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE card_number = $1 AND request_hash = $2 AND state <> 'burned'
             ORDER BY decided_at DESC, intent_id LIMIT 1",
            params![card, hash],
        )
        .await?;
    row.map(decode).transpose()
}

/// The card's current set.
pub(crate) async fn current(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE card_number = $1 AND state = 'active'",
            params![card],
        )
        .await?;
    row.map(decode).transpose()
}

/// The newest set of the card that was ever released, whatever became of it.
pub(crate) async fn newest(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE card_number = $1 AND state NOT IN ('reserved', 'burned')
             ORDER BY decided_at DESC, intent_id LIMIT 1",
            params![card],
        )
        .await?;
    row.map(decode).transpose()
}

/// The card's pending set, signed or not.
pub(crate) async fn pending(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Intent>, StoreError> {
    let row = tx
        .row(
            "SELECT intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor, predecessor,
                    origin, epoch, person_version, card_version, decided_at, not_before, not_after
             FROM intent WHERE card_number = $1 AND state IN ('reserved', 'signed', 'delivered')",
            params![card],
        )
        .await?;
    row.map(decode).transpose()
}

/// The intents not later than that instant whose certificates were never recorded, oldest first;
/// all of them when there is no instant. Each with the instant of its decision.
pub(crate) async fn unfinished(
    tx: Tx<'_>,
    before: Option<Time>,
) -> Result<Vec<(IntentId, Time)>, StoreError> {
    let rows = tx
        .rows(
            "SELECT intent_id, decided_at FROM intent WHERE state = 'reserved' AND decided_at <= $1
             ORDER BY decided_at, intent_id",
            params![before.map_or(i64::MAX, Time::unix)],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

fn decode(row: Row) -> Result<Intent, StoreError> {
    type Columns = (
        IntentId,
        CardNumber,
        UserId,
        String,
        String,
        String,
        CertificateState,
        Option<UserId>,
        Option<IntentId>,
        Option<String>,
        i64,
        i64,
        i64,
        Time,
        Time,
        Time,
    );
    let (
        id,
        card,
        user_id,
        idempotency_key,
        request_hash,
        kind,
        state,
        actor,
        predecessor,
        origin,
        epoch,
        person_version,
        card_version,
        decided_at,
        not_before,
        not_after,
    ) = row.read::<Columns>()?;
    Ok(Intent {
        id,
        card,
        user_id,
        idempotency_key,
        request_hash,
        kind: kind.parse::<IssueKind>().map_err(|_| KIND)?,
        state,
        actor,
        predecessor,
        origin: origin
            .map(|word| word.parse().map_err(|_| KIND))
            .transpose()?,
        epoch,
        person_version,
        card_version,
        decided_at,
        not_before,
        not_after,
    })
}

/// Writes a reserved intent.
pub(crate) async fn insert(tx: Tx<'_>, intent: &Intent) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO intent (intent_id, card_number, user_id, idempotency_key, request_hash, kind, state, actor,
                             predecessor, origin, epoch, person_version, card_version, decided_at, not_before, not_after,
                             ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'reserved', $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL)",
        params![
            &intent.id,
            &intent.card,
            &intent.user_id,
            &intent.idempotency_key,
            &intent.request_hash,
            intent.kind.as_str(),
            intent.actor.as_ref(),
            intent.predecessor.as_ref(),
            intent.origin.map(IssueKind::as_str),
            intent.epoch,
            intent.person_version,
            intent.card_version,
            intent.decided_at,
            intent.not_before,
            intent.not_after,
        ],
    )
    .await?;
    Ok(())
}

/// Moves an intent from one state to a later one that is not an end; false when it was not in the
/// first.
pub(crate) async fn advance(
    tx: Tx<'_>,
    intent_id: &IntentId,
    from: CertificateState,
    to: CertificateState,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE intent SET state = $3 WHERE intent_id = $1 AND state = $2",
            params![intent_id, from, to],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends an intent that is in the given state.
pub(crate) async fn end(
    tx: Tx<'_>,
    intent_id: &IntentId,
    from: CertificateState,
    to: CertificateState,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE intent SET state = $3, ended_at = $4 WHERE intent_id = $1 AND state = $2",
            params![intent_id, from, to, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes a self-renewal slot for the intent; the primary key refuses a third and a second taker.
pub(crate) async fn take_slot(tx: Tx<'_>, intent: &Intent, slot: i64) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO renewal_slot (card_number, epoch, slot, intent_id) VALUES ($1, $2, $3, $4)",
        params![&intent.card, intent.epoch, slot, &intent.id],
    )
    .await?;
    Ok(())
}

/// The slots already taken in an epoch of the card.
pub(crate) async fn slots_taken(
    tx: Tx<'_>,
    card: &CardNumber,
    epoch: i64,
) -> Result<Vec<i64>, StoreError> {
    let rows = tx
        .rows(
            "SELECT slot FROM renewal_slot WHERE card_number = $1 AND epoch = $2 ORDER BY slot",
            params![card, epoch],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(i64,)>()?.0))
        .collect()
}

/// Frees the slot of an intent that was never released; false when it held none.
pub(crate) async fn free_slot(tx: Tx<'_>, intent_id: &IntentId) -> Result<bool, StoreError> {
    Ok(tx
        .execute(
            "DELETE FROM renewal_slot WHERE intent_id = $1",
            params![intent_id],
        )
        .await?
        == 1)
}

/// Hands the slot of a set over to the set that restarts it.
pub(crate) async fn move_slot(
    tx: Tx<'_>,
    from: &IntentId,
    to: &IntentId,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE renewal_slot SET intent_id = $2 WHERE intent_id = $1",
        params![from, to],
    )
    .await?;
    Ok(())
}
