//! Rows of sign-ins under way and of the tickets that the card listener hands over.

use enrolment::params;
use enrolment::store::{Row, StoreError, Tx};
use policies::ids::{RoleId, Serial, SessionId};
use policies::time::Time;

use crate::oidc::authorize::AuthorizationRequest;
use crate::signin::TicketFault;
use crate::signin::transaction::{Handle, SignIn};

const REQUEST: StoreError = StoreError::Inconsistent {
    table: "sign_in",
    column: "request",
};
/// A sign-in that cannot be missing is.
pub(crate) const HANDLE: StoreError = StoreError::Inconsistent {
    table: "sign_in",
    column: "handle",
};

/// Writes a sign-in that begins now.
pub(crate) async fn begin(
    tx: Tx<'_>,
    sign_in: &SignIn,
    browser_hash: &[u8],
    begun_at: Time,
    ends_at: Time,
) -> Result<(), StoreError> {
    let request = serde_json::to_string(&sign_in.request).map_err(|_| REQUEST)?;
    tx.execute(
        "INSERT INTO sign_in (handle, browser_hash, request, afresh, sid, card_ends_at, begun_at,
                              ends_at, finished_at)
         VALUES ($1, $2, $3, $4, NULL, NULL, $5, $6, NULL)",
        params![
            sign_in.handle.as_str(),
            browser_hash,
            request,
            sign_in.afresh,
            begun_at,
            ends_at
        ],
    )
    .await?;
    Ok(())
}

/// The sign-in of that handle, if this browser began it and it is still under way.
pub(crate) async fn under_way(
    tx: Tx<'_>,
    handle: &Handle,
    browser_hash: &[u8],
    now: Time,
) -> Result<Option<SignIn>, StoreError> {
    let row = tx
        .row(
            "SELECT handle, request, afresh, sid, card_ends_at, role_id FROM sign_in
             WHERE handle = $1 AND browser_hash = $2 AND finished_at IS NULL
               AND begun_at <= $3 AND ends_at >= $3",
            params![handle.as_str(), browser_hash, now],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<SignIn, StoreError> {
    type Columns = (
        String,
        String,
        bool,
        Option<SessionId>,
        Option<Time>,
        Option<RoleId>,
    );
    let (handle, request, afresh, sid, card_ends_at, role_id) = row.read::<Columns>()?;
    let request: AuthorizationRequest = serde_json::from_str(&request).map_err(|_| REQUEST)?;
    let handle = Handle::parse(&handle).ok_or(HANDLE)?;
    Ok(SignIn {
        handle,
        request,
        afresh,
        sid,
        card_ends_at,
        role_id,
    })
}

/// Whether a sign-in of that handle is under way in any browser: all the card listener may ask.
pub(crate) async fn is_under_way(
    tx: Tx<'_>,
    handle: &Handle,
    now: Time,
) -> Result<bool, StoreError> {
    let row = tx
        .row(
            "SELECT handle FROM sign_in
             WHERE handle = $1 AND finished_at IS NULL AND begun_at <= $2 AND ends_at >= $2",
            params![handle.as_str(), now],
        )
        .await?;
    Ok(row.is_some())
}

/// The person has been proven, or has said that she goes on with her session.
pub(crate) async fn prove(
    tx: Tx<'_>,
    handle: &Handle,
    sid: &SessionId,
    card_ends_at: Option<Time>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE sign_in SET sid = $2, card_ends_at = $3, role_id = NULL
             WHERE handle = $1 AND finished_at IS NULL",
            params![handle.as_str(), sid, card_ends_at],
        )
        .await?;
    Ok(changed == 1)
}

/// The session of the browser does not count for this sign-in any more.
pub(crate) async fn ask_afresh(tx: Tx<'_>, handle: &Handle) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE sign_in SET afresh = 1, sid = NULL, card_ends_at = NULL, role_id = NULL
         WHERE handle = $1 AND finished_at IS NULL",
        params![handle.as_str()],
    )
    .await?;
    Ok(())
}

/// Keeps the role she has chosen until the notice about her card has been read. False when the
/// sign-in is over.
pub(crate) async fn choose_role(
    tx: Tx<'_>,
    handle: &Handle,
    browser_hash: &[u8],
    role_id: &RoleId,
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE sign_in SET role_id = $3
             WHERE handle = $1 AND browser_hash = $2 AND finished_at IS NULL
               AND begun_at <= $4 AND ends_at >= $4",
            params![handle.as_str(), browser_hash, role_id, now],
        )
        .await?;
    Ok(changed == 1)
}

