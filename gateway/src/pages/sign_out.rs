//! Asking before signing out, and saying that it happened.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::pages::Frame;
use crate::pages::people::Face;
use crate::pages::render::html;

/// The question before signing out.
#[derive(Debug, Clone)]
pub struct SignOutForm {
    /// Where the form goes.
    pub action: String,
    /// Every hidden field, the form token included (`signin::browser::FormToken`).
    pub hidden: Vec<(String, String)>,
    /// Who is signed in.
    pub face: Face,
    /// The application that asked.
    pub client_name: Option<String>,
    /// Where "Stay signed in" leads; the start page when `None`.
    pub stay: Option<String>,
    /// The address the application wants back to; its origin must be allowed for the form.
    pub leads_to: Option<String>,
}

#[derive(Template)]
#[template(path = "sign_out.html")]
struct SignOutPage {
    frame: Frame,
    form: SignOutForm,
}

#[derive(Template)]
#[template(path = "signed_out.html")]
struct SignedOutPage {
    frame: Frame,
    back: Option<String>,
}

/// "Do you want to sign out?" (OpenID Connect RP-Initiated Logout 1.0, section 2).
pub fn sign_out_page(form: SignOutForm) -> Response {
    let mut frame = Frame::gateway();
    if let Some(uri) = &form.leads_to {
        frame = frame.leading_to(uri);
    }
    let page = SignOutPage { frame, form };
    html(StatusCode::OK, &page.frame, &page)
}

/// "You are signed out", with a link back to the application if it registered the address.
pub fn signed_out_page(back: Option<String>) -> Response {
    let page = SignedOutPage {
        frame: Frame::gateway(),
        back,
    };
    html(StatusCode::OK, &page.frame, &page)
}
