//! Authenticators other than the card (domain 2.6 and 5.7): what each proves, who may add or take
//! one away, and which may sign in. A level comes from evidence, never from a label: the lower of
//! what the evidence proves and of the level at which the authenticator was added (house decision
//! 9).

pub mod answer;
pub mod groups;

use crate::ids::UserId;
use crate::permit::{AddAuthenticatorPermit, ChangeAuthenticatorPermit};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::signin::{Aal, Method};
use crate::time::Time;
use crate::values::Policy;
use crate::words::words;

words! {
    /// Where an authenticator stands in its life (domain 5.7).
    pub enum AuthenticatorState {
        /// Added, and not used yet.
        Registered => "registered",
        /// In use.
        Active => "active",
        /// Thought lost; may come back.
        Suspended => "suspended",
        /// It showed signs of a copy: only removing and adding it anew helps.
        Locked => "locked",
        /// Taken away for ever.
        Removed => "removed",
    }
}

words! {
    /// How a device spoke of its own making (WebAuthn 6.5.2).
    pub enum Attestation {
        /// Not at all, or signed with its own key.
        None => "none",
        /// By a chain to a maker that we know, for a model that is not on our lists.
        Known => "known",
        /// By a chain to the maker of a model that the house allows for AAL3.
        Allowed => "allowed",
    }
}

/// What the ceremony of a public-key credential showed (WebAuthn 6.1, 6.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEvidence {
    /// How the device spoke of its making.
    pub attestation: Attestation,
    /// Whether that statement came from a TPM 2.0.
    pub tpm: bool,
    /// Whether the device is part of the computer, tablet or phone that the person sits at.
    pub platform: bool,
    /// Whether the key may leave the device (flag BE).
    pub backup_eligible: bool,
    /// Whether a PIN, finger or face was checked (flag UV).
    pub user_verified: bool,
}

impl KeyEvidence {
    /// Which kind it is: told by how it is attached and what it proves, not by its name.
    pub const fn method(self) -> Method {
        let bound = !self.backup_eligible;
        if self.platform && self.tpm && bound {
            Method::WindowsHello
        } else if !self.platform && bound {
            Method::Fido2
        } else {
            Method::Passkey
        }
    }

    /// The level that it proves by itself (law G1; domain 2.6; SP 800-63B-4 B6).
    pub fn level(self) -> Aal {
        if !self.user_verified {
            return Aal::Aal1;
        }
        let proven = self.attestation == Attestation::Allowed && !self.backup_eligible;
        if proven {
            self.method().cap()
        } else {
            Aal::Aal2
        }
    }
}

/// What is known about an authenticator, read in the transaction that uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticatorFacts {
    /// Whose.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Where it stands.
    pub state: AuthenticatorState,
    /// What its evidence proves.
    pub evidence: Aal,
    /// The level of the sign-in under which it was added, or to which it was raised since.
    pub bound_at: Aal,
    /// The last second of a temporary one.
    pub ends_at: Option<Time>,
    /// The version of its row.
    pub version: i64,
}

impl AuthenticatorFacts {
    /// The level of a sign-in with it.
    pub fn level(&self) -> Aal {
        self.evidence.min(self.bound_at)
    }
}

/// An authenticator that may sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthenticatorLogin {
    level: Aal,
    first_use: bool,
}

impl AuthenticatorLogin {
    /// The level that is reached.
    pub const fn level(self) -> Aal {
        self.level
    }

    /// Whether this is its first use, which puts it in service.
    pub const fn is_first_use(self) -> bool {
        self.first_use
    }
}

/// Judges an authenticator whose ceremony succeeded (law G2).
///
/// # Errors
/// In this order: `identity_closed`, `authenticator_removed`, `authenticator_suspended`,
/// `authenticator_locked`, `authenticator_ended`.
pub fn judge(facts: &AuthenticatorFacts, now: Time) -> Result<AuthenticatorLogin, Refusal> {
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    let state = facts.state;
    require(
        state != AuthenticatorState::Removed,
        RefusalCode::AuthenticatorRemoved,
    )?;
    require(
        state != AuthenticatorState::Suspended,
        RefusalCode::AuthenticatorSuspended,
    )?;
    require(
        state != AuthenticatorState::Locked,
        RefusalCode::AuthenticatorLocked,
    )?;
    require(
        facts.ends_at.is_none_or(|ends_at| now <= ends_at),
        RefusalCode::AuthenticatorEnded,
    )?;
    Ok(AuthenticatorLogin {
        level: facts.level(),
        first_use: state == AuthenticatorState::Registered,
    })
}

/// How whoever wants to change her authenticators proved who she is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The level of her session.
    pub aal: Aal,
    /// When she last proved it.
    pub authenticated_at: Time,
    /// By which method.
    pub method: Method,
    /// Whether that was with something given for one shift: nothing that lasts comes of it.
    pub temporary: bool,
}

impl Standing {
    /// By an authenticator of this house, at least two factors that last, proven lately (SP
    /// 800-63B-4 B13: 20 minutes). What another organisation vouches for opens sessions, and changes
    /// nothing about how she signs in here: whoever rules there could otherwise stay for ever (law
    /// G20).
    fn is_fresh(self, now: Time, policy: &Policy) -> Result<(), Refusal> {
        require(
            self.method != Method::Federated,
            RefusalCode::OwnAuthenticatorNeeded,
        )?;
        let strong = self.aal >= Aal::Aal2 && !self.temporary;
        require(strong, RefusalCode::SessionLevelTooLow)?;
        require(
            now <= self.authenticated_at.plus(policy.authenticator_fresh()),
            RefusalCode::ReauthenticationNeeded,
        )
    }
}

