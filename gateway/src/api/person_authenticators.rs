//! `listPersonAuthenticators`, `changePersonAuthenticator`, `raisePersonAuthenticator` and
//! `listUnusedAuthenticators`: the ways to sign in of other people, at a desk (domain 5.7).

use axum::Json;
use axum::extract::{RawQuery, State};
use enrolment::journeys::JourneyError;
use enrolment::journeys::desk_authenticator::{self as journey, DeskLine, DeskWish};
use enrolment::unused::{self, Place, Unused};
use http::HeaderMap;
use policies::invitation::{DeskChange, Meeting};
use policies::time::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::body::{Body, read_query};
use super::caller::Caller;
use super::desk_shapes::{user_id, word};
use super::operation::{Operation, schema_of};
use super::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::my::authenticators::{AuthenticatorView, Authenticators, Changed, view};
use crate::router::Access;

/// The description of `listPersonAuthenticators`.
pub(super) const LIST: Operation = Operation::get(
    "listPersonAuthenticators",
    "/api/v1/desk/people/authenticators",
    Access::DeskToken,
    schema_of::<Authenticators>,
)
.query(&[("user_id", "12 digits of a person")])
.about("Somebody's ways to sign in beside the card, with the level of each now.");

/// The description of `changePersonAuthenticator`.
pub(super) const CHANGE: Operation = Operation::post(
    "changePersonAuthenticator",
    "/api/v1/desk/people/authenticators/change",
    Access::DeskToken,
    (schema_of::<ChangePersonAuthenticator>, schema_of::<Changed>),
)
.about(
    "Stops one of somebody's ways to sign in (`suspended`), or takes it away for ever (`removed`).",
);

/// The description of `raisePersonAuthenticator`.
pub(super) const RAISE: Operation = Operation::post(
    "raisePersonAuthenticator",
    "/api/v1/desk/people/authenticators/raise",
    Access::DeskToken,
    (schema_of::<RaisePersonAuthenticator>, schema_of::<Raised>),
)
.about("Its owner being present, lets one count for all that its evidence proves.");

/// The description of `listUnusedAuthenticators`.
pub(super) const UNUSED: Operation = Operation::get(
    "listUnusedAuthenticators",
    "/api/v1/desk/authenticators/unused",
    Access::DeskToken,
    schema_of::<UnusedAuthenticators>,
)
.query(&[("after", "`next` of the page before")])
.about("Ways to sign in of the desk's own people that nobody has used for 12 months, 50 at a time, the longest unused first.");

/// Body of `changePersonAuthenticator`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePersonAuthenticator {
    /// Her 12 digits.
    user_id: String,
    /// Names it.
    authenticator_id: String,
    /// `suspended` or `removed`.
    state: String,
    /// `lost`, `stolen`, `misused` or `unused`.
    reason: Option<String>,
    /// The desk knows that nothing else would sign her in.
    #[serde(default)]
    last_too: bool,
}

/// Body of `raisePersonAuthenticator`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RaisePersonAuthenticator {
    /// Her 12 digits.
    user_id: String,
    /// Names it.
    authenticator_id: String,
    /// She is here, with the device.
    #[serde(default)]
    holder_present: bool,
    /// Her face was compared with the photo on record.
    #[serde(default)]
    photo_compared: bool,
}

/// Answer of `raisePersonAuthenticator`.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Raised {
    /// The level for which it counts now.
    bound_at_level: u8,
}

/// A page of ways to sign in that nobody uses.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UnusedAuthenticators {
    /// The longest unused first.
    authenticators: Vec<UnusedAuthenticator>,
    /// Where the next page begins, if there is one.
    next: Option<String>,
}

/// One of them.
#[derive(Debug, Serialize, JsonSchema)]
struct UnusedAuthenticator {
    /// Names it.
    authenticator_id: String,
    /// Its owner's 12 digits.
    user_id: String,
    /// Its owner's name.
    owner: String,
    /// `security-key`, `authenticator-app` and so on.
    method: String,
    /// What its owner calls it.
    name: String,
    /// When it was added.
    #[schemars(with = "String")]
    added_at: Time,
    /// When it signed her in last.
    #[schemars(with = "Option<String>")]
    used_at: Option<Time>,
}

