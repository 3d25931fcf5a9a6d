//! `GET /signin?t=`: where a sign-in is. Shows "Continue as" for a session that fits, or
//! every way to sign in. Only ways that exist are shown; one that cannot
//! give what the application asks is shown as unavailable, with the reason (contract 4.1).

use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::store::StoreError;
use http::HeaderMap;
use policies::signin::{Aal, Method};
use policies::time::Time;
use policies::values::Policy;

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::Prompt;
use crate::pages::sign_in::{MethodsPage, SoftCardChoice, SoftCardForm, SoftCardProblem};
use crate::signin::begin::fits;
use crate::signin::session::{self, Session};
use crate::signin::transaction::{self, Held};
use crate::signin::{advance, continue_as, step_up, ways};

/// The page of a sign-in.
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
    if let Some(session) = proven_session(&house, &arrival, &headers, &held).await? {
        return advance::advance(&house, &arrival, &held, &session).await;
    }
    let mut page = methods_page(&house, &headers, &held, None);
    if held.sign_in.afresh {
        return Ok(page.respond());
    }
    let opened = session::of_browser(&house, &arrival, &headers).await?;
    let Some(session) = opened.map(|opened| opened.session) else {
        return Ok(page.respond());
    };
    if fits(&session, &held.sign_in.request, arrival.now) {
        if goes_on_unasked(&held, &session, arrival.now, &house.policy) {
            return continue_as::go_on_unasked(&house, &arrival, held, &session).await;
        }
        return continue_as::page(&house, &arrival, &headers, &held, &session).await;
    }
    page.step_up = step_up::of(&house, &arrival, &held, &session).await?;
    Ok(page.respond())
}

/// Whether the policy lets this person go on without the question (contract 4.3): her proof is
/// recent enough, and the application did not ask for the choice of a person.
fn goes_on_unasked(held: &Held, session: &Session, now: Time, policy: &Policy) -> bool {
    !held.sign_in.request.prompts(Prompt::SelectAccount)
        && now.since(session.authenticated_at) < policy.continue_unasked()
}

/// The session this sign-in rests on: proven in it, live, and of this browser.
pub(super) async fn proven_session(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    held: &Held,
) -> Result<Option<Session>, Failure> {
    let Some(proven) = held.sign_in.sid.clone() else {
        return Ok(None);
    };
    let Some(opened) = session::of_browser(house, arrival, headers).await? else {
        return Ok(None);
    };
    let (now, policy) = (arrival.now, house.policy.clone());
    let read = house
        .store
        .read::<_, StoreError, _>("signin.proven", move |tx| {
            let (proven, policy) = (proven.clone(), policy.clone());
            Box::pin(async move { session::live(tx, &proven, now, &policy).await })
        });
    Ok(read
        .await?
        .filter(|session| session.sid == opened.session.sid))
}

/// Every way to sign in, with what was wrong with the last try at a demo card.
pub(super) fn methods_page(
    house: &Shared,
    headers: &HeaderMap,
    held: &Held,
    problem: Option<(String, SoftCardProblem)>,
) -> MethodsPage {
    let frame = held.frame();
    let last = ways::last_of(headers, &house.names);
    let ways = ways::of(house, &held.sign_in, frame.m, last);
    let request = &held.sign_in.request;
    let open = request.demand().satisfied_by(Aal::Aal3, Method::Smartcard);
    let (chosen, problem) = problem.unzip();
    let soft_card = house.dev.as_ref().map(|drawer| SoftCardForm {
        hidden: held.hidden(),
        open,
        cards: drawer
            .cards()
            .into_iter()
            .map(|card| SoftCardChoice {
                chosen: chosen.as_deref() == Some(card.alias.as_str()),
                alias: card.alias,
                name: card.name,
                note: card.note,
            })
            .collect(),
        problem,
    });
    MethodsPage {
        frame,
        client: request.client_name.clone(),
        // "Someone else" is asked for no second proof.
        again: request.prompts(Prompt::Login),
        step_up: None,
        ways,
        soft_card,
        keys: house.keys.is_some(),
        codes: house.vault.is_some(),
    }
}
