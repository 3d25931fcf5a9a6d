//! Revocation lists (RFC 5280 5; contract 6): 128 shards and the full list, kept signed in the
//! database and signed anew when somebody asks after something was revoked, or after a day. The
//! number of a list is written down before it is signed and never given out twice, so numbers only
//! rise, also across a crash (5.2.3).

use std::sync::Arc;

use ca::crl::{CrlContents, Revoked};
use ca::issuer::{Issuer, IssuerId};
use ca::publishing::Publishing;
use policies::ids::Serial;
use policies::refusal::RefusalCode;
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::audit::{Event, Sha256};
use crate::clock_mark;
use crate::journeys::JourneyError;
use crate::ledger::Issuing;
use crate::store::crls::{self, SignedList};
use crate::store::{Key, StoreError, Tx};

/// A list older than this is signed anew.
const FRESH: Span = Span::days(1);

/// Until when a list may be used: a week, so that a publisher that stands still for some days stops
/// nobody.
const LIFE: Span = Span::days(7);

/// For how long an expired certificate stays on its list. RFC 5280 3.3 wants it to appear on one
/// list after its end; a list lives for a week at most.
const AFTERGLOW: Span = Span::days(8);

/// Which list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shard {
    /// One of the 128 that certificates name.
    Number(u8),
    /// Everything revoked.
    Full,
}

impl Shard {
    fn row(self) -> i64 {
        match self {
            Self::Number(number) => i64::from(number),
            Self::Full => crls::FULL,
        }
    }

    /// The number of a shard, as the certificates and the audit trail name it.
    fn number(self) -> Option<u8> {
        match self {
            Self::Number(number) => Some(number),
            Self::Full => None,
        }
    }
}

/// The list of the issuer in use, DER, as of `now`.
///
/// # Errors
/// Refuses with `not_found` for a shard beyond the last, and with `clock_untrusted` where a new
/// list would have to be signed and the clock is behind its mark.
pub async fn crl(issuing: &Issuing, shard: Shard, now: Time) -> Result<Vec<u8>, JourneyError> {
    crl_of(issuing, issuing.authority.current()?.id(), shard, now).await
}

/// The list of any issuer whose key is loaded, DER, as of `now`.
///
/// # Errors
/// As [`crl`].
pub async fn crl_of(
    issuing: &Issuing,
    issuer: &IssuerId,
    shard: Shard,
    now: Time,
) -> Result<Vec<u8>, JourneyError> {
    if shard.row() >= i64::from(Publishing::SHARDS) && shard != Shard::Full {
        return Err(RefusalCode::NotFound.into());
    }
    let id = issuer.as_str().to_owned();
    let kept = issuing
        .store
        .read("crl.newest", move |tx| {
            let id = id.clone();
            Box::pin(async move { usable(tx, &id, shard, now).await })
        })
        .await?;
    match kept {
        Some(der) => Ok(der),
        None => sign_anew(issuing, issuing.authority.issuer(issuer)?, shard, now).await,
    }
}

/// The kept list, if it still says what it must and is from the last day. A list from the future is
/// of no use: the clock file of `matron dev` may go back.
async fn usable(
    tx: Tx<'_>,
    issuer: &str,
    shard: Shard,
    now: Time,
) -> Result<Option<Vec<u8>>, JourneyError> {
    let Some(list) = crls::newest(tx, issuer, shard.row()).await? else {
        return Ok(None);
    };
    let current = list.revision == crls::revision(tx, issuer, shard.row()).await?;
    let fresh =
        list.this_update <= now && now < list.this_update.plus(FRESH) && now < list.next_update;
    Ok((current && fresh).then_some(list.der))
}

/// Takes a number and what the list must say, signs outside any transaction, keeps the result.
/// Whoever was overtaken while signing answers with the list that overtook hers.
async fn sign_anew(
    issuing: &Issuing,
    issuer: &Issuer,
    shard: Shard,
    now: Time,
) -> Result<Vec<u8>, JourneyError> {
    let (store, publishing) = (&issuing.store, issuing.authority.publishing());
    let id = issuer.id().as_str().to_owned();
    let key = || Key::of("crl", &format!("{id}/{}", shard.row()));
    let intended = {
        let (id, policy) = (id.clone(), Arc::clone(&issuing.policy));
        store
            .write("crl.intend", key(), move |tx| {
                let (id, policy) = (id.clone(), Arc::clone(&policy));
                Box::pin(async move { intend(tx, &id, shard, now, &policy).await })
            })
            .await?
    };
    let draft = match intended {
        Intended::Kept(der) => return Ok(der),
        Intended::ToSign(draft) => draft,
    };
    ca::crash_point!("crl.after_intend");
    let contents = CrlContents {
        number: draft.number.unsigned_abs(),
        this_update: now,
        next_update: now.plus(LIFE),
        entries: &draft.entries,
        distribution_point: shard.number().map(|number| publishing.shard_url(number)),
    };
    let der = ca::crl::build(issuer, &contents)?;
    ca::crash_point!("crl.after_sign");
    let list = SignedList {
        number: draft.number,
        revision: draft.revision,
        this_update: now,
        next_update: now.plus(LIFE),
        der,
    };
    let key = key();
    store
        .write("crl.record", key, move |tx| {
            let (id, list) = (id.clone(), list.clone());
            Box::pin(async move { record(tx, &id, shard, &list).await })
        })
        .await
}

/// A list that has its number and waits for its signature.
struct Draft {
    number: i64,
    revision: i64,
    entries: Vec<Revoked>,
}

enum Intended {
    /// Somebody else signed it while we waited.
    Kept(Vec<u8>),
    ToSign(Draft),
}

async fn intend(
    tx: Tx<'_>,
    issuer: &str,
    shard: Shard,
    now: Time,
    policy: &Policy,
) -> Result<Intended, JourneyError> {
    if let Some(der) = usable(tx, issuer, shard, now).await? {
        return Ok(Intended::Kept(der));
    }
    clock_mark::check(tx, now, policy).await?;
    let entries = crls::entries(tx, issuer, shard.row(), now.minus(AFTERGLOW)).await?;
    Ok(Intended::ToSign(Draft {
        number: crls::next_number(tx, issuer, shard.row()).await?,
        revision: crls::revision(tx, issuer, shard.row()).await?,
        entries: entries
            .into_iter()
            .map(|entry| Revoked {
                serial: entry.serial,
                at: entry.at,
                reason: entry.reason,
            })
            .collect(),
    }))
}

async fn record(
    tx: Tx<'_>,
    issuer: &str,
    shard: Shard,
    list: &SignedList,
) -> Result<Vec<u8>, JourneyError> {
    const ISSUER: StoreError = StoreError::Inconsistent {
        table: "crl",
        column: "issuer",
    };
    const NOT_KEPT: StoreError = StoreError::Inconsistent {
        table: "crl",
        column: "der",
    };
    crls::record(tx, issuer, shard.row(), list).await?;
    let event = Event::CrlSigned {
        issuer: issuer.parse::<Serial>().map_err(|_| ISSUER)?,
        shard: shard.number(),
        number: list.number,
        list: Sha256::of(&list.der),
    };
    tx.audit(list.this_update, &event).await?;
    let kept = crls::newest(tx, issuer, shard.row())
        .await?
        .ok_or(NOT_KEPT)?;
    Ok(kept.der)
}
