//! `GET /signin/card?t=&ticket=`: redeems what the card listener handed over. One statement spends
//! the ticket if it is of this sign-in, in this browser, unused and at most 60 seconds old; card and
//! person are read again in the same transaction (contract 4.2, security 3.1 rows 25 and 52).

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::audit::{Code, Event, Reference as TrailReference};
use enrolment::cards::{self, Standing};
use enrolment::journeys::{JourneyError, confirm};
use enrolment::store::{Key, Tx};
use http::HeaderMap;
use policies::refusal::{Refusal, RefusalCode};
use policies::renewal::in_window;
use policies::signin::{Aal, CardLogin, Method, judge_card};
use ring::digest::{SHA256, digest};

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::parameters::Parameters;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::browser::BrowserSecret;
use crate::signin::proven::{By, Proof, Proven, Seat};
use crate::signin::trail;
use crate::signin::transaction::{self, Handle};
use crate::signin::{Stop, TicketFault, card};
use crate::store::transactions::{self, Presentation, Redeemed};

/// The handler.
///
/// # Errors
/// What the store says.
pub async fn redeem(
    State(house): State<Shared>,
    arrival: Arrival,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let parameters = transaction::read(query.unwrap_or_default().as_bytes())?;
    let presented = match presentation(&house, &headers, &parameters) {
        Ok(presented) => presented,
        Err(fault) => return unproven(&house, &arrival, fault, &parameters).await,
    };
    let whose = (presented.handle.clone(), presented.browser_hash.clone());
    let redemption = Arc::new(Redemption {
        reference: trail::reference(&arrival)?,
        presented,
        seat: Seat::take(&house, &arrival, &headers, whose)?,
    });
    match redemption.carry_out(&house).await? {
        Outcome::SignedIn(proven) => Ok(redemption.seat.respond(&house, &arrival, *proven)),
        Outcome::Stopped(stop) => Ok(stopped(&arrival, stop, &parameters)),
        Outcome::Unknown => unproven(&house, &arrival, TicketFault::Unknown, &parameters).await,
    }
}

/// A ticket that never was, or a browser that cannot have begun the sign-in: anybody can ask so.
async fn unproven(
    house: &Shared,
    arrival: &Arrival,
    fault: TicketFault,
    parameters: &Parameters,
) -> Result<Response, Failure> {
    if arrival.may_leave_a_line() {
        let event = ticket_refused(fault, trail::reference(arrival)?);
        trail::leave(house, "signin.ticket_refused", arrival, event).await?;
    }
    Ok(stopped(arrival, Stop::Ticket(fault), parameters))
}

fn ticket_refused(fault: TicketFault, reference: TrailReference) -> Event {
    Event::TicketRefused {
        reason: Code::of(fault.as_str()),
        reference,
    }
}

fn stopped(arrival: &Arrival, stop: Stop, parameters: &Parameters) -> Response {
    // A browser that did not begin the sign-in has nothing to go back to.
    let elsewhere = stop == Stop::Ticket(TicketFault::OtherBrowser);
    let handle = parameters
        .clean("t")
        .and_then(Handle::parse)
        .filter(|_| !elsewhere);
    let ways = handle.map(|handle| format!("/signin?t={}", handle.as_str()));
    let next = NextSteps {
        again: ways.clone(),
        other_way: ways,
        ..NextSteps::default()
    };
    stop_page(Frame::gateway(), stop, &Reference::from(arrival), next)
}

/// Who presents what; `None` where something that every redemption has is missing.
fn presentation(
    house: &Shared,
    headers: &HeaderMap,
    parameters: &Parameters,
) -> Result<Presentation, TicketFault> {
    let ticket = parameters
        .clean("ticket")
        .and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let ticket = ticket
        .filter(|octets| octets.len() == 32)
        .ok_or(TicketFault::Unknown)?;
    let handle = parameters
        .clean("t")
        .and_then(Handle::parse)
        .ok_or(TicketFault::Unknown)?;
    let browser = BrowserSecret::read(Cookie::PreLogin, headers, &house.names)
        .ok_or(TicketFault::OtherBrowser)?;
    Ok(Presentation {
        ticket_hash: digest(&SHA256, &ticket).as_ref().to_vec(),
        handle,
        browser_hash: browser.hash(),
    })
}

