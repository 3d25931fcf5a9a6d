//! The pages for people who are not signed in: a new passcode, a lost card, a first use.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::messages::any_hour::{Outcome, Question};
use crate::pages::Frame;
use crate::pages::render::html;

/// One question with its form.
#[derive(Template)]
#[template(path = "any_hour.html")]
pub(crate) struct Ask {
    frame: Frame,
    text: &'static Question,
    name: &'static str,
    action: &'static str,
    field: Option<&'static str>,
    hidden: Vec<(&'static str, String)>,
    reasons: Vec<(&'static str, &'static str)>,
    chosen: String,
    typed: String,
    anew: Option<&'static str>,
    problem: Option<(&'static str, &'static str)>,
}

impl Ask {
    /// A question; its form goes to `action`.
    pub(crate) fn new(name: &'static str, action: &'static str, text: &'static Question) -> Self {
        Self {
            frame: Frame::gateway(),
            text,
            name,
            action,
            field: None,
            hidden: Vec::new(),
            reasons: Vec::new(),
            chosen: String::new(),
            typed: String::new(),
            anew: None,
            problem: None,
        }
    }

    /// With a field of this name.
    pub(crate) fn field(mut self, field: &'static str) -> Self {
        self.field = Some(field);
        self
    }

    /// With what was typed into it, so that nobody types it twice.
    pub(crate) fn typed(mut self, text: &str) -> Self {
        text.clone_into(&mut self.typed);
        self
    }

    /// With the way to another code.
    pub(crate) fn anew(mut self, path: &'static str) -> Self {
        self.anew = Some(path);
        self
    }

    /// With a hidden field.
    pub(crate) fn hidden(mut self, name: &'static str, value: &str) -> Self {
        self.hidden.push((name, value.to_owned()));
        self
    }

    /// With the list of reasons, this one chosen.
    pub(crate) fn reasons(mut self, chosen: &str) -> Self {
        let texts = &self.frame.m.any_hour;
        self.reasons = texts.reasons.to_vec();
        self.reasons.push(("report", texts.misuse));
        chosen.clone_into(&mut self.chosen);
        self
    }

    /// What was wrong with the last try: the field, and the sentence.
    pub(crate) fn problem(mut self, field: &'static str, sentence: &'static str) -> Self {
        self.problem = Some((field, sentence));
        self
    }

    /// The page; 422 when something was wrong.
    pub(crate) fn page(&self) -> Response {
        let status = match self.problem {
            Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
            None => StatusCode::OK,
        };
        html(status, &self.frame, self)
    }

    fn is_code(&self) -> bool {
        self.field == Some("code")
    }

    fn is_wrong(&self, field: &str) -> bool {
        self.problem.is_some_and(|(name, _)| name == field)
    }
}

#[derive(Template)]
#[template(path = "any_hour_done.html")]
struct Done {
    frame: Frame,
    text: &'static Outcome,
    name: &'static str,
}

/// What came of it, and what is next.
pub(crate) fn done(name: &'static str, text: &'static Outcome) -> Response {
    let page = Done {
        frame: Frame::gateway(),
        text,
        name,
    };
    html(StatusCode::OK, &page.frame, &page)
}
