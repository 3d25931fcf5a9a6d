//! The pages of a sign-in under way. Each form carries the transaction's handle and form token as
//! hidden fields and works without JavaScript (contract 4).

use askama::Template;
use axum::response::Response;
use enrolment::helpers::Helper;
use http::StatusCode;
use policies::signin::Method;

use crate::messages::RefusalText;
use crate::pages::people::{Face, RoleLine};
use crate::pages::render::html;
use crate::pages::{Frame, assets};

/// The hidden fields of every form of a sign-in.
#[derive(Debug, Clone)]
pub struct Hidden {
    /// The transaction's handle.
    pub t: String,
    /// The form token of this transaction in this browser.
    pub token: String,
}

/// Whether a way to sign in can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Yes, at this URL.
    Open(String),
    /// Not for what the application asks.
    NotEnough,
    /// Not right now.
    Down {
        /// Why.
        reason: String,
        /// Where it is tried anyway, if that makes sense.
        again: Option<String>,
    },
}

/// One way in the list.
#[derive(Debug, Clone)]
pub struct WayLine {
    /// Which.
    pub method: Method,
    /// What it is called; a sign-in elsewhere has the name of that place.
    pub name: String,
    /// What to do.
    pub hint: &'static str,
    /// Whether it can be used.
    pub way: Way,
    /// Whether this browser used it last.
    pub last: bool,
}

impl WayLine {
    /// What the browser or the device must have for it, in the words of `static/ways.js`.
    fn needs(&self) -> Option<&'static str> {
        match self.method {
            Method::WindowsHello => Some("keys platform"),
            Method::Fido2 | Method::Ios | Method::Passkey => Some("keys"),
            Method::Smartcard | Method::Totp | Method::Federated => None,
        }
    }
}

/// Every way to sign in.
#[derive(Template)]
#[template(path = "methods.html")]
pub struct MethodsPage {
    /// The frame.
    pub frame: Frame,
    /// The application's name.
    pub client: String,
    /// Whether the person must prove again who she is.
    pub again: bool,
    /// Who is signed in already, not strongly enough for this application.
    pub step_up: Option<StepUp>,
    /// The ways, the one used last first, then the strongest against phishing first.
    pub ways: Vec<WayLine>,
    /// The drawer of demo cards, in dev.
    pub soft_card: Option<SoftCardForm>,
    /// Whether this house has ways that need a script.
    pub keys: bool,
    /// Whether this house sends codes, so that a card can be unlocked and cancelled here.
    pub codes: bool,
}

/// Somebody who is signed in and must prove more.
#[derive(Debug, Clone)]
pub struct StepUp {
    /// Who.
    pub face: Face,
    /// How she is signed in now: level and method.
    pub now: String,
    /// Those of her own ways that reach what is asked, by name.
    pub enough: Vec<&'static str>,
    /// Handle and token of the way back without it, and its words.
    pub without: (Hidden, String),
}

/// The form of the demo cards.
#[derive(Debug, Clone)]
pub struct SoftCardForm {
    /// Handle and token.
    pub hidden: Hidden,
    /// Whether it can satisfy the application.
    pub open: bool,
    /// The cards: alias, name, note.
    pub cards: Vec<SoftCardChoice>,
    /// What was wrong with the last try.
    pub problem: Option<SoftCardProblem>,
}

/// One demo card in the list.
#[derive(Debug, Clone)]
pub struct SoftCardChoice {
    /// Alias, the value of the form.
    pub alias: String,
    /// The holder's name.
    pub name: String,
    /// Why the card is there.
    pub note: String,
    /// Whether it was chosen in the last try.
    pub chosen: bool,
}

/// What was wrong with a try at the demo cards: the field, and the sentence.
#[derive(Debug, Clone)]
pub struct SoftCardProblem {
    /// The id of the field: `card` or `passcode`.
    pub field: &'static str,
    /// The sentence.
    pub text: String,
}

/// "Continue as".
#[derive(Template)]
#[template(path = "continue_as.html")]
pub struct ContinueAsPage {
    /// The frame.
    pub frame: Frame,
    /// Handle and token.
    pub hidden: Hidden,
    /// The application's name.
    pub client: String,
    /// Who.
    pub face: Face,
    /// When the session ends, if that is soon.
    pub ends: Option<String>,
}

/// The role picker.
#[derive(Template)]
#[template(path = "roles.html")]
pub struct RolesPage {
    /// The frame.
    pub frame: Frame,
    /// Handle and token.
    pub hidden: Hidden,
    /// The application's name.
    pub client: String,
    /// Who.
    pub face: Face,
    /// The roles that match the search.
    pub shown: Vec<RoleLine>,
    /// How many there are.
    pub all: usize,
    /// The roles that the authenticator in hand does not open.
    pub closed: Vec<RoleLine>,
    /// Whether she has roles that the application is not told of.
    pub untold: bool,
    /// The search box with what was typed; `None` when the list is short.
    pub search: Option<String>,
}

impl RolesPage {
    /// How many roles are shown of how many.
    fn count(&self) -> String {
        (self.frame.m.roles.count)(self.shown.len(), self.all)
    }
}

/// The notice about a card that ends soon (contract 4.5).
#[derive(Template)]
#[template(path = "renewal_notice.html")]
pub struct RenewalNoticePage {
    /// The frame.
    pub frame: Frame,
    /// Handle and token.
    pub hidden: Hidden,
    /// The application's name.
    pub client: String,
    /// Whole days left.
    pub days: i64,
    /// When the card ends.
    pub moment: String,
    /// Why the holder cannot renew it herself; none where she can.
    pub refused: Option<&'static RefusalText>,
    /// Who can help then.
    pub helpers: Vec<Helper>,
}

/// The start page.
#[derive(Template)]
#[template(path = "start.html")]
pub struct StartPage {
    /// The frame.
    pub frame: Frame,
    /// Who is signed in.
    pub person: Option<SignedIn>,
    /// The demo application, in dev.
    pub app_url: Option<String>,
    /// Whether this house sends codes, so that a card can be unlocked and cancelled here.
    pub codes: bool,
}

/// A session in words.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// Who.
    pub face: Face,
    /// Whether the role has been asked for in this session.
    pub role_chosen: bool,
    /// Level and method.
    pub level: String,
    /// When she proved it.
    pub since: String,
    /// When the session ends.
    pub until: String,
    /// The card's number.
    pub card: Option<String>,
    /// Whether she has a card of her own, whatever she signed in with.
    pub has_card: bool,
    /// What idleness does.
    pub idle: String,
    /// Whether she has a part at a desk.
    pub at_desk: bool,
    /// The form token for signing out.
    pub token: String,
}

macro_rules! answers {
    ($($page:ty),+) => { $(
        impl $page {
            /// The page as a response.
            pub fn respond(&self) -> Response {
                html(StatusCode::OK, &self.frame, self)
            }
        }
    )+ };
}

answers!(ContinueAsPage, RolesPage, RenewalNoticePage, StartPage);

impl MethodsPage {
    /// The page as a response; 422 when a form on it was not accepted.
    pub fn respond(&self) -> Response {
        let problem = self
            .soft_card
            .as_ref()
            .is_some_and(|form| form.problem.is_some());
        let status = if problem {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        html(status, &self.frame, self)
    }

    fn script(&self) -> String {
        format!("{}{}", self.frame.base, assets::WAYS_SCRIPT.path())
    }
}
