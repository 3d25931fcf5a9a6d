//! Signing in to our own pages: the same way in as for any application, with the page itself as the
//! place to go on to. No code and no token is made; the session is enough.

use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use policies::signin::Demand;
use policies::words::UnknownWord;
use serde::{Deserialize, Serialize};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::authorize::AuthorizationRequest;
use crate::oidc::parameters::Parameters;
use crate::signin::session::{self, Opened, Session};
use crate::signin::transaction::{self, see_other};

/// A page of ours that wants to know who is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnPage {
    /// The start page.
    Start,
    /// Self-service: everything about oneself.
    My,
    /// Her ways to sign in.
    Ways,
    /// The desk.
    Desk,
}

impl OwnPage {
    const ALL: [Self; 4] = [Self::Start, Self::My, Self::Ways, Self::Desk];

    /// Where it is.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Start => "/",
            Self::My => "/my",
            Self::Ways => "/my/authenticators",
            Self::Desk => "/desk",
        }
    }

    /// Its word in the query of `/signin/own`.
    const fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::My => "my",
            Self::Ways => "ways",
            Self::Desk => "desk",
        }
    }

    /// Where one signs in for it.
    pub fn sign_in_url(self) -> String {
        format!("/signin/own?page={}", self.as_str())
    }

    /// Where one signs in for it, though somebody is signed in already.
    pub fn sign_in_again_url(self) -> String {
        format!("{}&again=1", self.sign_in_url())
    }

    /// What a sign-in for it must prove, as an application asks for it: nobody works at the desk on
    /// less than AAL3 (contract 5), so that nobody is let in there by what it then refuses.
    pub const fn acr_values(self) -> &'static str {
        match self {
            Self::Start | Self::My | Self::Ways => "",
            Self::Desk => "AAL3_ANY",
        }
    }

    /// What it is called where one signs in for it.
    const fn name(self) -> &'static str {
        match self {
            Self::Start | Self::My | Self::Ways => EN.product,
            Self::Desk => EN.desk.sign_in_name,
        }
    }

    /// Whether this session will do for it, or there is something to prove or to choose first.
    fn takes(self, session: &Session) -> bool {
        let proven = Demand::from_acr_values(self.acr_values());
        proven.satisfied_by(session.aal, session.method)
            && (session.role_chosen || !self.wants_role())
    }

    /// Whether it asks in which role somebody is there.
    pub const fn wants_role(self) -> bool {
        matches!(self, Self::Desk)
    }
}

impl std::str::FromStr for OwnPage {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        let found = Self::ALL.into_iter().find(|page| page.as_str() == word);
        found.ok_or_else(|| UnknownWord {
            list: "OwnPage",
            word: word.to_owned(),
        })
    }
}

/// `GET /signin/own?page=`: begins the sign-in. `again=1` asks for a fresh proof.
///
/// # Errors
/// A page that does not exist; what the store says.
pub async fn begin(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let page: OwnPage = parameters
        .clean("page")
        .unwrap_or("start")
        .parse()
        .map_err(|_| Failure::NotFound)?;
    let again = parameters.clean("again").is_some();
    let request =
        AuthorizationRequest::for_own_page(page, page.name(), again).map_err(Failure::internal)?;
    transaction::open(&house, &arrival, &headers, request, again).await
}

/// Who visits one of our own pages; whoever is not signed in, or not as the page asks, is led to the
/// sign-in.
///
/// # Errors
/// [`Failure::Answer`] with the way to the sign-in; what the store says.
pub async fn visitor(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    page: OwnPage,
) -> Result<Opened, Failure> {
    match session::of_browser(house, arrival, headers).await? {
        Some(opened) if page.takes(&opened.session) => Ok(opened),
        _ => Err(Failure::answer(see_other(&page.sign_in_url())?)),
    }
}

/// The same for a form of such a page; its token must be the one of this session for that purpose.
///
/// # Errors
/// As [`visitor`]; [`Failure::CrossSite`].
pub async fn visitor_by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    (page, purpose): (OwnPage, &str),
    form: &Parameters,
) -> Result<Opened, Failure> {
    let opened = visitor(house, arrival, headers, page).await?;
    opened.key.must_vouch_for(purpose, form)?;
    Ok(opened)
}
