//! What a device with a public key answers when it is asked to sign somebody in (WebAuthn 7.2), and
//! what that is worth today: the model is judged again at every sign-in, since what was good when
//! the device was added may have been broken since.

use super::{Attestation, AuthenticatorFacts, AuthenticatorLogin, KeyEvidence, judge};
use crate::refusal::{Refusal, RefusalCode, require};
use crate::signin::Demand;
use crate::time::Time;
use crate::words::words;

words! {
    /// What the house thinks of a model today.
    pub enum ModelToday {
        /// It may prove AAL3.
        Allowed => "allowed",
        /// Nothing in particular: AAL2.
        Known => "known",
        /// Nobody may use it here.
        Denied => "denied",
    }
}

/// An answer whose signature was right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyAnswer {
    /// What the house thinks of its model today.
    pub model: ModelToday,
    /// Whether a PIN, finger or face was checked (flag UV).
    pub user_verified: bool,
    /// Whether the owner that the device names is the one in the books.
    pub names_its_owner: bool,
    /// Whether its counter has moved on, or it does not count.
    pub counter_moved_on: bool,
    /// Whether its key may leave the device no more and no less than when it was added (flag BE).
    pub eligibility_kept: bool,
}

impl KeyAnswer {
    /// Whether it answered as only a copy could (attack table 32, 34).
    pub const fn looks_copied(self) -> bool {
        !(self.counter_moved_on && self.eligibility_kept)
    }
}

/// Judges an answer (law G10). `stored` is what was shown when the device was added.
///
/// # Errors
/// In this order: those of [`judge`]; `model_not_allowed`; `ceremony_failed` when nobody's PIN,
/// finger or face was checked, or another owner was named (which no signature covers, so that it
/// locks nothing); `authenticator_locked` when it answered as only a copy could, and
/// whoever asks then locks it.
pub fn judge_answer(
    facts: &AuthenticatorFacts,
    stored: KeyEvidence,
    answer: KeyAnswer,
    now: Time,
) -> Result<AuthenticatorLogin, Refusal> {
    let login = judge(facts, now)?;
    require(
        answer.model != ModelToday::Denied,
        RefusalCode::ModelNotAllowed,
    )?;
    require(answer.user_verified, RefusalCode::CeremonyFailed)?;
    require(answer.names_its_owner, RefusalCode::CeremonyFailed)?;
    require(!answer.looks_copied(), RefusalCode::AuthenticatorLocked)?;
    let shown = stored.attestation;
    let vouched_no_more = answer.model != ModelToday::Allowed && shown == Attestation::Allowed;
    let attestation = if vouched_no_more {
        Attestation::Known
    } else {
        shown
    };
    let today = KeyEvidence {
        attestation,
        ..stored
    };
    Ok(AuthenticatorLogin {
        level: login.level().min(today.level()),
        ..login
    })
}

/// Whether a proven device is what the application asks for (law G11).
///
/// # Errors
/// `authenticator_too_weak`.
pub fn is_enough(
    demand: &Demand,
    login: AuthenticatorLogin,
    stored: KeyEvidence,
) -> Result<(), Refusal> {
    require(
        demand.satisfied_by(login.level(), stored.method()),
        RefusalCode::AuthenticatorTooWeak,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authenticator::AuthenticatorState;
    use crate::signin::Aal;

    const NOW: Time = Time::from_unix(1_862_000_000);
    const STORED: KeyEvidence = KeyEvidence {
        attestation: Attestation::Allowed,
        tpm: false,
        platform: false,
        backup_eligible: false,
        user_verified: true,
    };
    const GOOD: KeyAnswer = KeyAnswer {
        model: ModelToday::Allowed,
        user_verified: true,
        names_its_owner: true,
        counter_moved_on: true,
        eligibility_kept: true,
    };

    fn facts() -> AuthenticatorFacts {
        AuthenticatorFacts {
            user_id: "021600556514".parse().unwrap(),
            person_open: true,
            state: AuthenticatorState::Active,
            evidence: Aal::Aal3,
            bound_at: Aal::Aal3,
            ends_at: None,
            version: 1,
        }
    }

    fn said(answer: KeyAnswer) -> Result<Aal, RefusalCode> {
        judge_answer(&facts(), STORED, answer, NOW)
            .map(AuthenticatorLogin::level)
            .map_err(|refusal| refusal.code)
    }

    #[test]
    fn g10_an_answer_is_worth_what_its_model_is_worth_today() {
        let with = |model| KeyAnswer { model, ..GOOD };
        assert_eq!(said(GOOD), Ok(Aal::Aal3));
        assert_eq!(said(with(ModelToday::Known)), Ok(Aal::Aal2));
        assert_eq!(
            said(with(ModelToday::Denied)),
            Err(RefusalCode::ModelNotAllowed)
        );
        let bound = AuthenticatorFacts {
            bound_at: Aal::Aal2,
            ..facts()
        };
        let login = judge_answer(&bound, STORED, GOOD, NOW).unwrap();
        assert_eq!(login.level(), Aal::Aal2);
        let weak = KeyEvidence {
            attestation: Attestation::None,
            ..STORED
        };
        let login = judge_answer(&facts(), weak, GOOD, NOW).unwrap();
        assert_eq!(login.level(), Aal::Aal2);
    }

    #[test]
    fn g10_an_answer_that_only_a_copy_gives_locks_and_the_state_speaks_first() {
        let changes: [fn(&mut KeyAnswer); 2] = [
            |answer| answer.counter_moved_on = false,
            |answer| answer.eligibility_kept = false,
        ];
        let removed = AuthenticatorFacts {
            state: AuthenticatorState::Removed,
            ..facts()
        };
        for change in changes {
            let mut answer = GOOD;
            change(&mut answer);
            assert_eq!(said(answer), Err(RefusalCode::AuthenticatorLocked));
            let first = judge_answer(&removed, STORED, answer, NOW).unwrap_err();
            assert_eq!(first.code, RefusalCode::AuthenticatorRemoved);
            answer.user_verified = false;
            assert_eq!(said(answer), Err(RefusalCode::CeremonyFailed));
        }
    }

    #[test]
    fn g10_an_owner_that_no_signature_covers_is_refused_and_locks_nothing() {
        let answer = KeyAnswer {
            names_its_owner: false,
            ..GOOD
        };
        assert_eq!(said(answer), Err(RefusalCode::CeremonyFailed));
        assert!(!answer.looks_copied());
    }

    #[test]
    fn g11_a_device_opens_what_its_level_and_kind_reach() {
        let login = |bound_at| {
            let facts = AuthenticatorFacts {
                bound_at,
                ..facts()
            };
            judge_answer(&facts, STORED, GOOD, NOW).unwrap()
        };
        let ask = Demand::from_acr_values;
        for (acr, bound_at, enough) in [
            ("AAL3_ANY", Aal::Aal3, true),
            ("AAL3_ANY", Aal::Aal2, false),
            ("AAL2_ANY", Aal::Aal2, true),
            ("AAL3_FIDO2", Aal::Aal3, true),
            ("AAL3_SMARTCARD", Aal::Aal3, false),
        ] {
            let said = is_enough(&ask(acr), login(bound_at), STORED);
            assert_eq!(said.is_ok(), enough, "{acr} {bound_at:?}");
        }
    }
}
