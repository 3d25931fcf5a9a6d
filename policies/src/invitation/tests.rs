use super::*;
use crate::access::ActorRole;
use crate::samples::actor;
use crate::time::Span;

const NOW: Time = Time::from_unix(1_862_000_000);

fn policy() -> Policy {
    Policy::default_file()
}

const MET: Meeting = Meeting {
    holder_present: true,
    photo_compared: true,
};

fn facts(kind: InvitationKind, role: ActorRole) -> InviteFacts {
    InviteFacts {
        user_id: "021600556514".parse().unwrap(),
        person_open: true,
        identity_verified: true,
        ra_staff: false,
        kind,
        meeting: MET,
        count: 0,
        temporary_from: None,
        actor: actor(role),
    }
}

type Spoil = fn(&mut InviteFacts);

#[test]
fn g13_the_guards_of_an_invitation_speak_in_their_order() {
    use RefusalCode as Code;
    let steps: [(Spoil, Code); 8] = [
        (|f| f.actor.in_scope = false, Code::ActorOutOfScope),
        (|f| f.actor.is_subject = true, Code::ActorIsSubject),
        (|f| f.actor.roles.clear(), Code::ActorRoleMissing),
        (|f| f.person_open = false, Code::IdentityClosed),
        (|f| f.identity_verified = false, Code::IdentityNotVerified),
        (|f| f.meeting.photo_compared = false, Code::HolderNotPresent),
        (|f| f.count = 10, Code::LimitReached),
        (|f| f.temporary_from = Some(NOW), Code::TemporaryAccessUsed),
    ];
    // Everything from here on is wrong: the first of it speaks.
    for first in 0..steps.len() {
        let mut wrong = facts(InvitationKind::Temporary, ActorRole::LocalSmartcardAdmin);
        for (spoil, _) in &steps[first..] {
            spoil(&mut wrong);
        }
        let refusal = invite(&wrong, NOW, &policy()).unwrap_err();
        assert_eq!(refusal.code, steps[first].1);
    }
    let mut alone = facts(InvitationKind::Lasting, ActorRole::RaManager);
    alone.meeting.holder_present = false;
    let refusal = invite(&alone, NOW, &policy()).unwrap_err();
    assert_eq!(refusal.code, Code::HolderNotPresent);
}

#[test]
fn g29_no_desk_opens_alone_a_way_into_the_account_of_a_registration_authoritys_own() {
    let mut lasting = facts(InvitationKind::Lasting, ActorRole::RaAgentAdvanced);
    lasting.ra_staff = true;
    let refusal = invite(&lasting, NOW, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::SecondActorNeeded);
    lasting.meeting.photo_compared = false;
    let refusal = invite(&lasting, NOW, &policy()).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::HolderNotPresent);
    let mut shift = facts(InvitationKind::Temporary, ActorRole::RaAgentAdvanced);
    shift.ra_staff = true;
    assert!(invite(&shift, NOW, &policy()).is_ok());
}

#[test]
fn g13_a_link_lives_fifteen_minutes_and_what_it_adds_ends_only_if_it_is_temporary() {
    let lasting = facts(InvitationKind::Lasting, ActorRole::RaAgentAdvanced);
    let lasting = invite(&lasting, NOW, &policy()).unwrap();
    assert_eq!(lasting.expires_at(), NOW.plus(Span::minutes(15)));
    assert_eq!(
        (lasting.ends_at(), lasting.kind().bound_at()),
        (None, Aal::Aal3)
    );
    let shift = facts(InvitationKind::Temporary, ActorRole::Sponsor);
    let shift = invite(&shift, NOW, &policy()).unwrap();
    assert_eq!(shift.ends_at(), Some(NOW.plus(Span::hours(12))));
    assert_eq!(shift.kind().bound_at(), Aal::Aal2);
}

#[test]
fn g13_temporary_access_again_takes_a_registration_authority() {
    let from = NOW.plus(Span::days(3));
    for role in ActorRole::ALL {
        let mut again = facts(InvitationKind::Temporary, *role);
        again.temporary_from = Some(from);
        match invite(&again, NOW, &policy()) {
            Ok(_) => assert!(role.is_ra_staff(), "{role}"),
            Err(refusal) if refusal.code == RefusalCode::TemporaryAccessUsed => {
                assert_eq!(refusal.opens_at, Some(from));
                assert_eq!(refusal.helper_roles.len(), 3);
                assert!(refusal.helper_roles.iter().all(|role| role.is_ra_staff()));
            }
            Err(refusal) => assert_eq!(refusal.code, RefusalCode::ActorRoleMissing, "{role}"),
        }
    }
    // What she had for one shift does not stand in the way of one that lasts.
    let mut lasting = facts(InvitationKind::Lasting, ActorRole::RaManager);
    lasting.temporary_from = Some(from);
    assert!(invite(&lasting, NOW, &policy()).is_ok());
}

