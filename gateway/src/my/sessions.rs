//! The person's running sessions, and ending them: one, or all at once; for people at
//! `/my/sessions`, for programs as `listSessions` and `endSession`. Where a session was begun (browser
//! and network address) is shown to its person alone, and forgotten with it.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use enrolment::audit::{Code, Event};
use enrolment::store::{Key, StoreError, Tx};
use enrolment::{authenticators, register};
use http::HeaderMap;
use policies::ids::{SessionId, UserId};
use policies::time::Time;
use policies::values::Policy;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::body::Body;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::pages::my::{SessionLine, SessionsPage};
use crate::pages::people::RoleLine;
use crate::router::Access;
use crate::signin::ending;
use crate::signin::own::{self, OwnPage};
use crate::signin::session::{self, EndReason, Session};
use crate::signin::transaction::{self, see_other};
use crate::store::sessions;

/// The purpose of the form tokens.
const PURPOSE: &str = "end session";

/// The description of `listSessions`.
pub const LIST: Operation = Operation::get(
    "listSessions",
    "/api/v1/my/sessions",
    Access::SelfToken,
    schema_of::<Sessions>,
)
.about("The caller's running sessions.");

/// The description of `endSession`.
pub const END: Operation = Operation::post(
    "endSession",
    "/api/v1/my/sessions/end",
    Access::SelfToken,
    (schema_of::<EndSession>, schema_of::<Ended>),
)
.about("Ends one running session of the caller, or all of them, with their tokens.");

/// The running sessions.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Sessions {
    /// The one used last first, a hundred at most.
    pub sessions: Vec<SessionView>,
}

/// A running session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionView {
    /// Its name, as in the claim `sid`.
    pub sid: String,
    /// When she proved herself.
    #[schemars(with = "String")]
    pub authenticated_at: Time,
    /// Its last sign of life.
    #[schemars(with = "String")]
    pub last_active_at: Time,
    /// How she proved herself: `smartcard` and so on.
    pub method: String,
    /// The level, 2 or 3.
    pub level: u8,
    /// What she calls the authenticator that opened it, if it was no card.
    pub authenticator: Option<String>,
    /// Browser and system, as far as the browser says.
    pub browser: Option<String>,
    /// The network address from which it was begun.
    pub address: Option<String>,
    /// The role she acts in.
    pub role_id: Option<String>,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// What to end.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EndSession {
    /// The name of one session; none with `all`.
    #[serde(default)]
    pub sid: Option<String>,
    /// Every session of the caller, the one that asks included.
    #[serde(default)]
    pub all: bool,
}

/// What was ended.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ended {
    /// How many were running until now.
    pub ended: u32,
}

/// `GET /my/sessions`.
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
    let running = running(&house, &opened.session.user_id, arrival.now).await?;
    let lines = running.into_iter().map(|one| SessionLine {
        current: one.session.sid == opened.session.sid,
        since: (frame.m.moment_with_zone)(one.session.authenticated_at),
        active: (frame.m.moment_with_zone)(one.session.last_active_at),
        way: (frame.m.start.level_words)(one.session.aal.level(), way(&one.session)),
        with: one.authenticator,
        place: one.session.place.in_words(frame.m),
        sid: one.session.sid.to_string(),
        role: one.role,
    });
    Ok(SessionsPage {
        lines: lines.collect(),
        token: opened.key.form_token(PURPOSE),
        frame,
    }
    .respond())
}

/// `POST /my/sessions` with `sid`, or `all=1`.
///
/// # Errors
/// The way to the sign-in; what the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read(&body)?;
    let place = (OwnPage::My, PURPOSE);
    let opened = own::visitor_by_form(&house, &arrival, &headers, place, &parameters).await?;
    let which = if parameters.clean("all").is_some() {
        Which::All
    } else {
        let sid = parameters.clean("sid").and_then(|text| text.parse().ok());
        Which::One(sid.ok_or(Failure::BadRequest("malformed"))?)
    };
    let own = match &which {
        Which::All => true,
        Which::One(sid) => *sid == opened.session.sid,
    };
    end(&house, &opened.session.user_id, which, arrival.now).await?;
    see_other(if own { "/" } else { "/my/sessions" })
}

