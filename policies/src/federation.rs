//! Accounts of other organisations as a way to sign in (domain 2.6, attack table 13 and 14). The
//! other organisation says who somebody is there, how she proved it and when; this house decides what
//! that is worth: never more than AAL2, only with a second factor, and only when it was lately.

use crate::refusal::{Refusal, RefusalCode, require};
use crate::signin::{Aal, Method};
use crate::time::{Span, Time};

/// How far the other organisation's clock may be ahead of ours.
pub const SKEW: Span = Span::seconds(60);

/// What a house asks of an organisation whose sign-in it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The values of `acr` that mean a second factor; none are asked for when it is empty.
    pub acr: Vec<String>,
    /// The values of `amr` that mean a second factor; none are asked for when it is empty.
    pub amr: Vec<String>,
    /// How long ago she may have proven herself there.
    pub max_age: Span,
    /// The tenant of the directory, where one issuer serves several.
    pub tenant: Option<String>,
}

/// What the other organisation said, its signature, issuer, audience and nonce being verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// How strongly (`acr`).
    pub acr: Option<String>,
    /// By which methods (`amr`).
    pub amr: Vec<String>,
    /// When she proved herself there (`auth_time`).
    pub auth_time: Option<Time>,
    /// When it was said (`iat`).
    pub issued_at: Time,
    /// The tenant (`tid`).
    pub tenant: Option<String>,
}

/// A statement that may sign in, or be linked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Vouched {
    level: Aal,
    proven_at: Time,
}

impl Vouched {
    /// The level that it is worth, whatever it claims: the cap of the method.
    pub const fn level(self) -> Aal {
        self.level
    }

    /// When she proved herself there; never after now.
    pub const fn proven_at(self) -> Time {
        self.proven_at
    }
}

/// Judges a verified statement (law G21). `since` is the first instant at which she may have proven
/// herself, where she was asked to do so anew.
///
/// # Errors
/// In this order: `federation_answer_invalid` (another tenant, or from the future),
/// `federation_too_weak`, `federation_too_old` (also when it does not say when).
pub fn judge(
    terms: &Terms,
    statement: &Statement,
    since: Option<Time>,
    now: Time,
) -> Result<Vouched, Refusal> {
    let tenant = terms.tenant.as_ref();
    require(
        tenant.is_none() || tenant == statement.tenant.as_ref(),
        RefusalCode::FederationAnswerInvalid,
    )?;
    let latest = now.plus(SKEW);
    let auth_time = statement.auth_time;
    require(
        statement.issued_at <= latest && auth_time.is_none_or(|at| at <= latest),
        RefusalCode::FederationAnswerInvalid,
    )?;
    require(
        has_second_factor(terms, statement),
        RefusalCode::FederationTooWeak,
    )?;
    let oldest = now.minus(terms.max_age).minus(SKEW);
    let oldest = since.map_or(oldest, |since| oldest.max(since.minus(SKEW)));
    let proven_at = auth_time.filter(|at| *at >= oldest);
    let proven_at = proven_at.ok_or(RefusalCode::FederationTooOld)?;
    Ok(Vouched {
        level: Method::Federated.cap(),
        proven_at: proven_at.min(now),
    })
}

