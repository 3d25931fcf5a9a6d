//! The pages of security keys, Windows Hello and passkeys. They are the only ones that need
//! JavaScript: the browser speaks with a device for scripts alone (house decision 13). Everything
//! that can go wrong there stands on the page in words, hidden until it happens.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::pages::render::html;
use crate::pages::sign_in::Hidden;
use crate::pages::{Frame, assets};

/// Signing in.
#[derive(Template)]
#[template(path = "signin_key.html")]
pub struct KeySignInPage {
    /// The frame.
    pub frame: Frame,
    /// Handle and token.
    pub hidden: Hidden,
    /// The application's name.
    pub client: String,
    /// The way, a word of the law.
    pub way: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What to do.
    pub hint: &'static str,
    /// Where all ways are.
    pub other_way: String,
}

/// What a device will open, before it is added.
#[derive(Template)]
#[template(path = "my_key.html")]
pub struct KeyBeginPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// The level that it is bound to, a word of the law.
    pub bound_at: &'static str,
    /// What it will open, and what not.
    pub opens: String,
    /// What her roles ask of it.
    pub asked: Vec<String>,
    /// Whether it ends by itself with the shift; the last line speaks of what does not.
    pub temporary: bool,
    /// Where the form leads, and below it `/start`.
    pub path: &'static str,
    /// Whether it is one of her own pages, with the ways on from there.
    pub own: bool,
}

/// Trying it.
#[derive(Template)]
#[template(path = "my_key_try.html")]
pub struct KeyTryPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Names it.
    pub id: String,
    /// What she calls it.
    pub name: String,
    /// Which kind it is.
    pub kind: &'static str,
    /// Its level now, and why not more.
    pub level: String,
    /// Whether it would count for more if it had been added in a stronger session.
    pub bound_at_aal2: bool,
}

macro_rules! scripted {
    ($($page:ty),+) => { $(
        impl $page {
            /// The page as a response.
            pub fn respond(&self) -> Response {
                html(StatusCode::OK, &self.frame, self)
            }

            fn script(&self) -> String {
                format!("{}{}", self.frame.base, assets::KEY_SCRIPT.path())
            }
        }
    )+ };
}

scripted!(KeySignInPage, KeyBeginPage, KeyTryPage);
