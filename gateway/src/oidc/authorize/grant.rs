//! Grants a proven request to a person who has signed in and, where asked, chosen her role.
//!
//! One transaction reads the session and the role again and inserts the code with what happened at
//! the sign-in. The code leaves after the commit; its hash is all that stays.

use std::sync::Arc;

use axum::response::Response;
use enrolment::audit::Event;
use enrolment::register;
use enrolment::store::{Key, Tx};
use policies::ids::SessionId;
use policies::time::{Span, Time};
use policies::values::Policy;

use super::redirect::{hand_over, refuse};
use super::request::AuthorizationRequest;
use crate::claims::roles;
use crate::claims::snapshot::AuthenticationFacts;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::error::OAuthError;
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::signin::session::{self, Session};
use crate::store::grants::{self, Binding, Grant};

/// Life of a code: 60 seconds (FAPI 2.0 5.3.2.1; RFC 6749 4.1.2 allows up to ten minutes).
const CODE_LIFE: Span = Span::seconds(60);

/// Issues a code and sends the browser back to the app; an OAuth error where the session, the
/// level or the role is no longer what the sign-in saw.
///
/// # Errors
/// No randomness, or what the store says.
pub async fn grant(
    house: &Shared,
    arrival: &Arrival,
    sid: &SessionId,
    request: &AuthorizationRequest,
) -> Result<Response, Failure> {
    let code = Secret::generate(&house.chance).map_err(|_| Failure::Chance)?;
    let order = Arc::new(Order {
        request: request.clone(),
        sid: sid.clone(),
        code: code.hash(Purpose::Code),
        policy: house.policy.clone(),
        now: arrival.now,
    });
    let key = Key::of("session", sid.as_str());
    let outcome = house
        .store
        .write("oidc.grant", key, move |tx| {
            let order = order.clone();
            Box::pin(async move { order.carry_out(tx).await })
        })
        .await?;
    Ok(match outcome {
        Ok(()) => hand_over(house, request, &code),
        Err(error) => refuse(house, request, error),
    })
}

/// What the write closure owns.
struct Order {
    request: AuthorizationRequest,
    sid: SessionId,
    code: SecretHash,
    policy: Arc<Policy>,
    now: Time,
}

impl Order {
    async fn carry_out(&self, tx: Tx<'_>) -> Result<Result<(), OAuthError>, Failure> {
        let Some(session) = session::live(tx, &self.sid, self.now, &self.policy).await? else {
            return Ok(Err(OAuthError::LoginRequired));
        };
        if !self
            .request
            .demand()
            .satisfied_by(session.aal, session.method)
        {
            return Ok(Err(OAuthError::UnmetAuthenticationRequirements));
        }
        if !self.holds_its_role(tx, &session).await? {
            return Ok(Err(OAuthError::AccessDenied));
        }
        self.record(tx, session).await.map(Ok)
    }

    /// A role that ended or was suspended since the choice carries nothing (attack 50).
    async fn holds_its_role(&self, tx: Tx<'_>, session: &Session) -> Result<bool, Failure> {
        let Some(role_id) = &session.role_id else {
            return Ok(true);
        };
        if !roles::are_carried_by(&self.request.scope) {
            return Ok(true);
        }
        let held = register::roles(tx, &session.user_id).await?;
        Ok(roles::held_now(&held, role_id, self.now).is_some())
    }

    async fn record(&self, tx: Tx<'_>, session: Session) -> Result<(), Failure> {
        let carries_role = roles::are_carried_by(&self.request.scope);
        let grant = Grant {
            client: self.request.client.clone(),
            user_id: session.user_id,
            sid: session.sid,
            role_id: session.role_id.filter(|_| carries_role),
            scope: self.request.scope.clone(),
            nonce: self.request.nonce.clone(),
            facts: AuthenticationFacts::of(session.aal, session.method, session.authenticated_at),
        };
        let binding = Binding {
            client: self.request.client.clone(),
            redirect_uri: self.request.redirect_uri.clone(),
            challenge: self.request.challenge.clone(),
        };
        let life = (self.now, self.now.plus(CODE_LIFE));
        grants::insert_code(tx, &self.code, &binding, &grant, life).await?;
        let event = Event::CodeIssued {
            person: grant.user_id,
            session: grant.sid,
            client: grant.client,
            role: grant.role_id,
            code: self.code.for_the_trail(),
        };
        tx.audit(self.now, &event).await?;
        Ok(())
    }
}
