//! `GET /signin/card?t=&ticket=`: redeems what the card listener handed over. One statement spends
//! the ticket if it is of this sign-in, in this browser, unused and at most 60 seconds old; card and
//! person are read again in the same transaction; a new session begins and the old one ends
//! (contract 4.2, security 3.1 rows 25 and 52).
//!
//! When the same person signs in again her session goes on, under another name and key and with
//! the role she had; another person's session is ended.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::audit::{Code, Event, Reference as TrailReference};
use enrolment::cards::{self, Standing};
use enrolment::journeys::{JourneyError, confirm};
use enrolment::store::{Key, StoreError, Tx};
use http::HeaderMap;
use http::header::SET_COOKIE;
use policies::ids::SessionId;
use policies::refusal::{Refusal, RefusalCode};
use policies::renewal::in_window;
use policies::signin::{Aal, CardLogin, Method, judge_card};
use policies::time::Time;
use policies::values::Policy;
use ring::digest::{SHA256, digest};

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::parameters::Parameters;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::advance::{Stopped, advance_within, respond};
use crate::signin::browser::BrowserSecret;
use crate::signin::session::{self, EndReason, Session};
use crate::signin::settle::{Order, Settled};
use crate::signin::transaction::{self, Handle, SignIn, give};
use crate::signin::{Stop, TicketFault, card};
use crate::store::sessions::{self, NewSession};
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
    let key = BrowserSecret::draw(&house)?;
    let presented = match presentation(&house, &headers, &parameters) {
        Ok(presented) => presented,
        Err(fault) => return unproven(&house, &arrival, fault, &parameters).await,
    };
    let order = Order::new(&house, &arrival)?;
    let redemption = Arc::new(Redemption {
        now: arrival.now,
        policy: house.policy.clone(),
        reference: reference(&arrival)?,
        presented,
        old_key: BrowserSecret::read(Cookie::Session, &headers, &house.names)
            .map(|secret| secret.hash()),
        sid: session::draw_name(&house)?,
        key_hash: key.hash(),
        order,
    });
    match redemption.carry_out(&house).await? {
        Outcome::SignedIn(proven) => {
            let (level, order) = (proven.level, &redemption.order);
            let next = match proven.next {
                Ok(settled) => respond(&house, &arrival, &proven.sign_in, order, settled),
                Err(stopped) => Ok(stopped.respond(&house, &proven.sign_in)),
            };
            let mut response = next.unwrap_or_else(Failure::into_response);
            if !has_newer_key(&response, &house) {
                let life = house.policy.session_limits(level).longest;
                let cookie = key.to_cookie(Cookie::Session, life, &house.names);
                give(&mut response, cookie);
            }
            Ok(response)
        }
        Outcome::Stopped(stop) => Ok(stopped(&arrival, stop, &parameters)),
        Outcome::Unknown => unproven(&house, &arrival, TicketFault::Unknown, &parameters).await,
    }
}

fn reference(arrival: &Arrival) -> Result<TrailReference, Failure> {
    let correlation = arrival.correlation.as_str();
    correlation.parse().map_err(Failure::internal)
}

/// A ticket that never was, or a browser that cannot have begun the sign-in: anybody can ask so.
async fn unproven(
    house: &Shared,
    arrival: &Arrival,
    fault: TicketFault,
    parameters: &Parameters,
) -> Result<Response, Failure> {
    if arrival.may_leave_a_line() {
        let (now, event) = (arrival.now, ticket_refused(fault, reference(arrival)?));
        let write = house.store.write::<_, StoreError, _>(
            "signin.ticket_refused",
            Key::none(),
            move |tx| {
                let event = event.clone();
                Box::pin(async move { tx.audit(now, &event).await })
            },
        );
        write.await?;
    }
    Ok(stopped(arrival, Stop::Ticket(fault), parameters))
}

fn ticket_refused(fault: TicketFault, reference: TrailReference) -> Event {
    Event::TicketRefused {
        reason: Code::of(fault.as_str()),
        reference,
    }
}

