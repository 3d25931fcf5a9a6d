//! `GET /my`: "My card".

use axum::extract::State;
use axum::response::Response;
use enrolment::register;
use enrolment::store::StoreError;
use http::HeaderMap;
use policies::ids::UserId;
use policies::time::Time;

use super::overview::Overview;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::Messages;
use crate::pages::my::{CardFacts, MyCardPage};
use crate::pages::people::Face;
use crate::signin::own::{self, OwnPage};

/// The handler.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let frame = super::frame(&house, &opened.session).await?;
    let person = person(&house, &opened.session.user_id).await?;
    let overview = Overview::of(&house, &person.user_id, arrival.now).await?;
    let card = overview.map(|overview| facts(&overview, arrival.now, frame.m));
    Ok(MyCardPage {
        face: Face::of(&person, None),
        card,
        frame,
    }
    .respond())
}

/// The record of who is there.
pub(super) async fn person(house: &Shared, user_id: &UserId) -> Result<register::Person, Failure> {
    let user_id = user_id.clone();
    let read = house
        .store
        .read::<_, StoreError, _>("my.person", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move { register::person(tx, &user_id).await })
        });
    read.await?.ok_or(Failure::NotFound)
}

/// The card in words.
pub(super) fn facts(overview: &Overview, now: Time, m: &'static Messages) -> CardFacts {
    let view = &overview.view;
    let refusal = overview.renewal().err();
    let certificates = view.current.iter().flat_map(|set| &set.certificates);
    CardFacts {
        number: view.card.number.to_string(),
        state: (m.my.state)(view.card.state),
        expired: view.not_after.is_some_and(|end| now > end),
        certificates: certificates
            .map(|one| {
                let ends = (m.moment_with_zone)(one.not_after);
                ((m.my.certificate)(one.key_role), ends)
            })
            .collect(),
        window_opens: view.window_opens_at.map(m.moment_with_zone),
        left: (m.my.renewals_left)(view.self_renewals_left),
        pending: view.pending.is_some(),
        opens_at: refusal
            .as_ref()
            .and_then(|refusal| refusal.opens_at)
            .map(m.moment_with_zone),
        refused: refusal.map(|refusal| m.refusals.of_act(refusal.code)),
        helpers: overview.helpers.clone(),
    }
}
