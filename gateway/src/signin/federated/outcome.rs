//! How a way to another organisation and back ends: signed in, or refused with a line in the trail, a
//! page, and the other ways in.

use std::sync::Arc;

use axum::response::Response;
use enrolment::audit::{Code, Event, Reference as TrailReference};
use enrolment::journeys::JourneyError;
use enrolment::journeys::federated::{self as journey, Astray, Found};
use enrolment::store::{Key, StoreError, Tx};
use http::HeaderMap;
use policies::ids::UserId;
use policies::refusal::{Refusal, RefusalCode};
use policies::signin::Method;

use super::VouchedAccount;
use crate::door::Arrival;
use crate::error::{self, Failure};
use crate::federation::answer::Fault;
use crate::federation::upstream::Upstream;
use crate::house::Shared;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::proven::{By, Proof, Proven, Seat};
use crate::signin::trail;
use crate::signin::transaction::{Held, sign_in_over};
use crate::store::transactions;

/// A refusal, and what the trail is told beside it.
pub(crate) struct Refused {
    pub(crate) refusal: Refusal,
    pub(crate) reason: &'static str,
}

impl Refused {
    /// By the law.
    pub(crate) const fn by_law(refusal: Refusal, reason: &'static str) -> Self {
        Self { refusal, reason }
    }

    /// An answer that does not prove what it should.
    pub(crate) fn invalid(reason: &'static str) -> Self {
        Self {
            refusal: RefusalCode::FederationAnswerInvalid.into(),
            reason,
        }
    }

    /// What went wrong between us and the organisation.
    pub(crate) fn of(fault: Fault) -> Self {
        Self {
            refusal: fault.code().into(),
            reason: fault.reason(),
        }
    }
}

/// A sign-in that leads to an organisation.
pub(super) struct Scene<'a> {
    house: &'a Shared,
    arrival: &'a Arrival,
    upstream: &'a Upstream,
    held: &'a Held,
}

impl<'a> Scene<'a> {
    pub(super) const fn of_sign_in(
        house: &'a Shared,
        arrival: &'a Arrival,
        upstream: &'a Upstream,
        held: &'a Held,
    ) -> Self {
        Self {
            house,
            arrival,
            upstream,
            held,
        }
    }

    /// The page, and its line in the trail.
    pub(super) async fn refuse(&self, refused: Refused) -> Result<Response, Failure> {
        let code = refused.refusal.code;
        record(self.house, self.arrival, self.upstream, &refused, None).await?;
        Ok(self.page(code))
    }

    fn page(&self, code: RefusalCode) -> Response {
        let ways = self.held.sign_in.url();
        let (id, handle) = (&self.upstream.setting().id, &self.held.sign_in.handle);
        let next = NextSteps {
            again: Some(format!("/signin/federated/{id}?t={}", handle.as_str())),
            other_way: Some(ways),
            ..NextSteps::default()
        };
        let reference = Reference::from(self.arrival);
        stop_page(Frame::gateway(), Stop::Law(code), &reference, next)
    }
}

/// A line about an answer that opened nothing. Strangers cannot fill the trail.
async fn record(
    house: &Shared,
    arrival: &Arrival,
    upstream: &Upstream,
    refused: &Refused,
    person: Option<UserId>,
) -> Result<(), Failure> {
    if person.is_none() && !arrival.may_leave_a_line() {
        return Ok(());
    }
    let event = Event::FederationRefused {
        federation: upstream.setting().id.clone(),
        code: refused.refusal.code,
        reason: Code::of(refused.reason),
        person,
        reference: trail::reference(arrival)?,
    };
    trail::leave(house, "federated.refused", arrival, event).await
}

/// Somebody came back who was not sent: nothing is known of what she wanted.
pub(super) async fn stray(
    house: &Shared,
    arrival: &Arrival,
    upstream: &Upstream,
    astray: Astray,
) -> Result<Response, Failure> {
    let refused = Refused::invalid(astray.as_str());
    record(house, arrival, upstream, &refused, None).await?;
    Ok(sign_in_over(arrival))
}

