//! The same for programs of ours: `startSecurityKey` and `finishSecurityKey`, with the JSON of the
//! standard.

use axum::Json;
use axum::extract::State;
use http::HeaderMap;
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{added, asked, attachment, owner};
use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::my::authenticators::naming::named;
use crate::router::Access;

/// The description of `startSecurityKey`.
pub const START: Operation = Operation::post(
    super::START,
    "/api/v1/my/authenticators/key",
    Access::SelfToken,
    (schema_of::<StartKey>, schema_of::<KeyStarted>),
)
.about("Asks for a new security key, Windows Hello or passkey; nothing is added yet.");

/// The description of `finishSecurityKey`.
pub const FINISH: Operation = Operation::post(
    super::FINISH,
    "/api/v1/my/authenticators/key/finish",
    Access::SelfToken,
    (schema_of::<FinishKey>, schema_of::<KeyAdded>),
)
.about("Adds the device that answered. Its first sign-in puts it in service.");

/// Body of `startSecurityKey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StartKey {
    /// `roaming` for a key that is held to the computer, `platform` for the computer, tablet or
    /// phone itself; left out for whichever the browser offers.
    #[serde(default)]
    pub kind: Option<String>,
}

/// Answer of `startSecurityKey`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyStarted {
    /// Names the ceremony.
    pub ceremony_id: String,
    /// `PublicKeyCredentialCreationOptionsJSON` (WebAuthn 5.4): for `parseCreationOptionsFromJSON`.
    pub public_key: Value,
    /// The level of this session: the device counts for no more until it is raised.
    pub bound_at_level: u8,
    /// The last second for finishing.
    #[schemars(with = "String")]
    pub expires_at: Time,
}

/// Body of `finishSecurityKey`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishKey {
    /// From `startSecurityKey`.
    pub ceremony_id: String,
    /// What she calls it: 1 to 40 characters, without `<`, `>` and signs that nobody sees.
    pub name: String,
    /// `RegistrationResponseJSON` (WebAuthn 5.1): what `PublicKeyCredential.toJSON` gives.
    pub credential: Value,
}

/// Answer of `finishSecurityKey`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KeyAdded {
    /// Names it.
    pub authenticator_id: String,
    /// `security-key`, `windows-hello` or `passkey`, by its evidence.
    pub method: String,
    /// The level of a sign-in with it now: 2 or 3.
    pub level: u8,
    /// The level that its evidence proves.
    pub evidence_level: u8,
    /// The level of the session in which it was added.
    pub bound_at_level: u8,
}

/// `startSecurityKey`.
///
/// # Errors
/// Without a good token; as `policies::authenticator::may_add` refuses.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<StartKey>,
) -> Result<Json<KeyStarted>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let kind = attachment(body.read()?.kind.as_deref())?;
    let (asked, new) = asked(&house, &arrival, &owner(&house, &caller), kind).await?;
    Ok(Json(KeyStarted {
        ceremony_id: asked.ceremony,
        public_key: asked.public_key,
        bound_at_level: new.bound_at.level(),
        expires_at: asked.ends_at,
    }))
}

/// `finishSecurityKey`.
///
/// # Errors
/// Without a good token; `name_not_allowed`, `ceremony_failed`; as `policies::authenticator::add` refuses.
pub async fn finish(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<FinishKey>,
) -> Result<Json<KeyAdded>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let whose = (FINISH.id, &caller.user_id);
    let name = named(&house, &arrival, whose, &body.name).await?;
    let answer = serde_json::to_vec(&body.credential).map_err(Failure::internal)?;
    let brought = (body.ceremony_id.as_str(), answer.as_slice(), name);
    let added = added(&house, &arrival, &owner(&house, &caller), brought).await?;
    Ok(Json(KeyAdded {
        authenticator_id: added.id.to_string(),
        method: added.method.as_str().to_owned(),
        level: added.evidence.min(added.bound_at).level(),
        evidence_level: added.evidence.level(),
        bound_at_level: added.bound_at.level(),
    }))
}
