//! Who adds an authenticator to her own ways to sign in, and on what ground: in a session of hers, or
//! with a link that a desk gave her in a meeting. Every kind's ceremony takes an [`Owner`].

use policies::authenticator::{OwnFacts, Standing};
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::time::Time;

use super::JourneyError;
use super::authenticator::{Addition, Name, own_facts};
use super::invitation::{Origin, Ticket};
use crate::authenticators::AddedBy;
use crate::role_keys::Opener;
use crate::store::Tx;

/// Who sets an authenticator up, and where.
#[derive(Debug, Clone)]
pub struct Owner {
    /// Who.
    pub user_id: UserId,
    /// Her session, or her visit: what she begins in one is not finished in another.
    pub session: SessionId,
    /// How she proved herself. Of a visit it is read anew in each transaction.
    pub standing: Standing,
    /// What opened that session.
    pub opener: Opener,
    /// The link that brought her, where it is no session.
    pub ticket: Option<Ticket>,
}

impl Owner {
    /// What the law asks about her, inside the transaction.
    ///
    /// # Errors
    /// Refuses with `not_found` for nobody, and as a visit's link does that works no more.
    pub async fn facts(&self, tx: Tx<'_>, now: Time) -> Result<OwnFacts, JourneyError> {
        let standing = match self.ticket {
            Some(ticket) => ticket.standing(tx, &self.user_id, now).await?,
            None => self.standing,
        };
        Ok(OwnFacts {
            closed: self.opener.closes(tx, &self.user_id, now).await?,
            ..own_facts(tx, &self.user_id, standing).await?
        })
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
        let origin = match self.ticket {
            Some(ticket) => ticket.spend(tx, id, now).await?,
            None => Origin {
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
