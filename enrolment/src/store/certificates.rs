//! Rows of certificates. Every statement that revokes answers with the shards whose lists must
//! change.

use policies::card::{CardState, CertificateState, KeyRole, RevocationReason};
use policies::ids::{CardNumber, IntentId, Serial, UserId};
use policies::time::Time;

use crate::cards::Standing;
use crate::params;
use crate::store::intents::Intent;
use crate::store::{Row, StoreError, Tx, crls};

const ISSUER: StoreError = StoreError::Inconsistent {
    table: "certificate",
    column: "issuer",
};
const NOT_RESERVED: StoreError = StoreError::Inconsistent {
    table: "certificate",
    column: "state",
};

/// One certificate, with or without its signature.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub(crate) serial: Serial,
    pub(crate) issuer: String,
    pub(crate) key_role: KeyRole,
    pub(crate) state: CertificateState,
    pub(crate) not_before: Time,
    pub(crate) not_after: Time,
    pub(crate) tbs: Vec<u8>,
    pub(crate) der: Option<Vec<u8>>,
}

/// What is reserved before anything is signed.
pub(crate) struct Reservation<'a> {
    pub(crate) intent: &'a Intent,
    pub(crate) serial: &'a Serial,
    pub(crate) issuer: &'a str,
    pub(crate) key_role: KeyRole,
    pub(crate) predecessor: Option<&'a Serial>,
    pub(crate) shard: u8,
    pub(crate) spki_sha256: &'a str,
    pub(crate) tbs: &'a [u8],
    pub(crate) tbs_sha256: &'a str,
}

/// Everything that decides whether a certificate may sign in, in one row.
pub(crate) async fn standing(
    tx: Tx<'_>,
    issuer: &str,
    serial: &Serial,
) -> Result<Option<Standing>, StoreError> {
    type Columns = (
        UserId,
        String,
        CardNumber,
        CardState,
        KeyRole,
        CertificateState,
        Time,
        Time,
        IntentId,
    );
    let row = tx
        .row(
            "SELECT certificate.user_id, person.state, certificate.card_number, card.state, certificate.key_role,
                    certificate.state, certificate.not_before, certificate.not_after, certificate.intent_id
             FROM certificate
             JOIN card ON card.card_number = certificate.card_number
             JOIN person ON person.user_id = certificate.user_id
             WHERE certificate.serial = $1 AND certificate.issuer = $2",
            params![serial, issuer],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (
        person,
        person_state,
        card,
        card_state,
        key_role,
        certificate_state,
        not_before,
        not_after,
        set_id,
    ) = row.read::<Columns>()?;
    Ok(Some(Standing {
        person,
        person_open: person_state == "open",
        card,
        card_state,
        key_role,
        certificate_state,
        not_before,
        not_after,
        set_id,
    }))
}

/// The certificates of a set that were not burned, authentication first.
pub(crate) async fn of_set(
    tx: Tx<'_>,
    intent_id: &IntentId,
) -> Result<Vec<Certificate>, StoreError> {
    let rows = tx
        .rows(
            "SELECT serial, issuer, key_role, state, not_before, not_after, tbs, der
             FROM certificate WHERE intent_id = $1 AND state <> 'burned' ORDER BY key_role",
            params![intent_id],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Certificate, StoreError> {
    type Columns = (
        Serial,
        String,
        KeyRole,
        CertificateState,
        Time,
        Time,
        Vec<u8>,
        Option<Vec<u8>>,
    );
    let (serial, issuer, key_role, state, not_before, not_after, tbs, der) =
        row.read::<Columns>()?;
    Ok(Certificate {
        serial,
        issuer,
        key_role,
        state,
        not_before,
        not_after,
        tbs,
        der,
    })
}

/// True when a certificate with this public key is or was on any card.
pub(crate) async fn key_is_known(tx: Tx<'_>, spki_sha256: &str) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT serial FROM certificate WHERE spki_sha256 = $1 AND state <> 'burned'",
            params![spki_sha256],
        )
        .await?;
    Ok(row.is_some())
}

/// Writes a certificate that is about to be signed.
pub(crate) async fn reserve(tx: Tx<'_>, new: &Reservation<'_>) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO certificate (serial, intent_id, issuer, card_number, user_id, key_role, state, predecessor,
                                  shard, spki_sha256, tbs, tbs_sha256, der, not_before, not_after, revoked_at,
                                  revocation_reason)
         VALUES ($1, $2, $3, $4, $5, $6, 'reserved', $7, $8, $9, $10, $11, NULL, $12, $13, NULL, NULL)",
        params![
            new.serial,
            &new.intent.id,
            new.issuer,
            &new.intent.card,
            &new.intent.user_id,
            new.key_role,
            new.predecessor,
            i64::from(new.shard),
            new.spki_sha256,
            new.tbs,
            new.tbs_sha256,
            new.intent.not_before,
            new.intent.not_after,
        ],
    )
    .await?;
    Ok(())
}

