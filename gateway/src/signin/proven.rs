//! The end of every ceremony that proves a person, whichever it was: a new session begins and the
//! old one of this browser ends, in the transaction of the ceremony, and the sign-in goes on to the
//! application at once where nothing is left to ask (security 3.1 rows 25 and 52).
//!
//! When the same person signs in again her session goes on, under another name and key and with
//! the role she had; another person's session is ended. What the session says of level and method
//! is what the ceremony showed (house decision 9).

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use enrolment::audit::{CertificateName, Code, Event};
use enrolment::journeys::authenticator;
use enrolment::store::{StoreError, Tx};
use http::HeaderMap;
use http::header::SET_COOKIE;
use policies::ids::{AuthenticatorId, CardNumber, Serial, SessionId, UserId};
use policies::signin::{Aal, Method};
use policies::time::Time;
use policies::values::Policy;

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::signin::advance::{Stopped, advance_within, respond};
use crate::signin::browser::BrowserSecret;
use crate::signin::others;
use crate::signin::place::Place;
use crate::signin::session::{self, EndReason, Session};
use crate::signin::settle::{Order, Settled};
use crate::signin::transaction::{Handle, SignIn, give};
use crate::signin::ways;
use crate::store::sessions::{self, NewSession};
use crate::store::transactions;

/// What a ceremony has shown.
pub(crate) struct Proof {
    /// Who.
    pub(crate) person: UserId,
    /// How strongly, capped by the method.
    pub(crate) aal: Aal,
    /// The one method that happened.
    pub(crate) method: Method,
    /// When: for a card, the instant of its handshake.
    pub(crate) at: Time,
    /// With what.
    pub(crate) by: By,
}

/// With what a person proved herself.
pub(crate) enum By {
    /// A card.
    Card {
        /// Its number.
        number: CardNumber,
        /// The serial of the certificate.
        serial: Serial,
        /// The same with its issuer, for the trail.
        certificate: Option<CertificateName>,
        /// Its last second, where she must be told of it.
        ends_at: Option<Time>,
    },
    /// Anything else.
    Authenticator(AuthenticatorId),
}

/// The browser in which a sign-in ends, and all that its end needs from outside: the time, the
/// rules, and everything random.
pub(crate) struct Seat {
    pub(crate) now: Time,
    pub(crate) policy: Arc<Policy>,
    pub(crate) handle: Handle,
    pub(crate) browser_hash: Vec<u8>,
    old_key: Option<Vec<u8>>,
    sid: SessionId,
    key: BrowserSecret,
    order: Order,
    place: Place,
}

/// A person who is proven, and how far her sign-in went in the same transaction.
pub(crate) struct Proven {
    level: Aal,
    method: Method,
    sign_in: SignIn,
    next: Result<Settled, Stopped>,
}

impl Seat {
    /// For the sign-in of that handle, which `browser_hash` began.
    pub(crate) fn take(
        house: &Shared,
        arrival: &Arrival,
        headers: &HeaderMap,
        (handle, browser_hash): (Handle, Vec<u8>),
    ) -> Result<Self, Failure> {
        Ok(Self {
            now: arrival.now,
            policy: house.policy.clone(),
            handle,
            browser_hash,
            old_key: BrowserSecret::read(Cookie::Session, headers, &house.names)
                .map(|secret| secret.hash()),
            sid: session::draw_name(house)?,
            key: BrowserSecret::draw(house)?,
            order: Order::new(house, arrival)?,
            place: Place::of(arrival, headers),
        })
    }

    /// Begins the session, and ends the sign-in at once where nothing is left to ask: one write
    /// less, and the application gets what was true when she was proven. The sign-in must be under
    /// way; whoever calls has spent her ceremony in this transaction.
    pub(crate) async fn sign_in(&self, tx: Tx<'_>, proof: Proof) -> Result<Proven, StoreError> {
        let open = transactions::under_way(tx, &self.handle, &self.browser_hash, self.now).await?;
        self.sign_in_to(tx, open.ok_or(transactions::HANDLE)?, proof)
            .await
    }

