//! What a desk does about another person's authenticators (domain 5.7): it gives her a link with
//! which she adds one in the meeting, for good or for one shift; it stops one that is lost, takes
//! one away, and lets one count fully that was added in a weaker session.

use crate::access::{self, ActorFacts, PersonAction};
use crate::authenticator::{AuthenticatorFacts, AuthenticatorState};
use crate::ids::UserId;
use crate::permit::{ChangeAuthenticatorPermit, InvitePermit, RaiseAuthenticatorPermit};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::signin::Aal;
use crate::time::Time;
use crate::values::Policy;
use crate::words::words;

words! {
    /// What a link is for.
    pub enum InvitationKind {
        /// An authenticator that stays.
        Lasting => "lasting",
        /// One for a card left at home, which ends by itself.
        Temporary => "temporary",
    }
}

impl InvitationKind {
    /// The row of the access table that is asked.
    pub const fn task(self) -> PersonAction {
        match self {
            Self::Lasting => PersonAction::ManageAuthenticators,
            Self::Temporary => PersonAction::GiveTemporaryAccess,
        }
    }

    /// The level of the act under which the authenticator is added: a desk acts at AAL3 and has seen
    /// her; what is given for one shift never counts for more than AAL2.
    pub const fn bound_at(self) -> Aal {
        match self {
            Self::Lasting => Aal::Aal3,
            Self::Temporary => Aal::Aal2,
        }
    }
}

/// What the desk says about the meeting.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Meeting {
    /// She is here.
    pub holder_present: bool,
    /// Her face was compared with the photo on record.
    pub photo_compared: bool,
}

impl Meeting {
    fn check(self) -> Result<(), Refusal> {
        let met = self.holder_present && self.photo_compared;
        require(met, RefusalCode::HolderNotPresent)
    }
}

/// All that decides about giving somebody a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteFacts {
    /// For whom.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Somebody verified who she is (F10).
    pub identity_verified: bool,
    /// Whether she works for a registration authority herself.
    pub ra_staff: bool,
    /// What for.
    pub kind: InvitationKind,
    /// What the desk says.
    pub meeting: Meeting,
    /// How many authenticators she has that count, the card not among them.
    pub count: u32,
    /// From when on she may have temporary access again without a registration authority; none when
    /// she may now.
    pub temporary_from: Option<Time>,
    /// Who gives it.
    pub actor: ActorFacts,
}

/// Decides on giving somebody a link with which she adds one authenticator (law G13).
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `identity_not_verified`,
/// `holder_not_present`, `second_actor_needed` for what lasts of somebody who works for a
/// registration authority, `limit_reached`, and `temporary_access_used` with the first second at which
/// it may be given again and the roles that may give it now, in this order.
pub fn invite(facts: &InviteFacts, now: Time, policy: &Policy) -> Result<InvitePermit, Refusal> {
    access::ask(policy, &facts.actor, facts.kind.task())?;
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    require(facts.identity_verified, RefusalCode::IdentityNotVerified)?;
    facts.meeting.check()?;
    let lasts = facts.kind == InvitationKind::Lasting;
    not_alone(lasts && facts.ra_staff)?;
    let limit = policy.authenticators();
    if facts.count >= limit {
        return Err(Refusal::new(RefusalCode::LimitReached).used(facts.count, limit));
    }
    if facts.kind == InvitationKind::Temporary {
        check_temporary(facts, policy)?;
    }
    let ends_at = match facts.kind {
        InvitationKind::Lasting => None,
        InvitationKind::Temporary => Some(now.plus(policy.temporary_life())),
    };
    Ok(InvitePermit {
        user_id: facts.user_id.clone(),
        kind: facts.kind,
        expires_at: now.plus(policy.invitation_life()),
        ends_at,
        decided_at: now,
    })
}

/// Whoever opens a way into the account of somebody who works for a registration authority has her
/// desk, and with it could act on herself: no one person of a desk does (contract 5; law G29). A new
/// card takes two of them; with it she adds and raises what she wants.
fn not_alone(gives_a_desk: bool) -> Result<(), Refusal> {
    require(!gives_a_desk, RefusalCode::SecondActorNeeded)
}

/// Once in the policy's days (7), but for a registration authority.
fn check_temporary(facts: &InviteFacts, policy: &Policy) -> Result<(), Refusal> {
    let Some(from) = facts.temporary_from else {
        return Ok(());
    };
    if facts.actor.roles.iter().any(|role| role.is_ra_staff()) {
        return Ok(());
    }
    let may = policy.roles_for(PersonAction::GiveTemporaryAccess.into());
    let ra: Vec<_> = may
        .iter()
        .copied()
        .filter(|role| role.is_ra_staff())
        .collect();
    Err(Refusal::new(RefusalCode::TemporaryAccessUsed)
        .opens_at(from)
        .helped_by(&ra))
}

/// Where a link stands, read in the transaction that opens or spends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkFacts {
    /// Whether the profile of the person is open.
    pub person_open: bool,
    /// Its last second.
    pub expires_at: Time,
    /// Whether a newer one took its place.
    pub withdrawn: bool,
    /// Whether it has added its authenticator.
    pub spent: bool,
    /// Whether a browser has opened it, and if so whether it is this one.
    pub opened_here: Option<bool>,
}

/// Judges a link that somebody comes with (law G14).
///
/// # Errors
/// In this order: `identity_closed`, `invitation_used`, `invitation_expired`,
/// `invitation_opened_elsewhere`.
pub fn judge_link(facts: &LinkFacts, now: Time) -> Result<(), Refusal> {
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    require(!facts.spent, RefusalCode::InvitationUsed)?;
    require(
        !facts.withdrawn && now <= facts.expires_at,
        RefusalCode::InvitationExpired,
    )?;
    require(
        facts.opened_here != Some(false),
        RefusalCode::InvitationOpenedElsewhere,
    )
}

