//! What is still to be asked of a person who is proven: a notice, her role, and then nothing: the
//! sign-in is finished, once, and the application gets its answer.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use enrolment::audit::Event;
use enrolment::register;
use enrolment::store::{Key, StoreError, Tx};
use policies::ids::{RoleId, SessionId};
use policies::refusal::RefusalCode;
use policies::role::{RoleHeld, choose};
use policies::time::Time;
use policies::values::Policy;

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::authorize::{AuthorizationRequest, grant, refuse};
use crate::oidc::error::OAuthError;
use crate::pages::{Frame, NextSteps, Reference, stop_page};
use crate::signin::Stop;
use crate::signin::browser::BrowserSecret;
use crate::signin::role::{self, Answer};
use crate::signin::session::{self, Session};
use crate::signin::transaction::{Handle, Held, SignIn, give, see_other, sign_in_over};
use crate::store::sessions::{self, NewSession};
use crate::store::transactions;

/// Leads a proven person on: back to the application if nothing is left to ask.
pub(super) async fn advance(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
) -> Result<Response, Failure> {
    let SignIn {
        request,
        card_ends_at,
        ..
    } = &held.sign_in;
    if let Some(error) = not_what_was_asked(session, request) {
        return Ok(refuse(house, request, error));
    }
    if card_ends_at.is_some() {
        return see_other(&held.sign_in.url());
    }
    let roles = roles_of(house, session).await?;
    match role::question(request, session, &roles, arrival.now) {
        Answer::Ask => see_other(&format!("/signin/role?t={}", held.sign_in.handle.as_str())),
        Answer::Keep => settle(house, arrival, held, session, Wish::AsItIs).await,
        Answer::Settle(role) => settle(house, arrival, held, session, Wish::of(role)).await,
    }
}

/// `prompt=none`: everything without a page, or an error.
pub(super) async fn silently(
    house: &Shared,
    arrival: &Arrival,
    session: Session,
    request: &AuthorizationRequest,
) -> Result<Response, Failure> {
    let roles = roles_of(house, &session).await?;
    match role::question(request, &session, &roles, arrival.now) {
        Answer::Ask => Ok(refuse(house, request, OAuthError::InteractionRequired)),
        Answer::Keep => grant(house, arrival, &session.sid, request).await,
        Answer::Settle(role) => {
            let order = Order::new(house, arrival, None, &session, Wish::of(role))?;
            let renamed = order.renamed();
            match order.carry_out(house).await? {
                Settled::Done { renamed: false } => {
                    grant(house, arrival, &session.sid, request).await
                }
                Settled::Done { renamed: true } => {
                    Ok(go_on_as(house, arrival, &renamed, &session, request).await)
                }
                Settled::Over | Settled::SessionOver | Settled::NotHeld => {
                    Ok(refuse(house, request, OAuthError::LoginRequired))
                }
            }
        }
    }
}

/// Finishes the sign-in and, if it was asked, writes the role; then hands over to the provider.
pub(super) async fn settle(
    house: &Shared,
    arrival: &Arrival,
    held: &Held,
    session: &Session,
    wish: Wish,
) -> Result<Response, Failure> {
    let guard = (held.sign_in.handle.clone(), held.browser.hash());
    let order = Order::new(house, arrival, Some(guard), session, wish)?;
    let renamed = order.renamed();
    let again = || see_other(&held.sign_in.url());
    match order.carry_out(house).await? {
        Settled::Over => Ok(sign_in_over(arrival)),
        Settled::SessionOver => again(),
        Settled::NotHeld => {
            let next = NextSteps {
                again: Some(held.sign_in.url()),
                ..NextSteps::default()
            };
            let stop = Stop::Law(RefusalCode::RoleNotHeld);
            Ok(stop_page(
                Frame::gateway(),
                stop,
                &Reference::from(arrival),
                next,
            ))
        }
        Settled::Done { renamed: false } => {
            grant(house, arrival, &session.sid, &held.sign_in.request).await
        }
        Settled::Done { renamed: true } => {
            let request = &held.sign_in.request;
            Ok(go_on_as(house, arrival, &renamed, session, request).await)
        }
    }
}

