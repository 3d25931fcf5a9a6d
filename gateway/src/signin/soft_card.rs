//! `POST /dev/soft-card-reader`: a demo card from the drawer, its passcode, and a real mutual-TLS
//! handshake made by the dev process as that card's client. Exists only where the house has a
//! drawer (house decision 17); what the card listener answers is passed on as it is.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};

use crate::door::Arrival;
use crate::error::Failure;
use crate::house::{CardListenerAnswer, DevCardRefused, Shared};
use crate::messages::EN;
use crate::pages::sign_in::SoftCardProblem;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::methods::methods_page;
use crate::signin::transaction::{self, Held, see_other};

/// The handler.
///
/// # Errors
/// [`Failure::NotFound`] in every house without a drawer.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let Some(drawer) = house.dev.clone() else {
        return Err(Failure::NotFound);
    };
    let parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    if !held
        .sign_in
        .request
        .demand()
        .satisfied_by(Aal::Aal3, Method::Smartcard)
    {
        return see_other(&held.sign_in.url());
    }
    let alias = parameters.clean("card").unwrap_or_default();
    let passcode = parameters.clean("passcode").unwrap_or_default();
    let login = format!(
        "{}/login?t={}",
        house.names.card_url,
        held.sign_in.handle.as_str()
    );
    match drawer.present(alias, passcode, &login).await {
        Ok(answer) => pass_on(answer),
        Err(refused) => Ok(try_again(
            &house,
            &arrival,
            &headers,
            (&held, alias),
            &refused,
        )),
    }
}

fn pass_on(answer: CardListenerAnswer) -> Result<Response, Failure> {
    match answer.location {
        Some(url) if answer.status.is_redirection() => see_other(&url),
        _ => Ok((answer.status, Html(answer.body)).into_response()),
    }
}

fn try_again(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    (held, alias): (&Held, &str),
    refused: &DevCardRefused,
) -> Response {
    let m = &EN.soft_card;
    let (field, text) = match refused {
        DevCardRefused::UnknownCard => ("card", m.unknown.to_owned()),
        DevCardRefused::WrongPasscode { left } => ("passcode", (m.wrong)(*left)),
        DevCardRefused::Unreachable(_) => ("card", m.unreachable.to_owned()),
        DevCardRefused::Locked => {
            let url = held.sign_in.url();
            let next = NextSteps {
                again: Some(url),
                other_way: Some(held.sign_in.ways_url()),
                codes: house.vault.is_some(),
                ..NextSteps::default()
            };
            let stop = Stop::Law(RefusalCode::CardLocked);
            return stop_page(Frame::gateway(), stop, &Reference::from(arrival), next);
        }
    };
    let problem = SoftCardProblem { field, text };
    let mut response =
        methods_page(house, headers, held, Some((alias.to_owned(), problem))).respond();
    if matches!(refused, DevCardRefused::Unreachable(_)) {
        *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    }
    response
}
