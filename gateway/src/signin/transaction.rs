//! The sign-in under way: everything that decides it is here on the server, named by a random
//! handle in the URL and guarded by the browser's pre-login cookie. Nothing is trusted from hidden
//! fields (security 3.1 row 17). Open for ten minutes, also after a refusal, and finished once.

use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::store::{Key, StoreError};
use http::header::{LOCATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use policies::ids::{RoleId, SessionId};
use policies::time::{Span, Time};

use crate::door::Arrival;
use crate::door::body;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::AuthorizationRequest;
use crate::oidc::parameters::Parameters;
use crate::pages::sign_in::Hidden;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::browser::BrowserSecret;
use crate::signin::own::OwnPage;
use crate::store::transactions;

/// How long a sign-in may take.
pub(crate) const OPEN_FOR: Span = Span::minutes(10);

/// Where the list of the ways stands on their page, so that "another way" leads past everything else.
pub(crate) const WAYS: &str = "#ways";

/// The random name of a sign-in, 128 bits. Alone it opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(String);

impl Handle {
    fn draw(house: &Shared) -> Result<Self, Failure> {
        Ok(Self(URL_SAFE_NO_PAD.encode(house.random::<16>()?)))
    }

    /// What stands in a URL, if it has the form of a handle.
    pub fn parse(text: &str) -> Option<Self> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        (text.len() == 22 && text.bytes().all(plain)).then(|| Self(text.to_owned()))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The purpose of the form tokens of its sign-in.
    fn purpose(&self) -> String {
        format!("sign-in {}", self.0)
    }
}

/// A sign-in under way, as this browser may see it.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Its name in URLs.
    pub handle: Handle,
    /// What the application asked for.
    pub request: AuthorizationRequest,
    /// Whether the browser's session does not count: `prompt=login`, or "Someone else".
    pub afresh: bool,
    /// The session that this sign-in rests on, once the person is proven.
    pub sid: Option<SessionId>,
    /// The card's last second, where the card that has just proven her is inside its window.
    pub card_ends_at: Option<Time>,
    /// The role she has chosen before the notice about her card.
    pub role_id: Option<RoleId>,
}

impl SignIn {
    /// Whether the notice about the card belongs to it (contract 4.5); the page that renews the
    /// card says the same itself.
    pub(super) fn notice_due(&self) -> bool {
        let hers = matches!(self.request.own_page, Some(OwnPage::My | OwnPage::Ways));
        self.card_ends_at.is_some() && !hers
    }

    /// The page with every way to sign in, or whatever comes next.
    pub(crate) fn url(&self) -> String {
        format!("/signin?t={}", self.handle.as_str())
    }

    /// The same, at the list of the ways.
    pub(crate) fn ways_url(&self) -> String {
        format!("{}{WAYS}", self.url())
    }
}

/// A sign-in together with the browser that holds its cookie.
pub(crate) struct Held {
    pub(crate) sign_in: SignIn,
    pub(crate) browser: BrowserSecret,
}

impl Held {
    /// The hidden fields of its forms.
    pub(crate) fn hidden(&self) -> Hidden {
        Hidden {
            t: self.sign_in.handle.as_str().to_owned(),
            token: self.browser.form_token(&self.sign_in.handle.purpose()),
        }
    }

    /// A page's frame whose forms may end at the application.
    pub(crate) fn frame(&self) -> Frame {
        Frame::gateway().leading_to(&self.sign_in.request.redirect_uri)
    }
}

/// Opens a sign-in and leads the browser to it. A browser with a pre-login cookie keeps it, so that
/// two tabs do not take each other's sign-in away.
pub(crate) async fn open(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    request: AuthorizationRequest,
    afresh: bool,
) -> Result<Response, Failure> {
    let browser = match BrowserSecret::read(Cookie::PreLogin, headers, &house.names) {
        Some(known) => known,
        None => BrowserSecret::draw(house)?,
    };
    let handle = Handle::draw(house)?;
    let sign_in = SignIn {
        handle,
        request,
        afresh,
        sid: None,
        card_ends_at: None,
        role_id: None,
    };
    let (now, hash, row) = (arrival.now, browser.hash(), sign_in.clone());
    house
        .store
        .write::<_, StoreError, _>("signin.open", Key::none(), move |tx| {
            let (hash, row) = (hash.clone(), row.clone());
            Box::pin(
                async move { transactions::begin(tx, &row, &hash, now, now.plus(OPEN_FOR)).await },
            )
        })
        .await?;
    let mut response = see_other(&sign_in.url())?;
    give(
        &mut response,
        browser.to_cookie(Cookie::PreLogin, OPEN_FOR, &house.names),
    );
    Ok(response)
}

/// A sign-in as a request names it: nobody has looked yet whether there is one.
pub(crate) struct Named {
    handle: Handle,
    browser: BrowserSecret,
}

impl Named {
    /// What the database knows it by.
    pub(crate) fn whose(&self) -> (Handle, Vec<u8>) {
        (self.handle.clone(), self.browser.hash())
    }

    /// The browser that asks.
    pub(crate) const fn browser(&self) -> &BrowserSecret {
        &self.browser
    }

