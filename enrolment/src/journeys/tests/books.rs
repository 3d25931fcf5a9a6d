//! Books of one session that never ends: here is no gateway.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use policies::authenticator::Standing;
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::time::Time;

use crate::signed_in::{LiveSession, Sessions, SignedIn};
use crate::store::{StoreError, Tx};

struct Endless(LiveSession);

impl Sessions for Endless {
    fn live<'t>(
        &'t self,
        _: Tx<'t>,
        _: &'t SessionId,
        _: Time,
    ) -> BoxFuture<'t, Result<Option<LiveSession>, StoreError>> {
        Box::pin(async { Ok(Some(self.0.clone())) })
    }

    fn end_opened_by<'t>(
        &'t self,
        _: Tx<'t>,
        _: &'t AuthenticatorId,
        _: Time,
    ) -> BoxFuture<'t, Result<(), StoreError>> {
        Box::pin(async { Ok(()) })
    }
}

/// Somebody in such a session.
pub(super) fn signed_in(session: &str, user_id: &UserId, standing: Standing) -> SignedIn {
    let live = LiveSession {
        user_id: user_id.clone(),
        standing,
        authenticator: None,
    };
    in_that(session, live)
}

/// The same, with what opened it.
pub(super) fn in_that(session: &str, live: LiveSession) -> SignedIn {
    SignedIn {
        session: session.parse().unwrap(),
        sessions: Arc::new(Endless(live)),
    }
}