/// Each list that is not empty must be met, and one of them there must be.
fn has_second_factor(terms: &Terms, statement: &Statement) -> bool {
    let acr = terms.acr.is_empty()
        || statement
            .acr
            .as_ref()
            .is_some_and(|acr| terms.acr.contains(acr));
    let amr = terms.amr.is_empty() || statement.amr.iter().any(|amr| terms.amr.contains(amr));
    let asked = !(terms.acr.is_empty() && terms.amr.is_empty());
    asked && acr && amr
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_unix(1_900_000_000);

    fn terms() -> Terms {
        Terms {
            acr: vec!["mfa".into(), "phr".into()],
            amr: vec!["otp".into(), "hwk".into()],
            max_age: Span::minutes(5),
            tenant: Some("trust".into()),
        }
    }

    fn statement() -> Statement {
        Statement {
            acr: Some("mfa".into()),
            amr: vec!["pwd".into(), "otp".into()],
            auth_time: Some(NOW.minus(Span::minutes(4))),
            issued_at: NOW,
            tenant: Some("trust".into()),
        }
    }

    fn code(statement: Statement) -> Option<RefusalCode> {
        let judged = judge(&terms(), &statement, None, NOW);
        judged.err().map(|refusal| refusal.code)
    }

    #[test]
    fn g21_whatever_is_claimed_is_worth_aal2() {
        for claimed in ["AAL3_ANY", "AAL3_FIDO2", "phr"] {
            let terms = Terms {
                acr: vec![claimed.into()],
                ..terms()
            };
            let statement = Statement {
                acr: Some(claimed.into()),
                ..statement()
            };
            let vouched = judge(&terms, &statement, None, NOW).unwrap();
            assert_eq!(vouched.level(), Aal::Aal2);
            assert_eq!(vouched.proven_at(), NOW.minus(Span::minutes(4)));
        }
    }

    #[test]
    fn g21_a_second_factor_must_have_been_asked_for() {
        let weak = Some(RefusalCode::FederationTooWeak);
        for acr in [None, Some("pwd".to_owned()), Some("MFA".to_owned())] {
            assert_eq!(code(Statement { acr, ..statement() }), weak);
        }
        for amr in [Vec::new(), vec!["pwd".to_owned()]] {
            assert_eq!(code(Statement { amr, ..statement() }), weak);
        }
        let nothing_asked = Terms {
            acr: Vec::new(),
            amr: Vec::new(),
            ..terms()
        };
        let refused = judge(&nothing_asked, &statement(), None, NOW).unwrap_err();
        assert_eq!(Some(refused.code), weak);
        let by_amr = Terms {
            acr: Vec::new(),
            ..terms()
        };
        let silent = Statement {
            acr: None,
            ..statement()
        };
        assert!(judge(&by_amr, &silent, None, NOW).is_ok());
    }

    #[test]
    fn g21_the_proof_must_be_recent_and_not_of_the_future() {
        let at = |auth_time: Option<Time>| {
            code(Statement {
                auth_time,
                ..statement()
            })
        };
        let oldest = NOW.minus(Span::minutes(5)).minus(SKEW);
        assert_eq!(at(Some(oldest)), None);
        let old = Some(RefusalCode::FederationTooOld);
        assert_eq!(at(Some(oldest.minus(Span::seconds(1)))), old);
        assert_eq!(at(None), old);
        assert_eq!(at(Some(NOW.plus(SKEW))), None);
        let future = NOW.plus(Span::minutes(5));
        let invalid = Some(RefusalCode::FederationAnswerInvalid);
        assert_eq!(at(Some(future)), invalid);
        let said_later = Statement {
            issued_at: future,
            ..statement()
        };
        assert_eq!(code(said_later), invalid);
        let ahead = Statement {
            auth_time: Some(NOW.plus(SKEW)),
            ..statement()
        };
        let vouched = judge(&terms(), &ahead, None, NOW).unwrap();
        assert_eq!(
            vouched.proven_at(),
            NOW,
            "a session begins now at the latest"
        );
    }

    #[test]
    fn g21_whoever_was_asked_to_prove_herself_anew_did_so() {
        let since = |begun: Time| judge(&terms(), &statement(), Some(begun), NOW);
        assert!(since(NOW.minus(Span::minutes(4))).is_ok());
        assert!(
            since(NOW.minus(Span::minutes(3))).is_ok(),
            "within the skew"
        );
        let refused = since(NOW.minus(Span::seconds(179))).unwrap_err();
        assert_eq!(refused.code, RefusalCode::FederationTooOld);
    }

    #[test]
    fn g21_another_tenant_of_the_same_directory_is_somebody_else() {
        for tenant in [None, Some("other".to_owned())] {
            let other = Statement {
                tenant,
                ..statement()
            };
            assert_eq!(code(other), Some(RefusalCode::FederationAnswerInvalid));
        }
    }
}
