//! The person's ways to sign in beside her card: the list, lost, found, taken away; for people at
//! `/my/authenticators`, for programs as `listAuthenticators`, `changeAuthenticator` and
//! `removeAuthenticator`.

pub(crate) mod naming;
mod taking_away;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::authenticators::{self, Authenticator};
use enrolment::journeys::JourneyError;
use enrolment::journeys::authenticator::{Wish, change_own, may_add};
use enrolment::journeys::owner::{Ground, Owner};
use enrolment::store::StoreError;
use http::HeaderMap;
use policies::authenticator::{AuthenticatorState, Change, may_serve_desk};
use policies::ids::UserId;
use policies::refusal::RefusalCode;
use policies::signin::Aal;
use policies::time::Time;
use policies::values::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::api::outcome::{About, settle};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::Messages;
use crate::pages::app::{AuthenticatorLine, AuthenticatorsPage, Hindrance};
use crate::router::Access;
use crate::signin::own::{self, OwnPage};
use crate::signin::transaction::{self, see_other};

/// The purpose of the form tokens.
const PURPOSE: &str = "change authenticator";
const PATH: &str = "/my/authenticators";

/// The description of `listAuthenticators`.
pub const LIST: Operation = Operation::get(
    "listAuthenticators",
    "/api/v1/my/authenticators",
    Access::SelfToken,
    schema_of::<Authenticators>,
)
.about("The caller's ways to sign in beside the card, with the level of each now.");

/// The description of `changeAuthenticator`.
pub const CHANGE: Operation = Operation::post(
    "changeAuthenticator",
    "/api/v1/my/authenticators/change",
    Access::SelfToken,
    (schema_of::<ChangeAuthenticator>, schema_of::<Changed>),
)
.about("Reports one as lost (`suspended`), which needs no fresh proof, or as found (`active`).");

/// The description of `removeAuthenticator`.
pub const REMOVE: Operation = Operation::post(
    "removeAuthenticator",
    "/api/v1/my/authenticators/remove",
    Access::SelfToken,
    (schema_of::<RemoveAuthenticator>, schema_of::<Changed>),
)
.about("Takes one away for ever, with the sessions that it opened.");

/// The ways to sign in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Authenticators {
    /// The newest first.
    pub authenticators: Vec<AuthenticatorView>,
}

/// One way to sign in.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AuthenticatorView {
    /// Names it.
    pub authenticator_id: String,
    /// `security-key`, `authenticator-app` and so on.
    pub method: String,
    /// What she calls it.
    pub name: String,
    /// `registered`, `active`, `suspended` or `locked`.
    pub state: String,
    /// The level of a sign-in with it now: 2 or 3.
    pub level: u8,
    /// The level that its evidence proves.
    pub evidence_level: u8,
    /// The level of the session in which it was added.
    pub bound_at_level: u8,
    /// When it was added.
    #[schemars(with = "String")]
    pub added_at: Time,
    /// When it signed her in last.
    #[schemars(with = "Option<String>")]
    pub used_at: Option<Time>,
    /// The last second of a temporary one.
    #[schemars(with = "Option<String>")]
    pub ends_at: Option<Time>,
}

/// Body of `changeAuthenticator`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeAuthenticator {
    /// Names it.
    pub authenticator_id: String,
    /// `suspended` or `active`.
    pub state: String,
}

/// Body of `removeAuthenticator`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RemoveAuthenticator {
    /// Names it.
    pub authenticator_id: String,
}

/// Where it stands now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Changed {
    /// `suspended`, `active` or `removed`.
    pub state: String,
}

/// `GET /my/authenticators`.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let opened = own::visitor(&house, &arrival, &headers, OwnPage::My).await?;
    let query = transaction::read(query.unwrap_or_default().as_bytes())?;
    let frame = super::frame(&house, &opened.session).await?;
    let all = all(&house, &opened.session.user_id).await?;
    let owner = owner(&house, &Caller::from(opened.session.clone()));
    let may = may_add(&house.store, &house.policy, &owner, arrival.now).await;
    Ok(AuthenticatorsPage {
        done: query.clean("done").and_then(frame.m.apps.done),
        hindrance: hindrance(may, frame.m)?,
        lines: all
            .iter()
            .map(|one| line(one, arrival.now, &house.policy, frame.m))
            .collect(),
        token: opened.key.form_token(PURPOSE),
        apps: house.vault.is_some(),
        federated: !house.federation.is_empty(),
        keys: house.keys.is_some(),
        frame,
    }
    .respond())
}