/// Ends the sign-in, once: the one statement decides who may go on to the application. `sid` is the
/// session that it rests on, where that is not on record yet.
pub(crate) async fn finish(
    tx: Tx<'_>,
    handle: &Handle,
    browser_hash: &[u8],
    sid: Option<&SessionId>,
    now: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE sign_in SET finished_at = $3, sid = COALESCE($4, sid)
             WHERE handle = $1 AND browser_hash = $2 AND finished_at IS NULL
               AND begun_at <= $3 AND ends_at >= $3",
            params![handle.as_str(), browser_hash, now, sid],
        )
        .await?;
    Ok(changed == 1)
}

/// What the card listener saw.
#[derive(Debug, Clone)]
pub(crate) struct NewTicket {
    pub(crate) hash: Vec<u8>,
    pub(crate) handle: Handle,
    pub(crate) issuer: String,
    pub(crate) serial: Serial,
    pub(crate) handshake_at: Time,
}

/// Writes a ticket.
pub(crate) async fn hand_over(
    tx: Tx<'_>,
    ticket: &NewTicket,
    made_at: Time,
    ends_at: Time,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO sign_in_ticket (ticket_hash, handle, issuer, serial, handshake_at, made_at,
                                     ends_at, redeemed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
        params![
            ticket.hash.as_slice(),
            ticket.handle.as_str(),
            ticket.issuer.as_str(),
            &ticket.serial,
            ticket.handshake_at,
            made_at,
            ends_at
        ],
    )
    .await?;
    Ok(())
}

/// What a ticket said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Redeemed {
    pub(crate) issuer: String,
    pub(crate) serial: Serial,
    pub(crate) handshake_at: Time,
}

/// Who presents a ticket, and for what.
#[derive(Debug, Clone)]
pub(crate) struct Presentation {
    pub(crate) ticket_hash: Vec<u8>,
    pub(crate) handle: Handle,
    pub(crate) browser_hash: Vec<u8>,
}

/// Spends the ticket if everything fits, in one statement; its row count decides (decision 7).
pub(crate) async fn redeem(
    tx: Tx<'_>,
    presented: &Presentation,
    now: Time,
) -> Result<Option<Redeemed>, StoreError> {
    let row = tx
        .row(
            "UPDATE sign_in_ticket SET redeemed_at = $4
             WHERE ticket_hash = $1 AND handle = $2 AND redeemed_at IS NULL
               AND made_at <= $4 AND ends_at >= $4
               AND EXISTS (SELECT 1 FROM sign_in
                           WHERE sign_in.handle = sign_in_ticket.handle
                             AND sign_in.browser_hash = $3 AND sign_in.finished_at IS NULL
                             AND sign_in.begun_at <= $4 AND sign_in.ends_at >= $4)
             RETURNING issuer, serial, handshake_at",
            params![
                presented.ticket_hash.as_slice(),
                presented.handle.as_str(),
                presented.browser_hash.as_slice(),
                now
            ],
        )
        .await?;
    row.map(|row| {
        let (issuer, serial, handshake_at) = row.read::<(String, Serial, Time)>()?;
        Ok(Redeemed {
            issuer,
            serial,
            handshake_at,
        })
    })
    .transpose()
}

/// Why [`redeem`] spent nothing, for the trail and the page.
pub(crate) async fn why_not(
    tx: Tx<'_>,
    presented: &Presentation,
) -> Result<TicketFault, StoreError> {
    let row = tx
        .row(
            "SELECT k.handle, k.redeemed_at, s.browser_hash
             FROM sign_in_ticket k JOIN sign_in s ON s.handle = k.handle
             WHERE k.ticket_hash = $1",
            params![presented.ticket_hash.as_slice()],
        )
        .await?;
    let Some(row) = row else {
        return Ok(TicketFault::Unknown);
    };
    let (handle, redeemed_at, browser_hash) = row.read::<(String, Option<Time>, Vec<u8>)>()?;
    Ok(if browser_hash != presented.browser_hash {
        TicketFault::OtherBrowser
    } else if handle != presented.handle.as_str() {
        TicketFault::OtherSignIn
    } else if redeemed_at.is_some() {
        TicketFault::Spent
    } else {
        TicketFault::Late
    })
}

#[cfg(test)]
mod tests;
