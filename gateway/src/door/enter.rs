//! What happens to every request, in order: the time is read, a correlation id drawn, the Host
//! rule asked, the body taken in, the handler run under a deadline and with its panics caught; then
//! a failure gets its page, every response its headers, and the log its one line.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use axum::body::HttpBody;
use axum::extract::{MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use enrolment::audit::{Code, Event, Reference};
use enrolment::clock_mark::ClockTrust;
use enrolment::store::{Key, StoreError};
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Method};
use tokio::time::timeout;

use super::limits::{Place, Places};
use super::origin::OwnOrigin;
use super::sites::{Connection, Side};
use super::strangers::Strangers;
use super::{Arrival, Correlation, body, headers, host, limits};
use crate::errands;
use crate::error::Failure;
use crate::house::Shared;
use crate::post;
use crate::router::Routes;

/// One listener's door.
#[derive(Clone)]
struct Door {
    house: Shared,
    side: Side,
    /// What `Host` must equal; the publishing listener answers under any name.
    authority: Option<Arc<str>>,
    origin: OwnOrigin,
    /// What strangers may still write into the trail.
    strangers: Arc<Strangers>,
    /// Room for requests with a body.
    bodies: Arc<Places>,
}

/// The routes of one listener behind its door.
pub fn build(routes: Routes, house: &Shared, side: Side) -> Router {
    behind(Door::of(house, side), routes, house)
}

fn behind(door: Door, routes: Routes, house: &Shared) -> Router {
    routes
        .into_router()
        .fallback(|| async { Failure::NotFound })
        .method_not_allowed_fallback(|| async { Failure::MethodNotAllowed })
        .with_state(house.clone())
        .layer(from_fn_with_state(door, enter))
}

impl Door {
    fn of(house: &Shared, side: Side) -> Self {
        let origin = match side {
            Side::Gateway => &house.names.issuer,
            Side::Card => &house.names.card_url,
            Side::Publishing => &house.names.pki_url,
        };
        let authority = match side {
            Side::Gateway => Some(house.names.issuer_authority().into()),
            Side::Card => Some(house.names.card_authority().into()),
            Side::Publishing => None,
        };
        Self {
            house: house.clone(),
            side,
            authority,
            origin: OwnOrigin(origin.as_str().into()),
            strangers: Arc::default(),
            bodies: Arc::new(Places::new(limits::Limits {
                connections: limits::BODIES,
                per_address: limits::BODIES_PER_ADDRESS,
                ..limits::Limits::default()
            })),
        }
    }
}

async fn enter(State(door): State<Door>, mut request: Request, next: Next) -> Response {
    let Some(connection) = request.extensions_mut().remove::<Connection>() else {
        return Failure::NoArrival.into_response();
    };
    let arrival = door.arrival(&connection);
    let (method, route) = (request.method().clone(), route_of(&request));
    let is_api = request.uri().path().starts_with("/api/");
    let named = door.authority.as_deref().is_none_or(|authority| {
        host::names(
            authority,
            request.uri(),
            request.headers(),
            connection.sni.as_deref(),
        )
    });
    // In dev the clock may have been moved: what would have been done by now comes first.
    if matches!(door.house.clock_trust, ClockTrust::FileIsTruth) {
        errands::run(&door.house, arrival.now).await;
    }
    let answered = if request.uri().path().contains("%00") {
        // No path of ours holds U+0000, and no column of PostgreSQL takes it.
        Failure::NotFound.into_response()
    } else if named {
        request.extensions_mut().insert(arrival.clone());
        request.extensions_mut().insert(door.origin.clone());
        door.handle(request, next, &arrival).await
    } else {
        if arrival.may_leave_a_line() {
            door.record_misdirected(&arrival).await;
        }
        Failure::Misdirected.into_response()
    };
    // In dev a letter is there when the answer is; elsewhere a job sends it.
    if method == Method::POST && door.house.post.is_prompt() {
        post::deliver(&door.house).await;
    }
    let response = door.leave(answered, &arrival, is_api);
    log(&door, &arrival, (&method, &route), &response);
    response
}

