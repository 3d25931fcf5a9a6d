//! Naming the deputy of a ward, and what somebody is named for.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::messages::desk::ActText;
use crate::pages::Frame;
use crate::pages::desk::{Fact, Whom};
use crate::pages::render::html;

/// Which ward, and until when.
#[derive(Template)]
#[template(path = "desk_deputy.html")]
pub struct DeputyPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// The texts of the act.
    pub text: &'static ActText,
    /// Who is named.
    pub whom: Whom,
    /// About her.
    pub facts: Vec<Fact>,
    /// Her 12 digits.
    pub person: String,
    /// The wards that she works in.
    pub wards: Vec<WardChoice>,
    /// The first day that can be the last.
    pub first_day: String,
    /// The latest.
    pub last_day: String,
    /// What an empty last day means.
    pub hint: String,
    /// The way back.
    pub back: String,
}

impl DeputyPage {
    /// The page as a response.
    pub fn respond(&self) -> Response {
        html(StatusCode::OK, &self.frame, self)
    }
}

/// A ward to choose.
#[derive(Debug, Clone)]
pub struct WardChoice {
    /// As the form sends it.
    pub value: String,
    /// In words.
    pub label: String,
    /// Whether it is chosen already, being the only one.
    pub chosen: bool,
}

/// What somebody is named for.
#[derive(Debug, Clone)]
pub struct DeputyLine {
    /// Names it.
    pub id: String,
    /// The ward and its organisation.
    pub ward: String,
    /// Until when.
    pub until: String,
}
