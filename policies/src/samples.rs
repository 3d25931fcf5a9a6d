//! Facts for tests: fixture A of domain 5.6, and a way to prove the order of guards.

use crate::access::{ActorFacts, ActorRole};
use crate::card::{CardState, CertificateState};
use crate::issuance::{KeyFacts, SubjectFacts};
use crate::permit::Validity;
use crate::refusal::{Refusal, RefusalCode};
use crate::renewal::{DeskFacts, RenewalFacts, SetFacts};
use crate::time::Time;

/// Fixture A: the last second of the certificate, and the ends of its windows.
pub(crate) const A_NOT_AFTER: &str = "2029-03-10T09:00:00Z";
pub(crate) const A_WINDOW_OPENS: &str = "2028-12-10T09:00:00Z";
pub(crate) const A_THIRTY_DAYS: &str = "2029-02-08T09:00:00Z";

pub(crate) fn at(text: &str) -> Time {
    text.parse().unwrap()
}

pub(crate) fn subject() -> SubjectFacts {
    SubjectFacts {
        user_id: "021600556514".parse().unwrap(),
        person_version: 3,
        person_open: true,
        card: "1234567890123456".parse().unwrap(),
        card_version: 7,
        card_state: CardState::Active,
    }
}

pub(crate) const GOOD_KEYS: KeyFacts = KeyFacts {
    fresh: true,
    proven: true,
    acceptable: true,
};
pub(crate) const BAD_KEYS: KeyFacts = KeyFacts {
    fresh: false,
    proven: false,
    acceptable: false,
};

pub(crate) fn fixture_a() -> RenewalFacts {
    RenewalFacts {
        subject: subject(),
        current: SetFacts {
            state: CertificateState::Active,
            validity: Validity {
                not_before: at("2026-03-10T09:00:01Z"),
                not_after: at(A_NOT_AFTER),
            },
        },
        self_renewals_in_a_row: 0,
        pending: None,
        keys: GOOD_KEYS,
        issuer_not_after: at("2060-01-01T00:00:00Z"),
    }
}

pub(crate) fn actor(role: ActorRole) -> ActorFacts {
    ActorFacts {
        roles: vec![role],
        is_subject: false,
        in_scope: true,
    }
}

pub(crate) fn desk(role: ActorRole) -> DeskFacts {
    DeskFacts {
        actor: actor(role),
        holder_present: true,
        photo_compared: true,
    }
}

/// One step of a proof of order: the answer expected now, and what mends it.
pub(crate) type Step<W> = (RefusalCode, fn(&mut W));

/// Proves which guard speaks first. `world` offends against every guard at once; each step names
/// the answer expected and mends that one offence. In the end the law must say yes.
pub(crate) fn prove_order<W, P: std::fmt::Debug>(
    mut world: W,
    judge: impl Fn(&W) -> Result<P, Refusal>,
    steps: &[Step<W>],
) -> P {
    for (code, mend) in steps {
        match judge(&world) {
            Err(refusal) => assert_eq!(refusal.code, *code, "another guard spoke first"),
            Ok(permit) => panic!("{code} was not asked; allowed instead: {permit:?}"),
        }
        mend(&mut world);
    }
    judge(&world).unwrap_or_else(|refusal| panic!("{refusal} is left over"))
}
