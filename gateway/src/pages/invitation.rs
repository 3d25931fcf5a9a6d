//! The pages of a link that a desk gave, and what the desk sees of ways to sign in.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::pages::Frame;
use crate::pages::app::Picture;
use crate::pages::desk::{Fact, Whom};
use crate::pages::render::html;

/// What a link will do, before it is opened.
#[derive(Template)]
#[template(path = "enrol_link.html")]
pub struct LinkPage {
    /// The frame.
    pub frame: Frame,
    /// The end of the link.
    pub secret: String,
}

/// A visit: what can be set up.
#[derive(Template)]
#[template(path = "enrol_visit.html")]
pub struct VisitPage {
    /// The frame.
    pub frame: Frame,
    /// Whose it will be.
    pub whose: String,
    /// Until when it lasts, where it is for one shift.
    pub until: Option<String>,
    /// Until when the visit lasts.
    pub finish_by: String,
    /// Whether an app can be set up here.
    pub apps: bool,
    /// Whether a security key or passkey can be added here.
    pub keys: bool,
    /// The form token.
    pub token: String,
}

/// It is set up.
#[derive(Template)]
#[template(path = "enrol_done.html")]
pub struct DonePage {
    /// The frame.
    pub frame: Frame,
}

/// A link, shown once at the desk.
#[derive(Template)]
#[template(path = "desk_link.html")]
pub struct GivenPage {
    /// The frame.
    pub frame: Frame,
    /// Title and `h1`.
    pub title: String,
    /// For whom.
    pub whom: Whom,
    /// Its last second, and that of what it adds.
    pub facts: Vec<Fact>,
    /// The link.
    pub link: String,
    /// What a camera reads.
    pub picture: Picture,
    /// The way back.
    pub back: String,
}

/// One way to sign in of somebody, as the desk sees it.
#[derive(Debug, Clone)]
pub struct DeskWay {
    /// Names it.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// Which kind.
    pub kind: &'static str,
    /// The level now.
    pub level: &'static str,
    /// Where it stands, and whether that asks for care.
    pub state: (&'static str, bool),
    /// Until when, where it is temporary.
    pub temporary: Option<String>,
    /// When it was used last.
    pub used: String,
    /// What can be done: word, button, address.
    pub can: Vec<(&'static str, &'static str, String)>,
}

/// Ways to sign in that nobody uses.
#[derive(Template)]
#[template(path = "desk_unused.html")]
pub struct UnusedPage {
    /// The frame.
    pub frame: Frame,
    /// Below the heading.
    pub lead: String,
    /// The longest unused first.
    pub lines: Vec<UnusedLine>,
    /// The next page.
    pub next: Option<String>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct UnusedLine {
    /// Her page.
    pub href: String,
    /// Whose it is.
    pub owner: String,
    /// Which kind.
    pub kind: &'static str,
    /// What its owner calls it.
    pub name: String,
    /// When it was used last, or that it never was.
    pub used: String,
    /// When it was added.
    pub added: String,
}

/// Each page as a response.
macro_rules! responds {
    ($($page:ident),+ $(,)?) => { $(
        impl $page {
            /// The page as a response.
            pub fn respond(&self) -> Response {
                html(StatusCode::OK, &self.frame, self)
            }
        }
    )+ };
}

responds!(LinkPage, VisitPage, DonePage, GivenPage, UnusedPage);
