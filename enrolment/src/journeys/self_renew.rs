//! The holder renews by herself (domain 5.4 T9): the card proves its current key in the handshake,
//! asks for a nonce, and sends one request per new key with that nonce in it. The old set keeps
//! working until the new one is confirmed on the card.

use policies::card::KeyRole;
use policies::ids::CardNumber;
use policies::refusal::RefusalCode;
use policies::time::{Span, Time};

use super::{IdempotencyKey, JourneyError, fresh_id};
use crate::cards::{CertificateSet, Standing};
use crate::ledger::{CardLedger, Ground, Issuing, Presented, Wish};
use crate::requests::{CertificateRequest, Examined};
use crate::store::{Key, Store, Tx, certificates, renewals};

/// How long a nonce may wait for its requests: making keys on a card takes a minute or two.
pub(crate) const NONCE_LIFE: Span = Span::minutes(60);

/// A renewal that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Names the renewal.
    pub renewal_id: String,
    /// Goes into each request as `challengePassword` (RFC 2985 5.4.1).
    pub nonce: String,
    /// The last second at which the nonce is taken.
    pub expires_at: Time,
}

/// Begins a renewal of the card that presented this certificate. Nothing is judged yet but that it
/// is ours: the law is asked when the requests come.
///
/// # Errors
/// Refuses with `certificate_unknown`, and with `certificate_wrong_purpose` for a card's signature
/// certificate, which proves nobody's presence.
pub async fn start(store: &Store, presented: &Presented, now: Time) -> Result<Begun, JourneyError> {
    let presented = presented.clone();
    let begun = Begun {
        renewal_id: fresh_id()?,
        nonce: fresh_id()?,
        expires_at: now.plus(NONCE_LIFE),
    };
    store
        .write("renewal.start", Key::none(), move |tx| {
            let (presented, begun) = (presented.clone(), begun.clone());
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                renewals::begin(tx, &begun.renewal_id, &standing.card, &begun.nonce, now).await?;
                Ok(begun)
            })
        })
        .await
}

/// A renewal with its requests.
#[derive(Clone)]
pub struct SelfRenewal {
    /// The certificate that the card proved in the handshake of this request.
    pub presented: Presented,
    /// From [`start`].
    pub renewal_id: String,
    /// One request per key, each with the nonce.
    pub requests: Vec<CertificateRequest>,
    /// Chosen by the card's client.
    pub idempotency_key: IdempotencyKey,
}

/// Issues the pending set.
///
/// # Errors
/// Refuses as [`start`] and as `policies::renewal::self_renew` do, with `proof_of_possession_failed` also for a
/// renewal that is unknown, of another card, spent or older than an hour, and with
/// `idempotency_key_reused` and `clock_untrusted`.
pub async fn renew(
    issuing: &Issuing,
    wanted: SelfRenewal,
    now: Time,
) -> Result<CertificateSet, JourneyError> {
    let (card, nonce) = nonce_of(&issuing.store, &wanted, now).await?;
    let keys = match nonce {
        Some(nonce) => Examined::examine(&wanted.requests, Some(&nonce)),
        None => Examined::examine(&wanted.requests, None).unproven(),
    };
    let wish = Wish {
        card,
        key: wanted.idempotency_key,
        keys,
        ground: Ground::SelfRenewal {
            renewal_id: wanted.renewal_id,
            presented: wanted.presented,
        },
    };
    let ledger = CardLedger::new(issuing.clone(), now);
    ca::issuance::issue(&issuing.authority, &ledger, wish).await
}

/// What is on record about the certificate that asks.
pub(crate) async fn proven_by(tx: Tx<'_>, presented: &Presented) -> Result<Standing, JourneyError> {
    let standing = certificates::standing(tx, &presented.issuer, &presented.serial)
        .await?
        .ok_or(RefusalCode::CertificateUnknown)?;
    match standing.key_role {
        KeyRole::Authentication => Ok(standing),
        KeyRole::Signature => Err(RefusalCode::CertificateWrongPurpose.into()),
    }
}

/// The card that asks, and the nonce of its renewal, if it has one. A spent nonce is still read:
/// the same wish may come again. A nonce that is not there is a fact for the law to judge in its
/// order.
async fn nonce_of(
    store: &Store,
    wanted: &SelfRenewal,
    now: Time,
) -> Result<(CardNumber, Option<String>), JourneyError> {
    let (presented, renewal_id) = (wanted.presented.clone(), wanted.renewal_id.clone());
    store
        .read("renewal.nonce", move |tx| {
            let (presented, renewal_id) = (presented.clone(), renewal_id.clone());
            Box::pin(async move {
                let standing = proven_by(tx, &presented).await?;
                let begun = renewals::find(tx, &renewal_id)
                    .await?
                    .filter(|begun| begun.card == standing.card)
                    .filter(|begun| {
                        begun.intent_id.is_some() || now <= begun.started_at.plus(NONCE_LIFE)
                    });
                Ok((standing.card, begun.map(|begun| begun.nonce)))
            })
        })
        .await
}