/// Why she can add nothing now; every other "no" is the page's own.
fn hindrance(may: Result<(), JourneyError>, m: &Messages) -> Result<Option<Hindrance>, Failure> {
    let Err(error) = may else {
        return Ok(None);
    };
    let code = error.refusal().map(|refusal| refusal.code);
    let words = code.and_then(|code| Some((code, (m.apps.hindrance)(code)?)));
    let Some((code, text)) = words else {
        return Err(error.into());
    };
    Ok(Some(Hindrance {
        code: code.as_str(),
        text,
        again: helps_to_add(code).then(|| OwnPage::Ways.sign_in_again_url()),
    }))
}

/// Whether another sign-in would let her add something.
const fn helps_to_add(code: RefusalCode) -> bool {
    let by_device = matches!(
        code,
        RefusalCode::ModelNotAllowed | RefusalCode::AttestationMissing
    );
    by_device || helped_by_signing_in(code)
}

const fn helped_by_signing_in(code: RefusalCode) -> bool {
    matches!(
        code,
        RefusalCode::OwnAuthenticatorNeeded
            | RefusalCode::SessionLevelTooLow
            | RefusalCode::ReauthenticationNeeded
    )
}

/// A "no" from which she can sign in again, or go back to where she was.
pub(super) fn with_ways_on(failure: Failure) -> Failure {
    let Failure::Refused(mut refused) = failure else {
        return failure;
    };
    if helped_by_signing_in(refused.refusal.code) {
        refused.another_way = Some(OwnPage::Ways.sign_in_again_url());
    }
    refused.back = Some(PATH.to_owned());
    Failure::Refused(refused)
}

fn line(one: &Authenticator, now: Time, policy: &Policy, m: &Messages) -> AuthenticatorLine {
    AuthenticatorLine {
        id: one.id.to_string(),
        name: one.name.clone(),
        kind: (m.methods.way)(one.method).name,
        level: level(one, now, policy, m),
        state: state(one, now, m),
        added: (m.moment_with_zone)(one.added_at),
        used: one
            .used_at
            .map_or(m.apps.never.to_owned(), |at| (m.moment_with_zone)(at)),
        temporary: one.ends_at.map(|at| (m.invitations.temporary)(at, now)),
        fresh: now < one.counts_since().plus(policy.authenticator_cooldown()),
        lost: one.state == AuthenticatorState::Suspended,
        locked: one.state == AuthenticatorState::Locked,
    }
}

/// Where it stands, in words. What was given for a time may have ended, used or not.
pub(crate) fn state(one: &Authenticator, now: Time, m: &Messages) -> &'static str {
    let in_service = matches!(
        one.state,
        AuthenticatorState::Registered | AuthenticatorState::Active
    );
    if in_service && one.ends_at.is_some_and(|end| now > end) {
        m.apps.ended
    } else {
        (m.apps.state_words)(one.state)
    }
}

/// What it opens, in words.
pub(super) fn level(one: &Authenticator, now: Time, policy: &Policy, m: &Messages) -> String {
    let desk = may_serve_desk(Some(one.counts_since()), now, policy);
    let from = desk.err().and_then(|refusal| refusal.opens_at);
    let from = from.map(m.moment_with_zone);
    // What is for one shift stays as it is.
    let could = match one.ends_at {
        None => (one.evidence, one.method.cap()),
        Some(_) => (Aal::Aal2, Aal::Aal2),
    };
    (m.apps.level_words)(one.facts().level(), could, from.as_deref())
}

