//! `/signin/app?t=`: user name, password and the six digits of an authenticator app (AAL2). What is
//! wrong is told to nobody: the page of a known person is that of an unknown one, byte for byte but
//! for the reference (attack table 36 to 38).

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::audit::Reference as TrailReference;
use enrolment::codes::CodeHouse;
use enrolment::journeys::JourneyError;
use enrolment::journeys::authenticator_app::{self as journey, Door, Judged, Place, Typed};
use enrolment::store::{Key, Tx};
use http::{HeaderMap, HeaderValue, header};
use policies::refusal::{Refusal, RefusalCode};
use policies::signin::Method;
use policies::time::Span;
use zeroize::Zeroizing;

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::app::{AppSignInPage, Problem};
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::browser::BrowserSecret;
use crate::signin::proven::{By, Proof, Proven, Seat};
use crate::signin::trail;
use crate::signin::transaction::{self, Held, give, see_other, sign_in_over};
use crate::store::transactions;

/// How long a browser in which somebody signed in so is known: a budget of tries of its own.
const KNOWN_FOR: Span = Span::days(90);

/// `GET /signin/app?t=`.
///
/// # Errors
/// The page of a sign-in that is over; [`Failure::NotFound`] where this house has no key for it.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    house.codes()?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let held = transaction::held(&house, &arrival, &headers, &parameters).await?;
    if !is_open(&held) {
        return see_other(&held.sign_in.url());
    }
    Ok(form(&held, None).respond())
}

/// `POST /signin/app`.
///
/// # Errors
/// The page of a sign-in that is over; what the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let codes = house.codes()?;
    let parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    if !is_open(&held) {
        return see_other(&held.sign_in.url());
    }
    let missing = missing(&parameters);
    if !missing.is_empty() {
        let username = parameters.clean("username").unwrap_or_default();
        let username = username.to_owned();
        return Ok(AppSignInPage {
            missing,
            username,
            ..form(&held, None)
        }
        .respond());
    }
    let known = BrowserSecret::read(Cookie::Known, &headers, &house.names);
    let typed = typed(&arrival, &parameters, known.as_ref())?;
    let judged = match journey::judge(&codes, typed, arrival.now).await {
        Ok(judged) => judged,
        Err(JourneyError::Refused(refusal)) => {
            record(&house, &arrival, refusal.code).await?;
            return refused(&arrival, &held, &refusal);
        }
        Err(error) => return Err(error.into()),
    };
    let known = match known {
        Some(known) => known,
        None => BrowserSecret::draw(&house)?,
    };
    let whose = (held.sign_in.handle.clone(), held.browser.hash());
    let trial = Arc::new(Trial {
        reference: trail::reference(&arrival)?,
        leaves_a_line: judged.person.is_some() || arrival.may_leave_a_line(),
        browser: hash_of(&known)?,
        codes,
        judged,
        seat: Seat::take(&house, &arrival, &headers, whose)?,
    });
    match trial.carry_out(&house).await? {
        Outcome::SignedIn(proven) => {
            let mut response = trial.seat.respond(&house, &arrival, *proven);
            let cookie = known.to_cookie(Cookie::Known, KNOWN_FOR, &house.names);
            give(&mut response, cookie);
            Ok(response)
        }
        Outcome::Refused(refusal) => refused(&arrival, &held, &refusal),
        Outcome::Over => Ok(sign_in_over(&arrival)),
    }
}

/// Whether this way can give what the application asks.
fn is_open(held: &Held) -> bool {
    held.sign_in.request.demand().can_be_met_by(Method::Totp)
}

/// The fields that nothing was typed into, with what is said of each, where nobody could be looked up:
/// without a name or a password. It is told before anything is looked at, and so alike to everybody.
/// A code left out is a try like any other.
fn missing(parameters: &Parameters) -> Vec<(&'static str, &'static str)> {
    let fields = [
        ("username", EN.apps.username_missing),
        ("password", EN.apps.password_missing),
        ("code", EN.apps.code_missing),
    ];
    // A password may be made of blanks; the other two hold none that count.
    let blank = |name: &str, typed: &str| name != "password" && typed.trim().is_empty();
    let empty = |name: &str| {
        let typed = parameters.single(name);
        typed.is_none_or(|typed| blank(name, typed))
    };
    let missing: Vec<_> = fields.into_iter().filter(|(name, _)| empty(name)).collect();
    if missing.iter().any(|(name, _)| *name != "code") {
        missing
    } else {
        Vec::new()
    }
}

