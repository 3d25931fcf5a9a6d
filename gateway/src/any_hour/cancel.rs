//! `/cancel`: who, then code and what has happened, then "for ever?". And `/cancel/link`, where a
//! notice leads: looking at it changes nothing, since mail programs follow links by themselves.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::codes::Named;
use enrolment::journeys::cancel_own;

use super::{Tried, tried};
use crate::api::cancel_my_card::REASONS;
use crate::api::outcome::{About, settle};
use crate::api::report_misuse::report_by_code;
use crate::api::stranger;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::any_hour::{Ask, done};
use crate::signin::transaction;

const PATH: &str = "/cancel";
const CODE_PATH: &str = "/cancel/code";
const CONFIRM_PATH: &str = "/cancel/confirm";
const LINK_PATH: &str = "/cancel/link";

/// The word of the choice that cancels nothing.
const REPORT: &str = "report";

fn question() -> Ask {
    Ask::new("cancel", PATH, &EN.any_hour.cancel).field("number")
}

/// `GET /cancel`.
///
/// # Errors
/// [`Failure::NotFound`] where this house has no codes.
pub async fn page(State(house): State<Shared>) -> Result<Response, Failure> {
    house.codes()?;
    Ok(question().page())
}

/// `POST /cancel`: sends a code.
///
/// # Errors
/// `too_many_codes`; [`Failure::Busy`] past the allowance of strangers.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let codes = house.codes()?;
    let Some(named) = parameters.clean("number").and_then(Named::parse) else {
        return Ok(question()
            .typed(parameters.clean("number").unwrap_or_default())
            .problem("number", EN.any_hour.number_wrong)
            .page());
    };
    stranger::may_begin(&arrival)?;
    let begun = cancel_own::start(&codes, named, arrival.now).await;
    let id = settle(
        &house,
        &arrival,
        "startCardCancellation",
        About::default(),
        begun,
    )
    .await?;
    Ok(code_question(&id, "").page())
}

fn code_question(id: &str, chosen: &str) -> Ask {
    Ask::new("cancel-code", CODE_PATH, &EN.any_hour.cancel_code)
        .field("code")
        .anew(PATH)
        .reasons(chosen)
        .hidden("request", id)
}

/// `POST /cancel/code`: asks whether she means it; nothing is tried or changed yet.
///
/// # Errors
/// A form that cannot be read.
pub async fn ask(body: Bytes) -> Result<Response, Failure> {
    let form = Form::read(&body)?;
    if !form.reason_is_known() {
        let page = code_question(&form.request, "").typed(&form.code);
        return Ok(page.problem("reason", EN.any_hour.reason_missing).page());
    }
    let text = if form.reason == REPORT {
        &EN.any_hour.misuse_sure
    } else {
        &EN.any_hour.cancel_sure
    };
    let page = Ask::new("cancel-sure", CONFIRM_PATH, text)
        .hidden("request", &form.request)
        .hidden("code", &form.code)
        .hidden("reason", &form.reason);
    Ok(page.page())
}

/// `POST /cancel/confirm`: tries the code and does it.
///
/// # Errors
/// What the law refuses once the code is right.
pub async fn confirm(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let form = Form::read(&body)?;
    let (id, now) = (form.request.as_str(), arrival.now);
    let outcome = if form.reason == REPORT {
        let reported = report_by_code(&house, id, &form.code, now).await?;
        let reported = tried(&house, &arrival, "reportMisuseByCode", reported).await?;
        (matches!(reported, Tried::Done(())), "misuse-done")
    } else {
        let reason = REASONS
            .into_iter()
            .find(|reason| reason.as_str() == form.reason);
        let typed = stranger::typed(id, &form.code);
        let cancelled = cancel_own::by_code(&house.codes()?, typed, reason, now).await;
        let cancelled = tried(&house, &arrival, "cancelMyCardByCode", cancelled).await?;
        (matches!(cancelled, Tried::Done(_)), "cancel-done")
    };
    match outcome {
        (true, "misuse-done") => Ok(done("misuse-done", &EN.any_hour.misuse_done)),
        (true, name) => Ok(done(name, &EN.any_hour.cancel_done)),
        (false, _) => {
            let page = code_question(id, &form.reason).problem("code", EN.any_hour.code_wrong);
            Ok(page.page())
        }
    }
}

struct Form {
    request: String,
    code: String,
    reason: String,
}

impl Form {
    fn read(body: &Bytes) -> Result<Self, Failure> {
        let parameters = transaction::read(body)?;
        let field = |name| parameters.clean(name).unwrap_or_default().to_owned();
        Ok(Self {
            request: field("request"),
            code: field("code"),
            reason: field("reason"),
        })
    }

    fn reason_is_known(&self) -> bool {
        self.reason == REPORT || REASONS.iter().any(|reason| reason.as_str() == self.reason)
    }
}

/// `GET /cancel/link?t=`: asks.
///
/// # Errors
/// What the store says.
pub async fn link_page(
    State(house): State<Shared>,
    arrival: Arrival,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let token = token_of(&parameters);
    let found = cancel_own::of_link(&house.store, &token, arrival.now).await?;
    Ok(match found {
        Some(_) => Ask::new("cancel-link", LINK_PATH, &EN.any_hour.link)
            .hidden("t", &token)
            .page(),
        None => done("link-over", &EN.any_hour.link_over),
    })
}

/// `POST /cancel/link`: does it, once.
///
/// # Errors
/// What the store says.
pub async fn link(
    State(house): State<Shared>,
    arrival: Arrival,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let token = token_of(&parameters);
    let cancelled = cancel_own::by_link(&house.codes()?, &token, arrival.now).await;
    if cancelled
        .as_ref()
        .err()
        .is_some_and(|error| error.refusal().is_some())
    {
        return Ok(done("link-over", &EN.any_hour.link_over));
    }
    settle(
        &house,
        &arrival,
        "cancelByLink",
        About::default(),
        cancelled,
    )
    .await?;
    Ok(done("cancel-done", &EN.any_hour.cancel_done))
}

fn token_of(parameters: &Parameters) -> String {
    parameters.clean("t").unwrap_or_default().to_owned()
}
