//! The first card (domain 5.4 T1 and T2), and what every issuance has in common: the dates of a
//! certificate, the checks of its keys, and the life of its issuer (contract 7).

use crate::access::{self, ActorFacts, CardAction};
use crate::card::CardState;
use crate::ids::{CardNumber, UserId};
use crate::permit::{IssueKind, IssuePermit, Subject, Validity};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::{Span, Time};
use crate::values::Policy;

/// Whose card it is, and the versions of the rows that these facts were read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectFacts {
    /// The person.
    pub user_id: UserId,
    /// The version of her row.
    pub person_version: i64,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Her card.
    pub card: CardNumber,
    /// The version of its row.
    pub card_version: i64,
    /// Where the card is in its life.
    pub card_state: CardState,
}

impl SubjectFacts {
    pub(crate) fn subject(&self) -> Subject {
        Subject {
            user_id: self.user_id.clone(),
            person_version: self.person_version,
            card: self.card.clone(),
            card_version: self.card_version,
        }
    }

    /// The two questions that every row about an existing card begins with (contract 7).
    pub(crate) fn check_open_and_not_cancelled(&self) -> Result<(), Refusal> {
        require(self.person_open, RefusalCode::IdentityClosed)?;
        require(
            self.card_state != CardState::Cancelled,
            RefusalCode::CardCancelled,
        )
    }
}

/// What is known about the public keys that ask to be certified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyFacts {
    /// Neither of them is or was certified before, for anyone (E39).
    pub fresh: bool,
    /// Each request was signed by its own key, over the nonce given out for it.
    pub proven: bool,
    /// Kind and size are allowed, and no two of them are equal (E40).
    pub acceptable: bool,
}

impl KeyFacts {
    /// `key_reused`, `proof_of_possession_failed`, `key_not_acceptable`, in this order (T9).
    pub(crate) fn check(self) -> Result<(), Refusal> {
        require(self.fresh, RefusalCode::KeyReused)?;
        require(self.proven, RefusalCode::ProofOfPossessionFailed)?;
        require(self.acceptable, RefusalCode::KeyNotAcceptable)
    }
}

/// All that decides about the first set of certificates of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstCardFacts {
    /// Person and card; a card being issued is `requested`.
    pub subject: SubjectFacts,
    /// Somebody verified who she is (F10).
    pub identity_verified: bool,
    /// She accepted the present terms (F18, X8).
    pub terms_accepted: bool,
    /// She has another card that is not cancelled (F24).
    pub other_live_card: bool,
    /// The plastic carried another card before (F34).
    pub plastic_used_before: bool,
    /// The generation of the plastic is no longer supported.
    pub series_ended: bool,
    /// Who issues it.
    pub actor: ActorFacts,
    /// The keys on it.
    pub keys: KeyFacts,
    /// The last second of the issuing certificate.
    pub issuer_not_after: Time,
}

/// Decides on the first set of a card.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`,
/// `identity_not_verified`, `live_card_exists`, `terms_not_accepted`, `card_serial_reused`,
/// `series_end_of_life`, `issuer_expires_first`, `key_reused`, `proof_of_possession_failed`,
/// `key_not_acceptable`, in this order (law I1).
pub fn first_card(
    facts: &FirstCardFacts,
    now: Time,
    policy: &Policy,
) -> Result<IssuePermit, Refusal> {
    let reach = access::ask(policy, &facts.actor, CardAction::Issue)?;
    facts.subject.check_open_and_not_cancelled()?;
    require(facts.identity_verified, RefusalCode::IdentityNotVerified)?;
    require(!facts.other_live_card, RefusalCode::LiveCardExists)?;
    require(facts.terms_accepted, RefusalCode::TermsNotAccepted)?;
    require(!facts.plastic_used_before, RefusalCode::CardSerialReused)?;
    require(!facts.series_ended, RefusalCode::SeriesEndOfLife)?;
    let validity = within_issuer(validity(now, policy), facts.issuer_not_after)?;
    facts.keys.check()?;
    Ok(IssuePermit {
        subject: facts.subject.subject(),
        kind: IssueKind::First,
        validity,
        self_renewals_after: 0,
        reach,
        decided_at: now,
    })
}

/// The dates of a certificate issued at `not_before`: 36 calendar months by the default policy,
/// clamped to the end of the month first, then less one second (law C1, C2; contract 7).
/// No back-dating, no jitter.
pub fn validity(not_before: Time, policy: &Policy) -> Validity {
    let end = not_before.plus_calendar_months(policy.validity_months());
    Validity {
        not_before,
        not_after: end.minus(Span::seconds(1)),
    }
}

/// Refuses dates that outlive their issuer; they are never shortened silently (law I2; E30).
pub(crate) fn within_issuer(
    validity: Validity,
    issuer_not_after: Time,
) -> Result<Validity, Refusal> {
    if validity.not_after <= issuer_not_after {
        return Ok(validity);
    }
    Err(Refusal::new(RefusalCode::IssuerExpiresFirst).not_after(issuer_not_after))
}

#[cfg(test)]
mod tests;
