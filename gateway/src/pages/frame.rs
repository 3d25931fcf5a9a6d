//! What every page shares: where it is shown, its texts, and the reference a person can read out.

use std::fmt;

use policies::time::Time;

use crate::door::Arrival;
use crate::messages::{EN, Messages};
use crate::pages::assets;

/// The common part of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Prefix of every link: empty on the gateway itself, the issuer elsewhere.
    pub base: String,
    /// The catalogue of texts.
    pub m: &'static Messages,
    /// Origins that a form of this page may lead to, besides our own (CSP `form-action` also
    /// governs the redirects that follow a form).
    pub form_targets: Vec<String>,
}

impl Frame {
    /// A page on the gateway.
    pub fn gateway() -> Self {
        Self { base: String::new(), m: &EN, form_targets: Vec::new() }
    }

    /// A page shown by another listener, whose links lead to the gateway.
    pub fn elsewhere(issuer: &str) -> Self {
        Self { base: issuer.to_owned(), ..Self::gateway() }
    }

    /// Lets the forms of this page end at the origin of `redirect_uri`.
    #[must_use]
    pub fn leading_to(mut self, redirect_uri: &str) -> Self {
        if let Ok(url) = url::Url::parse(redirect_uri) {
            let origin = url.origin();
            self.form_targets.push(if origin.is_tuple() {
                origin.ascii_serialization()
            } else {
                format!("{}:", url.scheme())
            });
        }
        self
    }

    /// The URL of the style sheet, named by its contents.
    pub fn style(&self) -> String {
        format!("{}{}", self.base, assets::style_path())
    }

    /// The URL of the icon.
    pub fn icon(&self) -> String {
        format!("{}{}", self.base, assets::icon_path())
    }
}

/// What identifies one answer to the service desk: when, and which line of the log and the trail.
#[derive(Debug, Clone)]
pub struct Reference {
    /// The arrival instant of the request.
    pub at: Time,
    /// The correlation id of the request.
    pub correlation: String,
}

impl Reference {
    /// The reference with a code, in one line that can be copied with one gesture.
    pub fn line(&self, code: &str) -> String {
        format!("{} {code} {}", self.at, self.correlation)
    }
}

impl From<&Arrival> for Reference {
    fn from(arrival: &Arrival) -> Self {
        Self { at: arrival.now, correlation: arrival.correlation.to_string() }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.at, self.correlation)
    }
}
