//! The pages that link an account of another organisation.

use askama::Template;
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};

use crate::error::Failure;
use crate::pages::Frame;
use crate::pages::render::html;

/// One organisation in the list.
#[derive(Debug, Clone)]
pub struct OrganisationLine {
    /// Names it.
    pub id: String,
    /// What people know it as.
    pub name: String,
    /// What is in the name field.
    pub call_it: String,
    /// Why it cannot be used right now.
    pub unavailable: Option<String>,
    /// Whether the name that was typed does not fit.
    pub wrong: bool,
}

/// The organisations whose accounts can be linked.
#[derive(Template)]
#[template(path = "my_federated.html")]
pub struct LinkPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Each organisation.
    pub lines: Vec<OrganisationLine>,
}

impl LinkPage {
    /// The page as a response; 422 when something was wrong.
    pub fn respond(&self) -> Response {
        let status = if self.lines.iter().any(|line| line.wrong) {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        };
        html(status, &self.frame, self)
    }
}

/// On the way to an organisation. A form may not end at another site (CSP `form-action`, which
/// browsers apply to every redirect that follows), so that a page stands between: the browser goes on
/// by itself, and the link is there for one that does not.
#[derive(Template)]
#[template(path = "my_federated_go.html")]
pub struct OnTheWayPage {
    /// The frame.
    pub frame: Frame,
    /// What people know it as.
    pub name: String,
    /// Where the browser goes.
    pub url: String,
}

impl OnTheWayPage {
    /// The page as a response.
    ///
    /// # Errors
    /// An address that cannot stand in a header; ours can.
    pub fn respond(&self) -> Result<Response, Failure> {
        let mut response = html(StatusCode::OK, &self.frame, self);
        let value = format!("0; url={}", self.url);
        let value = HeaderValue::try_from(value).map_err(Failure::internal)?;
        let headers = response.headers_mut();
        headers.insert(HeaderName::from_static("refresh"), value);
        Ok(response)
    }
}
