//! "Continue as": a live session is offered, never assumed, because wards share computers (contract
//! 4.3). "Someone else" leaves the session alone until somebody else is proven (oidc 5b 19).

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::audit::Event;
use enrolment::deputies;
use enrolment::register;
use enrolment::store::{Key, StoreError};
use http::HeaderMap;
use policies::access::has_deputies;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::pages::people::{Face, RoleLine};
use crate::pages::sign_in::ContinueAsPage;
use crate::signin::begin::{ends_soon, fits};
use crate::signin::session::{self, Session};
use crate::signin::transaction::{self, Held, see_other};
use crate::signin::{advance, methods};
use crate::store::transactions;

/// The page: photo, name, role, two forms.
pub(super) async fn page(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    held: &Held,
    session: &Session,
) -> Result<Response, Failure> {
    let frame = held.frame();
    let Some(face) = face_of(house, arrival, session).await? else {
        return Ok(methods::methods_page(house, headers, held, None).respond());
    };
    let ends = ends_soon(&session.standing(arrival.now, &house.policy));
    let page = ContinueAsPage {
        hidden: held.hidden(),
        client: held.sign_in.request.client_name.clone(),
        face,
        ends: ends.map(|at| (frame.m.moment)(at)),
        frame,
    };
    Ok(page.respond())
}

/// Who a session belongs to, in the role it acts in now.
pub(super) async fn face_of(
    house: &Shared,
    arrival: &Arrival,
    session: &Session,
) -> Result<Option<Face>, Failure> {
    let found = face_and_desk(house, arrival, session).await?;
    Ok(found.map(|(face, _)| face))
}

/// The same, and whether any role she may choose has a part at a desk.
pub(super) async fn face_and_desk(
    house: &Shared,
    arrival: &Arrival,
    session: &Session,
) -> Result<Option<(Face, bool)>, Failure> {
    let (user_id, now) = (session.user_id.clone(), arrival.now);
    let read = house
        .store
        .read::<_, StoreError, _>("signin.face", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move {
                let roles = register::roles(tx, &user_id).await?;
                Ok((
                    register::person(tx, &user_id).await?,
                    deputies::is_deputy(tx, &user_id, &roles, now).await?,
                    roles,
                ))
            })
        });
    let (person, is_deputy, roles) = read.await?;
    let offered = policies::role::offered(&roles, arrival.now);
    let by_role = offered
        .iter()
        .any(|role| !policies::rbac::actor_roles(role, &house.rbac).is_empty());
    let at_desk = by_role || (is_deputy && has_deputies(&house.policy));
    let role = offered
        .into_iter()
        .find(|role| session.role_id.as_ref() == Some(&role.role_id))
        .map(|role| RoleLine::of(role, arrival.now, &crate::messages::EN));
    Ok(person.map(|person| (Face::of(&person, role), at_desk)))
}

/// `POST /signin/continue` with `choice`: `continue` or `someone-else`.
///
/// # Errors
/// What the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    match parameters.clean("choice") {
        Some("continue") => {}
        Some("someone-else") => {
            ask_afresh(&house, &held).await?;
            return see_other(&held.sign_in.url());
        }
        _ => return Err(Failure::BadRequest("choice_missing")),
    }
    if let Some(session) = methods::proven_session(&house, &arrival, &headers, &held).await? {
        return advance::advance(&house, &arrival, &held, &session).await;
    }
    let opened = session::of_browser(&house, &arrival, &headers).await?;
    let fitting = opened.map(|opened| opened.session).filter(|session| {
        !held.sign_in.afresh && fits(session, &held.sign_in.request, arrival.now)
    });
    let Some(session) = fitting else {
        return see_other(&held.sign_in.url());
    };
    go_on_unasked(&house, &arrival, held, &session).await
}

/// The session goes on in this application, with its line in the trail.
pub(super) async fn go_on_unasked(
    house: &Shared,
    arrival: &Arrival,
    mut held: Held,
    session: &Session,
) -> Result<Response, Failure> {
    go_on(house, arrival, &held, session).await?;
    held.sign_in.sid = Some(session.sid.clone());
    advance::advance(house, arrival, &held, session).await
}

async fn go_on(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<(), Failure> {
    let handle = held.sign_in.handle.clone();
    let (now, sid) = (arrival.now, session.sid.clone());
    let event = Event::SessionContinued {
        person: session.user_id.clone(),
        session: session.sid.clone(),
        client: held.sign_in.request.client.clone(),
    };
    let key = Key::of("session", session.sid.as_str());
    let write = house
        .store
        .write::<_, StoreError, _>("signin.continue", key, move |tx| {
            let (handle, sid, event) = (handle.clone(), sid.clone(), event.clone());
            Box::pin(async move {
                if transactions::prove(tx, &handle, &sid, None).await? {
                    tx.audit(now, &event).await?;
                }
                Ok(())
            })
        });
    Ok(write.await?)
}

async fn ask_afresh(house: &Shared, held: &Held) -> Result<(), Failure> {
    let handle = held.sign_in.handle.clone();
    let write = house
        .store
        .write::<_, StoreError, _>("signin.someone_else", Key::none(), {
            move |tx| {
                let handle = handle.clone();
                Box::pin(async move { transactions::ask_afresh(tx, &handle).await })
            }
        });
    Ok(write.await?)
}
