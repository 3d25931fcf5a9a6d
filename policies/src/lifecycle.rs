//! What ends, locks, wakes and confirms a card, and what closes a person (domain 5.4 T4 to T7,
//! T13 to T15, T18). Nothing here issues; see `issuance` and `renewal` for that.

use crate::access::{self, ActorFacts, CardAction, PersonAction};
use crate::card::{CancelReason, CardState};
use crate::ids::UserId;
use crate::issuance::SubjectFacts;
use crate::permit::{
    AbandonPermit, ActivatePermit, CancelPermit, ClosePermit, ConfirmPermit, IssueKind, LockPermit,
};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::renewal::{DeskFacts, PendingFacts};
use crate::time::Time;
use crate::values::Policy;

/// What is known about a one-time code that was typed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeFacts {
    /// The code that was sent at this instant.
    Right {
        /// When it was sent.
        sent_at: Time,
    },
    /// Another code, or none was sent.
    Wrong,
}

impl CodeFacts {
    /// `code_wrong`, then `code_expired`; a code lives 15 minutes by the default policy, the last
    /// second included (T6).
    fn check(self, now: Time, policy: &Policy) -> Result<(), Refusal> {
        match self {
            Self::Wrong => Err(RefusalCode::CodeWrong.into()),
            Self::Right { sent_at } => require(
                now <= sent_at.plus(policy.code_life()),
                RefusalCode::CodeExpired,
            ),
        }
    }
}

/// Asks about a code alone, where nothing else may be told before it is right.
///
/// # Errors
/// `code_wrong`, `code_expired`, in this order.
pub fn check_code(code: CodeFacts, now: Time, policy: &Policy) -> Result<(), Refusal> {
    code.check(now, policy)
}

/// All that decides about the first use of a card (T4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivateFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The holder has said that it arrived (F16).
    pub receipt_confirmed: bool,
    /// She accepted the present terms.
    pub terms_accepted: bool,
    /// The code that was sent to her verified contact.
    pub code: CodeFacts,
}

/// The holder makes her new card usable (T4).
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_active` when it is beyond that point,
/// `card_not_active` when it is not produced yet, `receipt_not_confirmed`, `terms_not_accepted`,
/// `code_wrong`, `code_expired`, in this order (law L1).
pub fn activate(
    facts: &ActivateFacts,
    now: Time,
    policy: &Policy,
) -> Result<ActivatePermit, Refusal> {
    facts.subject.check_open_and_not_cancelled()?;
    match facts.subject.card_state {
        CardState::Produced | CardState::Dispatched => {}
        CardState::Requested | CardState::Cancelled => {
            return Err(RefusalCode::CardNotActive.into());
        }
        CardState::Active | CardState::Locked => return Err(RefusalCode::CardActive.into()),
    }
    require(facts.receipt_confirmed, RefusalCode::ReceiptNotConfirmed)?;
    require(facts.terms_accepted, RefusalCode::TermsNotAccepted)?;
    facts.code.check(now, policy)?;
    Ok(ActivatePermit {
        subject: facts.subject.subject(),
        decided_at: now,
    })
}

/// Locks a card after too many wrong passcodes (T5). Locking twice is locking once; any other
/// state refuses.
///
/// # Errors
/// `card_cancelled`, `card_not_active` (law L2). A closed person's card may still be locked.
pub fn lock(subject: &SubjectFacts, now: Time) -> Result<LockPermit, Refusal> {
    require(
        subject.card_state != CardState::Cancelled,
        RefusalCode::CardCancelled,
    )?;
    let usable = matches!(subject.card_state, CardState::Active | CardState::Locked);
    require(usable, RefusalCode::CardNotActive)?;
    Ok(LockPermit {
        subject: subject.subject(),
        decided_at: now,
    })
}

/// All that decides about the holder unlocking her own card (T6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnlockFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The last second of the current set.
    pub not_after: Time,
    /// A verified e-mail address or mobile number is on record (X6).
    pub verified_contact: bool,
    /// Codes asked for within the hour; more than the policy allows are refused.
    pub codes_this_hour: u32,
    /// The code that was typed in.
    pub code: CodeFacts,
}

/// The holder sets the passcode of her own card anew by a code (T6). The count of self-renewals
/// stays as it is. Only the card knows for certain that its passcode is blocked, so one that is
/// active in our books is unlocked as well.
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_not_active` when it was never put to use,
/// `no_verified_contact`, `certificate_expired` (only a reissue helps: E36), `too_many_codes`,
/// `code_wrong`, `code_expired`, in this order (law L3).
pub fn unlock(facts: &UnlockFacts, now: Time, policy: &Policy) -> Result<ActivatePermit, Refusal> {
    facts.subject.check_open_and_not_cancelled()?;
    check_in_use(&facts.subject)?;
    require(facts.verified_contact, RefusalCode::NoVerifiedContact)?;
    check_unlock_in_time(facts.not_after, now, policy)?;
    let within = facts.codes_this_hour <= policy.codes_per_hour();
    require(within, RefusalCode::TooManyCodes)?;
    facts.code.check(now, policy)?;
    Ok(ActivatePermit {
        subject: facts.subject.subject(),
        decided_at: now,
    })
}

