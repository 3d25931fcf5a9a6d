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
use policies::time::Time;
use serde_json::{Value, json};

use crate::ceremony::{self, Brought, Fresh};
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
use crate::signin::transaction::{self, Handle, Held, SignIn, see_other, sign_in_over};
use crate::store::ceremonies::{Place, Purpose};
use crate::store::transactions;

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
    let wanted = parameters.clean("way").unwrap_or_default();
    let Some(way) = open_way(&held.sign_in, wanted) else {
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
        other_way: held.sign_in.ways_url(),
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
    let named = transaction::named_by_form(&house, &arrival, &headers, &parameters).await?;
    let (mut options, state) = party.start_authentication(&[], ceremony::challenge(&house)?);
    let wanted = parameters.clean("way").unwrap_or_default().to_owned();
    let asking = Arc::new(Asking {
        fresh: Fresh::draw(&house, place(named.whose()), &state, arrival.now)?,
        whose: named.whose(),
        wanted: wanted.clone(),
        now: arrival.now,
    });
    let held = named.held(asking.carry_out(&house).await?, &arrival)?;
    let Some(way) = open_way(&held.sign_in, &wanted) else {
        return see_other(&held.sign_in.url());
    };
    hint(&mut options, way);
    Ok(asking.fresh.asked(options).respond())
}

/// What the write closure of [`start`] owns.
struct Asking {
    fresh: Fresh,
    whose: (Handle, Vec<u8>),
    wanted: String,
    now: Time,
}

impl Asking {
    async fn carry_out(self: &Arc<Self>, house: &Shared) -> Result<Option<SignIn>, Failure> {
        let key = Key::of("ceremony", self.whose.0.as_str());
        let asking = self.clone();
        let write = house
            .store
            .write::<_, StoreError, _>("signin.key_asked", key, move |tx| {
                let asking = asking.clone();
                Box::pin(async move { asking.within(tx).await })
            });
        Ok(write.await?)
    }

    /// The sign-in, and a ceremony for it where a way is open.
    async fn within(&self, tx: Tx<'_>) -> Result<Option<SignIn>, StoreError> {
        let (handle, browser) = &self.whose;
        let found = transactions::under_way(tx, handle, browser, self.now).await?;
        let open = |sign_in| open_way(sign_in, &self.wanted).is_some();
        if found.as_ref().is_some_and(open) {
            self.fresh.keep(tx).await?;
        }
        Ok(found)
    }
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
    let named = transaction::named_by_form(&house, &arrival, &headers, &parameters).await?;
    let (found, answered) = answered(&house, &arrival, named.whose(), &parameters).await?;
    let held = named.held(found, &arrival)?;
    let refusal = match answered {
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
fn open_way(sign_in: &SignIn, wanted: &str) -> Option<Method> {
    let demand = sign_in.request.demand();
    let named = WAYS.into_iter().find(|way| way.as_str() == wanted);
    named
        .into_iter()
        .chain(WAYS)
        .find(|way| demand.can_be_met_by(*way))
}

fn place((handle, browser_hash): (Handle, Vec<u8>)) -> Place {
    Place {
        purpose: Purpose::SignIn,
        bound_to: handle.as_str().to_owned(),
        browser_hash: Some(browser_hash),
        user_id: None,
    }
}

/// The sign-in, if it is under way, and what the device has proven. One transaction reads the sign-in,
/// spends the ceremony and finds the key; the answer is verified after it.
async fn answered(
    house: &Shared,
    arrival: &Arrival,
    whose: (Handle, Vec<u8>),
    parameters: &Parameters,
) -> Result<(Option<SignIn>, Result<Answered, RefusalCode>), Failure> {
    let name = parameters.single("ceremony").unwrap_or_default();
    let answer = parameters.single("answer").unwrap_or_default();
    let now = arrival.now;
    let brought = Arc::new(Brought::new(place(whose.clone()), (name, answer), now)?);
    let key = Key::of("ceremony", whose.0.as_str());
    let owned = brought.clone();
    let write = house
        .store
        .write::<_, StoreError, _>("signin.key_taken", key, move |tx| {
            let (brought, (handle, browser)) = (owned.clone(), whose.clone());
            Box::pin(async move {
                match transactions::under_way(tx, &handle, &browser, now).await? {
                    Some(sign_in) => Ok((Some(sign_in), brought.take(tx).await?)),
                    None => Ok((None, None)),
                }
            })
        });
    let (found, taken) = write.await?;
    Ok((found, brought.verify(house, taken)?))
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
        let Some(sign_in) = open else {
            return Ok(Outcome::Over);
        };
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
        let proven = seat.sign_in_to(tx, sign_in, proof(accepted, seat)).await?;
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
