//! A single sign-on session: who proved what, when, and in which role she acts.
//!
//! A session has two names. The `sid` is public: it stands in tokens and names the session to
//! relying parties. The key is secret: it lives in the session cookie, and only its hash is stored.
//! Both change at every authentication and at every change of role (security 3.1 row 52). A row
//! that was continued names its successor, so that the tokens of other apps live on with the
//! single sign-on session; the old key opens nothing.
//!
//! Role and other apps: the session has one role. An app keeps the role of its own tokens until it
//! asks again; what it then receives is the session's role of that moment.

use policies::ids::{AuthenticatorId, CardNumber, RoleId, Serial, SessionId, UserId};
use policies::session::{SessionFacts, SessionStanding, judge};
use policies::signin::{Aal, Method};
use policies::time::Time;
use policies::values::Policy;

use enrolment::role_keys::{Opener, RoleKeys};
use enrolment::store::{Key, StoreError, Tx};
use http::HeaderMap;

use crate::door::Arrival;
use crate::door::cookies::Cookie;
use crate::error::Failure;
use crate::house::Shared;
use crate::signin::browser::BrowserSecret;
use crate::signin::place::Place;
use crate::store::sessions;

/// How many seconds pass before another sign of life is worth a write.
const TOUCH_EVERY: i64 = 15;

/// A session that was live when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The public name, as in the claim `sid`.
    pub sid: SessionId,
    /// Who signed in.
    pub user_id: UserId,
    /// The level that was reached, from the ceremony that happened.
    pub aal: Aal,
    /// The one method that happened.
    pub method: Method,
    /// The instant of the proof: for a card, of its handshake.
    pub authenticated_at: Time,
    /// The last authenticated request.
    pub last_active_at: Time,
    /// The role she acts in; `None` before the choice, and for people without a role.
    pub role_id: Option<RoleId>,
    /// Whether the question of the role has been answered in this session.
    pub role_chosen: bool,
    /// The card that signed in.
    pub card: Option<CardNumber>,
    /// The serial of the certificate that signed in.
    pub serial: Option<Serial>,
    /// The authenticator that signed in, if it was no card.
    pub authenticator: Option<AuthenticatorId>,
    /// The last second of that authenticator, where it is temporary.
    pub until: Option<Time>,
    /// When that authenticator was added, or raised since.
    pub added_at: Option<Time>,
    /// Where it was begun.
    pub(crate) place: Place,
    /// Moves with every change of the row.
    pub version: i64,
}

impl Session {
    /// What the law asks about a session.
    pub(crate) fn facts(&self) -> SessionFacts {
        SessionFacts {
            aal: self.aal,
            authenticated_at: self.authenticated_at,
            last_active_at: self.last_active_at,
            ended: false,
        }
    }

    /// What opened it, and what the roles of this house ask of that.
    pub(crate) fn opener(&self, role_keys: &RoleKeys) -> Opener {
        Opener {
            authenticator: self.authenticator.clone(),
            role_keys: role_keys.clone(),
        }
    }

    /// Where the session stands now.
    pub fn standing(&self, now: Time, policy: &Policy) -> SessionStanding {
        judge(&self.facts(), now, policy)
    }
}

/// Why a session ended. The words are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// She signed out.
    SignedOut,
    /// Somebody else signed in with the same browser.
    Replaced,
}

impl EndReason {
    /// The word of the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignedOut => "signed_out",
            Self::Replaced => "replaced",
        }
    }
}

/// The session of that name, if it is live now: not ended, within its limits, its person open and
/// the card that signed in not cancelled, or the authenticator in use. A session that was continued answers with its successor.
///
/// # Errors
/// What the store says.
pub async fn live(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
    policy: &Policy,
) -> Result<Option<Session>, StoreError> {
    let found = sessions::newest(tx, sid, now).await?;
    Ok(found.filter(|session| is_live(session, now, policy)))
}

