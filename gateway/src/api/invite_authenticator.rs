//! `inviteAuthenticator`: a desk gives somebody in front of it a link with which she adds one way to
//! sign in, for good or for one shift (domain 5.7).

use axum::Json;
use axum::extract::State;
use enrolment::journeys::invitation::{Invite, invite};
use http::HeaderMap;
use policies::invitation::{InvitationKind, Meeting};
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::Body;
use super::caller::Caller;
use super::desk_shapes::{user_id, word};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::enrol;
use crate::error::Failure;
use crate::house::Shared;
use crate::router::Access;

/// Its description.
pub(super) const OPERATION: Operation = Operation::post(
    "inviteAuthenticator",
    "/api/v1/desk/people/authenticators/invite",
    Access::DeskToken,
    (schema_of::<InviteAuthenticator>, schema_of::<Invited>),
)
.about("Gives a link that works once, in the meeting, to add a way to sign in; `temporary` for a card left at home.");

/// Its body.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InviteAuthenticator {
    /// Her 12 digits.
    user_id: String,
    /// `lasting` (also where nothing is said) or `temporary`.
    kind: Option<String>,
    /// She is here.
    #[serde(default)]
    holder_present: bool,
    /// Her face was compared with the photo on record.
    #[serde(default)]
    photo_compared: bool,
}

/// Its answer. The link is given this once.
#[derive(Serialize, JsonSchema)]
pub(super) struct Invited {
    /// Where she adds it.
    link: String,
    /// The last second of the link.
    #[schemars(with = "String")]
    expires_at: Time,
    /// The last second of what it adds, where that is temporary.
    #[schemars(with = "Option<String>")]
    ends_at: Option<Time>,
}

/// The handler.
pub(super) async fn handle(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<InviteAuthenticator>,
) -> Result<Json<Invited>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let person = user_id(&body.user_id)?;
    let kind = word(body.kind.as_deref(), "malformed")?;
    let wanted = Invite {
        user_id: person.clone(),
        kind: kind.unwrap_or(InvitationKind::Lasting),
        meeting: Meeting {
            holder_present: body.holder_present,
            photo_compared: body.photo_compared,
        },
        by: desk,
    };
    let about = About::person(&caller.user_id, person);
    let given = invite(&house.store, &house.policy, wanted, arrival.now).await;
    let given = settle(&house, &arrival, OPERATION.id, about, given).await?;
    Ok(Json(Invited {
        link: format!("{}{}", house.names.issuer, enrol::path_of(&given.secret)),
        expires_at: given.expires_at,
        ends_at: given.ends_at,
    }))
}
