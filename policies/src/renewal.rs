//! The later sets of a card: self-renewal (domain 5.4 T9), assisted renewal (T10), in-person
//! reissue (T11), repair (T12) and restart of a pending set (T13b). One function per row; its
//! lines are the guards of that row, in their fixed order.

use crate::access::{self, ActorFacts, ActorRole, CardAction, Reach};
use crate::card::{CardState, CertificateState};
use crate::issuance::{KeyFacts, SubjectFacts, validity, within_issuer};
use crate::permit::{IssueKind, IssuePermit, Validity};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::{Span, Time};
use crate::values::Policy;
use crate::words::words;

/// The set of certificates that a renewal starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetFacts {
    /// Its state now.
    pub state: CertificateState,
    /// Its own dates; they always win over today's policy (E31).
    pub validity: Validity,
}

/// All that decides about a later set, whoever asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenewalFacts {
    /// Person and card.
    pub subject: SubjectFacts,
    /// The set that asks (self-renewal: the one that proved itself in the handshake), else the
    /// newest confirmed one.
    pub current: SetFacts,
    /// Self-renewals since a person last saw the holder.
    pub self_renewals_in_a_row: u32,
    /// The pending set, if there is one.
    pub pending: Option<PendingFacts>,
    /// The keys that ask to be certified.
    pub keys: KeyFacts,
    /// The last second of the issuing certificate.
    pub issuer_not_after: Time,
}

/// A set that was issued and not yet confirmed on the card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PendingFacts {
    /// On which ground it was issued.
    pub kind: IssueKind,
    /// When.
    pub issued_at: Time,
}

impl PendingFacts {
    /// Whether it still waits for its confirmation; after 14 days it counts as abandoned,
    /// whether or not a job has said so (T14; contract 3, "what jobs would have done by then").
    pub fn waits(&self, now: Time, policy: &Policy) -> bool {
        now <= self.issued_at.plus(policy.pending_life())
    }
}

/// What the desk attests about the holder (domain 5.4, "in person").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskFacts {
    /// Who acts.
    pub actor: ActorFacts,
    /// The holder is here, with her card.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
}

impl DeskFacts {
    pub(crate) fn check_holder_present(&self) -> Result<(), Refusal> {
        let seen = self.holder_present && self.photo_compared;
        require(seen, RefusalCode::HolderNotPresent)
    }
}

/// Self-renewal by the holder, proven by the card itself (T9).
///
/// # Errors
/// `identity_closed`, `card_cancelled`, `card_locked`, `card_not_active`, `pair_superseded`,
/// `certificate_expired`, `renewal_window_not_open`, `self_renewal_limit_reached`, `key_reused`,
/// `proof_of_possession_failed`, `key_not_acceptable`, `issuer_expires_first`,
/// `renewal_in_progress`, in this order (law R1).
pub fn self_renew(
    facts: &RenewalFacts,
    now: Time,
    policy: &Policy,
) -> Result<IssuePermit, Refusal> {
    check_usable(&facts.subject)?;
    check_set(facts.current.state)?;
    check_not_expired(&facts.current, now, policy)?;
    check_window(&facts.current, now, policy.window())?;
    check_count(facts.self_renewals_in_a_row, policy)?;
    facts.keys.check()?;
    let validity = within_issuer(validity(now, policy), facts.issuer_not_after)?;
    check_nothing_pending(facts, now, policy)?;
    Ok(IssuePermit {
        subject: facts.subject.subject(),
        kind: IssueKind::SelfRenewal,
        validity,
        self_renewals_after: facts.self_renewals_in_a_row.saturating_add(1),
        reach: Reach::Home,
        decided_at: now,
    })
}

/// Renewal in the window by a desk, the holder being present (T10). The count starts again.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`, `card_locked`,
/// `card_not_active`, `pair_superseded`, `certificate_expired`, `renewal_window_not_open`,
/// `holder_not_present`, the key checks, `issuer_expires_first`, `renewal_in_progress` (law R4).
pub fn assisted(
    facts: &RenewalFacts,
    desk: &DeskFacts,
    now: Time,
    policy: &Policy,
) -> Result<IssuePermit, Refusal> {
    let reach = access::ask(policy, &desk.actor, CardAction::Renew)?;
    check_usable(&facts.subject)?;
    check_set(facts.current.state)?;
    check_not_expired(&facts.current, now, policy)?;
    check_window(&facts.current, now, window_of(&desk.actor.roles, policy))?;
    desk.check_holder_present()?;
    facts.keys.check()?;
    let validity = within_issuer(validity(now, policy), facts.issuer_not_after)?;
    check_nothing_pending(facts, now, policy)?;
    Ok(desk_permit(facts, IssueKind::Assisted, validity, reach))
}

