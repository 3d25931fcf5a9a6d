//! Rows of requests for one-time codes, of the codes themselves, and of links that cancel a card.

use policies::ids::{CardNumber, UserId};
use policies::time::{Span, Time};

use crate::codes::CodePurpose;
use crate::outbox::Channel;
use crate::params;
use crate::store::{Row, StoreError, Tx};

/// How long a request is kept when nothing came of it.
const KEPT: Span = Span::hours(24);
/// How long an unlock may wait for its confirmation; and a spent one is kept as long.
const UNLOCK_KEPT: Span = Span::days(30);

/// A request for a code. No `Debug`: it may hold an address.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) id: String,
    pub(crate) purpose: CodePurpose,
    pub(crate) asked_for: [u8; 32],
    pub(crate) user_id: Option<UserId>,
    pub(crate) card: Option<CardNumber>,
    pub(crate) transport_key: Option<Vec<u8>>,
    pub(crate) nonce: Option<String>,
    pub(crate) target: Option<(Channel, String)>,
    pub(crate) started_at: Time,
    pub(crate) finished_at: Option<Time>,
    pub(crate) confirmed_at: Option<Time>,
    pub(crate) next_secret: Option<String>,
}

/// Writes a request.
pub(crate) async fn begin(tx: Tx<'_>, request: &Request) -> Result<(), StoreError> {
    let channel = request.target.as_ref().map(|(channel, _)| channel.as_str());
    let address = request.target.as_ref().map(|(_, address)| address.as_str());
    tx.execute(
        "INSERT INTO code_request (request_id, purpose, asked_for, user_id, card_number, transport_key, nonce,
                                   channel, address, started_at, tries)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        params![
            &request.id,
            request.purpose.as_str(),
            request.asked_for,
            request.user_id.as_ref(),
            request.card.as_ref(),
            request.transport_key.as_deref(),
            request.nonce.as_deref(),
            channel,
            address,
            request.started_at,
        ],
    )
    .await?;
    Ok(())
}

/// The request of that name and purpose.
pub(crate) async fn find(
    tx: Tx<'_>,
    id: &str,
    purpose: CodePurpose,
) -> Result<Option<Request>, StoreError> {
    type Columns = (
        String,
        [u8; 32],
        Option<UserId>,
        Option<CardNumber>,
        Option<Vec<u8>>,
        Option<String>,
        Option<Channel>,
        Option<String>,
        Time,
        Option<Time>,
        Option<Time>,
        Option<String>,
    );
    let row = tx
        .row(
            "SELECT request_id, asked_for, user_id, card_number, transport_key, nonce, channel, address,
                    started_at, finished_at, confirmed_at, next_secret
             FROM code_request WHERE request_id = $1 AND purpose = $2",
            params![id, purpose.as_str()],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (
        id,
        asked_for,
        user_id,
        card,
        transport_key,
        nonce,
        channel,
        address,
        started_at,
        finished_at,
        confirmed_at,
        next_secret,
    ) = row.read::<Columns>()?;
    Ok(Some(Request {
        id,
        purpose,
        asked_for,
        user_id,
        card,
        transport_key,
        nonce,
        target: channel.zip(address),
        started_at,
        finished_at,
        confirmed_at,
        next_secret,
    }))
}

/// How many requests for the same have come since that instant.
pub(crate) async fn asked_since(
    tx: Tx<'_>,
    asked_for: [u8; 32],
    since: Time,
) -> Result<u32, StoreError> {
    let row = tx
        .row(
            "SELECT COUNT(*) FROM code_request WHERE asked_for = $1 AND started_at > $2",
            params![asked_for, since],
        )
        .await?;
    count(row)
}

/// How many codes a person was sent since that instant, for whatever purpose.
pub(crate) async fn sent_since(
    tx: Tx<'_>,
    user_id: Option<&UserId>,
    since: Time,
) -> Result<u32, StoreError> {
    let row = tx
        .row(
            "SELECT COUNT(*) FROM code WHERE user_id = $1 AND sent_at > $2",
            params![user_id, since],
        )
        .await?;
    count(row)
}

fn count(row: Option<Row>) -> Result<u32, StoreError> {
    let counted = row.map(Row::read::<(i64,)>).transpose()?;
    Ok(counted.map_or(0, |(count,)| u32::try_from(count).unwrap_or(u32::MAX)))
}

/// Counts one try; false when all are used up, or the request is finished.
pub(crate) async fn try_once(tx: Tx<'_>, id: &str, most: u32) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE code_request SET tries = tries + 1
             WHERE request_id = $1 AND tries < $2 AND finished_at IS NULL",
            params![id, i64::from(most)],
        )
        .await?;
    Ok(changed == 1)
}

