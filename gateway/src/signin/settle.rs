//! The end of a sign-in, in one transaction: the session is read, what is left to ask is judged,
//! the sign-in finished, the role written and the code for the application issued. An application
//! therefore gets the role that was chosen for it, whatever another tab chooses in the same moment
//! (security 3.1 row 50). All that may say no comes before the first change.

use std::sync::Arc;

use axum::response::Response;
use enrolment::audit::{Event, Reference as TrailReference};
use enrolment::role_keys::{RoleKeys, Sorted};
use enrolment::store::{Key, StoreError, Tx};
use policies::ids::{OrgCode, RoleId, SessionId};
use policies::refusal::RefusalCode;
use policies::signin::Aal;
use policies::time::Time;
use policies::values::Policy;

use crate::claims::roles::are_carried_by;
use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::{AuthorizationRequest, NewCode, refuse};
use crate::oidc::error::OAuthError;
use crate::signin::begin::fits;
use crate::signin::browser::BrowserSecret;
use crate::signin::role::{self, Answer};
use crate::signin::session::{self, Session};
use crate::signin::trail;
use crate::signin::transaction::{Handle, Held, give};
use crate::store::sessions::{self, NewSession};
use crate::store::transactions;

/// Whose request it is.
pub(super) enum Whose {
    /// The session of that name; what the request wants of it has been checked.
    Session(SessionId),
    /// Whoever this key of a browser belongs to, if her session fits the request.
    Browser(Vec<u8>),
}

/// What the person wants.
pub(super) enum Wish {
    /// Whatever can be settled without asking her.
    NothingMore,
    /// To act in this role, if she holds it.
    Role(RoleId),
}

/// What is to be settled.
pub(super) struct Matter {
    /// The application's request.
    pub(super) request: AuthorizationRequest,
    /// The sign-in that ends with it and the hash of its browser's secret; none with `prompt=none`.
    pub(super) sign_in: Option<(Handle, Vec<u8>)>,
    /// What the person wants.
    pub(super) wish: Wish,
    /// Whether she must first be told that her card ends (contract 4.5).
    pub(super) notice: bool,
}

impl Matter {
    /// The end of a sign-in that this browser holds; a role chosen before the notice is kept.
    pub(super) fn of(held: &Held, wish: Wish) -> Self {
        let sign_in = &held.sign_in;
        let wish = match (wish, &sign_in.role_id) {
            (Wish::NothingMore, Some(chosen)) => Wish::Role(chosen.clone()),
            (wish, _) => wish,
        };
        Self {
            request: sign_in.request.clone(),
            sign_in: Some((sign_in.handle.clone(), held.browser.hash())),
            wish,
            notice: sign_in.notice_due(),
        }
    }

    /// The same once the notice has been read.
    pub(super) fn after_notice(held: &Held) -> Self {
        Self {
            notice: false,
            ..Self::of(held, Wish::NothingMore)
        }
    }
}

/// What came of it.
#[derive(Debug)]
pub(super) enum Settled {
    /// The code is written, or the application is refused; the sign-in is finished.
    Done(Done),
    /// She must be told that her card ends; her choice of a role is kept for afterwards.
    Notice,
    /// What she signed in with does not open that role, or any of hers: the sign-in waits for
    /// another way.
    Closed(RefusalCode),
    /// She must be asked for her role. Nothing was changed, as in all that follow.
    AskRole,
    /// The sign-in was finished before, took too long, or belongs to another browser.
    Over,
    /// The session has ended, or does not fit.
    SessionOver,
    /// She does not hold that role now.
    NotHeld,
}

/// A finished sign-in.
#[derive(Debug)]
pub(super) struct Done {
    granted: Result<(), OAuthError>,
    /// The session's level, where it goes on under another name and key.
    renamed: Option<Aal>,
}

/// What the transaction needs from outside: the time, the rules, and everything random.
pub(super) struct Order {
    now: Time,
    policy: Arc<Policy>,
    role_keys: RoleKeys,
    reference: TrailReference,
    code: NewCode,
    /// The name and the key under which the session goes on if it must change them.
    next_sid: SessionId,
    next_key: BrowserSecret,
}

