//! Who calls: the bearer of a first-party token, or the card of the connection. Token, session,
//! person, card and role are read in one transaction at each call; nothing is remembered.

use std::sync::Arc;

use enrolment::desk::DeskSession;
use enrolment::journeys::renewal;
use enrolment::ledger::Presented as CardPresented;
use enrolment::register;
use enrolment::signed_in::SignedIn;
use enrolment::store::{Key, StoreError, Tx};
use http::{HeaderMap, header};
use policies::authenticator::may_serve_desk;
use policies::ids::{RoleId, SessionId, UserId};
use policies::refusal::RefusalCode;
use policies::signin::Aal;
use policies::time::Time;
use policies::values::Policy;

use crate::claims::scope::Scope;
use crate::door::Arrival;
use crate::error::{Failure, Refused};
use crate::house::Shared;
use crate::oidc::secret::{Purpose, SecretHash};
use crate::oidc::userinfo::bearer;
use crate::signin::card::Shown;
use crate::signin::session::{self, Session};
use crate::store::{clients, grants};

/// Somebody with a token, or signed in to our own pages.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who.
    pub user_id: UserId,
    /// Her session.
    pub sid: SessionId,
    /// The level she signed in at.
    pub aal: Aal,
    /// The role of her session.
    pub role_id: Option<RoleId>,
    /// When what opened it was added, or raised; none for a card.
    pub added_at: Option<Time>,
}

impl From<Session> for Caller {
    fn from(session: Session) -> Self {
        Self {
            user_id: session.user_id,
            sid: session.sid,
            aal: session.aal,
            role_id: session.role_id,
            added_at: session.added_at,
        }
    }
}

impl Caller {
    /// Somebody who may act for herself.
    ///
    /// # Errors
    /// 401 without a good token, 403 without the scope `self`.
    pub async fn for_herself(
        house: &Shared,
        arrival: &Arrival,
        headers: &HeaderMap,
    ) -> Result<Self, Failure> {
        by_token(house, arrival, headers, Scope::SelfService).await
    }

    /// Somebody at a desk: AAL3, and a role chosen for the session (contract 5).
    ///
    /// # Errors
    /// 401 without a good token, 403 without the scope `desk`, `session_level_too_low`,
    /// `authenticator_too_new`, `role_not_held`.
    pub async fn at_desk(
        house: &Shared,
        arrival: &Arrival,
        headers: &HeaderMap,
    ) -> Result<(Self, DeskSession), Failure> {
        let caller = by_token(house, arrival, headers, Scope::Desk).await?;
        let desk = caller.desk(house, arrival.now)?;
        Ok((caller, desk))
    }

    /// This person at the desk, if her session is strong enough and has a role.
    ///
    /// # Errors
    /// `session_level_too_low`, `authenticator_too_new`, `role_not_held`.
    pub fn desk(&self, house: &Shared, now: Time) -> Result<DeskSession, Failure> {
        if self.aal < Aal::Aal3 {
            return Err(refused(RefusalCode::SessionLevelTooLow));
        }
        may_serve_desk(self.added_at, now, &house.policy).map_err(Refused::new)?;
        let role_id = self.role_id.clone();
        let role_id = role_id.ok_or_else(|| refused(RefusalCode::RoleNotHeld))?;
        Ok(DeskSession {
            user_id: self.user_id.clone(),
            role_id,
            rbac: house.rbac.clone(),
            signed_in: self.signed_in(house),
            role_keys: house.role_keys(),
        })
    }

    /// Her session, to be looked up again by whoever acts on it.
    pub fn signed_in(&self, house: &Shared) -> SignedIn {
        SignedIn {
            session: self.sid.clone(),
            sessions: house.sessions(),
        }
    }
}

fn refused(code: RefusalCode) -> Failure {
    Refused::new(code.into()).into()
}

