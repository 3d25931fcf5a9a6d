//! Whoever acts in a session, as that session stands in the transaction that relies on it (house
//! decision 8): between a request's first look and its last write she may have ended it, lost what
//! opened it, or been shut out. Sessions are the gateway's books; here they are asked through
//! [`Sessions`].

use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use policies::authenticator::Standing;
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::refusal::RefusalCode;
use policies::time::Time;

use crate::journeys::JourneyError;
use crate::store::{StoreError, Tx};

/// A session that lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveSession {
    /// Whose.
    pub user_id: UserId,
    /// How she proved herself in it.
    pub standing: Standing,
    /// What opened it; none for a card.
    pub authenticator: Option<AuthenticatorId>,
}

/// The books of sessions.
pub trait Sessions: Send + Sync {
    /// The session of that name, if it lives now: read in this transaction.
    ///
    /// # Errors
    /// What the engine says.
    fn live<'t>(
        &'t self,
        tx: Tx<'t>,
        session: &'t SessionId,
        now: Time,
    ) -> BoxFuture<'t, Result<Option<LiveSession>, StoreError>>;

    /// Ends for ever what this authenticator opened, in this transaction.
    ///
    /// # Errors
    /// What the engine says.
    fn end_opened_by<'t>(
        &'t self,
        tx: Tx<'t>,
        authenticator: &'t AuthenticatorId,
        now: Time,
    ) -> BoxFuture<'t, Result<(), StoreError>>;
}

/// A session, and the books it stands in.
#[derive(Clone)]
pub struct SignedIn {
    /// Its name.
    pub session: SessionId,
    /// Where it is looked up.
    pub sessions: Arc<dyn Sessions>,
}

impl fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedIn").field(&self.session).finish()
    }
}

impl SignedIn {
    /// The session as it stands now.
    ///
    /// # Errors
    /// Refuses with `reauthentication_needed` where it lives no more, or is not hers.
    pub async fn live(
        &self,
        tx: Tx<'_>,
        user_id: &UserId,
        now: Time,
    ) -> Result<LiveSession, JourneyError> {
        let live = self.sessions.live(tx, &self.session, now).await?;
        let hers = live.filter(|live| live.user_id == *user_id);
        hers.ok_or_else(|| RefusalCode::ReauthenticationNeeded.into())
    }
}
