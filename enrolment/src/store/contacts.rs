//! Rows of the addresses at which people are reached.

use policies::contact::{ContactFacts, Origin};
use policies::ids::UserId;
use policies::time::Time;

use crate::outbox::Channel;
use crate::params;
use crate::store::{Row, StoreError, Tx};

const ORIGIN: StoreError = StoreError::Inconsistent {
    table: "contact",
    column: "origin",
};

/// One address of a person. No `Debug`: it is personal.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Contact {
    pub(crate) id: String,
    pub(crate) channel: Channel,
    pub(crate) address: String,
    pub(crate) origin: Origin,
    pub(crate) verified_at: Time,
}

impl Contact {
    pub(crate) const fn facts(&self) -> ContactFacts {
        ContactFacts {
            origin: self.origin,
            verified_at: self.verified_at,
        }
    }
}

/// The addresses that stand, mail first; nobody has none.
pub(crate) async fn live(tx: Tx<'_>, user_id: Option<&UserId>) -> Result<Vec<Contact>, StoreError> {
    let rows = tx
        .rows(
            "SELECT contact_id, channel, address, origin, verified_at FROM contact
             WHERE user_id = $1 AND ended_at IS NULL ORDER BY channel",
            params![user_id],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

/// The addresses that are told of changes: those that stand, and those that ended lately.
pub(crate) async fn told(
    tx: Tx<'_>,
    user_id: &UserId,
    now: Time,
) -> Result<Vec<Contact>, StoreError> {
    let rows = tx
        .rows(
            "SELECT contact_id, channel, address, origin, verified_at FROM contact
             WHERE user_id = $1 AND (ended_at IS NULL OR told_until >= $2) ORDER BY channel, contact_id",
            params![user_id, now],
        )
        .await?;
    rows.into_iter().map(decode).collect()
}

fn decode(row: Row) -> Result<Contact, StoreError> {
    let (id, channel, address, origin, verified_at) =
        row.read::<(String, Channel, String, String, Time)>()?;
    Ok(Contact {
        id,
        channel,
        address,
        origin: origin.parse().map_err(|_| ORIGIN)?,
        verified_at,
    })
}

/// Writes a verified address.
pub(crate) async fn insert(
    tx: Tx<'_>,
    user_id: &UserId,
    contact: &Contact,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO contact (contact_id, user_id, channel, address, origin, verified_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
        params![
            &contact.id,
            user_id,
            contact.channel.as_str(),
            &contact.address,
            contact.origin.as_str(),
            contact.verified_at,
        ],
    )
    .await?;
    Ok(())
}

/// Ends the address that stands on this channel; it is told of changes until `told_until`.
pub(crate) async fn end(
    tx: Tx<'_>,
    user_id: &UserId,
    channel: Channel,
    at: Time,
    told_until: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE contact SET ended_at = $3, told_until = $4
         WHERE user_id = $1 AND channel = $2 AND ended_at IS NULL",
        params![user_id, channel.as_str(), at, told_until],
    )
    .await?;
    Ok(())
}