/// Grants to a session that goes on under another name and key. The old key is dead, so the browser
/// gets the new one even if the grant fails.
async fn go_on_as(
    house: &Shared,
    arrival: &Arrival,
    renamed: &Renamed,
    session: &Session,
    request: &AuthorizationRequest,
) -> Response {
    let granted = grant(house, arrival, &renamed.sid, request).await;
    let mut response = granted.unwrap_or_else(Failure::into_response);
    let life = house.policy.session_limits(session.aal).longest;
    give(
        &mut response,
        renamed.key.to_cookie(Cookie::Session, life, &house.names),
    );
    response
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

/// Every role the person holds, whatever its dates.
pub(super) async fn roles_of(house: &Shared, session: &Session) -> Result<Vec<RoleHeld>, Failure> {
    let user_id = session.user_id.clone();
    let read = house
        .store
        .read::<_, StoreError, _>("signin.roles", move |tx| {
            let user_id = user_id.clone();
            Box::pin(async move { register::roles(tx, &user_id).await })
        });
    Ok(read.await?)
}

/// What is to become of the session's role.
pub(super) enum Wish {
    /// Nothing.
    AsItIs,
    /// She has none to choose from.
    NoRole,
    /// This one, if she holds it.
    Role(RoleId),
}

impl Wish {
    fn of(role: Option<RoleId>) -> Self {
        role.map_or(Self::NoRole, Self::Role)
    }
}

/// What [`Order`] did.
enum Settled {
    /// All of it; `renamed` when the session goes on under another name and key.
    Done { renamed: bool },
    /// The sign-in was finished before, took too long, or belongs to another browser.
    Over,
    /// The session has ended.
    SessionOver,
    /// She does not hold that role now.
    NotHeld,
}

/// One write: finish the sign-in, judge the role again, write it (security 3.1 row 50).
struct Order {
    now: Time,
    policy: Arc<Policy>,
    guard: Option<(Handle, Vec<u8>)>,
    sid: SessionId,
    wish: Wish,
    next: Renamed,
}

/// The name and the key under which a session goes on if it must change them.
#[derive(Clone)]
struct Renamed {
    sid: SessionId,
    key: Arc<BrowserSecret>,
}

impl Order {
    fn new(
        house: &Shared,
        arrival: &Arrival,
        guard: Option<(Handle, Vec<u8>)>,
        session: &Session,
        wish: Wish,
    ) -> Result<Self, Failure> {
        Ok(Self {
            now: arrival.now,
            policy: house.policy.clone(),
            guard,
            sid: session.sid.clone(),
            wish,
            next: Renamed {
                sid: session::draw_name(house)?,
                key: Arc::new(BrowserSecret::draw(house)?),
            },
        })
    }

    fn renamed(&self) -> Renamed {
        self.next.clone()
    }

    async fn carry_out(self, house: &Shared) -> Result<Settled, Failure> {
        let key = Key::of("session", self.sid.as_str());
        let order = Arc::new(self);
        let done = house
            .store
            .write::<_, Undo, _>("signin.settle", key, move |tx| {
                let order = order.clone();
                Box::pin(async move { order.within(tx).await })
            });
        match done.await {
            Ok(settled) | Err(Undo::Settled(settled)) => Ok(settled),
            Err(Undo::Store(error)) => Err(error.into()),
        }
    }

    async fn within(&self, tx: Tx<'_>) -> Result<Settled, Undo> {
        let finished = match &self.guard {
            Some((handle, browser)) => transactions::finish(tx, handle, browser, self.now).await?,
            None => true,
        };
        if !finished {
            return Err(Undo::Settled(Settled::Over));
        }
        let Some(session) = session::live(tx, &self.sid, self.now, &self.policy).await? else {
            return Err(Undo::Settled(Settled::SessionOver));
        };
        match &self.wish {
            Wish::AsItIs => Ok(Settled::Done { renamed: false }),
            Wish::NoRole => {
                sessions::settle_role(tx, &session.sid, None).await?;
                Ok(Settled::Done { renamed: false })
            }
            Wish::Role(role_id) => self.act_in(tx, session, role_id).await,
        }
    }

    async fn act_in(
        &self,
        tx: Tx<'_>,
        session: Session,
        role_id: &RoleId,
    ) -> Result<Settled, Undo> {
        let held = register::roles(tx, &session.user_id).await?;
        let organisation = held.iter().find(|role| role.role_id == *role_id);
        let organisation = organisation.map(|role| role.org_code.clone());
        let (Ok(_permit), Some(organisation)) = (choose(&held, role_id, self.now), organisation)
        else {
            return Err(Undo::Settled(Settled::NotHeld));
        };
        let renamed = session.role_chosen && session.role_id.as_ref() != Some(role_id);
        let sid = if renamed {
            self.next.sid.clone()
        } else {
            session.sid.clone()
        };
        let event = Event::RoleChosen {
            person: session.user_id.clone(),
            session: sid,
            role: role_id.clone(),
            organisation,
        };
        if renamed {
            let session = Session {
                sid: self.next.sid.clone(),
                role_id: Some(role_id.clone()),
                ..session
            };
            let new = NewSession {
                session,
                key_hash: self.next.key.hash(),
            };
            sessions::succeed(tx, &self.sid, &new, self.now).await?;
        } else {
            sessions::settle_role(tx, &session.sid, Some(role_id)).await?;
        }
        tx.audit(self.now, &event).await?;
        Ok(Settled::Done { renamed })
    }
}

/// Ends the write without a trace: nothing was done, so nothing is kept.
enum Undo {
    Settled(Settled),
    Store(StoreError),
}

impl From<StoreError> for Undo {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