/// Reissue after expiry, in person (T11).
///
/// # Errors
/// The questions of [`access::ask`] (`actor_role_missing` says `because` of
/// `certificate_expired`), then `identity_closed`, `card_cancelled`, `card_not_active`,
/// `certificate_not_expired`, `holder_not_present`, `second_actor_needed`, the key checks,
/// `issuer_expires_first`, `renewal_in_progress` (law R5).
pub fn reissue(
    facts: &RenewalFacts,
    desk: &DeskFacts,
    second_actor: &SecondActor,
    now: Time,
    policy: &Policy,
) -> Result<IssuePermit, Refusal> {
    let reach = access::ask(policy, &desk.actor, CardAction::Reissue).map_err(|refusal| {
        match refusal.code {
            RefusalCode::ActorRoleMissing => refusal.because(RefusalCode::CertificateExpired),
            _ => refusal,
        }
    })?;
    facts.subject.check_open_and_not_cancelled()?;
    check_was_activated(facts.subject.card_state)?;
    if !has_expired(&facts.current, now) {
        let not_after = facts.current.validity.not_after;
        return Err(Refusal::new(RefusalCode::CertificateNotExpired).not_after(not_after));
    }
    desk.check_holder_present()?;
    require(
        *second_actor != SecondActor::Missing,
        RefusalCode::SecondActorNeeded,
    )?;
    facts.keys.check()?;
    let validity = within_issuer(validity(now, policy), facts.issuer_not_after)?;
    check_nothing_pending(facts, now, policy)?;
    Ok(desk_permit(facts, IssueKind::Reissue, validity, reach))
}

/// Whether a second desk person stands behind an in-person reissue (contract 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondActor {
    /// The holder has no role of a registration authority.
    NotNeeded,
    /// The holder has one, and another person confirmed.
    Confirmed,
    /// The holder has one, and nobody else confirmed.
    Missing,
}

/// Repair in person: everything on the chip is replaced, at any time (T12).
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `card_cancelled`,
/// `card_not_active`, `reason_missing`, `holder_not_present`, the key checks,
/// `issuer_expires_first` (law R6).
pub fn repair(
    facts: &RenewalFacts,
    desk: &DeskFacts,
    reason: Option<RepairReason>,
    now: Time,
    policy: &Policy,
) -> Result<IssuePermit, Refusal> {
    let reach = access::ask(policy, &desk.actor, CardAction::Repair)?;
    facts.subject.check_open_and_not_cancelled()?;
    check_was_activated(facts.subject.card_state)?;
    require(reason.is_some(), RefusalCode::ReasonMissing)?;
    desk.check_holder_present()?;
    facts.keys.check()?;
    let validity = within_issuer(validity(now, policy), facts.issuer_not_after)?;
    Ok(desk_permit(facts, IssueKind::Repair, validity, reach))
}

words! {
    /// Why a card is repaired (F69).
    pub enum RepairReason {
        /// The certificates on the chip cannot be read.
        CorruptCertificates => "corrupt_certificates",
        /// Issuing stopped half-way.
        IssuingFault => "issuing_fault",
        /// The card is read, yet cannot sign in.
        CannotSignIn => "cannot_sign_in",
    }
}

/// All that decides about beginning a pending set again with fresh keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestartFacts {
    /// The card, its sets and its new keys, as for the renewal itself.
    pub renewal: RenewalFacts,
    /// The desk, when the pending set was a desk's work; nobody for the holder's own.
    pub desk: Option<DeskFacts>,
}

/// Begins a pending set again: the card's client lost the first keys (T13b). The decision and the
/// count stand; the window is not asked about again. The kind of actor must be that of the
/// pending set, and the old set must still be able to prove itself when the holder acts (E34).
///
/// # Errors
/// The questions of [`access::ask`] for a desk's work, then `identity_closed`, `card_cancelled`,
/// `nothing_pending`, `actor_role_missing` for the wrong kind of actor; for the holder `card_locked`,
/// `card_not_active`, `pair_superseded` (or `certificate_revoked`), `certificate_expired`; for a desk
/// `holder_not_present`; then the key checks, `issuer_expires_first` (law R7).
pub fn restart(facts: &RestartFacts, now: Time, policy: &Policy) -> Result<IssuePermit, Refusal> {
    let renewal = &facts.renewal;
    let reach = match (&facts.desk, renewal.pending.map(|pending| pending.kind)) {
        (Some(desk), Some(kind)) => access::ask(policy, &desk.actor, task_behind(kind))?,
        _ => Reach::Home,
    };
    renewal.subject.check_open_and_not_cancelled()?;
    let pending = renewal.pending.filter(|pending| pending.waits(now, policy));
    let pending = pending.ok_or(RefusalCode::NothingPending)?;
    match &facts.desk {
        Some(desk) => desk.check_holder_present()?,
        None if pending.kind == IssueKind::SelfRenewal => {
            check_usable(&renewal.subject)?;
            check_set(renewal.current.state)?;
            check_not_expired(&renewal.current, now, policy)?;
        }
        None => return Err(role_missing(policy, task_behind(pending.kind))),
    }
    renewal.keys.check()?;
    Ok(IssuePermit {
        subject: renewal.subject.subject(),
        kind: IssueKind::Restart,
        validity: within_issuer(validity(now, policy), renewal.issuer_not_after)?,
        self_renewals_after: renewal.self_renewals_in_a_row,
        reach,
        decided_at: now,
    })
}

