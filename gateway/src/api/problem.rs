//! Failures as problem documents (RFC 9457): the same words as on a page, for programs.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use policies::refusal::RefusalCode;
use wire::problem::Problem;

use crate::door::Arrival;
use crate::error::{Failure, Refused};
use crate::messages::EN;

/// The status of each refusal (contract 5): 403 actor, level, scope; 404 outside her organisations;
/// 409 state and time rules; 422 input and keys; 429 budgets; 503 busy or clock.
pub const fn status_of(code: RefusalCode) -> StatusCode {
    use RefusalCode as Code;
    match code {
        Code::NotFound | Code::ActorOutOfScope => StatusCode::NOT_FOUND,
        Code::Busy | Code::ClockUntrusted | Code::FederationUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::TooManyCodes | Code::TooManyTries => StatusCode::TOO_MANY_REQUESTS,
        Code::ActorIsSubject
        | Code::ActorRoleMissing
        | Code::RoleNotHeld
        | Code::SecondActorNeeded
        | Code::SessionLevelTooLow
        | Code::AuthenticatorTooNew
        | Code::ReauthenticationNeeded
        | Code::OwnAuthenticatorNeeded
        | Code::FederationDenied
        | Code::FederationAnswerInvalid
        | Code::FederationTooWeak
        | Code::FederationTooOld
        | Code::NoCertificate
        | Code::CertificateUntrusted
        | Code::CertificateWrongPurpose
        | Code::CertificateUnknown => StatusCode::FORBIDDEN,
        Code::KeyReused
        | Code::KeyNotAcceptable
        | Code::ProofOfPossessionFailed
        | Code::PasscodeFormat
        | Code::PasscodeReused
        | Code::PasswordTooShort
        | Code::PasswordTooLong
        | Code::PasswordCommon
        | Code::PasswordPersonal
        | Code::ReasonMissing
        | Code::NotInWard
        | Code::PeriodNotAllowed
        | Code::HolderNotPresent
        | Code::CodeWrong
        | Code::CodeExpired
        | Code::AddressNotAllowed
        | Code::SerialMismatch
        | Code::ModelNotAllowed
        | Code::AttestationMissing
        | Code::EvidenceTooWeak
        | Code::NameNotAllowed
        | Code::CeremonyFailed => StatusCode::UNPROCESSABLE_ENTITY,
        _ => StatusCode::CONFLICT,
    }
}

/// The document for a failure.
pub(crate) fn document(failure: &Failure, arrival: &Arrival) -> Response {
    let problem = match failure {
        Failure::Refused(refused) => of_refusal(refused, arrival),
        failure => of_trouble(failure, arrival),
    };
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(&problem)).into_response();
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if status == StatusCode::UNAUTHORIZED {
        headers.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"matron\""),
        );
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    }
    response
}

fn of_refusal(refused: &Refused, arrival: &Arrival) -> Problem {
    let refusal = &refused.refusal;
    // Who may not see the person is told what everybody is told about nobody.
    let code = match refusal.code {
        RefusalCode::ActorOutOfScope => RefusalCode::NotFound,
        code => code,
    };
    let text = EN.refusals.of_act(code);
    Problem {
        kind: kind(code.as_str()),
        title: text.title.to_owned(),
        status: status_of(code).as_u16(),
        detail: text.cause.to_owned(),
        code: code.as_str().to_owned(),
        correlation_id: arrival.correlation.to_string(),
        next_step: text.steps.join(" "),
        opens_at: refusal.opens_at,
        not_after: refusal.not_after,
        used: refusal.used,
        limit: refusal.limit,
        because: refusal.because.map(|code| code.as_str().to_owned()),
        helper_roles: refusal
            .helper_roles
            .iter()
            .map(|role| role.as_str().to_owned())
            .collect(),
        helpers: refused.helpers.clone(),
    }
}

fn of_trouble(failure: &Failure, arrival: &Arrival) -> Problem {
    let code = failure.code();
    let text = EN.trouble.of(code);
    Problem {
        kind: kind(code),
        title: text.title.to_owned(),
        status: failure.status().as_u16(),
        detail: text.cause.to_owned(),
        code: code.to_owned(),
        correlation_id: arrival.correlation.to_string(),
        next_step: text.step.to_owned(),
        opens_at: None,
        not_after: None,
        used: None,
        limit: None,
        because: None,
        helper_roles: Vec::new(),
        helpers: Vec::new(),
    }
}

/// A URI that names the kind of problem; nothing need be there (RFC 9457 3.1.1).
fn kind(code: &str) -> String {
    format!("urn:matron:problem:{code}")
}

#[cfg(test)]
mod tests {
    use axum::response::Response;
    use http_body_util::BodyExt;
    use policies::refusal::Refusal;
    use policies::time::Time;
    use wire::problem::Helper;

    use super::*;
    use crate::pages::refusal_page;

    async fn body(response: Response) -> String {
        let octets = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(octets.to_vec()).unwrap()
    }

    fn refused(code: RefusalCode) -> Refused {
        Refused {
            helpers: vec![Helper {
                name: "Ruth Demo".to_owned(),
                org: "Northmoor".to_owned(),
                hours: "Monday 07:30".to_owned(),
                contact: "room 214".to_owned(),
            }],
            ..Refused::new(Refusal::new(code))
        }
    }

    /// As the templates escape it.
    fn on_a_page(text: &str) -> String {
        let signs = [
            ('&', "&#38;"),
            ('\'', "&#39;"),
            ('<', "&#60;"),
            ('>', "&#62;"),
        ];
        let escape = |text: String, (sign, escaped)| text.replace::<char>(sign, escaped);
        signs.into_iter().fold(text.to_owned(), escape)
    }

    #[tokio::test]
    async fn each_refusal_is_explained_the_same_on_page_api_and_terminal() {
        let arrival = Arrival::for_tests(Time::from_unix(1_800_000_000));
        for code in RefusalCode::ALL {
            let refused = refused(*code);
            let problem = of_refusal(&refused, &arrival);
            let page = body(refusal_page(&arrival, &refused)).await;
            for text in [&problem.title, &problem.detail] {
                assert!(
                    !text.is_empty() && page.contains(&on_a_page(text)),
                    "{code}"
                );
            }
            let text = EN.refusals.of_act(*code);
            assert_eq!(problem.next_step, text.steps.join(" "), "{code}");
            assert!(!text.steps.is_empty() && !text.help.is_empty(), "{code}");
            for step in text.steps {
                assert!(page.contains(&on_a_page(step)), "{code}: {step}");
            }
            let helper = problem.helpers.first().unwrap();
            let terminal = problem.in_words();
            for part in [&helper.name, &helper.hours, &helper.contact] {
                assert!(page.contains(part.as_str()), "{code}: {part}");
                assert!(terminal.contains(part.as_str()), "{code}: {part}");
            }
            for part in [&problem.title, &problem.detail, &problem.next_step] {
                assert!(terminal.contains(part.as_str()), "{code}: {part}");
            }
        }
    }

    #[test]
    fn whoever_may_not_see_a_person_is_told_what_is_told_about_nobody() {
        let arrival = Arrival::for_tests(Time::from_unix(1_800_000_000));
        let hidden = of_refusal(&refused(RefusalCode::ActorOutOfScope), &arrival);
        let nobody = of_refusal(&refused(RefusalCode::NotFound), &arrival);
        assert_eq!((hidden.status, hidden.code.as_str()), (404, "not_found"));
        assert_eq!(hidden, nobody);
    }
}