/// Stores a signature that may be released; false when the row was not waiting for one.
pub(crate) async fn deliver(
    tx: Tx<'_>,
    intent_id: &IntentId,
    serial: &Serial,
    der: &[u8],
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE certificate SET state = 'delivered', der = $3
             WHERE serial = $2 AND intent_id = $1 AND state = 'reserved'",
            params![intent_id, serial, der],
        )
        .await?;
    Ok(changed == 1)
}

/// Stores a signature that must never be released, as revoked.
pub(crate) async fn withhold(
    tx: Tx<'_>,
    intent_id: &IntentId,
    signed: (&Serial, &[u8]),
    at: Time,
    reason: RevocationReason,
) -> Result<(), StoreError> {
    let (serial, der) = signed;
    let rows = tx
        .rows(
            "UPDATE certificate SET state = 'revoked', der = $3, revoked_at = $4, revocation_reason = $5
             WHERE serial = $2 AND intent_id = $1 AND state = 'reserved' RETURNING issuer, shard",
            params![intent_id, serial, der, at, reason],
        )
        .await?;
    if rows.len() != 1 {
        return Err(NOT_RESERVED);
    }
    publish(tx, rows).await
}

/// Gives up the serials of a set whose signatures are unknown, and puts them on the list.
pub(crate) async fn burn(tx: Tx<'_>, intent_id: &IntentId, at: Time) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "UPDATE certificate SET state = 'burned', revoked_at = $2, revocation_reason = 'cessation_of_operation'
             WHERE intent_id = $1 AND state = 'reserved' RETURNING issuer, shard",
            params![intent_id, at],
        )
        .await?;
    publish(tx, rows).await
}

/// Makes the pending certificates of a set its current ones; answers how many.
pub(crate) async fn activate(tx: Tx<'_>, intent_id: &IntentId) -> Result<u64, StoreError> {
    tx.execute(
        "UPDATE certificate SET state = 'active' WHERE intent_id = $1 AND state = 'delivered'",
        params![intent_id],
    )
    .await
}

/// Ends the current certificates of a set because another set took their place.
pub(crate) async fn supersede(
    tx: Tx<'_>,
    intent_id: &IntentId,
    at: Time,
) -> Result<(), StoreError> {
    let rows = tx
        .rows(
            "UPDATE certificate SET state = 'superseded', revoked_at = $2, revocation_reason = 'superseded'
             WHERE intent_id = $1 AND state = 'active' RETURNING issuer, shard",
            params![intent_id, at],
        )
        .await?;
    publish(tx, rows).await
}

/// Revokes the released certificates of a set, current or pending; answers issuer and serial of
/// each. Reserved ones are left to the transaction that records them, which reads the card again
/// and stores them as revoked.
pub(crate) async fn revoke(
    tx: Tx<'_>,
    intent_id: &IntentId,
    at: Time,
    reason: RevocationReason,
) -> Result<Vec<(Serial, Serial)>, StoreError> {
    let rows = tx
        .rows(
            "UPDATE certificate SET state = 'revoked', revoked_at = $2, revocation_reason = $3
             WHERE intent_id = $1 AND state IN ('signed', 'delivered', 'active') RETURNING issuer, serial, shard",
            params![intent_id, at, reason],
        )
        .await?;
    let mut revoked = Vec::with_capacity(rows.len());
    for row in rows {
        let (issuer, serial, shard) = row.read::<(String, Serial, i64)>()?;
        // By the text as it stands: as a number it would lose leading zeros, and its list with them.
        crls::bump(tx, &issuer, shard).await?;
        revoked.push((issuer.parse().map_err(|_| ISSUER)?, serial));
    }
    Ok(revoked)
}

async fn publish(tx: Tx<'_>, rows: Vec<Row>) -> Result<(), StoreError> {
    for row in rows {
        let (issuer, shard) = row.read::<(String, i64)>()?;
        crls::bump(tx, &issuer, shard).await?;
    }
    Ok(())
}
