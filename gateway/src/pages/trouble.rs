//! The pages that say no: refusals of the law, and everything that is nobody's refusal.
//!
//! A refusal names the cause, the next step and who can help, in plain words; its code stands in
//! `data-refusal` and in the reference (contract 4.2). Private detail never reaches a page.

use askama::Template;
use axum::response::Response;
use enrolment::helpers::Helper;
use http::StatusCode;
use policies::refusal::RefusalCode;

use crate::door::Arrival;
use crate::error::Refused;
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
    /// Her other ways in by name, where she is known.
    pub other_methods: Vec<&'static str>,
    /// Whether she is known: then her other ways in are named first, and said to be none.
    pub known: bool,
    /// Who can help now, nearest first.
    pub helpers: Vec<Helper>,
    /// Whether this house sends codes, with which a holder gives her locked card a new passcode.
    pub codes: bool,
}

impl NextSteps {
    /// A closed profile opens nothing, whatever belongs to it: no way to sign in is offered.
    fn after(self, stop: Stop) -> Self {
        if stop != Stop::Law(RefusalCode::IdentityClosed) {
            return self;
        }
        Self {
            other_way: None,
            other_methods: Vec::new(),
            known: false,
            ..self
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
    aid: Aid,
}

impl RefusalPage {
    /// The heading where nothing else of hers would do.
    fn no_others(&self) -> &'static str {
        let texts = &self.frame.m.refusals;
        if self.code == RefusalCode::AuthenticatorTooWeak.as_str() {
            texts.no_stronger
        } else {
            texts.no_others
        }
    }
}

/// Who can help, from when on, and the way back to where it was asked.
#[derive(Debug, Clone, Default)]
struct Aid {
    /// The first moment at which the same would be in time.
    opens: Option<String>,
    /// The roles that may do it.
    roles: Option<String>,
    /// The page that the act was asked from.
    back: Option<String>,
    /// Whether her own card is locked: she may set a new passcode herself.
    unlock: bool,
}

impl Aid {
    fn of(refused: &Refused, m: &Messages) -> Self {
        let refusal = &refused.refusal;
        let roles = refusal.helper_roles.iter();
        let roles: Vec<&str> = roles.map(|role| (m.desk.role)(*role)).collect();
        Self {
            opens: refusal
                .opens_at
                .map(|at| (m.desk.person.from)(&(m.desk.stamp)(at))),
            roles: (!roles.is_empty()).then(|| (m.desk.person.who)(&roles.join(", "))),
            back: refused.back.clone(),
            unlock: false,
        }
    }
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
        known: false,
        helpers: refused.helpers.iter().map(helper).collect(),
        codes: false,
    };
    // Who may not see the person is told what everybody is told about nobody.
    let (code, status) = match refused.refusal.code {
        RefusalCode::ActorOutOfScope => (RefusalCode::NotFound, StatusCode::NOT_FOUND),
        code => (code, refused.status),
    };
    let frame = Frame::gateway();
    let page = RefusalPage {
        code: code.as_str(),
        text: frame.m.refusals.of_act(code),
        reference: Reference::from(arrival).line(code.as_str()),
        next,
        aid: Aid::of(refused, frame.m),
        frame,
    };
    html(status, &page.frame, &page)
}

fn helper(of: &wire::problem::Helper) -> Helper {
    Helper {
        name: of.name.clone(),
        organisation: of.org.clone(),
        hours: of.hours.clone(),
        contact: of.contact.clone(),
    }
}

/// The page of a sign-in that stopped: 403, or 503 when trying again will help.
pub fn stop_page(frame: Frame, stop: Stop, reference: &Reference, next: NextSteps) -> Response {
    let status = match stop {
        Stop::Law(
            RefusalCode::Busy | RefusalCode::ClockUntrusted | RefusalCode::FederationUnavailable,
        ) => StatusCode::SERVICE_UNAVAILABLE,
        Stop::Law(_) | Stop::Ticket(_) | Stop::SignInOver => StatusCode::FORBIDDEN,
    };
    let code = stop.as_str();
    let text = frame.m.refusals.of(stop);
    let next = next.after(stop);
    let reference = reference.line(code);
    let unlock = stop == Stop::Law(RefusalCode::CardLocked) && next.codes;
    let page = RefusalPage {
        frame,
        code,
        text,
        reference,
        next,
        aid: Aid {
            unlock,
            ..Aid::default()
        },
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
