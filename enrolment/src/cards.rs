//! Cards and the sets of certificates on them (domain 5.2, 5.3): reading only. Whether a
//! certificate may sign in is judged by `policies::signin` from a [`Standing`], read in the
//! transaction that mints (house decision 8).

use policies::card::{CancelReason, CardState, CertificateState, KeyRole};
use policies::ids::{CardNumber, IntentId, Serial, UserId};
use policies::permit::IssueKind;
use policies::signin::CardFacts;
use policies::time::Time;

use crate::store::{StoreError, Tx, cards, certificates, intents, renewals};

/// A card, whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// The number on the plastic.
    pub number: CardNumber,
    /// Its holder.
    pub user_id: UserId,
    /// Moves with every change; decisions are compared by it.
    pub version: i64,
    /// Where it is in its life.
    pub state: CardState,
    /// Counts the in-person acts; two self-renewals fit into each.
    pub epoch: i64,
    /// Self-renewals in a row, 0 to 2.
    pub self_renewals: u32,
    /// When the holder first made it hers.
    pub activated_at: Option<Time>,
    /// When it ended.
    pub cancelled_at: Option<Time>,
    /// Why it ended.
    pub cancel_reason: Option<CancelReason>,
}

/// Everything about a certificate that decides whether it may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is.
    pub person: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// The card it is on.
    pub card: CardNumber,
    /// The state of that card.
    pub card_state: CardState,
    /// What the key is for.
    pub key_role: KeyRole,
    /// The state of the certificate.
    pub certificate_state: CertificateState,
    /// Its first second.
    pub not_before: Time,
    /// Its last second.
    pub not_after: Time,
    /// The set it belongs to.
    pub set_id: IntentId,
}

impl Standing {
    /// The facts for `policies::signin::judge_card`.
    pub fn facts(&self) -> CardFacts {
        CardFacts {
            person_open: self.person_open,
            card_state: self.card_state,
            key_role: self.key_role,
            certificate_state: self.certificate_state,
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

/// A set of certificates that was released to its card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateSet {
    /// Its number, which is also the intent's.
    pub set_id: IntentId,
    /// The card.
    pub card: CardNumber,
    /// The holder.
    pub user_id: UserId,
    /// On which ground it was issued.
    pub kind: IssueKind,
    /// `delivered` while pending, `active` while current.
    pub state: CertificateState,
    /// One per key, authentication first.
    pub certificates: Vec<HeldCertificate>,
}

impl CertificateSet {
    /// The certificate for that key.
    pub fn certificate(&self, key_role: KeyRole) -> Option<&HeldCertificate> {
        self.certificates
            .iter()
            .find(|certificate| certificate.key_role == key_role)
    }
}

/// A released certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldCertificate {
    /// Its serial number.
    pub serial: Serial,
    /// What the key is for.
    pub key_role: KeyRole,
    /// Its state.
    pub state: CertificateState,
    /// Its first second.
    pub not_before: Time,
    /// Its last second.
    pub not_after: Time,
    /// The certificate itself, DER.
    pub der: Vec<u8>,
}

/// The standing of the certificate with that issuer and serial; mapping is by nothing else (house
/// decision 10).
pub async fn standing(
    tx: Tx<'_>,
    issuer: &str,
    serial: &Serial,
) -> Result<Option<Standing>, StoreError> {
    certificates::standing(tx, issuer, serial).await
}

/// The card of that number.
pub async fn card(tx: Tx<'_>, number: &CardNumber) -> Result<Option<Card>, StoreError> {
    cards::find(tx, number).await
}

/// The person's live card; if she has none, the one that was cancelled last.
pub async fn card_of(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Card>, StoreError> {
    cards::newest_of(tx, user_id).await
}

/// Whether her card would sign her in now.
///
/// # Errors
/// What the engine says.
pub async fn works(tx: Tx<'_>, user_id: &UserId, now: Time) -> Result<bool, StoreError> {
    let Some(card) = card_of(tx, user_id).await? else {
        return Ok(false);
    };
    let set = current_set(tx, &card.number).await?;
    let valid = set
        .and_then(|set| set.certificate(KeyRole::Authentication).cloned())
        .is_some_and(|certificate| now <= certificate.not_after);
    Ok(card.state == CardState::Active && valid)
}

/// The set that the card uses now.
pub async fn current_set(
    tx: Tx<'_>,
    number: &CardNumber,
) -> Result<Option<CertificateSet>, StoreError> {
    match intents::current(tx, number).await? {
        Some(intent) => Ok(Some(released(tx, &intent).await?)),
        None => Ok(None),
    }
}

/// The set that waits to be confirmed on the card.
pub async fn pending_set(
    tx: Tx<'_>,
    number: &CardNumber,
) -> Result<Option<CertificateSet>, StoreError> {
    match intents::pending(tx, number).await? {
        Some(intent) if intent.state == CertificateState::Delivered => {
            Ok(Some(released(tx, &intent).await?))
        }
        Some(_) | None => Ok(None),
    }
}

/// When the last renewal of the card was begun that has brought nothing yet.
pub async fn renewal_begun_at(tx: Tx<'_>, number: &CardNumber) -> Result<Option<Time>, StoreError> {
    renewals::begun_last(tx, number).await
}

/// The set of a recorded intent, with its certificates.
pub(crate) async fn released(
    tx: Tx<'_>,
    intent: &intents::Intent,
) -> Result<CertificateSet, StoreError> {
    const UNSIGNED: StoreError = StoreError::Inconsistent {
        table: "certificate",
        column: "der",
    };
    let rows = certificates::of_set(tx, &intent.id).await?;
    let certificates = rows
        .into_iter()
        .map(|row| {
            Ok(HeldCertificate {
                serial: row.serial,
                key_role: row.key_role,
                state: row.state,
                not_before: row.not_before,
                not_after: row.not_after,
                der: row.der.ok_or(UNSIGNED)?,
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    Ok(CertificateSet {
        set_id: intent.id.clone(),
        card: intent.card.clone(),
        user_id: intent.user_id.clone(),
        kind: intent.kind,
        state: intent.state,
        certificates,
    })
}
