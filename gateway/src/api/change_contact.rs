//! `changeContact` and `confirmContact`: where a person is reached (attack table 40).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::change_contact::{self, NewAddress, Whose};
use http::HeaderMap;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use super::stranger;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Body of `changeContact`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeContact {
    /// `mail` or `sms`.
    channel: String,
    /// The new address, or the new number in international form.
    address: String,
}

/// Answer of `changeContact`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ContactStarted {
    /// Names the change.
    change_id: String,
    /// The last second of the code: fifteen minutes.
    #[schemars(with = "String")]
    expires_at: Time,
}

/// Body of `confirmContact`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfirmContact {
    /// From `changeContact`.
    change_id: String,
    /// The code as it was typed.
    code: String,
}

/// Answer of `confirmContact`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ContactChanged {
    /// The new address is on record.
    changed: bool,
    /// From then on codes are sent there; until then the old address is told of everything.
    #[schemars(with = "String")]
    counts_from: Time,
}

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "changeContact",
    "/api/v1/my/contacts",
    Access::SelfToken,
    (schema_of::<ChangeContact>, schema_of::<ContactStarted>),
)
.about("Sends a code to a new address of the caller; nothing is changed yet.");

/// Its description.
pub(super) const CONFIRM: Operation = Operation::post(
    "confirmContact",
    "/api/v1/my/contacts/confirm",
    Access::SelfToken,
    (schema_of::<ConfirmContact>, schema_of::<ContactChanged>),
)
.about("Puts the new address on record and tells every address, old and new.");

/// The handler of `changeContact`.
pub(super) async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ChangeContact>,
) -> Result<Json<ContactStarted>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let new = NewAddress::parse(&body.channel, &body.address)
        .map_err(|_| Failure::BadInput("address_malformed"))?;
    let (codes, whose) = (house.codes()?, whose(&house, &caller));
    let begun = change_contact::start(&codes, whose, new, arrival.now).await;
    let about = About::herself(&caller.user_id);
    let change_id = settle(&house, &arrival, OPERATION.id, about, begun).await?;
    Ok(Json(ContactStarted {
        change_id,
        expires_at: arrival.now.plus(house.policy.code_life()),
    }))
}

/// The handler of `confirmContact`.
pub(super) async fn confirm(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ConfirmContact>,
) -> Result<Json<ContactChanged>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let (codes, whose) = (house.codes()?, whose(&house, &caller));
    let typed = stranger::typed(&body.change_id, &body.code);
    let done = change_contact::confirm(&codes, whose, typed, arrival.now).await;
    let about = About::herself(&caller.user_id);
    settle(&house, &arrival, CONFIRM.id, about, done).await?;
    Ok(Json(ContactChanged {
        changed: true,
        counts_from: arrival.now.plus(house.policy.contact_hold()),
    }))
}

fn whose(house: &Shared, caller: &Caller) -> Whose {
    Whose {
        user_id: caller.user_id.clone(),
        signed_in: caller.signed_in(house),
    }
}