enum Outcome {
    SignedIn(Box<Proven>),
    Stopped(Stop),
    /// There is no such ticket; nothing was written.
    Unknown,
}

/// What the write closure owns.
struct Redemption {
    reference: TrailReference,
    presented: Presentation,
    seat: Seat,
}

impl Redemption {
    async fn carry_out(self: &Arc<Self>, house: &Shared) -> Result<Outcome, Failure> {
        let key = Key::of("sign_in", self.presented.handle.as_str());
        let redemption = self.clone();
        let write = house
            .store
            .write::<_, JourneyError, _>("signin.redeem", key, move |tx| {
                let redemption = redemption.clone();
                Box::pin(async move { redemption.within(tx).await })
            });
        match write.await {
            Ok(outcome) => Ok(outcome),
            Err(JourneyError::Store(error)) => Err(error.into()),
            Err(JourneyError::Refused(refusal)) => Ok(Outcome::Stopped(Stop::Law(refusal.code))),
            Err(other) => Err(Failure::internal(other)),
        }
    }

    async fn within(&self, tx: Tx<'_>) -> Result<Outcome, JourneyError> {
        let (presented, now) = (&self.presented, self.seat.now);
        let Some(ticket) = transactions::redeem(tx, presented, now).await? else {
            return match transactions::why_not(tx, presented).await? {
                TicketFault::Unknown => Ok(Outcome::Unknown),
                fault => self.refuse_ticket(tx, fault).await,
            };
        };
        let standing = cards::standing(tx, &ticket.issuer, &ticket.serial).await?;
        let judged = standing
            .ok_or_else(|| Refusal::new(RefusalCode::CertificateUnknown))
            .and_then(|standing| Ok((judge_card(&standing.facts(), now)?, standing)));
        match judged {
            Ok((login, standing)) => {
                if login.confirms_pending() {
                    confirm::by_use(tx, &ticket.issuer, &ticket.serial, now).await?;
                }
                let proof = self.proof(ticket, &standing, login);
                let proven = self.seat.sign_in(tx, proof).await?;
                Ok(Outcome::SignedIn(Box::new(proven)))
            }
            Err(refusal) => self.refuse_card(tx, &ticket, refusal.code).await,
        }
    }

    fn proof(&self, ticket: Redeemed, standing: &Standing, login: CardLogin) -> Proof {
        let ends_soon = login.ends_within_a_day()
            || in_window(standing.not_after, self.seat.now, &self.seat.policy);
        Proof {
            person: standing.person.clone(),
            aal: Aal::Aal3,
            method: Method::Smartcard,
            at: ticket.handshake_at,
            by: By::Card {
                number: standing.card.clone(),
                certificate: card::name(&ticket.issuer, &ticket.serial),
                serial: ticket.serial,
                ends_at: ends_soon.then_some(standing.not_after),
            },
        }
    }

    async fn refuse_ticket(&self, tx: Tx<'_>, fault: TicketFault) -> Result<Outcome, JourneyError> {
        let event = ticket_refused(fault, self.reference.clone());
        tx.audit(self.seat.now, &event).await?;
        Ok(Outcome::Stopped(Stop::Ticket(fault)))
    }

    /// The card or its holder ended between handshake and redemption; the ticket stays spent.
    async fn refuse_card(
        &self,
        tx: Tx<'_>,
        ticket: &Redeemed,
        code: RefusalCode,
    ) -> Result<Outcome, JourneyError> {
        let event = Event::SignInRefused {
            code,
            person: None,
            certificate: card::name(&ticket.issuer, &ticket.serial),
            reference: self.reference.clone(),
        };
        tx.audit(self.seat.now, &event).await?;
        Ok(Outcome::Stopped(Stop::Law(code)))
    }
}