/// A role that had to change on the way has given the session another key already.
fn has_newer_key(response: &Response, house: &Shared) -> bool {
    let name = Cookie::Session.name(&house.names);
    let mut lines = response.headers().get_all(SET_COOKIE).iter();
    lines.any(|line| line.as_bytes().starts_with(name.as_bytes()))
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

/// A person who is proven, and how far her sign-in went in the same transaction.
struct Proven {
    level: Aal,
    sign_in: SignIn,
    next: Result<Settled, Stopped>,
}

/// What the write closure owns.
struct Redemption {
    now: Time,
    policy: Arc<Policy>,
    reference: TrailReference,
    presented: Presentation,
    old_key: Option<Vec<u8>>,
    sid: SessionId,
    key_hash: Vec<u8>,
    order: Order,
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
        let presented = &self.presented;
        let Some(ticket) = transactions::redeem(tx, presented, self.now).await? else {
            return match transactions::why_not(tx, presented).await? {
                TicketFault::Unknown => Ok(Outcome::Unknown),
                fault => self.refuse_ticket(tx, fault).await,
            };
        };
        let standing = cards::standing(tx, &ticket.issuer, &ticket.serial).await?;
        let judged = standing
            .ok_or_else(|| Refusal::new(RefusalCode::CertificateUnknown))
            .and_then(|standing| Ok((judge_card(&standing.facts(), self.now)?, standing)));
        match judged {
            Ok((login, standing)) => {
                let session = self.sign_in(tx, &ticket, &standing, &login).await?;
                let ends_soon = login.ends_within_a_day()
                    || in_window(standing.not_after, self.now, &self.policy);
                let ends = ends_soon.then_some(standing.not_after);
                transactions::prove(tx, &presented.handle, &session.sid, ends).await?;
                self.go_on(tx, session).await
            }
            Err(refusal) => self.refuse_card(tx, &ticket, refusal.code).await,
        }
    }

    /// Ends the sign-in at once where nothing is left to ask: one write less, and the application
    /// gets what was true when the card was proven.
    async fn go_on(&self, tx: Tx<'_>, session: Session) -> Result<Outcome, JourneyError> {
        let Presentation {
            handle,
            browser_hash,
            ..
        } = &self.presented;
        let level = session.aal;
        // The ticket was redeemed for it a moment ago.
        let sign_in = transactions::under_way(tx, handle, browser_hash, self.now)
            .await?
            .ok_or(transactions::HANDLE)?;
        let next = advance_within(tx, &self.order, session, &sign_in, browser_hash).await?;
        Ok(Outcome::SignedIn(Box::new(Proven {
            level,
            sign_in,
            next,
        })))
    }

    async fn sign_in(
        &self,
        tx: Tx<'_>,
        ticket: &Redeemed,
        standing: &Standing,
        login: &CardLogin,
    ) -> Result<Session, JourneyError> {
        if login.confirms_pending() {
            confirm::by_use(tx, &ticket.issuer, &ticket.serial, self.now).await?;
        }
        let old = match &self.old_key {
            Some(hash) => session::live_by_key(tx, hash, self.now, &self.policy).await?,
            None => None,
        };
        let (hers, others) = match old {
            Some(old) if old.user_id == standing.person => (Some(old), None),
            other => (None, other),
        };
        let session = Session {
            sid: self.sid.clone(),
            user_id: standing.person.clone(),
            aal: Aal::Aal3,
            method: Method::Smartcard,
            authenticated_at: ticket.handshake_at,
            last_active_at: self.now,
            role_id: hers.as_ref().and_then(|old| old.role_id.clone()),
            role_chosen: hers.as_ref().is_some_and(|old| old.role_chosen),
            card: Some(standing.card.clone()),
            serial: Some(ticket.serial.clone()),
            version: 1,
        };
        let new = NewSession {
            session: session.clone(),
            key_hash: self.key_hash.clone(),
        };
        match &hers {
            Some(old) => sessions::succeed(tx, &old.sid, &new, self.now).await?,
            None => sessions::begin(tx, &new).await?,
        }
        if let Some(old) = others {
            self.replace(tx, &old).await?;
        }
        let event = Event::SignedIn {
            person: session.user_id.clone(),
            session: session.sid.clone(),
            method: Code::of(session.method.amr()),
            level: Code::of(session.aal.acr()),
            card: session.card.clone(),
            certificate: card::name(&ticket.issuer, &ticket.serial),
        };
        tx.audit(self.now, &event).await?;
        Ok(session)
    }

    async fn replace(&self, tx: Tx<'_>, old: &Session) -> Result<(), JourneyError> {
        session::end(tx, &old.sid, self.now, EndReason::Replaced).await?;
        let event = Event::SessionEnded {
            person: old.user_id.clone(),
            session: old.sid.clone(),
            reason: Code::of(EndReason::Replaced.as_str()),
        };
        Ok(tx.audit(self.now, &event).await?)
    }

    async fn refuse_ticket(&self, tx: Tx<'_>, fault: TicketFault) -> Result<Outcome, JourneyError> {
        let event = ticket_refused(fault, self.reference.clone());
        tx.audit(self.now, &event).await?;
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
        tx.audit(self.now, &event).await?;
        Ok(Outcome::Stopped(Stop::Law(code)))
    }
}
