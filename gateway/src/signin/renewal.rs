//! `/signin/renewal`: the notice inside the renewal window, after a fresh card and the picker, once
//! in a sign-in and never with `prompt=none` (contract 4.5, domain F62). It says how long the card
//! lasts and what can be done; who cannot renew it herself is told who can help (F64).

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use http::HeaderMap;
use policies::renewal::in_window;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::my::overview::Overview;
use crate::oidc::parameters::Parameters;
use crate::pages::sign_in::RenewalNoticePage;
use crate::signin::session::Session;
use crate::signin::transaction::{self, Held, see_other};
use crate::signin::{advance, methods};

/// `GET /signin/renewal?t=`.
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
    if !held.sign_in.notice_due() {
        return advance::advance(&house, &arrival, &held, &session).await;
    }
    notice(&house, &arrival, &held, &session).await
}

/// `POST /signin/renewal` with `choice=not-now`.
///
/// # Errors
/// What the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters: Parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    if parameters.clean("choice") != Some("not-now") {
        return Err(Failure::BadRequest("choice_missing"));
    }
    let Some(session) = methods::proven_session(&house, &arrival, &headers, &held).await? else {
        return see_other(&held.sign_in.url());
    };
    advance::after_notice(&house, &arrival, &held, &session).await
}

async fn notice(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<Response, Failure> {
    let now = arrival.now;
    let overview = Overview::of(house, &session.user_id, now).await?;
    // Renewed meanwhile, or the card is gone: nothing is left to say.
    let ending = overview.and_then(|it| Some((it.view.not_after?, it)));
    let ending = ending.filter(|(end, _)| in_window(*end, now, &house.policy));
    let Some((end, overview)) = ending else {
        return advance::after_notice(house, arrival, held, session).await;
    };
    let frame = held.frame();
    let page = RenewalNoticePage {
        hidden: held.hidden(),
        client: held.sign_in.request.client_name.clone(),
        days: end.since(now).as_seconds() / 86_400,
        moment: (frame.m.moment_with_zone)(end),
        refused: overview
            .renewal()
            .err()
            .map(|refusal| frame.m.refusals.of_act(refusal.code)),
        helpers: overview.helpers,
        frame,
    };
    Ok(page.respond())
}
