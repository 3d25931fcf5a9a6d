//! The pages that say no: refusals of the law, and everything that is nobody's refusal.
//!
//! A refusal names the cause, the next step and who can help, in plain words; its code stands in
//! `data-refusal` and in the reference (contract 4.2). Private detail never reaches a page.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use policies::refusal::RefusalCode;

use crate::door::Arrival;
use crate::error::Refused;
use crate::messages::{Explanation, RefusalText};
use crate::oidc::error::OAuthError;
use crate::pages::render::html;
use crate::pages::{Frame, Reference};
use crate::signin::Stop;

/// Where a person can go from a refusal.
#[derive(Debug, Clone, Default)]
pub struct NextSteps {
    /// The same thing again, for example with the right card.
    pub again: Option<String>,
    /// The page with every way to sign in.
    pub other_way: Option<String>,
    /// Her other ways in by name, where she is known.
    pub other_methods: Vec<&'static str>,
}

#[derive(Template)]
#[template(path = "refusal.html")]
struct RefusalPage {
    frame: Frame,
    code: &'static str,
    text: &'static RefusalText,
    reference: String,
    next: NextSteps,
}

#[derive(Template)]
#[template(path = "trouble.html")]
struct TroublePage {
    frame: Frame,
    code: &'static str,
    text: &'static Explanation,
    detail: Option<String>,
    reference: String,
}

/// The page of a refusal that a handler returned as [`crate::error::Failure::Refused`].
pub fn refusal_page(arrival: &Arrival, refused: &Refused) -> Response {
    let next = NextSteps {
        again: refused.retry.clone(),
        other_way: refused.another_way.clone(),
        other_methods: refused.other_methods.clone(),
    };
    let stop = Stop::Law(refused.refusal.code);
    let mut response = stop_page(Frame::gateway(), stop, &Reference::from(arrival), next);
    *response.status_mut() = refused.status;
    response
}

/// The page of a sign-in that stopped: 403, or 503 when trying again will help.
pub fn stop_page(frame: Frame, stop: Stop, reference: &Reference, next: NextSteps) -> Response {
    let status = match stop {
        Stop::Law(RefusalCode::Busy | RefusalCode::ClockUntrusted) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Stop::Law(_) | Stop::Ticket(_) | Stop::SignInOver => StatusCode::FORBIDDEN,
    };
    let code = stop.as_str();
    let text = frame.m.refusals.of(stop);
    let reference = reference.line(code);
    let page = RefusalPage {
        frame,
        code,
        text,
        reference,
        next,
    };
    html(status, &page.frame, &page)
}

/// A page for what is nobody's refusal; `code` chooses the words. An application's request that
/// cannot be answered with a redirect (RFC 9700 4.11) also tells its developer what to mend.
pub fn error_page(arrival: &Arrival, status: StatusCode, code: &'static str) -> Response {
    let frame = Frame::gateway();
    let detail = for_developers(code);
    let text = match detail {
        Some(_) => &frame.m.trouble.application,
        None => frame.m.trouble.of(code),
    };
    let detail = detail.map(|error| error.to_string());
    trouble_page(
        status,
        Words {
            frame,
            code,
            text,
            detail,
        },
        arrival,
    )
}

/// The errors of an authorization request whose client or redirect URI is not proven.
fn for_developers(code: &str) -> Option<OAuthError> {
    match code {
        "client_missing" => Some(OAuthError::ClientMissing),
        "client_unknown" => Some(OAuthError::ClientUnknown),
        "redirect_uri_missing" => Some(OAuthError::RedirectUriMissing),
        "redirect_uri_unknown" => Some(OAuthError::RedirectUriUnknown),
        "request_malformed" => Some(OAuthError::MalformedRequest),
        _ => None,
    }
}

/// 421: the name in the request is not the name of this listener (contract 2). Shown by any
/// listener, so its links are absolute.
pub fn host_mismatch_page(arrival: &Arrival, issuer: &str) -> Response {
    let frame = Frame::elsewhere(issuer);
    let text = &frame.m.trouble.misdirected;
    let words = Words {
        frame,
        code: "host_mismatch",
        text,
        detail: None,
    };
    trouble_page(StatusCode::MISDIRECTED_REQUEST, words, arrival)
}

struct Words {
    frame: Frame,
    code: &'static str,
    text: &'static Explanation,
    detail: Option<String>,
}

fn trouble_page(status: StatusCode, words: Words, arrival: &Arrival) -> Response {
    let Words {
        frame,
        code,
        text,
        detail,
    } = words;
    let reference = Reference::from(arrival).line(code);
    let page = TroublePage {
        frame,
        code,
        text,
        detail,
        reference,
    };
    html(status, &page.frame, &page)
}