#[test]
fn g14_a_link_is_judged_in_this_order_and_to_its_last_second() {
    use RefusalCode as Code;
    let good = LinkFacts {
        person_open: true,
        expires_at: NOW,
        withdrawn: false,
        spent: false,
        opened_here: None,
    };
    assert!(judge_link(&good, NOW).is_ok());
    let here = LinkFacts {
        opened_here: Some(true),
        ..good
    };
    assert!(judge_link(&here, NOW).is_ok());
    let late = judge_link(&good, NOW.plus(Span::seconds(1))).unwrap_err();
    assert_eq!(late.code, Code::InvitationExpired);
    let mut wrong = LinkFacts {
        opened_here: Some(false),
        ..good
    };
    let code = |facts: &LinkFacts| judge_link(facts, NOW).unwrap_err().code;
    assert_eq!(code(&wrong), Code::InvitationOpenedElsewhere);
    wrong.withdrawn = true;
    assert_eq!(code(&wrong), Code::InvitationExpired);
    wrong.spent = true;
    assert_eq!(code(&wrong), Code::InvitationUsed);
    wrong.person_open = false;
    assert_eq!(code(&wrong), Code::IdentityClosed);
}

fn one() -> DeskAuthenticator {
    let user_id: UserId = "021600556514".parse().unwrap();
    DeskAuthenticator {
        user_id: user_id.clone(),
        ra_staff: false,
        one: AuthenticatorFacts {
            user_id,
            person_open: true,
            state: AuthenticatorState::Active,
            evidence: Aal::Aal3,
            bound_at: Aal::Aal2,
            ends_at: None,
            version: 4,
        },
        others_left: 1,
    }
}

fn code(result: Result<ChangeAuthenticatorPermit, Refusal>) -> Option<RefusalCode> {
    result.err().map(|refusal| refusal.code)
}

#[test]
fn g15_a_desk_stops_and_takes_away_with_a_reason_and_the_last_one_only_knowingly() {
    use RefusalCode as Code;
    let (policy, agent) = (policy(), actor(ActorRole::RaAgentAdvanced));
    let lost = Some(DeskReason::Lost);
    let suspend = DeskChange::Suspend(lost);
    let remove = |last_too| DeskChange::Remove {
        reason: lost,
        last_too,
    };
    let ask = |facts: &DeskAuthenticator, change, role| {
        code(change_at_desk(facts, change, &actor(role), NOW, &policy))
    };
    let helper = ActorRole::ServiceDesk;
    assert_eq!(ask(&one(), suspend, helper), None);
    assert_eq!(
        ask(&one(), remove(true), helper),
        Some(Code::ActorRoleMissing)
    );
    let without = ask(&one(), DeskChange::Suspend(None), helper);
    assert_eq!(without, Some(Code::ReasonMissing));
    let mut only = one();
    only.others_left = 0;
    assert_eq!(
        code(change_at_desk(&only, remove(false), &agent, NOW, &policy)),
        Some(Code::LastAuthenticator)
    );
    let permit = change_at_desk(&only, remove(true), &agent, NOW, &policy).unwrap();
    assert_eq!(
        (permit.to(), permit.version()),
        (AuthenticatorState::Removed, 4)
    );
    let mut wrong = one();
    wrong.one.state = AuthenticatorState::Removed;
    assert_eq!(
        ask(&wrong, suspend, helper),
        Some(Code::AuthenticatorRemoved)
    );
    wrong.one.user_id = "021600556515".parse().unwrap();
    assert_eq!(ask(&wrong, suspend, helper), Some(Code::NotFound));
    wrong.one.person_open = false;
    assert_eq!(ask(&wrong, suspend, helper), Some(Code::IdentityClosed));
    let myself = ActorFacts {
        is_subject: true,
        ..agent
    };
    let own = change_at_desk(&one(), suspend, &myself, NOW, &policy);
    assert_eq!(code(own), Some(Code::ActorIsSubject));
}

type Weaken = fn(&mut DeskAuthenticator);

#[test]
fn g16_a_desk_raises_only_what_its_evidence_proves_and_only_in_the_meeting() {
    use RefusalCode as Code;
    let (policy, agent) = (policy(), actor(ActorRole::RaManager));
    assert!(raise_at_desk(&one(), MET, &agent, NOW, &policy).is_ok());
    let weak: [(Weaken, Code); 7] = [
        (|f| f.ra_staff = true, Code::SecondActorNeeded),
        (|f| f.one.person_open = false, Code::IdentityClosed),
        (
            |f| f.one.state = AuthenticatorState::Removed,
            Code::AuthenticatorRemoved,
        ),
        (
            |f| f.one.state = AuthenticatorState::Suspended,
            Code::AuthenticatorSuspended,
        ),
        (
            |f| f.one.state = AuthenticatorState::Locked,
            Code::AuthenticatorLocked,
        ),
        (|f| f.one.evidence = Aal::Aal2, Code::EvidenceTooWeak),
        (|f| f.one.ends_at = Some(NOW), Code::EvidenceTooWeak),
    ];
    for (spoil, expected) in weak {
        let mut facts = one();
        spoil(&mut facts);
        let refusal = raise_at_desk(&facts, MET, &agent, NOW, &policy).unwrap_err();
        assert_eq!(refusal.code, expected);
    }
    let absent = raise_at_desk(&one(), Meeting::default(), &agent, NOW, &policy).unwrap_err();
    assert_eq!(absent.code, Code::HolderNotPresent);
    let other = actor(ActorRole::RaAgent);
    let other = raise_at_desk(&one(), MET, &other, NOW, &policy).unwrap_err();
    assert_eq!(other.code, Code::ActorRoleMissing);
}