/// The card has its new passcode: locked in our books, it is active again. The right to it was
/// judged when the unblock key was released ([`unlock`]).
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_not_active`, in this order (law L3).
pub fn unlocked(subject: &SubjectFacts, now: Time) -> Result<ActivatePermit, Refusal> {
    subject.check_open_and_not_cancelled()?;
    check_in_use(subject)?;
    Ok(ActivatePermit {
        subject: subject.subject(),
        decided_at: now,
    })
}

/// Somebody says that her card or account is misused. Nothing is cancelled by that, but the card
/// waits for a new passcode (F82, attack table 40).
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_not_active`, in this order (law L10).
pub fn report_misuse(subject: &SubjectFacts, now: Time) -> Result<LockPermit, Refusal> {
    subject.check_open_and_not_cancelled()?;
    check_in_use(subject)?;
    Ok(LockPermit {
        subject: subject.subject(),
        decided_at: now,
    })
}

fn check_in_use(subject: &SubjectFacts) -> Result<(), Refusal> {
    let in_use = matches!(subject.card_state, CardState::Active | CardState::Locked);
    require(in_use, RefusalCode::CardNotActive)
}

/// A desk sets the passcode of a card anew, the holder being present (T7). The card alone knows for
/// certain whether its passcode is blocked, so one that is on record as active is unlocked too. The
/// count stays as it is.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`, `card_not_active`
/// before its first use, `holder_not_present` (law L4).
pub fn unlock_assisted(
    subject: &SubjectFacts,
    desk: &DeskFacts,
    now: Time,
    policy: &Policy,
) -> Result<ActivatePermit, Refusal> {
    access::ask(policy, &desk.actor, CardAction::Unlock)?;
    subject.check_open_and_not_cancelled()?;
    check_in_use(subject)?;
    desk.check_holder_present()?;
    Ok(ActivatePermit {
        subject: subject.subject(),
        decided_at: now,
    })
}

fn check_unlock_in_time(not_after: Time, now: Time, policy: &Policy) -> Result<(), Refusal> {
    if now <= not_after {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::CertificateExpired)
        .not_after(not_after)
        .helped_by(policy.roles_for(CardAction::Reissue.into())))
}

/// What is known about the set that a card says it now carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfirmFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The pending set, if there is one.
    pub pending: Option<PendingFacts>,
    /// The serials that the card named are exactly those of the pending set. Its use in a
    /// handshake is proof of that.
    pub serials_match: bool,
}