impl Order {
    pub(super) fn new(house: &Shared, arrival: &Arrival) -> Result<Self, Failure> {
        Ok(Self {
            now: arrival.now,
            policy: house.policy.clone(),
            role_keys: house.role_keys(),
            reference: trail::reference(arrival)?,
            code: NewCode::draw(house, arrival)?,
            next_sid: session::draw_name(house)?,
            next_key: BrowserSecret::draw(house)?,
        })
    }

    /// One write of its own.
    pub(super) async fn carry_out(
        self: &Arc<Self>,
        house: &Shared,
        whose: Whose,
        matter: Matter,
    ) -> Result<Settled, Failure> {
        let key = match &whose {
            Whose::Session(sid) => Key::of("session", sid.as_str()),
            Whose::Browser(hash) => Key::of("session_key", &hex::encode(hash)),
        };
        let errand = Arc::new((self.clone(), whose, matter));
        let write = house
            .store
            .write::<_, StoreError, _>("signin.settle", key, move |tx| {
                let errand = errand.clone();
                Box::pin(async move {
                    let (order, whose, matter) = &*errand;
                    match order.session(tx, whose, &matter.request).await? {
                        Some(session) => order.within(tx, session, matter).await,
                        None => Ok(Settled::SessionOver),
                    }
                })
            });
        Ok(write.await?)
    }

    async fn session(
        &self,
        tx: Tx<'_>,
        whose: &Whose,
        request: &AuthorizationRequest,
    ) -> Result<Option<Session>, StoreError> {
        match whose {
            Whose::Session(sid) => session::live(tx, sid, self.now, &self.policy).await,
            Whose::Browser(key_hash) => {
                let found = session::live_by_key(tx, key_hash, self.now, &self.policy).await?;
                if let Some(session) = &found {
                    session::touch(tx, session, self.now).await?;
                }
                Ok(found.filter(|session| fits(session, request, self.now)))
            }
        }
    }

    /// The same inside a transaction that has just read or made the session.
    pub(super) async fn within(
        &self,
        tx: Tx<'_>,
        session: Session,
        matter: &Matter,
    ) -> Result<Settled, StoreError> {
        let opener = session.opener(&self.role_keys);
        let sorted = opener.roles(tx, &session.user_id).await?;
        let sorted = sorted.told(&matter.request.roles);
        let change = match self.judge(&session, &sorted, matter) {
            Ok(change) => change,
            Err(Settled::Closed(why)) => return self.close(tx, &session, (matter, why)).await,
            Err(settled) => return Ok(settled),
        };
        if matter.notice {
            return self.keep_choice(tx, matter).await;
        }
        if let Some((handle, browser)) = &matter.sign_in
            && !transactions::finish(tx, handle, browser, Some(&session.sid), self.now).await?
        {
            return Ok(Settled::Over);
        }
        let sid = session.sid.clone();
        let session = self.apply(tx, session, change).await?;
        Ok(Settled::Done(Done {
            granted: self
                .code
                .issue(tx, &matter.request, &session, &sorted)
                .await?,
            renamed: (session.sid != sid).then_some(session.aal),
        }))
    }

    /// The sign-in stays under way, for another of her authenticators. Nobody asked her where there is
    /// none, and then no line is left: an application may ask silently as often as it likes.
    async fn close(
        &self,
        tx: Tx<'_>,
        session: &Session,
        (matter, why): (&Matter, RefusalCode),
    ) -> Result<Settled, StoreError> {
        if let Some((handle, _)) = &matter.sign_in {
            transactions::ask_afresh(tx, handle).await?;
            let person = Some(session.user_id.clone());
            let event = trail::refused(why, person, self.reference.clone());
            tx.audit(self.now, &event).await?;
        }
        Ok(Settled::Closed(why))
    }

    /// The notice comes after the picker and before the end.
    async fn keep_choice(&self, tx: Tx<'_>, matter: &Matter) -> Result<Settled, StoreError> {
        if let (Some((handle, browser)), Wish::Role(role_id)) = (&matter.sign_in, &matter.wish)
            && !transactions::choose_role(tx, handle, browser, role_id, self.now).await?
        {
            return Ok(Settled::Over);
        }
        Ok(Settled::Notice)
    }

