//! `nameDeputy`: a ward gets a deputy, who gives its people temporary access and does nothing else
//! (domain 5.7).

use axum::Json;
use axum::extract::State;
use enrolment::deputies::NamedDeputy;
use enrolment::journeys::deputy::{NameDeputy, name_deputy};
use http::HeaderMap;
use policies::deputy::Ward;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::{last_second, user_id};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "nameDeputy",
    "/api/v1/desk/people/deputies",
    Access::DeskToken,
    (schema_of::<WantedDeputy>, schema_of::<DeputyView>),
)
.about("Names somebody the deputy of a ward that she works in; a naming that counts already is answered as it stands, unless it is to end at another time.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WantedDeputy {
    /// Her 12 digits.
    user_id: String,
    /// The organisation of the ward.
    org_code: String,
    /// The ward: the code of a workgroup of one of her roles.
    workgroup: String,
    /// Its last second, or a day: the end of that day in London. As long as the policy allows where
    /// nothing is said.
    ends_at: Option<String>,
}

/// A naming.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeputyView {
    /// Names it.
    deputy_id: String,
    /// Her 12 digits.
    user_id: String,
    /// The organisation of the ward.
    org_code: String,
    /// The ward.
    workgroup: String,
    /// When she was named.
    #[schemars(with = "String")]
    named_at: Time,
    /// Its last second.
    #[schemars(with = "String")]
    ends_at: Time,
}

impl From<NamedDeputy> for DeputyView {
    fn from(one: NamedDeputy) -> Self {
        Self {
            deputy_id: one.id.to_string(),
            user_id: one.user_id.to_string(),
            org_code: one.ward.org_code.to_string(),
            workgroup: one.ward.workgroup.to_string(),
            named_at: one.named_at,
            ends_at: one.ends_at,
        }
    }
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<WantedDeputy>,
) -> Result<Json<DeputyView>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let malformed = |_| Failure::BadInput("ward_malformed");
    let wanted = NameDeputy {
        user_id: user_id(&body.user_id)?,
        ward: Ward {
            org_code: body.org_code.parse().map_err(malformed)?,
            workgroup: body.workgroup.parse().map_err(malformed)?,
        },
        ends_at: body.ends_at.as_deref().map(last_second).transpose()?,
        by: desk.into(),
    };
    let about = About::person(&caller.user_id, wanted.user_id.clone());
    let named = name_deputy(&house.store, &house.policy, wanted, arrival.now).await;
    let named = settle(&house, &arrival, OPERATION.id, about, named).await?;
    Ok(Json(named.into()))
}