/// Who she is and how she stands, before a ceremony begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnFacts {
    /// Who.
    pub user_id: UserId,
    /// Whether her profile is open.
    pub person_open: bool,
    /// Her session.
    pub standing: Standing,
    /// Why what opened her session does not open every role of hers, if it does not (law G27).
    pub closed: Option<RefusalCode>,
    /// How many she has that are not removed, the card and temporary ones not counted.
    pub count: u32,
}

/// Whether she may begin to add one (law G3). Asked again when the ceremony ends. What some of her
/// roles do not take adds nothing: the next one might open them.
///
/// # Errors
/// In this order: `identity_closed`, `own_authenticator_needed`, `session_level_too_low`,
/// `reauthentication_needed`, `model_not_allowed` or `attestation_missing`, `limit_reached`.
pub fn may_add(facts: &OwnFacts, now: Time, policy: &Policy) -> Result<(), Refusal> {
    require(facts.person_open, RefusalCode::IdentityClosed)?;
    facts.standing.is_fresh(now, policy)?;
    facts
        .closed
        .map_or(Ok(()), |code| Err(Refusal::new(code)))?;
    let limit = policy.authenticators();
    if facts.count >= limit {
        return Err(Refusal::new(RefusalCode::LimitReached).used(facts.count, limit));
    }
    Ok(())
}

/// What a finished ceremony brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewAuthenticator {
    /// Which kind it is, by its evidence.
    pub method: Method,
    /// What its evidence proves.
    pub evidence: Aal,
    /// Whether nobody may use its model here, or none of her roles is opened by it (law G27).
    pub denied: bool,
    /// Whether each of her roles asks for a device whose maker vouches for it, and nobody does.
    pub attestation_missing: bool,
    /// Whether it is registered already, for her or for anybody else.
    pub known: bool,
}

/// Adds an authenticator of her own (law G3). Its level is the lower of what its evidence proves
/// and of the session's.
///
/// # Errors
/// Those of [`may_add`], then `model_not_allowed`, `attestation_missing`,
/// `already_registered_elsewhere`.
pub fn add(
    facts: &OwnFacts,
    new: &NewAuthenticator,
    now: Time,
    policy: &Policy,
) -> Result<AddAuthenticatorPermit, Refusal> {
    may_add(facts, now, policy)?;
    require(!new.denied, RefusalCode::ModelNotAllowed)?;
    require(new.evidence >= Aal::Aal2, RefusalCode::ModelNotAllowed)?;
    require(!new.attestation_missing, RefusalCode::AttestationMissing)?;
    require(!new.known, RefusalCode::AlreadyRegisteredElsewhere)?;
    Ok(AddAuthenticatorPermit {
        user_id: facts.user_id.clone(),
        method: new.method,
        evidence: new.evidence,
        bound_at: facts.standing.aal,
        decided_at: now,
    })
}

/// What is to become of an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is thought lost.
    Suspend,
    /// It was found.
    Resume,
    /// It goes for ever.
    Remove,
}

/// Changes one of her own (law G4). Reporting a loss needs no fresh proof, since waiting helps the
/// finder; whatever makes it stronger or takes it away for ever does. Only its first use puts one in
/// use (domain 5.7): finding one that was never used and never lost leaves it as it is.
///
/// # Errors
/// In this order: `identity_closed`, `not_found` (it is not hers), `authenticator_removed`,
/// `own_authenticator_needed`, `session_level_too_low`, `reauthentication_needed`,
/// `authenticator_locked` for anything but taking away one that showed signs of a copy,
/// `last_authenticator` when nothing else of hers could sign in.
pub fn change_own(
    own: &OwnFacts,
    authenticator: &AuthenticatorFacts,
    change: Change,
    others_left: u32,
    now: Time,
    policy: &Policy,
) -> Result<ChangeAuthenticatorPermit, Refusal> {
    require(own.person_open, RefusalCode::IdentityClosed)?;
    require(authenticator.user_id == own.user_id, RefusalCode::NotFound)?;
    require(
        authenticator.state != AuthenticatorState::Removed,
        RefusalCode::AuthenticatorRemoved,
    )?;
    if change != Change::Suspend {
        own.standing.is_fresh(now, policy)?;
    }
    let locked = authenticator.state == AuthenticatorState::Locked;
    require(
        !locked || change == Change::Remove,
        RefusalCode::AuthenticatorLocked,
    )?;
    require(
        change != Change::Remove || others_left > 0,
        RefusalCode::LastAuthenticator,
    )?;
    Ok(ChangeAuthenticatorPermit {
        user_id: own.user_id.clone(),
        version: authenticator.version,
        to: match change {
            Change::Suspend => AuthenticatorState::Suspended,
            Change::Resume if authenticator.state == AuthenticatorState::Registered => {
                AuthenticatorState::Registered
            }
            Change::Resume => AuthenticatorState::Active,
            Change::Remove => AuthenticatorState::Removed,
        },
        decided_at: now,
    })
}

/// Whether a session that an authenticator opened may act at a desk (law G24; attack table 29): not in
/// its first hours, since whoever slips a key of her own into somebody's profile could otherwise act
/// for a whole area before its owner has read the notice. `added_at` is none for a card, which is
/// not asked.
///
/// # Errors
/// `authenticator_too_new`, with the first second at which it may.
pub fn may_serve_desk(added_at: Option<Time>, now: Time, policy: &Policy) -> Result<(), Refusal> {
    let opens_at = added_at.map(|at| at.plus(policy.authenticator_cooldown()));
    match opens_at {
        Some(opens_at) if now < opens_at => {
            Err(Refusal::new(RefusalCode::AuthenticatorTooNew).opens_at(opens_at))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