/// Makes the pending set the current one (T13). A late confirmation is a confirmation: no other
/// age than the abandonment itself ends it (E34).
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_not_active` (a first set is put to use by its holder
/// alone, T4), `nothing_pending`, `serial_mismatch` (law L5).
pub fn confirm(facts: &ConfirmFacts, now: Time) -> Result<ConfirmPermit, Refusal> {
    facts.subject.check_open_and_not_cancelled()?;
    let activated = matches!(
        facts.subject.card_state,
        CardState::Active | CardState::Locked
    );
    require(activated, RefusalCode::CardNotActive)?;
    require(facts.pending.is_some(), RefusalCode::NothingPending)?;
    require(facts.serials_match, RefusalCode::SerialMismatch)?;
    Ok(ConfirmPermit {
        subject: facts.subject.subject(),
        decided_at: now,
    })
}

/// All that decides about giving up a pending set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AbandonFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The pending set, if there is one.
    pub pending: Option<PendingFacts>,
    /// The count as it stands, the pending self-renewal included.
    pub self_renewals_in_a_row: u32,
    /// Why it is given up.
    pub ground: AbandonGround,
}

/// Gives up a pending set (T14). It was never used, so a self-renewal gives its count back, never
/// below nothing (domain 5.5).
///
/// # Errors
/// `nothing_pending`; `renewal_in_progress` when age is the ground, yet it has time left (law L6).
pub fn abandon(facts: &AbandonFacts, now: Time, policy: &Policy) -> Result<AbandonPermit, Refusal> {
    let pending = facts.pending.ok_or(RefusalCode::NothingPending)?;
    let may_go = facts.ground == AbandonGround::GivenUp || !pending.waits(now, policy);
    require(may_go, RefusalCode::RenewalInProgress)?;
    let given_back = u32::from(pending.kind == IssueKind::SelfRenewal);
    Ok(AbandonPermit {
        subject: facts.subject.subject(),
        self_renewals_after: facts.self_renewals_in_a_row.saturating_sub(given_back),
        decided_at: now,
    })
}

/// Why a pending set is abandoned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbandonGround {
    /// Nobody confirmed it for 14 days.
    Age,
    /// The holder or a desk gave it up.
    GivenUp,
}

/// Who cancels a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Canceller<'p> {
    /// The person herself: her own card, from any authenticator (X12).
    Holder,
    /// Somebody at a desk.
    Desk(ActorFacts),
    /// The closing of the person, which has asked its own questions: here is its permit.
    Closure(&'p ClosePermit),
}

/// Cancels a card for ever, in any state (T15, F83).
///
/// # Errors
/// The questions of [`access::ask`] for a desk, `not_found` for the card of somebody else than the
/// person being closed; then `already_cancelled`, which callers answer
/// with "done", then `reason_missing` (law L7).
pub fn cancel(
    subject: &SubjectFacts,
    canceller: &Canceller<'_>,
    reason: Option<CancelReason>,
    now: Time,
    policy: &Policy,
) -> Result<CancelPermit, Refusal> {
    match canceller {
        // Everybody may cancel her own card, so only scope and role are left to ask.
        Canceller::Desk(actor) if !actor.is_subject => {
            access::ask(policy, actor, CardAction::Cancel)?;
        }
        Canceller::Closure(permit) => {
            require(permit.user_id == subject.user_id, RefusalCode::NotFound)?;
        }
        Canceller::Desk(_) | Canceller::Holder => {}
    }
    require(
        subject.card_state != CardState::Cancelled,
        RefusalCode::AlreadyCancelled,
    )?;
    let reason = reason.ok_or(RefusalCode::ReasonMissing)?;
    Ok(CancelPermit {
        subject: subject.subject(),
        reason,
        decided_at: now,
    })
}

/// Closes a person's profile: her card is cancelled, her authenticators go, her positions end,
/// her number stays (T18, X17).
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed` when it is closed (law L8).
pub fn close_person(
    facts: &PersonFacts,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<ClosePermit, Refusal> {
    access::ask(policy, actor, PersonAction::Close)?;
    require(facts.open, RefusalCode::IdentityClosed)?;
    Ok(ClosePermit {
        user_id: facts.user_id.clone(),
        person_version: facts.version,
        decided_at: now,
    })
}

/// What is known about a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// Who.
    pub user_id: UserId,
    /// The version of her row.
    pub version: i64,
    /// Whether her profile is open.
    pub open: bool,
}

#[cfg(test)]
mod tests;