/// `POST /my/authenticators` with `id` and `change`: `lost`, `found` or `remove`, the last of which is
/// asked for once more until `confirmed` is `yes`.
///
/// # Errors
/// The way to the sign-in; as [`change_own`] refuses.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let place = (OwnPage::My, PURPOSE);
    let opened = own::visitor_by_form(&house, &arrival, &headers, place, &parameters).await?;
    let id = parameters.clean("id").unwrap_or_default();
    let word = parameters.clean("change").unwrap_or_default();
    let (change, task) = match word {
        "lost" => (Change::Suspend, CHANGE.id),
        "found" => (Change::Resume, CHANGE.id),
        "remove" if parameters.clean("confirmed") != Some("yes") => {
            return taking_away::ask(&house, &opened, id).await;
        }
        "remove" => (Change::Remove, REMOVE.id),
        _ => return Err(Failure::BadRequest("malformed")),
    };
    let caller = Caller::from(opened.session);
    let done = change_it(&house, &arrival, &caller, (id, change, task)).await;
    done.map_err(with_ways_on)?;
    see_other(&format!("{PATH}?done={word}"))
}

/// `listAuthenticators`.
///
/// # Errors
/// Without a good token; what the store says.
pub async fn list(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Json<Authenticators>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let all = all(&house, &caller.user_id).await?;
    Ok(Json(Authenticators {
        authenticators: all.into_iter().map(view).collect(),
    }))
}

/// One of them as programs see it.
pub(crate) fn view(one: Authenticator) -> AuthenticatorView {
    AuthenticatorView {
        authenticator_id: one.id.to_string(),
        method: one.method.as_str().to_owned(),
        state: one.state.as_str().to_owned(),
        level: one.facts().level().level(),
        evidence_level: one.evidence.level(),
        bound_at_level: one.bound_at.level(),
        name: one.name,
        added_at: one.added_at,
        used_at: one.used_at,
        ends_at: one.ends_at,
    }
}

/// `changeAuthenticator`.
///
/// # Errors
/// Without a good token; as [`change_own`] refuses.
pub async fn change(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<ChangeAuthenticator>,
) -> Result<Json<Changed>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let change = match body.state.as_str() {
        "suspended" => Change::Suspend,
        "active" => Change::Resume,
        _ => return Err(Failure::BadInput("malformed")),
    };
    let wish = (body.authenticator_id.as_str(), change, CHANGE.id);
    change_it(&house, &arrival, &caller, wish).await.map(Json)
}

/// `removeAuthenticator`.
///
/// # Errors
/// Without a good token; as [`change_own`] refuses.
pub async fn remove(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<RemoveAuthenticator>,
) -> Result<Json<Changed>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let body = body.read()?;
    let wish = (body.authenticator_id.as_str(), Change::Remove, REMOVE.id);
    change_it(&house, &arrival, &caller, wish).await.map(Json)
}

/// What every kind of authenticator takes for its owner: the caller, in her session.
pub(crate) fn owner(house: &Shared, caller: &Caller) -> Owner {
    Owner {
        user_id: caller.user_id.clone(),
        ground: Ground::Session(caller.signed_in(house)),
        role_keys: house.role_keys(),
    }
}

async fn change_it(
    house: &Shared,
    arrival: &Arrival,
    caller: &Caller,
    (id, change, task): (&str, Change, &'static str),
) -> Result<Changed, Failure> {
    let wish = Wish {
        user_id: caller.user_id.clone(),
        signed_in: caller.signed_in(house),
        id: id.parse().map_err(|_| Failure::BadInput("malformed"))?,
        change,
    };
    let done = change_own(&house.store, &house.policy, wish, arrival.now).await;
    let about = About::herself(&caller.user_id);
    let state = settle(house, arrival, task, about, done).await?;
    Ok(Changed {
        state: state.as_str().to_owned(),
    })
}

async fn all(house: &Shared, person: &UserId) -> Result<Vec<Authenticator>, Failure> {
    let person = person.clone();
    let read = house
        .store
        .read::<_, StoreError, _>("my.authenticators", move |tx| {
            let person = person.clone();
            Box::pin(async move { authenticators::of_person(tx, &person).await })
        });
    Ok(read.await?)
}