/// `listSessions`.
///
/// # Errors
/// Without a good token; what the store says.
pub async fn list(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
) -> Result<Json<Sessions>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let running = running(&house, &caller.user_id, arrival.now).await?;
    let view = |Running {
                    session,
                    authenticator,
                    ..
                }| SessionView {
        authenticator,
        browser: session.place.browser,
        address: session.place.address.map(|address| address.to_string()),
        current: session.sid == caller.sid,
        sid: session.sid.to_string(),
        authenticated_at: session.authenticated_at,
        last_active_at: session.last_active_at,
        method: session.method.as_str().to_owned(),
        level: session.aal.level(),
        role_id: session.role_id.map(|role| role.to_string()),
    };
    Ok(Json(Sessions {
        sessions: running.into_iter().map(view).collect(),
    }))
}

/// `endSession`.
///
/// # Errors
/// Without a good token, without anything to end; what the store says.
pub async fn end_by_token(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Body<EndSession>,
) -> Result<Json<Ended>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let which = match body.read()? {
        EndSession {
            all: true,
            sid: None,
        } => Which::All,
        EndSession {
            all: false,
            sid: Some(sid),
        } => Which::One(sid.parse().map_err(|_| Failure::BadInput("malformed"))?),
        EndSession { .. } => return Err(Failure::BadInput("malformed")),
    };
    let ended = end(&house, &caller.user_id, which, arrival.now).await?;
    Ok(Json(Ended { ended }))
}

fn way(session: &Session) -> &'static str {
    (EN.methods.way)(session.method).name
}

/// A live session, the role it acts in, and what its person calls the authenticator that opened it.
struct Running {
    session: Session,
    role: Option<RoleLine>,
    authenticator: Option<String>,
}

/// Her live sessions, the one used last first.
async fn running(house: &Shared, person: &UserId, now: Time) -> Result<Vec<Running>, Failure> {
    let (person, policy) = (person.clone(), house.policy.clone());
    let read = house
        .store
        .read::<_, StoreError, _>("my.sessions", move |tx| {
            let (person, policy) = (person.clone(), policy.clone());
            Box::pin(async move {
                let live = session::live_of(tx, &person, now, &policy).await?;
                let roles = register::roles(tx, &person).await?;
                Ok((live, roles, authenticators::of_person(tx, &person).await?))
            })
        });
    let (live, roles, own) = read.await?;
    let describe = |session: Session| {
        let role = roles
            .iter()
            .find(|role| session.role_id.as_ref() == Some(&role.role_id))
            .map(|role| RoleLine::of(role, now, &EN));
        let opened_by = own
            .iter()
            .find(|one| session.authenticator.as_ref() == Some(&one.id));
        Running {
            role,
            authenticator: opened_by.map(|one| one.name.clone()),
            session,
        }
    };
    Ok(live.into_iter().map(describe).collect())
}

/// Which sessions to end.
#[derive(Clone)]
pub(crate) enum Which {
    /// Every one of hers.
    All,
    /// The one of that name.
    One(SessionId),
}

/// Ends them, each with its line in the trail; how many lived.
///
/// # Errors
/// What the store says.
pub(crate) async fn end(
    house: &Shared,
    person: &UserId,
    which: Which,
    now: Time,
) -> Result<u32, Failure> {
    let (person, policy) = (person.clone(), house.policy.clone());
    let key = Key::of("sessions_of", person.as_str());
    let write = house
        .store
        .write::<_, StoreError, _>("my.end_session", key, move |tx| {
            let (person, policy, which) = (person.clone(), policy.clone(), which.clone());
            Box::pin(async move {
                match which {
                    Which::All => ending::end_all(tx, &person, (now, &policy), "signed_out").await,
                    Which::One(sid) => end_one(tx, (&sid, &person), now, &policy).await,
                }
            })
        });
    Ok(write.await?)
}

/// Ends the one of that name, or of the name that it had when an application was told it; how many.
async fn end_one(
    tx: Tx<'_>,
    (sid, person): (&SessionId, &UserId),
    now: Time,
    policy: &Policy,
) -> Result<u32, StoreError> {
    let Some(sid) = sessions::named_now(tx, sid, person).await? else {
        return Ok(0);
    };
    let Some(session) = session::live(tx, &sid, now, policy).await? else {
        return Ok(0);
    };
    let reason = EndReason::SignedOut;
    if !sessions::end(tx, &session.sid, now, reason).await? {
        return Ok(0);
    }
    let event = Event::SessionEnded {
        person: session.user_id,
        session: session.sid,
        reason: Code::of(reason.as_str()),
    };
    tx.audit(now, &event).await?;
    Ok(1)
}
