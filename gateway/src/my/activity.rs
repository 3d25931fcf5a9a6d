//! Recent activity: the person's own lines of the trail in plain words, newest first, in pages; for
//! people at `/my/activity`, for programs as `listMyActivity`.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::audit::activity::{self, Line, Place};
use enrolment::store::StoreError;
use http::HeaderMap;
use policies::ids::UserId;
use policies::time::Time;
use schemars::JsonSchema;
use serde::Serialize;

use crate::api::body::read_query;
use crate::api::caller::Caller;
use crate::api::operation::{Operation, schema_of};
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::pages::my::ActivityPage;
use crate::router::Access;
use crate::signin::own::{self, OwnPage};

/// Its description.
pub const OPERATION: Operation = Operation::get(
    "listMyActivity",
    "/api/v1/my/activity",
    Access::SelfToken,
    schema_of::<Activity>,
)
.about("The caller's own lines of the audit trail, newest first.")
.query(&[(
    "before",
    "the `next` of the page before; none for the newest",
)]);

/// A page of lines.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Activity {
    /// The lines, newest first.
    pub lines: Vec<ActivityLine>,
    /// Where the next page begins; none on the last one.
    pub next: Option<String>,
}

/// One line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ActivityLine {
    /// When.
    #[schemars(with = "String")]
    pub at: Time,
    /// The kind of event, a word that never changes.
    pub kind: String,
    /// What happened, in words.
    pub words: String,
}

/// `GET /my/activity?before=`.
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
    let before = before(query.as_deref())?;
    let (lines, next) = read(&house, &opened.session.user_id, before).await?;
    let frame = super::frame(&house, &opened.session).await?;
    let words = |line: &Line| {
        let at = (frame.m.moment_with_zone)(line.at);
        (at, (frame.m.my.event)(&line.event))
    };
    Ok(ActivityPage {
        lines: lines.iter().map(words).collect(),
        next: next.map(|place| place.to_string()),
        first: before.is_none(),
        frame,
    }
    .respond())
}

/// `listMyActivity`.
///
/// # Errors
/// Without a good token; what the store says.
pub async fn list(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Activity>, Failure> {
    let caller = Caller::for_herself(&house, &arrival, &headers).await?;
    let (lines, next) = read(&house, &caller.user_id, before(query.as_deref())?).await?;
    Ok(Json(Activity {
        lines: lines
            .into_iter()
            .map(|line| ActivityLine {
                at: line.at,
                kind: line.event.kind().to_owned(),
                words: (EN.my.event)(&line.event),
            })
            .collect(),
        next: next.map(|place| place.to_string()),
    }))
}

fn before(query: Option<&str>) -> Result<Option<Place>, Failure> {
    let parameters = read_query(query.map(str::to_owned))?;
    let place = parameters.clean("before").map(str::parse).transpose();
    place.map_err(|_| Failure::BadInput("malformed"))
}

async fn read(
    house: &Shared,
    person: &UserId,
    before: Option<Place>,
) -> Result<(Vec<Line>, Option<Place>), Failure> {
    let person = person.clone();
    let read = house
        .store
        .read::<_, StoreError, _>("my.activity", move |tx| {
            let person = person.clone();
            Box::pin(async move { activity::of(tx, &person, before).await })
        });
    Ok(read.await?)
}
