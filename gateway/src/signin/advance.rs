//! What is still to be asked of a person who is proven: a notice, her role, and then nothing: the
//! sign-in is finished, once, and the application gets its answer.

use std::sync::Arc;

use axum::response::Response;
use enrolment::store::{StoreError, Tx};
use http::HeaderMap;
use policies::refusal::RefusalCode;

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::{AuthorizationRequest, refuse};
use crate::oidc::error::OAuthError;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::browser::BrowserSecret;
use crate::signin::session::Session;
use crate::signin::settle::{Matter, Order, Settled, Whose, Wish};
use crate::signin::trail;
use crate::signin::transaction::{Held, SignIn, see_other, sign_in_over};

/// Why a proven person goes no further yet.
#[derive(Debug)]
pub(super) enum Stopped {
    /// She is not the one, or not as strongly, as the application asked for.
    NotWhatWasAsked(OAuthError),
}

impl Stopped {
    fn of(session: &Session, sign_in: &SignIn) -> Option<Self> {
        not_what_was_asked(session, &sign_in.request).map(Self::NotWhatWasAsked)
    }

    /// Back to the application.
    pub(super) fn respond(self, house: &Shared, sign_in: &SignIn) -> Response {
        match self {
            Self::NotWhatWasAsked(error) => refuse(house, &sign_in.request, error),
        }
    }
}

/// Leads a proven person on: back to the application if nothing is left to ask.
pub(super) async fn advance(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<Response, Failure> {
    match Stopped::of(session, &held.sign_in) {
        Some(stopped) => Ok(stopped.respond(house, &held.sign_in)),
        None => settle(house, arrival, held, session, Wish::NothingMore).await,
    }
}

/// The same inside the transaction that has proven her.
pub(super) async fn advance_within(
    tx: Tx<'_>,
    order: &Order,
    session: Session,
    sign_in: &SignIn,
    browser_hash: &[u8],
) -> Result<Result<Settled, Stopped>, StoreError> {
    if let Some(stopped) = Stopped::of(&session, sign_in) {
        return Ok(Err(stopped));
    }
    let matter = Matter {
        request: sign_in.request.clone(),
        sign_in: Some((sign_in.handle.clone(), browser_hash.to_vec())),
        wish: Wish::NothingMore,
        notice: sign_in.notice_due(),
    };
    order.within(tx, session, &matter).await.map(Ok)
}

/// `prompt=none`: everything without a page, or an error.
pub(super) async fn silently(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    request: AuthorizationRequest,
) -> Result<Response, Failure> {
    let Some(key) = BrowserSecret::read(Cookie::Session, headers, &house.names) else {
        return Ok(refuse(house, &request, OAuthError::LoginRequired));
    };
    let order = Arc::new(Order::new(house, arrival)?);
    let matter = Matter {
        request: request.clone(),
        sign_in: None,
        wish: Wish::NothingMore,
        notice: false,
    };
    let whose = Whose::Browser(key.hash());
    Ok(match order.carry_out(house, whose, matter).await? {
        Settled::Done(done) => order.respond(house, &request, done),
        Settled::AskRole | Settled::Notice => {
            refuse(house, &request, OAuthError::InteractionRequired)
        }
        Settled::Over | Settled::SessionOver | Settled::NotHeld | Settled::Closed(_) => {
            refuse(house, &request, OAuthError::LoginRequired)
        }
    })
}

/// Settles what is left, in the role that was chosen if there was a choice.
pub(super) async fn settle(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
    wish: Wish,
) -> Result<Response, Failure> {
    carry_out(house, arrival, held, session, Matter::of(held, wish)).await
}

/// The same once the notice about the card has been read.
pub(super) async fn after_notice(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<Response, Failure> {
    match Stopped::of(session, &held.sign_in) {
        Some(stopped) => Ok(stopped.respond(house, &held.sign_in)),
        None => carry_out(house, arrival, held, session, Matter::after_notice(held)).await,
    }
}

async fn carry_out(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
    matter: Matter,
) -> Result<Response, Failure> {
    let order = Arc::new(Order::new(house, arrival)?);
    let whose = Whose::Session(session.sid.clone());
    let settled = order.carry_out(house, whose, matter).await?;
    // No page offers a role that she does not hold, or that the application is not told of. Forms of
    // one's own making may be many, so the lines are counted as a stranger's are.
    if matches!(settled, Settled::NotHeld) && arrival.may_leave_a_line() {
        let person = Some(session.user_id.clone());
        let reference = trail::reference(arrival)?;
        let event = trail::refused(RefusalCode::RoleNotHeld, person, reference);
        trail::leave(house, "signin.role_not_held", arrival, event).await?;
    }
    respond(house, arrival, &held.sign_in, &order, settled)
}

/// What the browser is told about a sign-in that was to be settled.
pub(super) fn respond(
    house: &Shared,
    arrival: &Arrival,
    sign_in: &SignIn,
    order: &Order,
    settled: Settled,
) -> Result<Response, Failure> {
    match settled {
        Settled::Done(done) => Ok(order.respond(house, &sign_in.request, done)),
        Settled::Notice => see_other(&format!("/signin/renewal?t={}", sign_in.handle.as_str())),
        Settled::AskRole => see_other(&format!("/signin/role?t={}", sign_in.handle.as_str())),
        Settled::Over => Ok(sign_in_over(arrival)),
        Settled::SessionOver => see_other(&sign_in.url()),
        Settled::NotHeld => {
            let next = NextSteps {
                again: Some(format!("/signin/role?t={}", sign_in.handle.as_str())),
                ..NextSteps::default()
            };
            let stop = Stop::Law(RefusalCode::RoleNotHeld);
            let reference = Reference::from(arrival);
            Ok(stop_page(Frame::gateway(), stop, &reference, next))
        }
        Settled::Closed(why) => {
            let next = NextSteps {
                other_way: Some(sign_in.url()),
                ..NextSteps::default()
            };
            let reference = Reference::from(arrival);
            Ok(stop_page(
                Frame::gateway(),
                Stop::Law(why),
                &reference,
                next,
            ))
        }
    }
}

/// Whether the person who is proven is not the one, or not as strongly, as the request wants.
fn not_what_was_asked(session: &Session, request: &AuthorizationRequest) -> Option<OAuthError> {
    let hers = request
        .id_token_hint_sub
        .as_ref()
        .is_none_or(|sub| *sub == session.user_id);
    if !hers {
        return Some(OAuthError::LoginRequired);
    }
    let strong = request.demand().satisfied_by(session.aal, session.method);
    (!strong).then_some(OAuthError::UnmetAuthenticationRequirements)
}
