//! `/signin/key?t=&way=`: a security key, Windows Hello or a passkey. Nobody types a name: the device
//! says whose it is. One page for the three, since the browser asks for whichever is at hand; level
//! and method are what the device proves, never what the page was called.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::response::Response;
use enrolment::audit::Reference as TrailReference;
use enrolment::authenticators;
use enrolment::journeys::JourneyError;
use enrolment::journeys::public_key::{self as journey, Accepted, Answered};
use enrolment::store::{Key, StoreError, Tx};
use http::HeaderMap;
use policies::authenticator::answer::is_enough;
use policies::ids::{AuthenticatorId, UserId};
use policies::refusal::RefusalCode;
use policies::signin::{Demand, Method};
use serde_json::{Value, json};

use crate::ceremony;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::messages::EN;
use crate::oidc::parameters::Parameters;
use crate::pages::key::KeySignInPage;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::proven::{By, Proof, Proven, Seat};
use crate::signin::trail;
use crate::signin::transaction::{self, Held, see_other, sign_in_over};
use crate::store::ceremonies::{Place, Purpose};
use crate::store::transactions;
use crate::webauthn::AuthenticationState;

/// The ways of this page, the strongest first.
pub(super) const WAYS: [Method; 3] = [Method::Fido2, Method::WindowsHello, Method::Passkey];

/// `GET /signin/key?t=&way=`.
///
/// # Errors
/// The page of a sign-in that is over; [`Failure::NotFound`] where this house has no such ways.
pub async fn page(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    house.keys()?;
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let held = transaction::held(&house, &arrival, &headers, &parameters).await?;
    let Some(way) = open_way(&held, &parameters) else {
        return see_other(&held.sign_in.url());
    };
    let text = (EN.methods.way)(way);
    Ok(KeySignInPage {
        frame: held.frame(),
        hidden: held.hidden(),
        client: held.sign_in.request.client_name.clone(),
        way: way.as_str(),
        name: text.name,
        hint: text.hint,
        other_way: held.sign_in.url(),
    }
    .respond())
}