/// A person has seen the holder: whatever a desk issues sets the count to nothing (domain 5.5).
fn desk_permit(
    facts: &RenewalFacts,
    kind: IssueKind,
    validity: Validity,
    reach: Reach,
) -> IssuePermit {
    IssuePermit {
        subject: facts.subject.subject(),
        kind,
        validity,
        self_renewals_after: 0,
        reach,
        decided_at: validity.not_before,
    }
}

/// The first second of the renewal window of a certificate with this last second:
/// `not_after − 90 × 86 400 s` by the default policy, inclusive (law C3; contract 7).
pub fn window_opens_at(not_after: Time, policy: &Policy) -> Time {
    not_after.minus(policy.window())
}

/// Whether `now` lies in the renewal window, both ends inclusive (law C3).
pub fn in_window(not_after: Time, now: Time, policy: &Policy) -> bool {
    window_opens_at(not_after, policy) <= now && now <= not_after
}

/// What a desk needs to be allowed to do, to do again what this pending set began.
const fn task_behind(kind: IssueKind) -> CardAction {
    match kind {
        IssueKind::First => CardAction::Issue,
        IssueKind::SelfRenewal | IssueKind::Assisted | IssueKind::Restart => CardAction::Renew,
        IssueKind::Reissue => CardAction::Reissue,
        IssueKind::Repair => CardAction::Repair,
    }
}

fn role_missing(policy: &Policy, task: CardAction) -> Refusal {
    Refusal::new(RefusalCode::ActorRoleMissing).helped_by(policy.roles_for(task.into()))
}

fn check_usable(subject: &SubjectFacts) -> Result<(), Refusal> {
    subject.check_open_and_not_cancelled()?;
    require(
        subject.card_state != CardState::Locked,
        RefusalCode::CardLocked,
    )?;
    check_was_activated(subject.card_state)
}

fn check_was_activated(state: CardState) -> Result<(), Refusal> {
    let activated = matches!(state, CardState::Active | CardState::Locked);
    require(activated, RefusalCode::CardNotActive)
}

fn check_set(state: CertificateState) -> Result<(), Refusal> {
    match state {
        CertificateState::Active | CertificateState::Delivered => Ok(()),
        CertificateState::Superseded => Err(RefusalCode::PairSuperseded.into()),
        CertificateState::Revoked => Err(RefusalCode::CertificateRevoked.into()),
        CertificateState::Reserved | CertificateState::Signed | CertificateState::Burned => {
            Err(RefusalCode::CertificateUnknown.into())
        }
    }
}

fn has_expired(set: &SetFacts, now: Time) -> bool {
    now > set.validity.not_after
}

fn check_not_expired(set: &SetFacts, now: Time, policy: &Policy) -> Result<(), Refusal> {
    if !has_expired(set, now) {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::CertificateExpired)
        .not_after(set.validity.not_after)
        .helped_by(policy.roles_for(CardAction::Reissue.into())))
}

fn check_window(set: &SetFacts, now: Time, window: Span) -> Result<(), Refusal> {
    let not_after = set.validity.not_after;
    let opens_at = not_after.minus(window);
    if now >= opens_at {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::RenewalWindowNotOpen)
        .opens_at(opens_at)
        .not_after(not_after))
}

fn check_count(used: u32, policy: &Policy) -> Result<(), Refusal> {
    let limit = policy.self_renewals();
    if used < limit {
        return Ok(());
    }
    Err(Refusal::new(RefusalCode::SelfRenewalLimitReached)
        .used(used, limit)
        .helped_by(policy.roles_for(CardAction::Renew.into())))
}

fn check_nothing_pending(facts: &RenewalFacts, now: Time, policy: &Policy) -> Result<(), Refusal> {
    let waiting = facts
        .pending
        .is_some_and(|pending| pending.waits(now, policy));
    require(!waiting, RefusalCode::RenewalInProgress)
}

/// The window for an actor with these roles: the sponsor's own, unless another of her roles
/// allows renewal too (law R3; X13, E7).
fn window_of(roles: &[ActorRole], policy: &Policy) -> Span {
    let allowed = policy.roles_for(CardAction::Renew.into());
    let beyond_sponsor = |role: &ActorRole| *role != ActorRole::Sponsor && allowed.contains(role);
    if roles.iter().any(beyond_sponsor) {
        policy.window()
    } else {
        policy.sponsor_window()
    }
}

#[cfg(test)]
mod tests;