async fn by_token(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
    scope: Scope,
) -> Result<Caller, Failure> {
    let mut lines = headers.get_all(header::AUTHORIZATION).iter();
    let token = match (lines.next(), lines.next()) {
        (Some(line), None) => bearer(line).ok_or(Failure::NoToken)?,
        _ => return Err(Failure::NoToken),
    };
    let question = Arc::new(Question {
        token: token.hash(Purpose::AccessToken),
        policy: house.policy.clone(),
        now: arrival.now,
    });
    let asked = question.clone();
    let found = house
        .store
        .read::<_, StoreError, _>("api.caller", move |tx| {
            let question = asked.clone();
            Box::pin(async move { question.answer(tx).await })
        })
        .await?;
    let Some((session, role_id, scopes)) = found else {
        return Err(Failure::NoToken);
    };
    if !scopes.contains(&scope) {
        return Err(Failure::WrongScope);
    }
    note_sign_of_life(house, &session, arrival.now).await?;
    // A token acts in the role that it carries, whatever the session has.
    Ok(Caller {
        role_id,
        ..Caller::from(session)
    })
}

/// What the read closure owns.
struct Question {
    token: SecretHash,
    policy: Arc<Policy>,
    now: Time,
}

impl Question {
    async fn answer(
        &self,
        tx: Tx<'_>,
    ) -> Result<Option<(Session, Option<RoleId>, Vec<Scope>)>, StoreError> {
        let Some(token) = grants::running_token(tx, &self.token, self.now).await? else {
            return Ok(None);
        };
        // What came later, a stronger proof or another role, is not this token's.
        let session = session::live_itself(tx, &token.sid, self.now, &self.policy).await?;
        let Some(session) = session else {
            return Ok(None);
        };
        let Some(client) = clients::find(tx, &token.client).await? else {
            return Ok(None);
        };
        // Levels, scopes and roles are asked again of the client as it is registered now.
        if !token.meets(&client.settings.acr_values)? {
            return Ok(None);
        }
        let mut scopes = token.scope;
        scopes.retain(|scope| client.scopes.contains(scope));
        let roles = &client.settings.roles;
        let role_id = if roles.is_everything() {
            token.role_id
        } else {
            let mut held = register::roles(tx, &session.user_id).await?;
            held.retain(|role| roles.holds(role));
            let told = |id: &RoleId| held.iter().any(|role| role.role_id == *id);
            token.role_id.filter(told)
        };
        Ok(Some((session, role_id, scopes)))
    }
}

async fn note_sign_of_life(house: &Shared, session: &Session, now: Time) -> Result<(), Failure> {
    if !session::needs_touch(session, now) {
        return Ok(());
    }
    let (key, session) = (Key::of("session", session.sid.as_str()), session.clone());
    let noted = house
        .store
        .write("api.touch", key, move |tx| {
            let session = session.clone();
            Box::pin(async move { session::touch(tx, &session, now).await })
        })
        .await;
    Ok(noted?)
}

/// The certificate of the card that calls. Its first use confirms a pending one (contract 5).
///
/// # Errors
/// The refusal of a connection without a card of ours; what the store says.
pub async fn card(house: &Shared, arrival: &Arrival) -> Result<CardPresented, Failure> {
    match Shown::of(arrival.presented.as_deref()) {
        Shown::Ours { issuer, serial } => {
            let presented = CardPresented { issuer, serial };
            renewal::confirm_if_pending(&house.store, &presented, arrival.now).await?;
            Ok(presented)
        }
        Shown::Nothing { code, .. } => Err(refused(code)),
    }
}

/// Whom a refusal towards this card is about.
///
/// # Errors
/// What the store says.
pub(super) async fn about_card(
    house: &Shared,
    presented: &CardPresented,
) -> Result<super::outcome::About, Failure> {
    let presented = presented.clone();
    let standing = house
        .store
        .read::<_, StoreError, _>("api.about_card", move |tx| {
            let presented = presented.clone();
            Box::pin(async move {
                enrolment::cards::standing(tx, &presented.issuer, &presented.serial).await
            })
        })
        .await?;
    Ok(
        standing.map_or_else(super::outcome::About::default, |standing| {
            super::outcome::About {
                card: Some(standing.card),
                ..super::outcome::About::herself(&standing.person)
            }
        }),
    )
}
