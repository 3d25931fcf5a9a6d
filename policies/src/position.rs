//! Entering the register, and the roles a person is given there (domain 5.8; contract 5). Every
//! act is a desk's: the questions of [`access::ask`] come first, the facts about the person after.

use crate::access::{self, ActorFacts, PersonAction};
use crate::ids::{RoleId, UserId};
use crate::lifecycle::PersonFacts;
use crate::permit::{EndRolePermit, GrantPermit, RegisterPermit, SuspendPermit};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::time::Time;
use crate::values::Policy;

/// Enters a person into the register, under a number that nobody has.
///
/// # Errors
/// The questions of [`access::ask`] (law P6).
pub fn register(
    user_id: &UserId,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<RegisterPermit, Refusal> {
    access::ask(policy, actor, PersonAction::Create)?;
    Ok(RegisterPermit {
        user_id: user_id.clone(),
        decided_at: now,
    })
}

/// All that decides about giving a person a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantFacts {
    /// The person.
    pub person: PersonFacts,
    /// Somebody verified who she is (F10).
    pub identity_verified: bool,
    /// The number of the role.
    pub role_id: RoleId,
}

/// Gives a person a role.
///
/// # Errors
/// The questions of [`access::ask`], then `identity_closed`, `identity_not_verified` (law P7).
pub fn grant(
    facts: &GrantFacts,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<GrantPermit, Refusal> {
    access::ask(policy, actor, PersonAction::AssignPosition)?;
    require(facts.person.open, RefusalCode::IdentityClosed)?;
    require(facts.identity_verified, RefusalCode::IdentityNotVerified)?;
    Ok(GrantPermit {
        user_id: facts.person.user_id.clone(),
        role_id: facts.role_id.clone(),
        decided_at: now,
    })
}

/// Suspends every role of a person, as leave does (F88). Access may always be taken away, also
/// from a profile that is closed.
///
/// # Errors
/// The questions of [`access::ask`] (law P8).
pub fn suspend(
    user_id: &UserId,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<SuspendPermit, Refusal> {
    access::ask(policy, actor, PersonAction::EditPosition)?;
    Ok(SuspendPermit {
        user_id: user_id.clone(),
        decided_at: now,
    })
}

/// Ends one role of a person; `is_hers` says whether she holds or held it.
///
/// # Errors
/// The questions of [`access::ask`], then `role_not_held` (law P8).
pub fn end(
    (user_id, role_id): (&UserId, &RoleId),
    is_hers: bool,
    actor: &ActorFacts,
    now: Time,
    policy: &Policy,
) -> Result<EndRolePermit, Refusal> {
    access::ask(policy, actor, PersonAction::EditPosition)?;
    require(is_hers, RefusalCode::RoleNotHeld)?;
    Ok(EndRolePermit {
        user_id: user_id.clone(),
        role_id: role_id.clone(),
        decided_at: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::ActorRole;
    use crate::samples::{Step, actor, at, prove_order};

    const NOW: &str = "2029-01-15T09:00:00Z";

    /// Somebody out of scope, for herself, without a role.
    fn nobody() -> ActorFacts {
        ActorFacts {
            roles: vec![],
            is_subject: true,
            in_scope: false,
        }
    }

    fn user_id() -> UserId {
        "021600556514".parse().unwrap()
    }

    fn role_id() -> RoleId {
        "555100000001".parse().unwrap()
    }

    const P6: &[Step<ActorFacts>] = &[
        (RefusalCode::ActorOutOfScope, |actor| actor.in_scope = true),
        (RefusalCode::ActorIsSubject, |actor| {
            actor.is_subject = false;
        }),
        (RefusalCode::ActorRoleMissing, |actor| {
            actor.roles = vec![ActorRole::IdChecker];
        }),
    ];

    #[test]
    fn p6_the_guards_of_registering_speak_in_their_order() {
        let judge =
            |actor: &ActorFacts| register(&user_id(), actor, at(NOW), &Policy::default_file());
        let permit = prove_order(nobody(), judge, P6);
        assert_eq!(
            (permit.user_id(), permit.decided_at()),
            (&user_id(), at(NOW))
        );
    }

    const P7: &[Step<(GrantFacts, ActorFacts)>] = &[
        (RefusalCode::ActorOutOfScope, |(_, actor)| {
            actor.in_scope = true;
        }),
        (RefusalCode::ActorIsSubject, |(_, actor)| {
            actor.is_subject = false;
        }),
        (RefusalCode::ActorRoleMissing, |(_, actor)| {
            actor.roles = vec![ActorRole::RaAgent];
        }),
        (RefusalCode::IdentityClosed, |(facts, _)| {
            facts.person.open = true;
        }),
        (RefusalCode::IdentityNotVerified, |(facts, _)| {
            facts.identity_verified = true;
        }),
    ];

    #[test]
    fn p7_the_guards_of_granting_speak_in_their_order() {
        let facts = GrantFacts {
            person: PersonFacts {
                user_id: user_id(),
                version: 1,
                open: false,
            },
            identity_verified: false,
            role_id: role_id(),
        };
        let judge = |(facts, actor): &(GrantFacts, ActorFacts)| {
            grant(facts, actor, at(NOW), &Policy::default_file())
        };
        let permit = prove_order((facts, nobody()), judge, P7);
        assert_eq!(permit.role_id(), &role_id());
    }

    #[test]
    fn p7_a_sponsor_alone_assigns_no_position_that_is_not_assignable() {
        let facts = GrantFacts {
            person: PersonFacts {
                user_id: user_id(),
                version: 1,
                open: true,
            },
            identity_verified: true,
            role_id: role_id(),
        };
        let sponsor = actor(ActorRole::Sponsor);
        let refusal = grant(&facts, &sponsor, at(NOW), &Policy::default_file()).unwrap_err();
        assert_eq!(refusal.code, RefusalCode::ActorRoleMissing);
    }

    const P8: &[Step<(bool, ActorFacts)>] = &[
        (RefusalCode::ActorOutOfScope, |(_, actor)| {
            actor.in_scope = true;
        }),
        (RefusalCode::ActorIsSubject, |(_, actor)| {
            actor.is_subject = false;
        }),
        (RefusalCode::ActorRoleMissing, |(_, actor)| {
            actor.roles = vec![ActorRole::Sponsor];
        }),
        (RefusalCode::RoleNotHeld, |(is_hers, _)| *is_hers = true),
    ];

    #[test]
    fn p8_the_guards_of_ending_and_suspending_speak_in_their_order() {
        let (user_id, role_id, policy) = (user_id(), role_id(), Policy::default_file());
        let judge = |(is_hers, actor): &(bool, ActorFacts)| {
            end((&user_id, &role_id), *is_hers, actor, at(NOW), &policy)
        };
        let permit = prove_order((false, nobody()), judge, P8);
        assert_eq!(permit.role_id(), &role_id);
        let judge = |(_, actor): &(bool, ActorFacts)| suspend(&user_id, actor, at(NOW), &policy);
        let suspension = prove_order((false, nobody()), judge, &P8[..3]);
        assert_eq!(suspension.user_id(), &user_id);
    }
}
