//! The books of sessions, as the journeys ask them: whoever changes something about herself, or acts
//! at a desk, is looked up again in the transaction that does it.

use std::sync::Arc;

use enrolment::signed_in::{LiveSession, Sessions};
use enrolment::store::{StoreError, Tx};
use futures_util::future::BoxFuture;
use policies::authenticator::Standing;
use policies::ids::{AuthenticatorId, SessionId};
use policies::time::Time;
use policies::values::Policy;

use crate::signin::ending;
use crate::signin::session::{self, Session};

/// Sessions under this policy.
pub(crate) struct Books {
    policy: Arc<Policy>,
}

impl Books {
    pub(crate) const fn new(policy: Arc<Policy>) -> Self {
        Self { policy }
    }
}

impl Sessions for Books {
    fn live<'t>(
        &'t self,
        tx: Tx<'t>,
        session: &'t SessionId,
        now: Time,
    ) -> BoxFuture<'t, Result<Option<LiveSession>, StoreError>> {
        Box::pin(async move {
            let found = session::live_itself(tx, session, now, &self.policy).await?;
            Ok(found.map(LiveSession::from))
        })
    }

    fn end_opened_by<'t>(
        &'t self,
        tx: Tx<'t>,
        authenticator: &'t AuthenticatorId,
        now: Time,
    ) -> BoxFuture<'t, Result<(), StoreError>> {
        Box::pin(async move {
            let judged = (now, &*self.policy);
            ending::end_opened_by(tx, authenticator, judged, "authenticator_lost").await?;
            Ok(())
        })
    }
}

impl From<Session> for LiveSession {
    fn from(session: Session) -> Self {
        Self {
            standing: Standing {
                aal: session.aal,
                authenticated_at: session.authenticated_at,
                method: session.method,
                temporary: session.until.is_some(),
            },
            user_id: session.user_id,
            authenticator: session.authenticator,
        }
    }
}
