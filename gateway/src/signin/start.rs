//! `GET /`: who is signed in with this browser, in which role, how strongly, since when.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::Messages;
use crate::my;
use crate::pages::Frame;
use crate::pages::sign_in::{SignedIn, StartPage};
use crate::signin::session::{self, Opened};
use crate::signin::{continue_as, sign_out};

/// The handler.
///
/// # Errors
/// What the store says.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let frame = Frame::gateway();
    let person = match session::of_browser(&house, &arrival, &headers).await? {
        Some(opened) => signed_in(&house, &arrival, &opened, frame.m).await?,
        None => None,
    };
    Ok(StartPage {
        frame,
        person,
        app_url: house.names.app_url.clone(),
        codes: house.vault.is_some(),
    }
    .respond())
}

async fn signed_in(
    house: &Shared,
    arrival: &Arrival,
    opened: &Opened,
    m: &'static Messages,
) -> Result<Option<SignedIn>, Failure> {
    let session = &opened.session;
    let Some((face, at_desk)) = continue_as::face_and_desk(house, arrival, session).await? else {
        return Ok(None);
    };
    let limits = house.policy.session_limits(session.aal);
    Ok(Some(SignedIn {
        face,
        at_desk,
        role_chosen: session.role_chosen,
        level: (m.start.level_words)(session.aal.level(), (m.methods.way)(session.method).name),
        since: (m.moment)(session.authenticated_at),
        until: (m.moment)(session.authenticated_at.plus(limits.longest)),
        card: session.card.as_ref().map(ToString::to_string),
        has_card: my::has_card(house, session).await?,
        idle: (m.start.idle)(limits.idle.as_seconds() / 60),
        token: opened.key.form_token(sign_out::PURPOSE),
    }))
}
