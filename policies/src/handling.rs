//! What is done to a card apart from its certificates: it is asked for, sent, arrives, and its
//! plastic comes back (domain 5.4 T1, T3, T17, and the receipt that T4 asks about). Also a person
//! who comes back (T19).

use crate::access::{self, ActorFacts, CardAction, PersonAction};
use crate::card::{CardState, PlasticState};
use crate::ids::{CardNumber, OrgCode, UserId};
use crate::issuance::SubjectFacts;
use crate::permit::{
    DispatchPermit, PlasticPermit, ReceiptPermit, ReopenPermit, RequestPermit, Subject,
};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::Time;
use crate::values::Policy;

/// All that decides about asking for a card (T1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestFacts {
    /// For whom.
    pub user_id: UserId,
    /// The version of her row.
    pub person_version: i64,
    /// Whether her profile is open.
    pub person_open: bool,
    /// The number on the plastic that was taken from stock.
    pub card: CardNumber,
    /// Somebody verified who she is (F10).
    pub identity_verified: bool,
    /// She has a card that is not cancelled (F24).
    pub live_card: bool,
    /// She accepted the present terms (F18).
    pub terms_accepted: bool,
    /// The number belongs to a card that was there before (F34).
    pub plastic_used_before: bool,
    /// Who asks.
    pub actor: ActorFacts,
}

/// Decides on asking for a card, the first or the next one.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `identity_not_verified`,
/// `live_card_exists`, `terms_not_accepted`, `card_serial_reused`, in this order (law H1).
pub fn request(facts: &RequestFacts, now: Time, policy: &Policy) -> Result<RequestPermit, Refusal> {
    access::ask(policy, &facts.actor, CardAction::Issue)?;
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    require(facts.identity_verified, RefusalCode::IdentityNotVerified)?;
    require(!facts.live_card, RefusalCode::LiveCardExists)?;
    require(facts.terms_accepted, RefusalCode::TermsNotAccepted)?;
    require(!facts.plastic_used_before, RefusalCode::CardSerialReused)?;
    Ok(RequestPermit {
        subject: Subject {
            user_id: facts.user_id.clone(),
            person_version: facts.person_version,
            card: facts.card.clone(),
            card_version: 0,
        },
        decided_at: now,
    })
}

/// All that decides about sending a card (T3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DispatchFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The organisation it goes to.
    pub to: OrgCode,
    /// The holder belongs to that organisation, and its address is on record (F15).
    pub address_known: bool,
    /// Who sends it.
    pub actor: ActorFacts,
}

/// Decides on sending a produced card. Sending it once more is sending it.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`, `card_not_active`
/// when it is not produced yet, `card_active` when its holder uses it, `address_not_allowed`, in
/// this order (law H2).
pub fn dispatch(
    facts: &DispatchFacts,
    now: Time,
    policy: &Policy,
) -> Result<DispatchPermit, Refusal> {
    access::ask(policy, &facts.actor, CardAction::Issue)?;
    check_on_its_way(&facts.subject)?;
    require(facts.address_known, RefusalCode::AddressNotAllowed)?;
    Ok(DispatchPermit {
        subject: facts.subject.subject(),
        to: facts.to.clone(),
        decided_at: now,
    })
}

/// Decides on recording that the holder has told the desk of her card's arrival (F16). Only then
/// does the code for its first use leave the house (T4).
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`, `card_not_active`
/// when it is not produced yet, `card_active` when its holder uses it, in this order (law H3).
pub fn receipt(
    subject: &SubjectFacts,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<ReceiptPermit, Refusal> {
    access::ask(policy, actor, CardAction::Issue)?;
    check_on_its_way(subject)?;
    Ok(ReceiptPermit {
        subject: subject.subject(),
        decided_at: now,
    })
}

/// Between production and first use.
fn check_on_its_way(subject: &SubjectFacts) -> Result<(), Refusal> {
    subject.check_open_and_not_cancelled()?;
    match subject.card_state {
        CardState::Produced | CardState::Dispatched => Ok(()),
        CardState::Requested | CardState::Cancelled => Err(RefusalCode::CardNotActive.into()),
        CardState::Active | CardState::Locked => Err(RefusalCode::CardActive.into()),
    }
}

/// Decides on what is recorded of a card's plastic (T17). It may come back at any time; what else
/// becomes of it is for a cancelled card only, and only returned plastic is cleared for stock.
///
/// # Errors
/// The questions of [`access::ask`], then `card_not_returned`, `card_active`, in this order (law
/// H4).
pub fn record_plastic(
    subject: &SubjectFacts,
    plastic: (Option<PlasticState>, PlasticState),
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<PlasticPermit, Refusal> {
    let (known, becomes) = plastic;
    access::ask(policy, actor, CardAction::Clear)?;
    if becomes == PlasticState::Cleared {
        let in_hand = known == Some(PlasticState::Returned);
        require(in_hand, RefusalCode::CardNotReturned)?;
    }
    if becomes != PlasticState::Returned {
        let ended = subject.card_state == CardState::Cancelled;
        require(ended, RefusalCode::CardActive)?;
    }
    Ok(PlasticPermit {
        subject: subject.subject(),
        becomes,
        decided_at: now,
    })
}

/// All that decides about a person who comes back (T19).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopenFacts {
    /// Who.
    pub user_id: UserId,
    /// The version of her row.
    pub version: i64,
    /// When her profile was closed; none while it is open.
    pub closed_at: Option<Time>,
}

/// Decides on reopening a closed profile: no card and no position comes back with it. Reopening an
/// open one changes nothing.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_recheck_needed` once the policy's years have
/// passed since it was closed, the last second included (law H5).
pub fn reopen_person(
    facts: &ReopenFacts,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<ReopenPermit, Refusal> {
    access::ask(policy, actor, PersonAction::Reopen)?;
    if let Some(closed_at) = facts.closed_at {
        let months = policy.recheck_after_years().saturating_mul(12);
        let in_time = now <= closed_at.plus_calendar_months(months);
        require(in_time, RefusalCode::IdentityRecheckNeeded)?;
    }
    Ok(ReopenPermit {
        user_id: facts.user_id.clone(),
        person_version: facts.version,
        decided_at: now,
    })
}

#[cfg(test)]
mod tests;
