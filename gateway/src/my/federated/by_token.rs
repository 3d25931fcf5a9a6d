//! The same for programs of ours: `startAccountLink` asks the same questions and says where the browser
//! goes on.

use axum::Json;
use axum::extract::State;
use enrolment::journeys::authenticator::may_add;
use http::HeaderMap;
use policies::refusal::RefusalCode;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TASK;
use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::api::outcome::{About, refuse, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::federation::Look;
use crate::house::Shared;
use crate::my::authenticators::naming::named;
use crate::my::authenticators::owner;
use crate::router::Access;

/// Its description.
pub const OPERATION: Operation = Operation::post(
    TASK,
    "/api/v1/my/authenticators/federated",
    Access::SelfToken,
    (schema_of::<StartLink>, schema_of::<LinkStarted>),
)
.about("Says where in the browser an account of another organisation is linked; nothing is linked yet.");

/// Body of `startAccountLink`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartLink {
    /// The organisation, as the configuration of this house names it.
    pub federation_id: String,
    /// What she calls it: 1 to 40 characters, without `<`, `>` and signs that nobody sees.
    pub name: String,
}

/// Answer of `startAccountLink`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct LinkStarted {
    /// Where her browser, in which she is signed in here, goes on.
    pub continue_at: String,
}

/// `startAccountLink`.
///
/// # Errors
/// Without a good token; `not_found` for an organisation of no configuration; `name_not_allowed`; as
/// [`may_add`] refuses; `federation_off` and `federation_unavailable`.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<StartLink>,
) -> Result<Json<LinkStarted>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let upstream = house.federation.find(&body.federation_id);
    let upstream = upstream.ok_or(Failure::NotFound)?;
    let name = named(&house, &arrival, (TASK, &caller.user_id), &body.name).await?;
    let owner = owner(&house, &caller);
    let may = may_add(&house.store, &house.policy, &owner, arrival.now).await;
    let about = || About::herself(&caller.user_id);
    settle(&house, &arrival, TASK, about(), may).await?;
    let closed = match house.federation.look(upstream) {
        Look::Open => None,
        Look::Off => Some(RefusalCode::FederationOff),
        Look::Down(_) => Some(RefusalCode::FederationUnavailable),
    };
    if let Some(code) = closed {
        let refused = refuse(&house, &arrival, TASK, about(), code.into()).await?;
        return Err(refused.into());
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("id", &body.federation_id);
    query.append_pair("name", name.as_str());
    Ok(Json(LinkStarted {
        continue_at: format!(
            "{}/my/authenticators/federated?{}",
            house.names.issuer,
            query.finish()
        ),
    }))
}
