//! `POST /signout`: ends the session of this browser, and with it every token that rests on it.
//! The form's token is made from the session's own key, so no other page can send it.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::audit::{Code, Event};
use enrolment::store::{Key, StoreError};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::pages::signed_out_page;
use crate::signin::session::{self, EndReason, Session};
use crate::signin::transaction::{self, give};

/// The purpose of the form tokens that sign out.
pub const PURPOSE: &str = "sign-out";

/// The handler.
///
/// # Errors
/// [`Failure::CrossSite`] for a form that is not ours; what the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    if let Some(opened) = session::of_browser(&house, &arrival, &headers).await? {
        opened.key.must_vouch_for(PURPOSE, &parameters)?;
        end(&house, &arrival, &opened.session).await?;
    }
    let mut response = signed_out_page(None);
    forget(&house, &mut response);
    Ok(response)
}

/// Ends a session because its person said so, with its line in the trail.
///
/// # Errors
/// What the store says.
pub async fn end(house: &Shared, arrival: &Arrival, session: &Session) -> Result<(), Failure> {
    let (now, session) = (arrival.now, session.clone());
    let key = Key::of("session", session.sid.as_str());
    let write = house
        .store
        .write::<_, StoreError, _>("signin.sign_out", key, move |tx| {
            let session = session.clone();
            Box::pin(async move {
                if session::end(tx, &session.sid, now, EndReason::SignedOut).await? {
                    let event = Event::SessionEnded {
                        person: session.user_id.clone(),
                        session: session.sid.clone(),
                        reason: Code::of(EndReason::SignedOut.as_str()),
                    };
                    tx.audit(now, &event).await?;
                }
                Ok(())
            })
        });
    Ok(write.await?)
}

/// Takes the session's cookie away and lets the browser forget our pages.
pub fn forget(house: &Shared, response: &mut Response) {
    give(response, Cookie::Session.clear(&house.names));
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\""),
    );
}
