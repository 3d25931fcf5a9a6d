//! Who adds an authenticator to her own ways to sign in, and on what ground: in a session of hers, or
//! with a link that a desk gave her in a meeting. Every kind's ceremony takes an [`Owner`].

use policies::authenticator::OwnFacts;
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::time::Time;

use super::JourneyError;
use super::authenticator::{Addition, Name, own_facts};
use super::invitation::{Origin, Ticket};
use crate::authenticators::AddedBy;
use crate::role_keys::{Opener, RoleKeys};
use crate::signed_in::SignedIn;
use crate::store::Tx;

/// Who sets an authenticator up, and where.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Who.
    pub user_id: UserId,
    /// On what ground, read anew in each transaction.
    pub ground: Ground,
    /// What the roles of the house ask of devices.
    pub role_keys: RoleKeys,
}

/// Where an authenticator is set up: what is begun in one place is not finished in another.
#[derive(Debug, Clone)]
pub enum Ground {
    /// In a session of hers.
    Session(SignedIn),
    /// On a visit, with a link.
    Visit {
        /// The link, in the browser that opened it.
        ticket: Ticket,
        /// The name of the visit.
        seat: SessionId,
    },
}

impl Owner {
    /// The name of her session or visit.
    pub const fn seat(&self) -> &SessionId {
        match &self.ground {
            Ground::Session(signed_in) => &signed_in.session,
            Ground::Visit { seat, .. } => seat,
        }
    }

    /// What the law asks about her, inside the transaction.
    ///
    /// # Errors
    /// Refuses with `not_found` for nobody, with `reauthentication_needed` where her session lives no
    /// more, and as a visit's link does that works no more.
    pub async fn facts(&self, tx: Tx<'_>, now: Time) -> Result<OwnFacts, JourneyError> {
        let (standing, authenticator) = match &self.ground {
            Ground::Session(signed_in) => {
                let live = signed_in.live(tx, &self.user_id, now).await?;
                (live.standing, live.authenticator)
            }
            // The desk's act, by which she adds it, is no device of hers.
            Ground::Visit { ticket, .. } => (ticket.standing(tx, &self.user_id, now).await?, None),
        };
        let role_keys = self.role_keys.clone();
        let opener = Opener {
            authenticator,
            role_keys,
        };
        Ok(OwnFacts {
            closed: opener.closes(tx, &self.user_id, now).await?,
            ..own_facts(tx, &self.user_id, standing).await?
        })
    }

    /// Whether what she adds ends with a shift.
    ///
    /// # Errors
    /// Refuses as a visit's link does that works no more.
    pub(crate) async fn is_for_one_shift(
        &self,
        tx: Tx<'_>,
        now: Time,
    ) -> Result<bool, JourneyError> {
        match &self.ground {
            Ground::Visit { ticket, .. } => ticket.is_for_one_shift(tx, now).await,
            Ground::Session(_) => Ok(false),
        }
    }

    /// What is written with her new authenticator; the link that brought her is spent by it.
    ///
    /// # Errors
    /// Refuses as a visit's link does that works no more.
    pub async fn addition(
        &self,
        tx: Tx<'_>,
        id: &AuthenticatorId,
        name: &Name,
        now: Time,
    ) -> Result<Addition, JourneyError> {
        let origin = match &self.ground {
            Ground::Visit { ticket, .. } => ticket.spend(tx, id, now).await?,
            Ground::Session(_) => Origin {
                by: AddedBy::Holder,
                ends_at: None,
            },
        };
        Ok(Addition {
            id: id.clone(),
            name: name.clone(),
            by: origin.by,
            ends_at: origin.ends_at,
        })
    }
}
