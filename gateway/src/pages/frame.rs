//! What every page shares: where it is shown, its texts, and the reference a person can read out.

use policies::time::Time;

use crate::door::Arrival;
use crate::messages::{EN, Messages};
use crate::pages::assets;

/// The common part of a page.
#[derive(Debug, Clone)]
pub struct Frame {
    /// Prefix of every link: empty on the gateway itself, the issuer on other listeners.
    pub base: String,
    /// The catalogue of texts.
    pub m: &'static Messages,
    /// The registered redirect URI at which a form of this page may end (CSP `form-action` also
    /// governs the redirects that follow a form).
    pub leads_to: Option<String>,
    /// Whether somebody is signed in who can leave from here: the header then leads to the start page
    /// and to signing out.
    pub signed_in: bool,
    /// Whether this person has no card, and never had one.
    pub no_card: bool,
}

impl Frame {
    /// A page on the gateway.
    pub fn gateway() -> Self {
        Self {
            base: String::new(),
            m: &EN,
            leads_to: None,
            signed_in: false,
            no_card: false,
        }
    }

    /// A page of somebody who is signed in to our own pages.
    pub fn signed_in() -> Self {
        Self {
            signed_in: true,
            ..Self::gateway()
        }
    }

    /// A page shown by another listener, whose links lead to the gateway.
    pub fn elsewhere(issuer: &str) -> Self {
        Self {
            base: issuer.to_owned(),
            ..Self::gateway()
        }
    }

    /// Lets the forms of this page end at the origin of `redirect_uri`.
    #[must_use]
    pub fn leading_to(mut self, redirect_uri: &str) -> Self {
        self.leads_to = Some(redirect_uri.to_owned());
        self
    }

    /// The URL of the style sheet, named by its contents.
    pub fn style(&self) -> String {
        format!("{}{}", self.base, assets::STYLE.path())
    }

    /// The URL of the icon.
    pub fn icon(&self) -> String {
        format!("{}{}", self.base, assets::ICON.path())
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
    /// Time, code and correlation id in one line that can be copied with one gesture.
    pub fn line(&self, code: &str) -> String {
        format!("{} {code} {}", self.at, self.correlation)
    }
}

impl From<&Arrival> for Reference {
    fn from(arrival: &Arrival) -> Self {
        Self {
            at: arrival.now,
            correlation: arrival.correlation.to_string(),
        }
    }
}
