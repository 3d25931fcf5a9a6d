//! The role picker (contract 4.4): asked once per single sign-on session for `selectedrole`, always
//! for `changedrole`; nobody without a role is asked, a single role is chosen silently, more than
//! five get a search box. Positions that are suspended, ended or to come are not offered.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::register;
use enrolment::store::StoreError;
use http::HeaderMap;
use policies::ids::RoleId;
use policies::role::{RoleHeld, offered};
use policies::time::Time;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::AuthorizationRequest;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::people::{Face, RoleLine};
use crate::pages::sign_in::RolesPage;
use crate::signin::session::Session;
use crate::signin::settle::Wish;
use crate::signin::transaction::{self, Held, see_other};
use crate::signin::{advance, methods};

/// Longer lists than this get a search box (domain 2.7).
const SHORT_LIST: usize = 5;

/// The answer to "is the role still to be asked for?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// Nothing is to be done.
    Keep,
    /// There is but one answer, or none.
    Settle(Option<RoleId>),
    /// The person must be asked.
    Ask,
}

/// Whether the role is still to be asked for, of those that her authenticator opens and the
/// application is told of. Where those are not all of hers (`others`), the only one left is not chosen
/// silently: she would look for the others.
pub(super) fn question(
    request: &AuthorizationRequest,
    session: &Session,
    (held, others): (&[RoleHeld], bool),
    now: Time,
) -> Answer {
    if !request.wants_role() {
        return Answer::Keep;
    }
    let offered = offered(held, now);
    let settled = |role: Option<&RoleId>| session.role_chosen && session.role_id.as_ref() == role;
    match offered.as_slice() {
        [] if !others && settled(None) => Answer::Keep,
        [] => Answer::Settle(None),
        [only] if !others && settled(Some(&only.role_id)) => Answer::Keep,
        [only] if !others => Answer::Settle(Some(only.role_id.clone())),
        several => {
            let still_held = several.iter().any(|role| settled(Some(&role.role_id)));
            if still_held && !request.wants_new_role() {
                Answer::Keep
            } else {
                Answer::Ask
            }
        }
    }
}

/// `GET /signin/role`: the list, narrowed by `q` where there is a search box.
///
/// # Errors
/// What the store says.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let held = transaction::held(&house, &arrival, &headers, &parameters).await?;
    let Some(session) = methods::proven_session(&house, &arrival, &headers, &held).await? else {
        return see_other(&held.sign_in.url());
    };
    let typed = parameters.clean("q").unwrap_or_default().trim();
    picker(&house, &arrival, &held, &session, typed).await
}

/// `POST /signin/role` with `role_id`.
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
    let Some(session) = methods::proven_session(&house, &arrival, &headers, &held).await? else {
        return see_other(&held.sign_in.url());
    };
    if !held.sign_in.request.wants_role() {
        return advance::advance(&house, &arrival, &held, &session).await;
    }
    match role_of(&parameters) {
        Some(role) => advance::settle(&house, &arrival, &held, &session, Wish::Role(role)).await,
        None => see_other(&format!("/signin/role?t={}", held.sign_in.handle.as_str())),
    }
}

fn role_of(parameters: &Parameters) -> Option<RoleId> {
    parameters.clean("role_id")?.parse().ok()
}

async fn picker(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
    typed: &str,
) -> Result<Response, Failure> {
    let (user_id, opener) = (session.user_id.clone(), session.opener(&house.role_keys()));
    let read = house
        .store
        .read::<_, StoreError, _>("signin.picker", move |tx| {
            let (user_id, opener) = (user_id.clone(), opener.clone());
            Box::pin(async move {
                Ok((
                    register::person(tx, &user_id).await?,
                    opener.roles(tx, &user_id).await?,
                ))
            })
        });
    let (person, roles) = read.await?;
    let Some(person) = person else {
        return see_other(&held.sign_in.url());
    };
    let roles = roles.told(&held.sign_in.request.roles);
    let frame = held.frame();
    let lines = lines(&roles.open, session, arrival.now, &frame);
    let closed = roles.closed_now(arrival.now);
    let closed = closed.map(|(role, _)| RoleLine::of(role, arrival.now, frame.m));
    let all = lines.len();
    let search = (all > SHORT_LIST).then(|| typed.to_owned());
    let shown = match &search {
        Some(typed) => lines
            .into_iter()
            .filter(|line| line.matches(typed))
            .collect(),
        None => lines,
    };
    let page = RolesPage {
        hidden: held.hidden(),
        client: held.sign_in.request.client_name.clone(),
        face: Face::of(&person, None),
        shown,
        all,
        closed: closed.collect(),
        untold: roles.has_untold(arrival.now),
        search,
        frame,
    };
    Ok(page.respond())
}

/// The roles on offer, by job and then by place.
fn lines(roles: &[RoleHeld], session: &Session, now: Time, frame: &Frame) -> Vec<RoleLine> {
    let line = |role: &&RoleHeld| RoleLine {
        current: session.role_chosen && session.role_id.as_ref() == Some(&role.role_id),
        ..RoleLine::of(role, now, frame.m)
    };
    let mut lines: Vec<_> = offered(roles, now).iter().map(line).collect();
    lines.sort_by(|a, b| {
        (&a.job, &a.organisation, &a.role_id).cmp(&(&b.job, &b.organisation, &b.role_id))
    });
    lines
}

#[cfg(test)]
mod tests;