/// A link that came to nothing.
pub(crate) async fn refuse_here(
    house: &Shared,
    arrival: &Arrival,
    upstream: &Upstream,
    person: UserId,
    refused: Refused,
) -> Result<Response, Failure> {
    record(house, arrival, upstream, &refused, Some(person)).await?;
    let mut page = error::Refused::new(refused.refusal);
    page.back = Some("/my/authenticators".to_owned());
    if page.refusal.code == RefusalCode::FederationUnavailable {
        page.status = http::StatusCode::SERVICE_UNAVAILABLE;
    }
    page.another_way = Some("/signin/own?page=my&again=1".to_owned());
    Err(page.into())
}

/// Signs in whoever has linked the account.
pub(super) async fn sign_in(
    scene: Scene<'_>,
    headers: &HeaderMap,
    vouched: VouchedAccount,
) -> Result<Response, Failure> {
    let (house, arrival) = (scene.house, scene.arrival);
    let whose = (scene.held.sign_in.handle.clone(), scene.held.browser.hash());
    let arriving = Arc::new(Arriving {
        seat: Seat::take(house, arrival, headers, whose)?,
        reference: trail::reference(arrival)?,
        leaves_a_line: arrival.may_leave_a_line(),
        vouched,
    });
    match arriving.carry_out(house).await? {
        Outcome::SignedIn(proven) => Ok(arriving.seat.respond(house, arrival, *proven)),
        Outcome::Refused(code) => Ok(scene.page(code)),
        Outcome::Over => Ok(sign_in_over(arrival)),
    }
}

enum Outcome {
    SignedIn(Box<Proven>),
    Refused(RefusalCode),
    /// Another tab has finished this sign-in.
    Over,
}

/// What the write closure owns.
struct Arriving {
    seat: Seat,
    reference: TrailReference,
    leaves_a_line: bool,
    vouched: VouchedAccount,
}

impl Arriving {
    async fn carry_out(self: &Arc<Self>, house: &Shared) -> Result<Outcome, Failure> {
        let key = Key::of("sign_in", self.seat.handle.as_str());
        let arriving = self.clone();
        let write = house
            .store
            .write::<_, JourneyError, _>("signin.federated", key, move |tx| {
                let arriving = arriving.clone();
                Box::pin(async move { Ok(arriving.within(tx).await?) })
            });
        Ok(write.await?)
    }

    async fn within(&self, tx: Tx<'_>) -> Result<Outcome, StoreError> {
        let (seat, now) = (&self.seat, self.seat.now);
        let open = transactions::under_way(tx, &seat.handle, &seat.browser_hash, now).await?;
        let Some(sign_in) = open else {
            return Ok(Outcome::Over);
        };
        match journey::find(tx, &self.vouched.account, now).await? {
            Ok(found) => {
                let proven = seat.sign_in_to(tx, sign_in, self.proof(found)).await?;
                Ok(Outcome::SignedIn(Box::new(proven)))
            }
            Err((refusal, person)) => self.refuse(tx, refusal.code, person).await,
        }
    }

    /// Never more than the cap of the method, and never more than how it was linked.
    fn proof(&self, found: Found) -> Proof {
        let vouched = &self.vouched.vouched;
        Proof {
            person: found.person,
            aal: found.login.level().min(vouched.level()),
            method: Method::Federated,
            at: vouched.proven_at(),
            by: By::Authenticator(found.id),
        }
    }

    async fn refuse(
        &self,
        tx: Tx<'_>,
        code: RefusalCode,
        person: Option<UserId>,
    ) -> Result<Outcome, StoreError> {
        let (account, now) = (&self.vouched.account, self.seat.now);
        if self.leaves_a_line || person.is_some() {
            let event = Event::FederationRefused {
                federation: account.federation.clone(),
                code,
                reason: Code::of("account"),
                person,
                reference: self.reference.clone(),
            };
            tx.audit(now, &event).await?;
        }
        if code == RefusalCode::AccountNotLinked
            && self.leaves_a_line
            && let Some(email) = &self.vouched.email
        {
            journey::note_likeness(tx, account, email, &self.reference, now).await?;
        }
        Ok(Outcome::Refused(code))
    }
}