    /// The same, looked up first where somebody at that address has lately come with nothing: a
    /// handle, a cookie and their form token are easily made up.
    async fn unless_made_up(self, house: &Shared, arrival: &Arrival) -> Result<Self, Failure> {
        if !arrival.is_suspect() {
            return Ok(self);
        }
        let handle = self.handle.clone();
        let browser = look_up(house, arrival, self).await?.browser;
        Ok(Self { handle, browser })
    }

    /// Together with what was found under it; the refusal page when there is none.
    pub(crate) fn held(self, found: Option<SignIn>, arrival: &Arrival) -> Result<Held, Failure> {
        let over = || {
            arrival.note_stranger();
            Failure::answer(sign_in_over(arrival))
        };
        Ok(Held {
            sign_in: found.ok_or_else(over)?,
            browser: self.browser,
        })
    }
}

/// The sign-in that these parameters name, which will be read in the transaction that acts on it; the
/// refusal page where they and the browser name none.
pub(crate) async fn named(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Named, Failure> {
    let named = said(house, arrival, headers, parameters)?;
    named.unless_made_up(house, arrival).await
}

fn said(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Named, Failure> {
    let over = || Failure::answer(sign_in_over(arrival));
    let handle = parameters
        .clean("t")
        .and_then(Handle::parse)
        .ok_or_else(over)?;
    let browser = BrowserSecret::read(Cookie::PreLogin, headers, &house.names).ok_or_else(over)?;
    Ok(Named { handle, browser })
}

/// The same, for a form: its token is the one of that sign-in in this browser.
pub(crate) async fn named_by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Named, Failure> {
    let named = said(house, arrival, headers, parameters)?;
    let purpose = named.handle.purpose();
    match named.browser.must_vouch_for(&purpose, parameters) {
        Ok(()) => named.unless_made_up(house, arrival).await,
        // A sign-in that is over is told first, as everywhere.
        Err(failure) => Err(look_up(house, arrival, named)
            .await
            .err()
            .unwrap_or(failure)),
    }
}

/// The sign-in of that handle in this browser; the refusal page when there is none.
pub(crate) async fn held(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Held, Failure> {
    let named = said(house, arrival, headers, parameters)?;
    look_up(house, arrival, named).await
}

async fn look_up(house: &Shared, arrival: &Arrival, named: Named) -> Result<Held, Failure> {
    let (now, (handle, hash)) = (arrival.now, named.whose());
    let found = house
        .store
        .read::<_, StoreError, _>("signin.under_way", move |tx| {
            let (handle, hash) = (handle.clone(), hash.clone());
            Box::pin(async move { transactions::under_way(tx, &handle, &hash, now).await })
        })
        .await?;
    named.held(found, arrival)
}

/// The same, for a form: its token must be the one of this sign-in in this browser.
pub(crate) async fn held_by_form(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Held, Failure> {
    let held = held(house, arrival, headers, parameters).await?;
    (held.browser).must_vouch_for(&held.sign_in.handle.purpose(), parameters)?;
    Ok(held)
}

/// Reads a query or a form of ours: a name given twice is a fault, not a choice.
///
/// # Errors
/// [`Failure::BadRequest`].
pub(crate) fn read(octets: &[u8]) -> Result<Parameters, Failure> {
    once_each(Parameters::parse(octets).map_err(|_| Failure::BadRequest("malformed"))?)
}

/// The same for a form that brings a device's answer: a maker's chain is long.
///
/// # Errors
/// [`Failure::BadRequest`].
pub(crate) fn read_answer(octets: &[u8]) -> Result<Parameters, Failure> {
    let parameters = Parameters::parse_within(octets, body::LARGEST);
    once_each(parameters.map_err(|_| Failure::BadRequest("malformed"))?)
}

fn once_each(parameters: Parameters) -> Result<Parameters, Failure> {
    if parameters.has_repeated() {
        return Err(Failure::BadRequest("repeated_parameter"));
    }
    Ok(parameters)
}

/// The page of a sign-in that is over, or never began in this browser.
pub(crate) fn sign_in_over(arrival: &Arrival) -> Response {
    let reference = Reference::from(arrival);
    stop_page(
        Frame::gateway(),
        Stop::SignInOver,
        &reference,
        NextSteps::default(),
    )
}

/// 303, always: a form with a passcode is never sent twice (oidc 5b 8).
///
/// # Errors
/// [`Failure::Internal`] when the URL cannot stand in a header.
pub(crate) fn see_other(url: &str) -> Result<Response, Failure> {
    let location = HeaderValue::try_from(url).map_err(Failure::internal)?;
    Ok((StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response())
}

/// Adds a cookie to a response.
pub(crate) fn give(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(line) = cookie {
        response.headers_mut().append(SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_22_url_safe_characters() {
        assert!(Handle::parse(&"a".repeat(22)).is_some());
        for text in [
            "",
            "a",
            &"a".repeat(23),
            "aaaaaaaaaaaaaaaaaaaaa/",
            "'; DROP TABLE sign_in",
        ] {
            assert!(Handle::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_repeated_field_is_a_fault() {
        assert!(read(b"t=a&t=b").is_err());
        assert!(read(b"t=a&q=b").is_ok());
    }
}