impl Door {
    /// Runs the handler on a whole request, within its time, and survives its panic (fault F43).
    async fn handle(&self, request: Request, next: Next, arrival: &Arrival) -> Response {
        let answer = async {
            let _place = self.place_for_body(&request, arrival)?;
            let request = body::whole(request).await?;
            Ok(next.run(request).await)
        };
        match timeout(limits::HANDLER, AssertUnwindSafe(answer).catch_unwind()).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(failure))) => Failure::into_response(failure),
            Ok(Err(_panic)) => Failure::Panicked.into_response(),
            Err(_elapsed) => Failure::Deadline.into_response(),
        }
    }

    /// A body is held in memory until its request is answered, so it needs a place.
    fn place_for_body(
        &self,
        request: &Request,
        arrival: &Arrival,
    ) -> Result<Option<Place>, Failure> {
        if request.body().is_end_stream() {
            return Ok(None);
        }
        let place = self.bodies.seat_now(arrival.peer.ip());
        place.map(Some).ok_or(Failure::Busy)
    }

    fn arrival(&self, connection: &Connection) -> Arrival {
        Arrival {
            now: self.house.now(),
            correlation: Correlation::draw(&self.house.chance),
            peer: connection.peer,
            presented: connection.presented.clone(),
            handshake_at: connection.handshake_at,
            strangers: self.strangers.clone(),
        }
    }

    /// Turns a failure into its page, or its problem document for programs, and gives every response its headers.
    fn leave(&self, answered: Response, arrival: &Arrival, is_api: bool) -> Response {
        let mut response = match answered.extensions().get::<Arc<Failure>>() {
            Some(failure) => {
                let mut page = if is_api {
                    failure.problem(arrival)
                } else {
                    failure.page(arrival, &self.house.names.issuer)
                };
                page.extensions_mut().insert(failure.clone());
                page
            }
            None => answered,
        };
        headers::secure(
            &mut response,
            self.house.names.hsts && self.side != Side::Publishing,
        );
        if self.side == Side::Card {
            response
                .headers_mut()
                .insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// A request under a wrong name may be an attack on the card listener: it leaves a line.
    async fn record_misdirected(&self, arrival: &Arrival) {
        let Ok(reference) = Reference::try_from(arrival.correlation.to_string()) else {
            return;
        };
        let listener = Code::of(match self.side {
            Side::Gateway => "gateway",
            Side::Card => "card",
            Side::Publishing => "publishing",
        });
        let (now, event) = (
            arrival.now,
            Event::HostMismatch {
                listener,
                reference,
            },
        );
        let write = self
            .house
            .store
            .write("host_mismatch", Key::none(), move |tx| {
                let event = event.clone();
                Box::pin(async move { tx.audit(now, &event).await })
            });
        if let Err(error) = write.await {
            let error: StoreError = error;
            tracing::error!(correlation = %arrival.correlation, cause = %chain(&error), "audit");
        }
    }
}

/// The route's pattern, never the URL itself: paths and queries carry tickets.
fn route_of(request: &Request) -> String {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "-".to_owned(), |path| path.as_str().to_owned())
}

/// The one log line of a request.
fn log(door: &Door, arrival: &Arrival, asked: (&Method, &str), response: &Response) {
    let (method, route) = asked;
    let status = response.status().as_u16();
    let (side, correlation) = (door.side, &arrival.correlation);
    let failure = response.extensions().get::<Arc<Failure>>();
    match failure {
        Some(failure) if response.status().is_server_error() => {
            let cause = chain(failure.as_ref());
            tracing::error!(?side, %method, route, status, %correlation, %cause, "request failed");
        }
        Some(failure) => {
            let code = failure.code();
            tracing::info!(?side, %method, route, status, %correlation, code, "request refused");
        }
        None => tracing::info!(?side, %method, route, status, %correlation, "request"),
    }
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        line.push_str(": ");
        line.push_str(&inner.to_string());
        cause = inner.source();
    }
    line
}

#[cfg(test)]
mod tests;