/// A code as it is stored.
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) digest: Vec<u8>,
    pub(crate) sent_at: Time,
}

/// Writes a code.
pub(crate) async fn insert(
    tx: Tx<'_>,
    request: &Request,
    to: Option<&UserId>,
    code: &Stored,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO code (code_id, request_id, purpose, user_id, digest, sent_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            &code.id,
            &request.id,
            request.purpose.as_str(),
            to,
            &code.digest,
            code.sent_at,
        ],
    )
    .await?;
    Ok(())
}

/// The unused codes of a request; or, where it names a person and none but its holder can have
/// typed in an address, of all her requests for the same: a new code does not kill the old one.
pub(crate) async fn candidates(
    tx: Tx<'_>,
    request: &Request,
    since: Time,
) -> Result<Vec<Stored>, StoreError> {
    let own = request.purpose == CodePurpose::Contact;
    let rows = if own {
        tx.rows(
            "SELECT code_id, digest, sent_at FROM code
             WHERE request_id = $1 AND used_at IS NULL AND sent_at > $2 ORDER BY sent_at DESC LIMIT 20",
            params![&request.id, since],
        )
        .await?
    } else {
        tx.rows(
            "SELECT code_id, digest, sent_at FROM code
             WHERE user_id = $1 AND purpose = $2 AND used_at IS NULL AND sent_at > $3
             ORDER BY sent_at DESC LIMIT 20",
            params![request.user_id.as_ref(), request.purpose.as_str(), since],
        )
        .await?
    };
    rows.into_iter()
        .map(|row| {
            let (id, digest, sent_at) = row.read()?;
            Ok(Stored {
                id,
                digest,
                sent_at,
            })
        })
        .collect()
}

/// Spends a code; false when it is spent.
pub(crate) async fn spend(tx: Tx<'_>, code_id: &str, now: Time) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE code SET used_at = $2 WHERE code_id = $1 AND used_at IS NULL",
            params![code_id, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Finishes a request, once.
pub(crate) async fn finish(
    tx: Tx<'_>,
    id: &str,
    next_secret: Option<&str>,
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE code_request SET finished_at = $2, next_secret = $3, address = NULL
             WHERE request_id = $1 AND finished_at IS NULL",
            params![id, now, next_secret],
        )
        .await?;
    Ok(changed == 1)
}

/// Confirms a finished unlock, once.
pub(crate) async fn confirm(tx: Tx<'_>, id: &str, now: Time) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE code_request SET confirmed_at = $2
             WHERE request_id = $1 AND finished_at IS NOT NULL AND confirmed_at IS NULL",
            params![id, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Writes a link that cancels a card.
pub(crate) async fn insert_link(
    tx: Tx<'_>,
    token_hash: [u8; 32],
    (card, user_id): (&CardNumber, &UserId),
    now: Time,
    ends_at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO cancel_link (token_hash, card_number, user_id, made_at, ends_at)
         VALUES ($1, $2, $3, $4, $5)",
        params![token_hash, card, user_id, now, ends_at],
    )
    .await?;
    Ok(())
}

/// The card of a link that works now; reading it changes nothing.
pub(crate) async fn link(
    tx: Tx<'_>,
    token_hash: [u8; 32],
    now: Time,
) -> Result<Option<CardNumber>, StoreError> {
    let row = tx
        .row(
            "SELECT card_number FROM cancel_link
             WHERE token_hash = $1 AND used_at IS NULL AND ends_at >= $2",
            params![token_hash, now],
        )
        .await?;
    Ok(row
        .map(Row::read::<(CardNumber,)>)
        .transpose()?
        .map(|(card,)| card))
}

/// Spends a link; false when it is spent or over.
pub(crate) async fn spend_link(
    tx: Tx<'_>,
    token_hash: [u8; 32],
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE cancel_link SET used_at = $2
             WHERE token_hash = $1 AND used_at IS NULL AND ends_at >= $2",
            params![token_hash, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Forgets at most `piece` rows of each kind that are over; how many went.
pub(crate) async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    let requests = tx
        .execute(
            "DELETE FROM code_request WHERE request_id IN
                (SELECT request_id FROM code_request
                 WHERE started_at < $2 OR (started_at < $1 AND finished_at IS NULL) LIMIT $3)",
            params![now.minus(KEPT), now.minus(UNLOCK_KEPT), piece],
        )
        .await?;
    let links = tx
        .execute(
            "DELETE FROM cancel_link WHERE token_hash IN
                (SELECT token_hash FROM cancel_link WHERE ends_at < $1 LIMIT $2)",
            params![now.minus(KEPT), piece],
        )
        .await?;
    Ok(requests + links)
}
