//! Another desk person stands behind a colleague's work (contract 5): she types its number, sees
//! whose face is to be compared, and confirms under her own sign-in.

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::desk;
use http::HeaderMap;

use super::{Visitor, leading_back, visitor, visitor_by_form, whom};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::Frame;
use crate::pages::desk::{SecondPage, SecondWork};
use crate::signin::transaction::{self, see_other};

const PAGE: &str = "/desk/second";
const TASK: &str = "secondDeskCardWork";

/// `GET /desk/second`: asks for the number, then shows the work.
///
/// # Errors
/// The refusal of a work that is not for her; what the store says.
pub(super) async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let visitor = visitor(&house, &arrival, &headers).await?;
    let work = match number(&query) {
        Some(work_id) => Some(work(&house, &arrival, &visitor, work_id).await?),
        None => None,
    };
    let page = SecondPage {
        frame: Frame::signed_in(),
        token: visitor.token(),
        work,
        done: query.clean("done").is_some(),
    };
    Ok(page.respond())
}

/// The number of a work as somebody types it.
fn number(parameters: &Parameters) -> Option<String> {
    let typed = parameters.clean("work")?;
    let bare = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    Some(bare.collect::<String>().to_lowercase())
}

async fn work(
    house: &Shared,
    arrival: &Arrival,
    visitor: &Visitor,
    work_id: String,
) -> Result<SecondWork, Failure> {
    let about = About::desk(visitor.user_id(), None);
    let view = super::work::read(house, arrival, visitor, work_id).await;
    let view = settle(house, arrival, TASK, about, view).await;
    let view = view.map_err(|failure| leading_back(failure, PAGE))?;
    let m = &EN.desk;
    let begun_at = (m.stamp)(view.started_at);
    Ok(SecondWork {
        title: (m.work.title)(view.kind.as_str(), &view.holder.display_name),
        whom: whom(&view.holder, &format!("/desk/cards/{}", view.card)),
        begun: (m.second.begun)(&view.begun_by.display_name, &begun_at),
        work_id: view.work_id,
    })
}

/// `POST /desk/second`: stands behind it.
///
/// # Errors
/// The refusal; what the store says.
pub(super) async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let (visitor, form) = visitor_by_form(&house, &arrival, &headers, &body).await?;
    let work_id = number(&form).ok_or(Failure::BadRequest("work_missing"))?;
    let about = About::desk(visitor.user_id(), None);
    let (store, policy) = (&house.store, &house.policy);
    let done = desk::second_work(store, policy, &work_id, visitor.desk, arrival.now).await;
    let done = settle(&house, &arrival, TASK, about, done).await;
    done.map_err(|failure| leading_back(failure, PAGE))?;
    see_other(&format!("{PAGE}?done=1"))
}