/// The live session of exactly that name: one that was continued, by another proof or in another
/// role, answers with nothing. Whoever acts in a session acts at the level at which she came.
///
/// # Errors
/// What the store says.
pub async fn live_itself(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
    policy: &Policy,
) -> Result<Option<Session>, StoreError> {
    let found = live(tx, sid, now, policy).await?;
    Ok(found.filter(|session| session.sid == *sid))
}

/// The live session that this key opens; `key_hash` is the SHA-256 of the cookie's secret.
///
/// # Errors
/// What the store says.
pub async fn live_by_key(
    tx: Tx<'_>,
    key_hash: &[u8],
    now: Time,
    policy: &Policy,
) -> Result<Option<Session>, StoreError> {
    let found = sessions::by_key(tx, key_hash).await?;
    Ok(found.filter(|session| is_live(session, now, policy)))
}

/// The live sessions of a person, the one used last first; at most 100.
///
/// # Errors
/// What the store says.
pub async fn live_of(
    tx: Tx<'_>,
    person: &UserId,
    now: Time,
    policy: &Policy,
) -> Result<Vec<Session>, StoreError> {
    let mut found = sessions::running_of(tx, person).await?;
    found.retain(|session| is_live(session, now, policy));
    Ok(found)
}

/// A live session and the secret that opened it.
pub struct Opened {
    /// The session.
    pub session: Session,
    /// The cookie's secret; form tokens of the session are made from it.
    pub key: BrowserSecret,
}

/// The live session of this browser. Counts as a sign of life.
///
/// # Errors
/// What the store says.
pub async fn of_browser(
    house: &Shared,
    arrival: &Arrival,
    headers: &HeaderMap,
) -> Result<Option<Opened>, Failure> {
    let Some(key) = BrowserSecret::read(Cookie::Session, headers, &house.names) else {
        return Ok(None);
    };
    let (now, hash, policy) = (arrival.now, key.hash(), house.policy.clone());
    let found = house
        .store
        .read::<_, StoreError, _>("session.of_browser", move |tx| {
            let (hash, policy) = (hash.clone(), policy.clone());
            Box::pin(async move { live_by_key(tx, &hash, now, &policy).await })
        })
        .await?;
    let Some(session) = found else {
        return Ok(None);
    };
    if needs_touch(&session, now) {
        let sid = session.sid.clone();
        house
            .store
            .write::<_, StoreError, _>("session.touch", Key::of("session", sid.as_str()), {
                move |tx| {
                    let sid = sid.clone();
                    Box::pin(async move { sessions::touch(tx, &sid, now).await })
                }
            })
            .await?;
    }
    Ok(Some(Opened { session, key }))
}

fn is_live(session: &Session, now: Time, policy: &Policy) -> bool {
    session.until.is_none_or(|until| now <= until)
        && matches!(session.standing(now, policy), SessionStanding::Live { .. })
}

/// Notes a sign of life: any authenticated request, any userinfo call (SP 800-63B: 15 minutes
/// idle at AAL3). Writes at most once in `TOUCH_EVERY` seconds, and never moves time back.
///
/// # Errors
/// What the store says.
pub async fn touch(tx: Tx<'_>, session: &Session, now: Time) -> Result<(), StoreError> {
    if needs_touch(session, now) {
        sessions::touch(tx, &session.sid, now).await?;
    }
    Ok(())
}

/// Whether [`touch`] would write.
pub fn needs_touch(session: &Session, now: Time) -> bool {
    now.since(session.last_active_at).as_seconds() >= TOUCH_EVERY
}

/// Ends the session, and with it every token that rests on it. True if it was running until now.
///
/// # Errors
/// What the store says.
pub async fn end(
    tx: Tx<'_>,
    sid: &SessionId,
    now: Time,
    reason: EndReason,
) -> Result<bool, StoreError> {
    sessions::end(tx, sid, now, reason).await
}

/// A fresh public name, 128 random bits.
///
/// # Errors
/// [`Failure::Chance`].
pub(crate) fn draw_name(house: &Shared) -> Result<SessionId, Failure> {
    let bits: [u8; 16] = house.random()?;
    hex::encode(bits).parse().map_err(Failure::internal)
}