    /// The same where the sign-in has been read in this transaction.
    pub(crate) async fn sign_in_to(
        &self,
        tx: Tx<'_>,
        mut sign_in: SignIn,
        proof: Proof,
    ) -> Result<Proven, StoreError> {
        let ends = match &proof.by {
            By::Card { ends_at, .. } => *ends_at,
            By::Authenticator(id) => {
                authenticator::used(tx, id, self.now).await?;
                None
            }
        };
        if proof.aal == Aal::Aal3 {
            authenticator::raise(tx, &proof.person, self.now).await?;
        }
        let session = self.begin(tx, proof).await?;
        let (level, method, sid) = (session.aal, session.method, session.sid.clone());
        (sign_in.sid, sign_in.card_ends_at, sign_in.role_id) = (Some(sid.clone()), ends, None);
        let next = advance_within(tx, &self.order, session, &sign_in, &self.browser_hash).await?;
        if !matches!(next, Ok(Settled::Done(_) | Settled::Closed(_))) {
            transactions::prove(tx, &self.handle, &sid, ends).await?;
        }
        Ok(Proven {
            level,
            method,
            sign_in,
            next,
        })
    }

    async fn begin(&self, tx: Tx<'_>, proof: Proof) -> Result<Session, StoreError> {
        let old = match &self.old_key {
            Some(hash) => session::live_by_key(tx, hash, self.now, &self.policy).await?,
            None => None,
        };
        let (hers, others) = match old {
            Some(old) if old.user_id == proof.person => (Some(old), None),
            other => (None, other),
        };
        let (card, serial, certificate, authenticator) = match proof.by {
            By::Card {
                number,
                serial,
                certificate,
                ..
            } => (Some(number), Some(serial), certificate, None),
            By::Authenticator(id) => (None, None, None, Some(id)),
        };
        let session = Session {
            sid: self.sid.clone(),
            user_id: proof.person,
            aal: proof.aal,
            method: proof.method,
            authenticated_at: proof.at,
            last_active_at: self.now,
            role_id: hers.as_ref().and_then(|old| old.role_id.clone()),
            role_chosen: hers.as_ref().is_some_and(|old| old.role_chosen),
            card,
            serial,
            authenticator,
            until: None,
            added_at: None,
            place: self.place.clone(),
            version: 1,
        };
        let new = NewSession {
            session: session.clone(),
            key_hash: self.key.hash(),
        };
        match &hers {
            Some(old) => sessions::succeed(tx, &old.sid, &new, self.now).await?,
            None => sessions::begin(tx, &new).await?,
        }
        if let Some(old) = others {
            self.replace(tx, &old).await?;
        }
        others::look(tx, &session, self.now, &self.policy).await?;
        let event = Event::SignedIn {
            person: session.user_id.clone(),
            session: session.sid.clone(),
            method: Code::of(session.method.amr()),
            level: Code::of(session.aal.acr()),
            card: session.card.clone(),
            certificate,
        };
        tx.audit(self.now, &event).await?;
        Ok(session)
    }

    async fn replace(&self, tx: Tx<'_>, old: &Session) -> Result<(), StoreError> {
        session::end(tx, &old.sid, self.now, EndReason::Replaced).await?;
        let event = Event::SessionEnded {
            person: old.user_id.clone(),
            session: old.sid.clone(),
            reason: Code::of(EndReason::Replaced.as_str()),
        };
        tx.audit(self.now, &event).await
    }

    /// On to whatever comes next, with the key of the new session.
    pub(crate) fn respond(&self, house: &Shared, arrival: &Arrival, proven: Proven) -> Response {
        let next = match proven.next {
            Ok(settled) => respond(house, arrival, &proven.sign_in, &self.order, settled),
            Err(stopped) => Ok(stopped.respond(house, &proven.sign_in)),
        };
        let mut response = next.unwrap_or_else(Failure::into_response);
        if !has_newer_key(&response, house) {
            let life = house.policy.session_limits(proven.level).longest;
            let cookie = self.key.to_cookie(Cookie::Session, life, &house.names);
            give(&mut response, cookie);
        }
        let last = Cookie::LastWay.set(proven.method.as_str(), ways::REMEMBERED, &house.names);
        give(&mut response, last);
        response
    }
}

/// A role that had to change on the way has given the session another key already.
fn has_newer_key(response: &Response, house: &Shared) -> bool {
    let name = Cookie::Session.name(&house.names);
    let mut lines = response.headers().get_all(SET_COOKIE).iter();
    lines.any(|line| line.as_bytes().starts_with(name.as_bytes()))
}