impl From<Unused> for UnusedAuthenticator {
    fn from(one: Unused) -> Self {
        Self {
            authenticator_id: one.id.to_string(),
            user_id: one.user_id.to_string(),
            owner: one.owner,
            method: one.method.as_str().to_owned(),
            name: one.name,
            added_at: one.added_at,
            used_at: one.used_at,
        }
    }
}

/// `listPersonAuthenticators`.
pub(super) async fn list(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Authenticators>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let query = read_query(query)?;
    let person = user_id(query.clean("user_id").unwrap_or_default())?;
    let about = About::person(&caller.user_id, person.clone());
    let (policy, now) = (house.policy.clone(), arrival.now);
    let read = house
        .store
        .read::<_, JourneyError, _>("desk.authenticators", move |tx| {
            let (policy, asked) = (policy.clone(), (person.clone(), desk.clone()));
            Box::pin(async move {
                let (person, desk) = asked;
                journey::of_person(tx, &policy, (&person, desk), now).await
            })
        });
    let lines = settle(&house, &arrival, LIST.id, about, read.await).await?;
    let all = lines.into_iter().map(|line: DeskLine| view(line.one));
    let authenticators: Vec<AuthenticatorView> = all.collect();
    Ok(Json(Authenticators { authenticators }))
}

/// `changePersonAuthenticator`.
pub(super) async fn change(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ChangePersonAuthenticator>,
) -> Result<Json<Changed>, Failure> {
    let (caller, by) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let reason = word(body.reason.as_deref(), "malformed")?;
    let last_too = body.last_too;
    let wanted = match body.state.as_str() {
        "suspended" => DeskChange::Suspend(reason),
        "removed" => DeskChange::Remove { reason, last_too },
        _ => return Err(Failure::BadInput("malformed")),
    };
    let wish = DeskWish {
        user_id: user_id(&body.user_id)?,
        id: id(&body.authenticator_id)?,
        by,
    };
    let about = About::person(&caller.user_id, wish.user_id.clone());
    let wanted = (wish, wanted);
    let done = journey::change(&house.store, &house.policy, wanted, arrival.now).await;
    let state = settle(&house, &arrival, CHANGE.id, about, done).await?;
    Ok(Json(Changed {
        state: state.as_str().to_owned(),
    }))
}

fn id(text: &str) -> Result<policies::ids::AuthenticatorId, Failure> {
    text.parse().map_err(|_| Failure::BadInput("malformed"))
}

/// `raisePersonAuthenticator`.
pub(super) async fn raise(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<RaisePersonAuthenticator>,
) -> Result<Json<Raised>, Failure> {
    let (caller, by) = Caller::at_desk(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let meeting = Meeting {
        holder_present: body.holder_present,
        photo_compared: body.photo_compared,
    };
    let wish = DeskWish {
        user_id: user_id(&body.user_id)?,
        id: id(&body.authenticator_id)?,
        by,
    };
    let about = About::person(&caller.user_id, wish.user_id.clone());
    let wanted = (wish, meeting);
    let done = journey::raise(&house.store, &house.policy, wanted, arrival.now).await;
    settle(&house, &arrival, RAISE.id, about, done).await?;
    Ok(Json(Raised { bound_at_level: 3 }))
}

/// `listUnusedAuthenticators`.
pub(super) async fn list_unused(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<UnusedAuthenticators>, Failure> {
    let (caller, desk) = Caller::at_desk(&house, &arrival, &headers).await?;
    let query = read_query(query)?;
    let after = match query.clean("after") {
        Some(text) => Some(Place::read(text).ok_or(Failure::BadInput("malformed"))?),
        None => None,
    };
    let about = About::desk(&caller.user_id, None);
    let found = unused::list(&house.store, &house.policy, (desk, after), arrival.now).await;
    let found = settle(&house, &arrival, UNUSED.id, about, found).await?;
    Ok(Json(UnusedAuthenticators {
        authenticators: found.lines.into_iter().map(Into::into).collect(),
        next: found.next.map(|place| place.to_text()),
    }))
}