words! {
    /// Why a desk stops an authenticator or takes it away.
    pub enum DeskReason {
        /// It cannot be found.
        Lost => "lost",
        /// It was stolen.
        Stolen => "stolen",
        /// Somebody else used it.
        Misused => "misused",
        /// Nobody uses it any more.
        Unused => "unused",
    }
}

/// What a desk does to somebody's authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeskChange {
    /// It is thought lost: it opens nothing until it is found.
    Suspend(Option<DeskReason>),
    /// It goes for ever; `last_too` says that the desk knows it is her last way to sign in.
    Remove {
        /// Why.
        reason: Option<DeskReason>,
        /// Even if nothing else of hers could sign in.
        last_too: bool,
    },
}

impl DeskChange {
    /// The row of the access table that is asked.
    pub const fn task(self) -> PersonAction {
        match self {
            Self::Suspend(_) => PersonAction::SuspendAuthenticators,
            Self::Remove { .. } => PersonAction::ManageAuthenticators,
        }
    }

    /// Why.
    pub const fn reason(self) -> Option<DeskReason> {
        match self {
            Self::Suspend(reason) | Self::Remove { reason, .. } => reason,
        }
    }
}

/// Whose authenticator it is, as a desk sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskAuthenticator {
    /// The person that the desk means.
    pub user_id: UserId,
    /// Whether she works for a registration authority herself.
    pub ra_staff: bool,
    /// The authenticator that it names.
    pub one: AuthenticatorFacts,
    /// How many other ways to sign in she has that work now, her card among them.
    pub others_left: u32,
}

/// What is asked of a desk before it is looked which authenticator it means.
///
/// # Errors
/// The questions of [`access::ask`], then `reason_missing`.
pub fn may_change(change: DeskChange, actor: &ActorFacts, policy: &Policy) -> Result<(), Refusal> {
    access::ask(policy, actor, change.task())?;
    require(change.reason().is_some(), RefusalCode::ReasonMissing)
}

/// Stops or takes away somebody's authenticator (law G15).
///
/// # Errors
/// Those of [`may_change`], then `identity_closed`, `not_found` (it is not hers),
/// `authenticator_removed`, `authenticator_locked` for stopping one that is locked, which finding it
/// would open, and `last_authenticator` unless the desk has confirmed that it is the
/// last one, in this order.
pub fn change_at_desk(
    facts: &DeskAuthenticator,
    change: DeskChange,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<ChangeAuthenticatorPermit, Refusal> {
    may_change(change, actor, policy)?;
    check_is_hers(facts)?;
    let to = match change {
        DeskChange::Suspend(_) => {
            let locked = facts.one.state == AuthenticatorState::Locked;
            require(!locked, RefusalCode::AuthenticatorLocked)?;
            AuthenticatorState::Suspended
        }
        DeskChange::Remove { last_too, .. } => {
            let may = last_too || facts.others_left > 0;
            require(may, RefusalCode::LastAuthenticator)?;
            AuthenticatorState::Removed
        }
    };
    Ok(ChangeAuthenticatorPermit {
        user_id: facts.user_id.clone(),
        version: facts.one.version,
        to,
        decided_at: now,
    })
}

fn check_is_hers(facts: &DeskAuthenticator) -> Result<(), Refusal> {
    require(facts.one.person_open, RefusalCode::IdentityClosed)?;
    require(facts.one.user_id == facts.user_id, RefusalCode::NotFound)?;
    require(
        facts.one.state != AuthenticatorState::Removed,
        RefusalCode::AuthenticatorRemoved,
    )
}

/// What is asked of a desk before it is looked which authenticator it means.
///
/// # Errors
/// The questions of [`access::ask`], then `holder_not_present`.
pub fn may_raise(meeting: Meeting, actor: &ActorFacts, policy: &Policy) -> Result<(), Refusal> {
    access::ask(policy, actor, PersonAction::ManageAuthenticators)?;
    meeting.check()
}

/// Lets an authenticator count for all that its evidence proves, the holder being at the desk (law
/// G16).
///
/// # Errors
/// Those of [`may_raise`], then `identity_closed`, `not_found` (it is not hers),
/// `authenticator_removed`, `second_actor_needed` where she works for a registration authority,
/// `authenticator_suspended`, `authenticator_locked`, and `evidence_too_weak` for a temporary one
/// and for one whose evidence does not prove AAL3, in this order.
pub fn raise_at_desk(
    facts: &DeskAuthenticator,
    meeting: Meeting,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<RaiseAuthenticatorPermit, Refusal> {
    may_raise(meeting, actor, policy)?;
    check_is_hers(facts)?;
    not_alone(facts.ra_staff)?;
    let one = &facts.one;
    require(
        one.state != AuthenticatorState::Suspended,
        RefusalCode::AuthenticatorSuspended,
    )?;
    require(
        one.state != AuthenticatorState::Locked,
        RefusalCode::AuthenticatorLocked,
    )?;
    let proven = one.evidence == Aal::Aal3 && one.ends_at.is_none();
    require(proven, RefusalCode::EvidenceTooWeak)?;
    Ok(RaiseAuthenticatorPermit {
        user_id: facts.user_id.clone(),
        version: one.version,
        decided_at: now,
    })
}

#[cfg(test)]
mod tests;
