//! Password and authenticator app of the demo person without a card, set up by the real journeys.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use enrolment::codes::CodeHouse;
use enrolment::journeys::authenticator_app::{self, Finish};
use enrolment::journeys::owner::{Ground, Owner};
use enrolment::ledger::Issuing;
use enrolment::role_keys::RoleKeys;
use enrolment::signed_in::{LiveSession, Sessions, SignedIn};
use enrolment::store::{StoreError, Tx};
use enrolment::vault::Vault;
use futures_util::future::BoxFuture;
use policies::authenticator::Standing;
use policies::ids::{AuthenticatorId, SessionId, UserId};
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};
use policies::totp::step_of;
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use crate::chance;
use crate::people::by_alias;
use crate::pki;
use crate::start::Start;

/// Whose it is.
pub(crate) const ALIAS: &str = "kofi";

/// What the manifest says of it.
pub(crate) struct OtherWay {
    /// The password.
    pub(crate) password: String,
    /// Base32, as `oathtool --totp -b` reads it.
    pub(crate) totp_secret: String,
}

/// Sets both up, a day before the first start, so that no code of today is used up.
pub(crate) async fn set_up(start: &Start, issuing: &Issuing, first: Time) -> Result<OtherWay> {
    let at = first.minus(Span::days(1));
    let person = by_alias(ALIAS).context("nobody of that alias")?;
    let house = CodeHouse {
        store: issuing.store.clone(),
        vault: Arc::new(Vault::from_bytes(&pki::card_secrets_key(&start.folder)?)?),
        policy: Arc::clone(&issuing.policy),
        chance: SystemRandom::new(),
        clock: issuing.clock,
    };
    let user_id: UserId = person.user_id().parse()?;
    let standing = Standing {
        aal: Aal::Aal2,
        authenticated_at: at,
        method: Method::Smartcard,
        temporary: false,
    };
    let signed_in = SignedIn {
        session: "demo".parse()?,
        sessions: Arc::new(History(LiveSession {
            user_id: user_id.clone(),
            standing,
            authenticator: None,
        })),
    };
    let owner = Owner {
        user_id,
        ground: Ground::Session(signed_in),
        role_keys: RoleKeys::open(),
    };
    let begun = authenticator_app::start(&house, &owner, at).await?;
    let password = chance::password()?;
    let finish = Finish {
        id: begun.id,
        name: "Demo phone".parse()?,
        password: Zeroizing::new(password.clone()),
        code: begun.secret.code(step_of(at)),
    };
    authenticator_app::finish(&house, &owner, finish, at).await?;
    Ok(OtherWay {
        password,
        totp_secret: begun.secret.base32().to_string(),
    })
}

/// A session of the past, in which the history was made: it lived then.
struct History(LiveSession);

impl Sessions for History {
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
