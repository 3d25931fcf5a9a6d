//! The holder's pages.

use askama::Template;
use axum::response::Response;
use enrolment::helpers::Helper;
use http::StatusCode;

use crate::messages::RefusalText;
use crate::messages::my::Reading;
use crate::pages::Frame;
use crate::pages::people::{Face, RoleLine};
use crate::pages::render::html;

/// "My card".
#[derive(Template)]
#[template(path = "my_card.html")]
pub struct MyCardPage {
    /// The frame.
    pub frame: Frame,
    /// Who.
    pub face: Face,
    /// The card, if she ever had one.
    pub card: Option<CardFacts>,
}

impl MyCardPage {
    /// Title and `h1`.
    fn title(&self) -> &'static str {
        match self.card {
            Some(_) => self.frame.m.my.card,
            None => self.frame.m.my.profile,
        }
    }
}

/// A card in words.
#[derive(Debug, Clone)]
pub struct CardFacts {
    /// Its number.
    pub number: String,
    /// Its state.
    pub state: &'static str,
    /// Whether its certificates have ended.
    pub expired: bool,
    /// Each certificate: what it is for, and when it ends.
    pub certificates: Vec<(&'static str, String)>,
    /// When the window opens.
    pub window_opens: Option<String>,
    /// Self-renewals left.
    pub left: String,
    /// Whether new certificates wait for the card.
    pub pending: bool,
    /// When the window opens, where that is why she cannot renew now.
    pub opens_at: Option<String>,
    /// Why she cannot renew it herself now; none where she can.
    pub refused: Option<&'static RefusalText>,
    /// Who can help then.
    pub helpers: Vec<Helper>,
}

/// How far a renewal has come.
#[derive(Debug, Clone)]
pub enum Progress {
    /// It may begin.
    Ready,
    /// The card's client has begun.
    Begun,
    /// New certificates are issued and not yet on the card.
    Pending,
    /// The card was renewed just now.
    Done,
    /// Not by herself.
    Refused {
        /// The code of the law.
        code: &'static str,
        /// Its words.
        text: &'static RefusalText,
        /// When it will be possible, where that is why.
        opens_at: Option<String>,
    },
}

impl Progress {
    const fn word(&self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Begun => "begun",
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Refused { .. } => "refused",
        }
    }
}

/// "Renew my card".
#[derive(Template)]
#[template(path = "my_renew.html")]
pub struct RenewPage {
    /// The frame.
    pub frame: Frame,
    /// How far it has come.
    pub progress: Progress,
    /// When the card ends.
    pub ends: Option<String>,
    /// Self-renewals left.
    pub left: String,
    /// Where the card's client waits on her computer.
    pub card_program: String,
    /// The commands: for the browser, and for the terminal.
    pub commands: (String, String),
    /// Who can help, where she cannot do it herself.
    pub helpers: Vec<Helper>,
    /// The sign-in that waits for her.
    pub waiting: Option<String>,
}

/// "Recent activity".
#[derive(Template)]
#[template(path = "my_activity.html")]
pub struct ActivityPage {
    /// The frame.
    pub frame: Frame,
    /// When, and what.
    pub lines: Vec<(String, String)>,
    /// Where the next page begins.
    pub next: Option<String>,
    /// Whether this is the newest page.
    pub first: bool,
}

/// A running session in words.
#[derive(Debug, Clone)]
pub struct SessionLine {
    /// Its name.
    pub sid: String,
    /// Whether it is the one of this browser.
    pub current: bool,
    /// When she proved herself.
    pub since: String,
    /// Its last sign of life.
    pub active: String,
    /// Level and method.
    pub way: String,
    /// What she calls the authenticator that opened it, if it was no card.
    pub with: Option<String>,
    /// Browser and address.
    pub place: String,
    /// The role she acts in.
    pub role: Option<RoleLine>,
}

/// "Where you are signed in".
#[derive(Template)]
#[template(path = "my_sessions.html")]
pub struct SessionsPage {
    /// The frame.
    pub frame: Frame,
    /// The sessions, newest first.
    pub lines: Vec<SessionLine>,
    /// The form token.
    pub token: String,
}

/// A page to read.
#[derive(Template)]
#[template(path = "my_reading.html")]
pub struct ReadingPage {
    /// The frame.
    pub frame: Frame,
    /// Its text.
    pub text: &'static Reading,
    /// Its name in `data-page`.
    pub name: &'static str,
    /// What it says about this person.
    pub said: Vec<String>,
    /// What can be done about it: address and words.
    pub act: Option<(&'static str, &'static str)>,
}

/// A desk that looks after an organisation.
#[derive(Debug, Clone)]
pub struct DeskLine {
    /// The organisation.
    pub organisation: String,
    /// Its code.
    pub code: String,
    /// The organisation with the desk, where it is another one.
    pub hosted: Option<String>,
    /// When the desk is open; may be empty.
    pub hours: String,
    /// How it is reached; may be empty.
    pub contact: String,
}

/// "Find your registration authority".
#[derive(Template)]
#[template(path = "find_ra.html")]
pub struct FindRaPage {
    /// The frame.
    pub frame: Frame,
    /// What was typed.
    pub typed: String,
    /// Whether it was too short, or too long, to look for.
    pub too_short: bool,
    /// Whether it was looked for.
    pub searched: bool,
    /// What was found.
    pub desks: Vec<DeskLine>,
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

answers!(
    MyCardPage,
    RenewPage,
    ActivityPage,
    SessionsPage,
    ReadingPage,
    FindRaPage
);
