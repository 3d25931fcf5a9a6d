//! `getMyCard`: the holder's card, by her token or by the card itself.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use enrolment::card_view::{self, CardView};
use enrolment::cards::CertificateSet;
use enrolment::journeys::JourneyError;
use http::HeaderMap;
use policies::card::CertificateState;
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::renewal::in_window;
use policies::signin::judge_card;
use policies::time::Time;
use policies::values::Policy;
use wire::card::{CardStatus, CertificateStatus};

use super::caller::{self, Caller};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

const PATH: &str = "/api/v1/my/card";

/// Its description.
pub(super) const OPERATION: Operation = Operation::get(
    "getMyCard",
    PATH,
    Access::SelfToken,
    schema_of::<CardStatus>,
)
.about("The caller's own card: its certificates, its window, what she may do with it and why not.")
.also_by_card();

/// The same for cards.
pub(super) const FOR_CARDS: Operation = Operation {
    access: Access::CardClient,
    ..OPERATION
};

/// The handler for tokens.
pub(super) async fn by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Json<CardStatus>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let view = view_of(&house, caller.user_id.clone(), arrival.now).await;
    let about = About::herself(&caller.user_id);
    let view = settle(&house, &arrival, OPERATION.id, about, view).await?;
    Ok(Json(status(&view, arrival.now, &house.policy)))
}

/// The handler for cards. An expired card may still ask how it stands; any other that may not sign
/// in is refused as it would be there.
pub(super) async fn by_card(
    State(house): State<Shared>,
    arrival: Arrival,
) -> Result<Json<CardStatus>, Failure> {
    let presented = caller::card(&house, &arrival).await?;
    let about = caller::about_card(&house, &presented).await?;
    let now = arrival.now;
    let standing = house
        .store
        .read::<_, JourneyError, _>("api.my_card", move |tx| {
            let presented = presented.clone();
            Box::pin(async move {
                let standing = enrolment::cards::standing(tx, &presented.issuer, &presented.serial)
                    .await?
                    .ok_or(RefusalCode::CertificateUnknown)?;
                match judge_card(&standing.facts(), now) {
                    Err(refusal) if refusal.code != RefusalCode::CertificateExpired => {
                        Err(refusal.into())
                    }
                    _ => Ok(standing.person),
                }
            })
        })
        .await;
    let person = settle(&house, &arrival, OPERATION.id, about.clone(), standing).await?;
    let view = view_of(&house, person, now).await;
    let view = settle(&house, &arrival, OPERATION.id, about, view).await?;
    Ok(Json(status(&view, now, &house.policy)))
}

async fn view_of(house: &Shared, person: UserId, now: Time) -> Result<CardView, JourneyError> {
    let issuing = house.issuing();
    house
        .store
        .read("card.view", move |tx| {
            let (issuing, person) = (issuing.clone(), person.clone());
            Box::pin(async move { card_view::of_holder(tx, &issuing, &person, now).await })
        })
        .await
}

/// The view as the wire tells it.
pub(super) fn status(view: &CardView, now: Time, policy: &Policy) -> CardStatus {
    let mut certificates = Vec::new();
    for set in view.current.iter().chain(&view.pending) {
        certificates.extend(certificates_of(set, now, policy));
    }
    let mut allowed_actions = Vec::new();
    let mut refusals = BTreeMap::new();
    for (action, judged) in &view.offers {
        match judged {
            Ok(()) => allowed_actions.push((*action).to_owned()),
            Err(refusal) => {
                refusals.insert((*action).to_owned(), refusal.code.as_str().to_owned());
            }
        }
    }
    CardStatus {
        number: view.card.number.to_string(),
        state: view.card.state.as_str().to_owned(),
        certificates,
        window_opens_at: view.window_opens_at,
        self_renewals_used: view.card.self_renewals,
        self_renewals_left: view.self_renewals_left,
        allowed_actions,
        refusals,
        pending_renewal_id: view.pending_renewal_id.clone(),
        current_renewal_id: view.current_renewal_id.clone(),
    }
}

fn certificates_of(set: &CertificateSet, now: Time, policy: &Policy) -> Vec<CertificateStatus> {
    set.certificates
        .iter()
        .map(|certificate| CertificateStatus {
            serial: certificate.serial.to_string(),
            key_role: certificate.key_role,
            not_before: certificate.not_before,
            not_after: certificate.not_after,
            status: match set.state {
                CertificateState::Delivered => "pending",
                _ if now < certificate.not_before => "not_yet_valid",
                _ if now > certificate.not_after => "expired",
                _ if in_window(certificate.not_after, now, policy) => "in_window",
                _ => "valid",
            }
            .to_owned(),
        })
        .collect()
}
