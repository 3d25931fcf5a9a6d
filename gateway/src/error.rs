//! Why a request ended without its answer, and how that looks from outside. A handler returns a
//! `Failure`; the door turns it into a page with the correlation id and logs it, once. Public words
//! come from the message catalogue, private detail stays in the log (house style 23, 24).

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use axum::response::{IntoResponse, Response};
use enrolment::journeys::JourneyError;
use enrolment::store::StoreError;
use http::{HeaderValue, StatusCode, header};
use policies::refusal::{Refusal, RefusalCode};

use crate::door::Arrival;
use crate::pages;

/// Seconds after which a busy house may be asked again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("2");

/// The named causes of a request without its answer.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The law said no to this person: a refusal page, status 403.
    #[error("refused: {}", .0.refusal.code.as_str())]
    Refused(Box<Refused>),
    /// The endpoint has shaped its own answer (an OAuth error document, a redirect with `error`).
    #[error("answered by the endpoint itself")]
    Answer(Box<Reply>),
    /// The request makes no sense; the code names the fault and its sentence in the catalogue.
    #[error("bad request: {0}")]
    BadRequest(&'static str),
    /// The request can be read, but holds something that cannot be what it should be.
    #[error("bad input: {0}")]
    BadInput(&'static str),
    /// The API takes JSON and nothing else.
    #[error("not JSON")]
    NotJson,
    /// No token, or one that is unknown, over, or whose session has ended.
    #[error("no good access token")]
    NoToken,
    /// The token does not carry the scope that this needs.
    #[error("the token lacks the scope")]
    WrongScope,
    /// No such page, or not for this person.
    #[error("not found")]
    NotFound,
    /// The path exists, the method does not.
    #[error("method not allowed")]
    MethodNotAllowed,
    /// `Host` or SNI is not this listener's own (RFC 9110 15.5.20).
    #[error("Host or SNI is not this listener's")]
    Misdirected,
    /// A page of another site tried to post a form here.
    #[error("cross-site form refused")]
    CrossSite,
    /// The request's body exceeds the limit.
    #[error("body too large")]
    TooLarge,
    /// The request's body did not arrive in time.
    #[error("body too slow")]
    TooSlow,
    /// The handler did not answer in time.
    #[error("no answer in time")]
    Deadline,
    /// The house is full or the database is busy: try again soon.
    #[error("busy")]
    Busy,
    /// The system has no randomness.
    #[error("no randomness")]
    Chance,
    /// The handler panicked; the panic's own message is in the log.
    #[error("panic in a handler")]
    Panicked,
    /// A handler ran without passing the door.
    #[error("no arrival in the request")]
    NoArrival,
    /// The database failed.
    #[error("store")]
    Store(#[source] StoreError),
    /// Something inside failed; the cause is kept for the log.
    #[error("internal")]
    Internal(#[source] Box<dyn Error + Send + Sync>),
}

impl Failure {
    /// Wraps an inner error whose detail is nobody's business outside.
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }

    /// Ends the request with a response the endpoint has shaped itself.
    pub fn answer(response: Response) -> Self {
        let status = response.status();
        Self::Answer(Box::new(Reply {
            status,
            response: Mutex::new(response),
        }))
    }

    /// Ends the request with a refusal page.
    pub fn refused(refused: Refused) -> Self {
        Self::Refused(Box::new(refused))
    }

    /// The status this failure answers with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Refused(refused) => refused.status,
            Self::Answer(reply) => reply.status,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::BadInput(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::CrossSite | Self::WrongScope => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Busy | Self::Deadline | Self::Chance => StatusCode::SERVICE_UNAVAILABLE,
            Self::Panicked | Self::NoArrival | Self::Store(_) | Self::Internal(_) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
        }
    }

    /// The code on the page, which is also the catalogue's key for its words.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refused) => refused.refusal.code.as_str(),
            Self::Answer(_) => "answered",
            Self::BadRequest(code) | Self::BadInput(code) => code,
            Self::NotJson => "not_json",
            Self::NoToken => "token_invalid",
            Self::WrongScope => "insufficient_scope",
            Self::NotFound => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Misdirected => "host_mismatch",
            Self::CrossSite => "cross_site",
            Self::TooLarge => "body_too_large",
            Self::TooSlow => "body_too_slow",
            Self::Busy | Self::Deadline | Self::Chance => "busy",
            Self::Panicked | Self::NoArrival | Self::Store(_) | Self::Internal(_) => "internal",
        }
    }

    /// The page or document the other end sees. Called by the door, which knows the arrival.
    pub(crate) fn page(&self, arrival: &Arrival, issuer: &str) -> Response {
        let mut response = match self {
            Self::Misdirected => pages::host_mismatch_page(arrival, issuer),
            Self::Refused(refused) => pages::refusal_page(arrival, refused),
            failure => pages::error_page(arrival, failure.status(), failure.code()),
        };
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl Failure {
    /// The problem document that a program sees (RFC 9457). Called by the door.
    pub(crate) fn problem(&self, arrival: &Arrival) -> Response {
        let mut response = crate::api::problem::document(self, arrival);
        if response.status() == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy,
            other => Self::Store(other),
        }
    }
}

impl From<JourneyError> for Failure {
    fn from(error: JourneyError) -> Self {
        match error {
            JourneyError::Refused(refusal) => Self::refused(Refused::new(refusal)),
            JourneyError::Store(error) => error.into(),
            other => Self::internal(other),
        }
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self::refused(refused)
    }
}

/// Leaves the failure in the response's extensions: the door finds it there on the way out, draws
/// the page and writes the log line.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        if let Self::Answer(reply) = self {
            return reply
                .response
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner);
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// A response shaped by the endpoint itself. A body may be sent to another thread but not shared
/// between two, and an error must allow both: hence the mutex, which nobody ever waits for.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    response: Mutex<Response>,
}

/// A refusal with what its page needs beyond the law's own words.
#[derive(Debug)]
pub struct Refused {
    /// Code, data and helpers, as the law gave them.
    pub refusal: Refusal,
    /// 403 unless the refusal is one of time or load.
    pub status: StatusCode,
    /// Where "Try again" leads; an absolute URL, or `None` when trying again is pointless.
    pub retry: Option<String>,
    /// Where "Use another way to sign in" leads.
    pub another_way: Option<String>,
    /// The person's other ways in, where she is known: words of the catalogue's method names.
    pub other_methods: Vec<&'static str>,
    /// People who can help, nearest first.
    pub helpers: Vec<wire::problem::Helper>,
    /// The page that the act was asked from.
    pub back: Option<String>,
}

impl Refused {
    /// A refusal without links.
    pub fn new(refusal: Refusal) -> Self {
        let status = match refusal.code {
            RefusalCode::Busy | RefusalCode::ClockUntrusted => StatusCode::SERVICE_UNAVAILABLE,
            RefusalCode::NotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::FORBIDDEN,
        };
        Self {
            refusal,
            status,
            retry: None,
            another_way: None,
            other_methods: Vec::new(),
            helpers: Vec::new(),
            back: None,
        }
    }

    /// Adds where "Try again" leads.
    #[must_use]
    pub fn retry(mut self, url: impl Into<String>) -> Self {
        self.retry = Some(url.into());
        self
    }

    /// Adds where "Use another way to sign in" leads.
    #[must_use]
    pub fn another_way(mut self, url: impl Into<String>) -> Self {
        self.another_way = Some(url.into());
        self
    }
}
