//! Grants a proven request to a person who has signed in and, where asked, chosen her role.
//!
//! The code is drawn before the transaction and written in the one that read the session, and
//! settled its role, with what happened at the sign-in. It leaves after the commit; its hash is all
//! that stays.

use axum::response::Response;
use enrolment::audit::Event;
use enrolment::role_keys::Sorted;
use enrolment::store::{StoreError, Tx};
use policies::ids::RoleId;
use policies::time::{Span, Time};

use super::redirect::hand_over;
use super::request::AuthorizationRequest;
use crate::claims::roles;
use crate::claims::snapshot::AuthenticationFacts;
use crate::door::Arrival;
use crate::error::Failure;
use crate::house::Shared;
use crate::oidc::error::OAuthError;
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::signin::session::Session;
use crate::store::grants::{self, Binding, Grant};

/// Life of a code: 60 seconds (FAPI 2.0 5.3.2.1; RFC 6749 4.1.2 allows up to ten minutes).
const CODE_LIFE: Span = Span::seconds(60);

/// A code that has been drawn and is worth nothing until a transaction has written it.
pub struct NewCode {
    secret: Secret,
    hash: SecretHash,
    now: Time,
}

impl NewCode {
    /// Draws one.
    ///
    /// # Errors
    /// No randomness.
    pub fn draw(house: &Shared, arrival: &Arrival) -> Result<Self, Failure> {
        let secret = Secret::generate(&house.chance).map_err(|_| Failure::Chance)?;
        let hash = secret.hash(Purpose::Code);
        Ok(Self {
            secret,
            hash,
            now: arrival.now,
        })
    }

    /// Writes the code, unless the sign-in is for a page of ours, for a session and the roles of
    /// its person, both read in this transaction, the session live; an OAuth error, and no code, where its level or its role is not what the
    /// request needs.
    ///
    /// # Errors
    /// What the store says.
    pub async fn issue(
        &self,
        tx: Tx<'_>,
        request: &AuthorizationRequest,
        session: &Session,
        roles: &Sorted,
    ) -> Result<Result<(), OAuthError>, StoreError> {
        if !request.demand().satisfied_by(session.aal, session.method) {
            return Ok(Err(OAuthError::UnmetAuthenticationRequirements));
        }
        if request.own_page.is_some() {
            return Ok(Ok(()));
        }
        let role = carried(request, session, roles);
        // A role that ended or was suspended since the choice carries nothing (attack 50).
        let held = |role| roles::held_now(&roles.open, role, self.now).is_some();
        if !role.is_none_or(held) {
            return Ok(Err(OAuthError::AccessDenied));
        }
        self.record(tx, request, session, role).await.map(Ok)
    }

    /// Sends the browser back to the app with the code, once it is durable.
    pub fn hand_over(&self, house: &Shared, request: &AuthorizationRequest) -> Response {
        hand_over(house, request, &self.secret)
    }

    async fn record(
        &self,
        tx: Tx<'_>,
        request: &AuthorizationRequest,
        session: &Session,
        role: Option<&RoleId>,
    ) -> Result<(), StoreError> {
        let grant = Grant {
            client: request.client.clone(),
            user_id: session.user_id.clone(),
            sid: session.sid.clone(),
            role_id: role.cloned(),
            scope: request.scope.clone(),
            nonce: request.nonce.clone(),
            facts: AuthenticationFacts::of(session.aal, session.method, session.authenticated_at),
        };
        let binding = Binding {
            client: request.client.clone(),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
        };
        let life = (self.now, self.now.plus(CODE_LIFE));
        grants::insert_code(tx, &self.hash, &binding, &grant, life).await?;
        let event = Event::CodeIssued {
            person: grant.user_id,
            session: grant.sid,
            client: grant.client,
            role: grant.role_id,
            code: self.hash.for_the_trail(),
        };
        tx.audit(self.now, &event).await
    }
}

/// The role of the session, where the request is about roles and its client is told of that one.
fn carried<'a>(
    request: &AuthorizationRequest,
    session: &'a Session,
    roles: &Sorted,
) -> Option<&'a RoleId> {
    let role = session.role_id.as_ref()?;
    (roles::are_carried_by(&request.scope) && roles.may_tell(role)).then_some(role)
}