/// `POST /signin/key/start`: what the browser is to ask the device, for the page's script.
///
/// # Errors
/// The page of a sign-in that is over; what the store says.
pub async fn start(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let party = house.keys()?;
    let parameters = transaction::read(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    let Some(way) = open_way(&held, &parameters) else {
        return see_other(&held.sign_in.url());
    };
    let challenge = ceremony::challenge(&house)?;
    let (mut options, state) = party.start_authentication(&[], challenge);
    hint(&mut options, way);
    let asked = ceremony::begin(&house, place(&held), (options, &state), arrival.now).await?;
    Ok(asked.respond())
}

/// Where the browser is to look first (WebAuthn 5.8.7); it may offer the others as well.
fn hint(options: &mut Value, way: Method) {
    let first = match way {
        Method::Fido2 => "security-key",
        _ => "client-device",
    };
    if let Some(Value::Object(members)) = options.get_mut("publicKey") {
        members.insert("hints".to_owned(), json!([first]));
    }
}

/// `POST /signin/key`: the device's answer.
///
/// # Errors
/// The page of a sign-in that is over; what the store says.
pub async fn post(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Failure> {
    let parameters = transaction::read_answer(&body)?;
    let held = transaction::held_by_form(&house, &arrival, &headers, &parameters).await?;
    let refusal = match answered(&house, &arrival, &held, &parameters).await? {
        Ok(answered) => {
            let whose = (held.sign_in.handle.clone(), held.browser.hash());
            let trial = Arc::new(Trial {
                reference: trail::reference(&arrival)?,
                answered,
                demand: held.sign_in.request.demand(),
                seat: Seat::take(&house, &arrival, &headers, whose)?,
            });
            match trial.carry_out(&house).await? {
                Outcome::SignedIn(proven) => {
                    return Ok(trial.seat.respond(&house, &arrival, *proven));
                }
                Outcome::Over => return Ok(sign_in_over(&arrival)),
                Outcome::Refused(refusal) => refusal,
            }
        }
        Err(code) => {
            record(&house, &arrival, code).await?;
            Refusal { code, others: None }
        }
    };
    Ok(refused(&arrival, &held, refusal))
}

/// The way that the page was opened for, if any of the three can give what the application asks.
fn open_way(held: &Held, parameters: &Parameters) -> Option<Method> {
    let demand = held.sign_in.request.demand();
    let wanted = parameters.clean("way").unwrap_or_default();
    let named = WAYS.into_iter().find(|way| way.as_str() == wanted);
    named
        .into_iter()
        .chain(WAYS)
        .find(|way| demand.can_be_met_by(*way))
}

fn place(held: &Held) -> Place {
    Place {
        purpose: Purpose::SignIn,
        bound_to: held.sign_in.handle.as_str().to_owned(),
        browser_hash: Some(held.browser.hash()),
        user_id: None,
    }
}

async fn answered(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    parameters: &Parameters,
) -> Result<Result<Answered, RefusalCode>, Failure> {
    let name = parameters.single("ceremony").unwrap_or_default();
    let answer = parameters.single("answer").unwrap_or_default();
    let taken: Option<AuthenticationState> =
        ceremony::take(house, place(held), name, arrival.now).await?;
    match taken {
        Some(state) => ceremony::verify(house, &state, answer.as_bytes()).await,
        None => Ok(Err(RefusalCode::CeremonyFailed)),
    }
}

/// A "no" with what a proven person could use instead.
struct Refusal {
    code: RefusalCode,
    others: Option<Vec<Method>>,
}

fn refused(arrival: &Arrival, held: &Held, refusal: Refusal) -> Response {
    let url = held.sign_in.url();
    let again = format!("/signin/key?t={}", held.sign_in.handle.as_str());
    let next = NextSteps {
        again: Some(again),
        other_way: Some(url),
        known: refusal.others.is_some(),
        other_methods: refusal
            .others
            .unwrap_or_default()
            .into_iter()
            .map(|method| (EN.methods.way)(method).name)
            .collect(),
        ..NextSteps::default()
    };
    let reference = Reference::from(arrival);
    stop_page(Frame::gateway(), Stop::Law(refusal.code), &reference, next)
}

/// A line about an answer that proved nothing; whoever gave it is nobody.
async fn record(house: &Shared, arrival: &Arrival, code: RefusalCode) -> Result<(), Failure> {
    if !arrival.may_leave_a_line() {
        return Ok(());
    }
    let event = trail::refused(code, None, trail::reference(arrival)?);
    trail::leave(house, "signin.key_refused", arrival, event).await
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
    answered: Answered,
    demand: Demand,
    seat: Seat,
}

impl Trial {
    async fn carry_out(self: &Arc<Self>, house: &Shared) -> Result<Outcome, Failure> {
        let key = Key::of("sign_in", self.seat.handle.as_str());
        let trial = self.clone();
        let write = house
            .store
            .write::<_, JourneyError, _>("signin.key", key, move |tx| {
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
        let accepted = match journey::accept(tx, &self.answered, now).await {
            Ok(accepted) => accepted,
            Err(JourneyError::Refused(refusal)) => {
                return self.refuse(tx, refusal.code).await;
            }
            Err(error) => return Err(error),
        };
        if let Err(refusal) = is_enough(&self.demand, accepted.login, accepted.evidence) {
            return self.refuse(tx, refusal.code).await;
        }
        let proven = seat.sign_in(tx, proof(accepted, seat)).await?;
        Ok(Outcome::SignedIn(Box::new(proven)))
    }

    /// Counter, lock and line stay. The device has proven whose it is, so that its owner may be told
    /// what else she has.
    async fn refuse(&self, tx: Tx<'_>, code: RefusalCode) -> Result<Outcome, JourneyError> {
        let owner = journey::owner_of(tx, &self.answered).await?;
        let person = owner.as_ref().map(|(person, _)| person.clone());
        let event = trail::refused(code, person, self.reference.clone());
        tx.audit(self.seat.now, &event).await?;
        let others = match owner {
            Some((person, this)) => Some(self.other_ways(tx, &person, &this).await?),
            None => None,
        };
        Ok(Outcome::Refused(Refusal { code, others }))
    }

    /// What else of hers would do for this application.
    async fn other_ways(
        &self,
        tx: Tx<'_>,
        person: &UserId,
        this: &AuthenticatorId,
    ) -> Result<Vec<Method>, StoreError> {
        let all = authenticators::ways_in(tx, person, Some(this), self.seat.now).await?;
        let enough = all
            .into_iter()
            .filter(|(method, level)| self.demand.satisfied_by(*level, *method));
        Ok(enough.map(|(method, _)| method).collect())
    }
}

fn proof(accepted: Accepted, seat: &Seat) -> Proof {
    Proof {
        person: accepted.person,
        aal: accepted.login.level(),
        method: accepted.evidence.method(),
        at: seat.now,
        by: By::Authenticator(accepted.id),
    }
}