fn typed(
    arrival: &Arrival,
    parameters: &Parameters,
    known: Option<&BrowserSecret>,
) -> Result<Typed, Failure> {
    let field = |name| parameters.single(name).unwrap_or_default().to_owned();
    Ok(Typed {
        username: field("username"),
        password: Zeroizing::new(field("password")),
        code: Zeroizing::new(field("code")),
        at: Place::Door(Door {
            browser: known.map(hash_of).transpose()?,
            address: arrival.site(),
        }),
    })
}

fn hash_of(secret: &BrowserSecret) -> Result<[u8; 32], Failure> {
    <[u8; 32]>::try_from(secret.hash()).map_err(|_| Failure::internal("a hash of another length"))
}

fn form(held: &Held, problem: Option<Problem>) -> AppSignInPage {
    AppSignInPage {
        frame: held.frame(),
        hidden: held.hidden(),
        client: held.sign_in.request.client_name.clone(),
        other_way: held.sign_in.ways_url(),
        problem,
        missing: Vec::new(),
        username: String::new(),
    }
}

/// The form again with what came of it; a page of its own for what she can only mend elsewhere.
fn refused(arrival: &Arrival, held: &Held, refusal: &Refusal) -> Result<Response, Failure> {
    let code = refusal.code;
    let line = Reference::from(arrival).line(code.as_str());
    let wait = refusal
        .opens_at
        .map(|at| at.since(arrival.now).as_seconds().max(1));
    let text = match (code, wait) {
        (RefusalCode::CredentialsWrong, _) => EN.apps.wrong.to_owned(),
        (RefusalCode::TooManyTries, Some(seconds)) => (EN.apps.too_many)(seconds),
        _ => {
            let url = held.sign_in.url();
            let next = NextSteps {
                other_way: Some(url),
                ..NextSteps::default()
            };
            let reference = Reference::from(arrival);
            return Ok(stop_page(
                Frame::gateway(),
                Stop::Law(code),
                &reference,
                next,
            ));
        }
    };
    let problem = Problem {
        code: code.as_str(),
        text,
        reference: line,
    };
    let mut response = form(held, Some(problem)).respond();
    if let Some(seconds) = wait {
        let seconds = HeaderValue::try_from(seconds.to_string()).map_err(Failure::internal)?;
        response.headers_mut().insert(header::RETRY_AFTER, seconds);
    }
    Ok(response)
}

/// A line about a try that was not looked at; whoever it was has proven nothing.
async fn record(house: &Shared, arrival: &Arrival, code: RefusalCode) -> Result<(), Failure> {
    if !arrival.may_leave_a_line() {
        return Ok(());
    }
    let event = trail::refused(code, None, trail::reference(arrival)?);
    trail::leave(house, "signin.app_refused", arrival, event).await
}

enum Outcome {
    SignedIn(Box<Proven>),
    Refused(Refusal),
    /// Another tab has finished this sign-in.
    Over,
}

/// What the write closure owns.
struct Trial {
    reference: TrailReference,
    leaves_a_line: bool,
    browser: [u8; 32],
    codes: CodeHouse,
    judged: Judged,
    seat: Seat,
}

impl Trial {
    async fn carry_out(self: &Arc<Self>, house: &Shared) -> Result<Outcome, Failure> {
        let key = Key::of("sign_in", self.seat.handle.as_str());
        let trial = self.clone();
        let write = house
            .store
            .write::<_, JourneyError, _>("signin.app", key, move |tx| {
                let trial = trial.clone();
                Box::pin(async move { trial.within(tx).await })
            });
        Ok(write.await?)
    }

    async fn within(&self, tx: Tx<'_>) -> Result<Outcome, JourneyError> {
        let (seat, now) = (&self.seat, self.seat.now);
        let open = transactions::under_way(tx, &seat.handle, &seat.browser_hash, now).await?;
        if open.is_none() {
            return Ok(Outcome::Over);
        }
        let accepted = match journey::accept(tx, &self.codes, &self.judged, self.browser, now).await
        {
            Ok(accepted) => accepted,
            Err(JourneyError::Refused(refusal)) => return self.refuse(tx, refusal).await,
            Err(error) => return Err(error),
        };
        let proof = Proof {
            person: accepted.person,
            aal: accepted.login.level(),
            method: Method::Totp,
            at: now,
            by: By::Authenticator(accepted.id),
        };
        let proven = seat.sign_in(tx, proof).await?;
        Ok(Outcome::SignedIn(Box::new(proven)))
    }

    /// The try stays counted, with its line beside it.
    async fn refuse(&self, tx: Tx<'_>, refusal: Refusal) -> Result<Outcome, JourneyError> {
        if self.leaves_a_line {
            let person = self.judged.person.clone();
            let event = trail::refused(refusal.code, person, self.reference.clone());
            tx.audit(self.seat.now, &event).await?;
        }
        Ok(Outcome::Refused(refusal))
    }
}
