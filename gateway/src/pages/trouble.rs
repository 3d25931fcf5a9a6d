//! The pages that say no: refusals of the law, and everything that is nobody's refusal.
//!
//! A refusal names the cause, the next step and who can help, in plain words; its code stands in
//! `data-refusal` and in the reference (contract 4.2). Never a stack of private detail.

use askama::Template;
use axum::response::Response;
use http::StatusCode;
use policies::refusal::RefusalCode;

use crate::messages::{Explanation, Messages, RefusalText};
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
}

/// A page for what is not a refusal of the law.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No such page, or not for this person.
    NotFound,
    /// The page exists, the method does not.
    WrongMethod,
    /// The request is not well-formed.
    Malformed,
    /// The body or the head is larger than any of ours.
    TooLarge,
    /// A form of another site, or one that was not ours.
    ForeignForm,
    /// The session is over or was never there.
    NotSignedIn,
    /// Too many requests.
    TooMany,
    /// Too much at once; try again.
    Busy,
    /// Our fault.
    Internal,
    /// An application sent something that cannot be answered with a redirect.
    Application(OAuthError),
}

impl Trouble {
    /// The status of the page.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::Malformed | Self::Application(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ForeignForm => StatusCode::FORBIDDEN,
            Self::NotSignedIn => StatusCode::UNAUTHORIZED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The code in the reference.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::WrongMethod => "method_not_allowed",
            Self::Malformed => "malformed_request",
            Self::TooLarge => "request_too_large",
            Self::ForeignForm => "foreign_form",
            Self::NotSignedIn => "not_signed_in",
            Self::TooMany => "too_many_requests",
            Self::Busy => "busy",
            Self::Internal => "internal_error",
            Self::Application(error) => error.code(),
        }
    }

    const fn text(self, m: &'static Messages) -> &'static Explanation {
        match self {
            Self::NotFound => &m.trouble.not_found,
            Self::WrongMethod => &m.trouble.wrong_method,
            Self::Malformed => &m.trouble.malformed,
            Self::TooLarge => &m.trouble.too_large,
            Self::ForeignForm => &m.trouble.foreign_form,
            Self::NotSignedIn => &m.trouble.not_signed_in,
            Self::TooMany => &m.trouble.too_many,
            Self::Busy => &m.trouble.busy,
            Self::Internal => &m.trouble.internal,
            Self::Application(_) => &m.trouble.application,
        }
    }
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

/// Says no: 403, or 503 when trying again will help.
pub fn refusal_page(
    frame: Frame,
    stop: impl Into<Stop>,
    reference: &Reference,
    next: NextSteps,
) -> Response {
    let stop = stop.into();
    let status = match stop {
        Stop::Law(RefusalCode::Busy | RefusalCode::ClockUntrusted) => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Stop::Law(_) | Stop::Ticket(_) | Stop::SignInOver | Stop::RoleWithoutPicker => {
            StatusCode::FORBIDDEN
        }
    };
    let code = stop.as_str();
    let text = frame.m.refusals.of(stop);
    let page = RefusalPage { code, text, reference: reference.line(code), next, frame };
    html(status, &page.frame, &page)
}

/// A page on the gateway for what is nobody's refusal.
pub fn error_page(trouble: Trouble, reference: &Reference) -> Response {
    let frame = Frame::gateway();
    let detail = match trouble {
        Trouble::Application(error) => Some(error.to_string()),
        _ => None,
    };
    let text = trouble.text(frame.m);
    trouble_page(trouble.status(), TroubleParts { frame, code: trouble.as_str(), text, detail }, reference)
}

/// 421: the name in the request is not the name of this listener (contract 2).
pub fn host_mismatch_page(issuer: &str, reference: &Reference) -> Response {
    let frame = Frame::elsewhere(issuer);
    let text = &frame.m.trouble.misdirected;
    let parts = TroubleParts { frame, code: "misdirected_request", text, detail: None };
    trouble_page(StatusCode::MISDIRECTED_REQUEST, parts, reference)
}

struct TroubleParts {
    frame: Frame,
    code: &'static str,
    text: &'static Explanation,
    detail: Option<String>,
}

fn trouble_page(status: StatusCode, parts: TroubleParts, reference: &Reference) -> Response {
    let TroubleParts { frame, code, text, detail } = parts;
    let page = TroublePage { code, text, detail, reference: reference.line(code), frame };
    html(status, &page.frame, &page)
}
