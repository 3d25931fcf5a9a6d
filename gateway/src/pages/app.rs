//! The page that asks for password and code.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::error::Failure;
use crate::pages::Frame;
use crate::pages::render::html;
use crate::pages::sign_in::Hidden;

/// What came of the last try.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The code of the law.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
    /// The line for the service desk.
    pub reference: String,
}

/// User name, password and code.
#[derive(Template)]
#[template(path = "signin_app.html")]
pub struct AppSignInPage {
    /// The frame.
    pub frame: Frame,
    /// Handle and token.
    pub hidden: Hidden,
    /// The application's name.
    pub client: String,
    /// Where all ways are.
    pub other_way: String,
    /// What came of the last try.
    pub problem: Option<Problem>,
    /// The fields that are empty, and what is said of each.
    pub missing: Vec<(&'static str, &'static str)>,
    /// What stands in the first field, where only another one was empty.
    pub username: String,
}

impl AppSignInPage {
    /// What is said of this field, if it is empty.
    fn missing(&self, field: &str) -> Option<&'static str> {
        let mut missing = self.missing.iter();
        let found = missing.find(|(name, _)| *name == field);
        found.map(|(_, text)| *text)
    }

    /// Where the sentence of a problem leads: to the fields, or to the other ways while these wait.
    fn mended_at(&self, problem: &Problem) -> &str {
        match problem.code {
            "too_many_tries" => &self.other_way,
            _ => "#username",
        }
    }

    /// The page as a response: 403 after wrong words or none, 429 after too many.
    pub fn respond(&self) -> Response {
        let status = match &self.problem {
            None if !self.missing.is_empty() => StatusCode::FORBIDDEN,
            None => StatusCode::OK,
            Some(problem) if problem.code == "too_many_tries" => StatusCode::TOO_MANY_REQUESTS,
            Some(_) => StatusCode::FORBIDDEN,
        };
        html(status, &self.frame, self)
    }
}

/// A way to sign in, in words.
#[derive(Debug, Clone)]
pub struct AuthenticatorLine {
    /// Names it.
    pub id: String,
    /// What she calls it.
    pub name: String,
    /// Which kind.
    pub kind: &'static str,
    /// The level now, and why not more.
    pub level: String,
    /// Where it stands.
    pub state: &'static str,
    /// When it was added.
    pub added: String,
    /// When it was used last.
    pub used: String,
    /// Until when, where it is temporary.
    pub temporary: Option<String>,
    /// Whether it was added lately.
    pub fresh: bool,
    /// Whether it is reported lost.
    pub lost: bool,
    /// Whether it is locked.
    pub locked: bool,
}

/// Why nothing can be added now, so that nobody is sent to a refusal.
#[derive(Debug, Clone)]
pub struct Hindrance {
    /// The code of the law.
    pub code: &'static str,
    /// The reason, and the way that does work.
    pub text: &'static str,
    /// Where one signs in again, where that helps; then nothing can be taken away either.
    pub again: Option<String>,
}

/// The list of ways to sign in.
#[derive(Template)]
#[template(path = "my_authenticators.html")]
pub struct AuthenticatorsPage {
    /// The frame.
    pub frame: Frame,
    /// The ways, newest first.
    pub lines: Vec<AuthenticatorLine>,
    /// The form token.
    pub token: String,
    /// What has just been done.
    pub done: Option<&'static str>,
    /// Why she can add none now.
    pub hindrance: Option<Hindrance>,
    /// Whether an app can be added here.
    pub apps: bool,
    /// Whether an account of another organisation can be linked here.
    pub federated: bool,
    /// Whether a security key or passkey can be added here.
    pub keys: bool,
}

/// The question before one is taken away.
#[derive(Template)]
#[template(path = "my_take_away.html")]
pub struct TakeAwayPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Names it.
    pub id: String,
    /// What she calls it.
    pub name: String,
    /// Which kind.
    pub kind: &'static str,
    /// Whether she is signed in with it here.
    pub signs_out: bool,
}

/// What an app will open, before it is set up.
#[derive(Template)]
#[template(path = "my_app_begin.html")]
pub struct AppBeginPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
}

/// Setting an app up.
#[derive(Template)]
#[template(path = "my_app.html")]
pub struct AppSetUpPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Where the form leads.
    pub finish: &'static str,
    /// Where one goes instead, and its words.
    pub back: (&'static str, &'static str),
    /// Names the ceremony.
    pub id: String,
    /// What the camera reads.
    pub picture: Picture,
    /// The same in groups of four letters.
    pub letters: String,
    /// Whether she goes on with the password that she has.
    pub keeps_password: bool,
    /// What stands in the field of its name.
    pub name: String,
    /// What was wrong with the last try: the field, and the sentence.
    pub problem: Option<(&'static str, String)>,
}

impl AuthenticatorsPage {
    /// Whether she would be let take one away, or take one back.
    fn may_change(&self) -> bool {
        let hindrance = self.hindrance.as_ref();
        hindrance.is_none_or(|hindrance| hindrance.again.is_none())
    }

    /// The page as a response.
    pub fn respond(&self) -> Response {
        html(StatusCode::OK, &self.frame, self)
    }
}

impl TakeAwayPage {
    /// The page as a response.
    pub fn respond(&self) -> Response {
        html(StatusCode::OK, &self.frame, self)
    }
}

impl AppBeginPage {
    /// The page as a response.
    pub fn respond(&self) -> Response {
        html(StatusCode::OK, &self.frame, self)
    }
}

impl AppSetUpPage {
    /// The page as a response; 422 when something was wrong.
    pub fn respond(&self) -> Response {
        let status = match self.problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        html(status, &self.frame, self)
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.problem
            .as_ref()
            .is_some_and(|(name, _)| *name == field)
    }
}

/// A QR code (ISO/IEC 18004) as the path of an SVG drawing, one unit for each module.
pub struct Picture {
    /// How many units it is wide and high, with the quiet zone of four around.
    pub size: usize,
    /// The dark modules.
    pub path: String,
}

impl Picture {
    /// Of this text.
    ///
    /// # Errors
    /// A text that is too long for one; ours are not.
    pub fn of(text: &str) -> Result<Self, Failure> {
        use std::fmt::Write as _;
        const QUIET: usize = 4;
        let code = fast_qr::QRBuilder::new(text)
            .build()
            .map_err(|_| Failure::internal("a text too long for a QR code"))?;
        let mut path = String::new();
        for y in 0..code.size {
            let row = code.data.iter().skip(y * code.size).take(code.size);
            for (x, module) in row.enumerate().filter(|(_, module)| module.value()) {
                let _ = (module, write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
        Ok(Self {
            size: code.size + 2 * QUIET,
            path,
        })
    }
}