    /// What becomes of the role; or why it is not for us to say.
    fn judge(&self, session: &Session, roles: &Sorted, matter: &Matter) -> Result<Change, Settled> {
        let held = &roles.open;
        let closed = roles.closed_now(self.now).next();
        let untold = roles.has_untold(self.now);
        let chosen = match &matter.wish {
            Wish::Role(role_id) => role_id.clone(),
            Wish::NothingMore => {
                let held = (held.as_slice(), closed.is_some() || untold);
                match role::question(&matter.request, session, held, self.now) {
                    Answer::Ask => return Err(Settled::AskRole),
                    Answer::Keep => {
                        let carried = are_carried_by(&matter.request.scope);
                        let carried = session.role_id.as_ref().filter(|_| carried);
                        let why = carried.and_then(|role_id| roles.why_closed(role_id, self.now));
                        let why = why.map(Settled::Closed);
                        return why.map_or(Ok(Change::Nothing), Err);
                    }
                    Answer::Settle(None) => {
                        let why = closed.map(|(_, why)| Settled::Closed(why));
                        // What others are told of her session is not this application's to change.
                        let of_others = |role_id| !roles.may_tell(role_id);
                        let keeps = untold && session.role_id.as_ref().is_none_or(of_others);
                        let change = if keeps {
                            Change::Nothing
                        } else {
                            Change::NoRole
                        };
                        return why.map_or(Ok(change), Err);
                    }
                    Answer::Settle(Some(only)) => only,
                }
            }
        };
        let role = match roles.choose(&chosen, self.now) {
            Ok(role) => role,
            Err(RefusalCode::RoleNotHeld) => return Err(Settled::NotHeld),
            Err(why) => return Err(Settled::Closed(why)),
        };
        Ok(Change::Role(chosen, role.held().org_code.clone()))
    }

    async fn apply(
        &self,
        tx: Tx<'_>,
        session: Session,
        change: Change,
    ) -> Result<Session, StoreError> {
        match change {
            Change::Nothing => Ok(session),
            Change::NoRole => {
                sessions::settle_role(tx, &session.sid, None).await?;
                Ok(Session {
                    role_id: None,
                    role_chosen: true,
                    ..session
                })
            }
            Change::Role(role_id, org_code) => self.act_in(tx, session, (role_id, org_code)).await,
        }
    }

    /// A role that replaces another one gives the session another name and key (row 52).
    async fn act_in(
        &self,
        tx: Tx<'_>,
        old: Session,
        (role_id, organisation): (RoleId, OrgCode),
    ) -> Result<Session, StoreError> {
        let renamed = old.role_chosen && old.role_id.as_ref() != Some(&role_id);
        let sid = if renamed { &self.next_sid } else { &old.sid };
        let session = Session {
            sid: sid.clone(),
            role_id: Some(role_id.clone()),
            role_chosen: true,
            ..old.clone()
        };
        if renamed {
            let new = NewSession {
                session: session.clone(),
                key_hash: self.next_key.hash(),
            };
            sessions::succeed(tx, &old.sid, &new, self.now).await?;
        } else {
            sessions::settle_role(tx, &old.sid, Some(&role_id)).await?;
        }
        let event = Event::RoleChosen {
            person: session.user_id.clone(),
            session: session.sid.clone(),
            role: role_id,
            organisation,
        };
        tx.audit(self.now, &event).await?;
        Ok(session)
    }

    /// Back to the application, with the session's new key where it got one: the old one is dead.
    pub(super) fn respond(
        &self,
        house: &Shared,
        request: &AuthorizationRequest,
        done: Done,
    ) -> Response {
        let mut response = match done.granted {
            Ok(()) => self.code.hand_over(house, request),
            Err(error) => refuse(house, request, error),
        };
        if let Some(level) = done.renamed {
            let life = house.policy.session_limits(level).longest;
            let cookie = self.next_key.to_cookie(Cookie::Session, life, &house.names);
            give(&mut response, cookie);
        }
        response
    }
}

/// What becomes of the session's role.
enum Change {
    /// Nothing.
    Nothing,
    /// She has none to choose from.
    NoRole,
    /// She acts in this one.
    Role(RoleId, OrgCode),
}
