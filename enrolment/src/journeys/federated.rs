//! An account of another organisation as a way to sign in: linked in a session of hers, known by
//! issuer and subject alone, and switched off with everything it opened.
//!
//! What the other organisation says is verified by the gateway; here it is a fact that was
//! [`Vouched`] for by the law.

use policies::authenticator::{self as law, AuthenticatorLogin, NewAuthenticator};
use policies::federation::Vouched;
use policies::ids::{AuthenticatorId, FederationId, UserId};
use policies::refusal::{Refusal, RefusalCode};
use policies::signin::Method;
use policies::time::{Span, Time};
use policies::values::Policy;

use super::authenticator::{Addition, Name, add};
use super::owner::Owner;
use super::{JourneyError, fresh_id};
use crate::audit::{Actor, Code, Event, Reference, Sha256};
use crate::authenticators::AddedBy;
use crate::store::{Key, Store, StoreError, Tx, authenticators, federated, people};

pub use crate::store::federated::Purpose;

/// How long she may take at the other organisation.
pub const BACK_WITHIN: Span = Span::minutes(10);

/// The longest subject that is accepted, in octets (OpenID Connect Core 2: 255 ASCII characters).
pub const LONGEST_SUBJECT: usize = 255;

/// A browser about to be sent there.
#[derive(Debug, Clone)]
pub struct Departure {
    /// SHA-256 of the `state`.
    pub state: [u8; 32],
    /// Where to.
    pub federation: FederationId,
    /// The hash of the cookie that must come back: of the sign-in, or of the session.
    pub browser: [u8; 32],
    /// What for.
    pub purpose: Purpose,
}

/// Notes it inside the transaction; whoever wants to link must be allowed to add a way to sign in.
///
/// # Errors
/// Refuses with `federation_off`, and as `policies::authenticator::may_add` does.
pub async fn depart(
    tx: Tx<'_>,
    departure: &Departure,
    owner: Option<&Owner>,
    now: Time,
    policy: &Policy,
) -> Result<(), JourneyError> {
    if !federated::is_on(tx, &departure.federation).await? {
        return Err(RefusalCode::FederationOff.into());
    }
    if let Purpose::Link { .. } = &departure.purpose {
        let owner = owner.ok_or(RefusalCode::SessionLevelTooLow)?;
        law::may_add(&owner.facts(tx, now).await?, now, policy)?;
    }
    let whose = (&departure.state, &departure.federation, &departure.browser);
    let life = (now, now.plus(BACK_WITHIN));
    Ok(federated::depart(tx, whose, &departure.purpose, life).await?)
}

/// Why somebody who came back is not let in: nothing was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Astray {
    /// Nobody was sent with that state, or she has been back.
    Unknown,
    /// She was sent to another organisation (RFC 9700 4.4: mix-up).
    OtherOrganisation,
    /// She was sent from another browser, or her session has ended since.
    OtherBrowser,
    /// Too late.
    Late,
}

impl Astray {
    /// The word in the trail.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "state_unknown",
            Self::OtherOrganisation => "other_organisation",
            Self::OtherBrowser => "other_browser",
            Self::Late => "late",
        }
    }
}

/// Lets somebody come back, once. Answers what she was sent for, and when.
///
/// # Errors
/// What the engine says.
pub async fn arrive(
    tx: Tx<'_>,
    state: &[u8; 32],
    federation: &FederationId,
    browsers: &[[u8; 32]; 2],
    now: Time,
) -> Result<Result<(Purpose, Time), Astray>, StoreError> {
    if let Some(taken) = federated::arrive(tx, state, federation, browsers, now).await? {
        return Ok(Ok(taken));
    }
    let why = match federated::still_there(tx, state).await? {
        None => Astray::Unknown,
        Some((sent_to, _, _)) if sent_to != *federation => Astray::OtherOrganisation,
        Some((_, browser, _)) if !browsers.contains(&browser) => Astray::OtherBrowser,
        Some(_) => Astray::Late,
    };
    Ok(Err(why))
}

/// An account at another organisation, as verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Which organisation.
    pub federation: FederationId,
    /// The issuer of its statements, byte for byte.
    pub issuer: String,
    /// The subject: who she is there.
    pub subject: String,
}

impl Account {
    fn key(&self) -> (&str, &str) {
        (&self.issuer, &self.subject)
    }

    /// Names it in the trail.
    fn hash(&self) -> Sha256 {
        Sha256::of(format!("{}\0{}", self.issuer, self.subject).as_bytes())
    }
}

/// Whose account it is, and what a sign-in with it is worth.
#[derive(Debug, Clone)]
pub struct Found {
    /// Names it in the books.
    pub id: AuthenticatorId,
    /// Whose.
    pub person: UserId,
    /// What the law says.
    pub login: AuthenticatorLogin,
}

/// Finds whose account it is inside the transaction of the sign-in: by issuer and subject, never by
/// anything else that was said about her (attack table 13). With the refusal comes whose it was.
///
/// # Errors
/// What the engine says.
pub async fn find(
    tx: Tx<'_>,
    account: &Account,
    now: Time,
) -> Result<Result<Found, (Refusal, Option<UserId>)>, StoreError> {
    let refuse = |code: RefusalCode| Ok(Err((code.into(), None)));
    if !federated::is_on(tx, &account.federation).await? {
        return refuse(RefusalCode::FederationOff);
    }
    let Some(id) = federated::holder(tx, account.key()).await? else {
        return refuse(RefusalCode::AccountNotLinked);
    };
    let Some(one) = authenticators::find(tx, &id).await? else {
        return refuse(RefusalCode::AccountNotLinked);
    };
    let person = one.user_id.clone();
    Ok(match law::judge(&one.facts(), now) {
        Ok(login) => Ok(Found { id, person, login }),
        Err(refusal) => Err((refusal, Some(person))),
    })
}

/// Leaves an alert when an account that nobody has linked came with somebody's e-mail address: an
/// error of hers, or an attack on her. Nothing is opened, and nobody there learns of it.
///
/// # Errors
/// What the engine says.
pub async fn note_likeness(
    tx: Tx<'_>,
    account: &Account,
    email: &str,
    reference: &Reference,
    now: Time,
) -> Result<(), StoreError> {
    let lower = email.to_lowercase();
    let known = match people::find_by_email(tx, email).await? {
        None => people::find_by_email(tx, &lower).await?,
        known => known,
    };
    let Some(person) = known else { return Ok(()) };
    let event = Event::FederationEmailMatched {
        federation: account.federation.clone(),
        person: person.user_id,
        account: account.hash(),
        reference: reference.clone(),
    };
    tx.audit(now, &event).await
}

/// Who links, as her session says now.
#[derive(Debug, Clone)]
pub struct Linking {
    /// Who, and on what ground.
    pub owner: Owner,
    /// Names it in the books, drawn by [`draw_id`].
    pub id: AuthenticatorId,
    /// What she calls it.
    pub name: Name,
}

/// A fresh name for an account in the books.
///
/// # Errors
/// [`JourneyError::NoChance`].
pub fn draw_id() -> Result<AuthenticatorId, JourneyError> {
    Ok(fresh_id()?.parse()?)
}

/// Links the account inside the transaction: the row, its audit line, the notice to all addresses.
///
/// # Errors
/// Refuses with `federation_off`, and as `policies::authenticator::add` does.
pub async fn link(
    tx: Tx<'_>,
    account: &Account,
    linking: &Linking,
    vouched: Vouched,
    now: Time,
    policy: &Policy,
) -> Result<AuthenticatorId, JourneyError> {
    if !federated::is_on(tx, &account.federation).await? {
        return Err(RefusalCode::FederationOff.into());
    }
    let own = linking.owner.facts(tx, now).await?;
    let new = NewAuthenticator {
        method: Method::Federated,
        evidence: vouched.level(),
        denied: false,
        attestation_missing: false,
        known: federated::holder(tx, account.key()).await?.is_some(),
    };
    let permit = law::add(&own, &new, now, policy)?;
    let addition = Addition {
        id: linking.id.clone(),
        name: linking.name.clone(),
        by: AddedBy::Holder,
        ends_at: None,
    };
    add(
        tx,
        permit,
        &addition,
        &Actor::Holder(linking.owner.user_id.clone()),
    )
    .await?;
    federated::insert(tx, &addition.id, &account.federation, account.key()).await?;
    Ok(addition.id)
}

/// Where an organisation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switch {
    /// Which.
    pub federation: FederationId,
    /// Whether it is in the configuration of the last start, and enabled there.
    pub configured: bool,
    /// Since when an operator has switched it off.
    pub off_since: Option<Time>,
}

impl Switch {
    /// Whether signing in by way of it is possible.
    pub const fn is_on(&self) -> bool {
        self.configured && self.off_since.is_none()
    }
}

/// Every organisation that was ever configured.
///
/// # Errors
/// What the engine says.
pub async fn switches(store: &Store) -> Result<Vec<Switch>, StoreError> {
    store
        .read("federation.switches", |tx| {
            Box::pin(async move {
                let all = federated::all(tx).await?.into_iter();
                Ok(all
                    .map(|(federation, configured, off_since)| Switch {
                        federation,
                        configured,
                        off_since,
                    })
                    .collect())
            })
        })
        .await
}

/// Notes at a start which organisations are in the configuration; the others are off from now on.
///
/// # Errors
/// What the engine says.
pub async fn configure(
    store: &Store,
    enabled: Vec<FederationId>,
    now: Time,
) -> Result<(), StoreError> {
    store
        .write("federation.configure", Key::none(), move |tx| {
            let enabled = enabled.clone();
            Box::pin(async move {
                let known = federated::all(tx).await?.into_iter().map(|(id, ..)| id);
                let gone = known.filter(|id| !enabled.contains(id));
                let all = gone.map(|id| (id, false));
                let all = all.chain(enabled.iter().cloned().map(|id| (id, true)));
                for (id, on) in all.collect::<Vec<_>>() {
                    if federated::configure(tx, &id, on).await? {
                        let state = if on { "configured" } else { "not_configured" };
                        tell(tx, &Actor::System, id, state, now).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

/// Turns the operator's switch inside a transaction. `None` where no such organisation was ever
/// configured; else whether anything changed.
///
/// # Errors
/// What the engine says.
pub async fn switch(
    tx: Tx<'_>,
    id: &FederationId,
    on: bool,
    actor: &Actor,
    now: Time,
) -> Result<Option<bool>, StoreError> {
    let known = federated::all(tx).await?;
    if !known.iter().any(|(known, ..)| known == id) {
        return Ok(None);
    }
    let changed = federated::switch(tx, id, (!on).then_some(now)).await?;
    if changed {
        let state = if on { "on" } else { "off" };
        tell(tx, actor, id.clone(), state, now).await?;
    }
    Ok(Some(changed))
}

async fn tell(
    tx: Tx<'_>,
    actor: &Actor,
    federation: FederationId,
    state: &'static str,
    now: Time,
) -> Result<(), StoreError> {
    let event = Event::FederationSwitched {
        actor: actor.clone(),
        federation,
        state: Code::of(state),
    };
    tx.audit(now, &event).await
}

/// Forgets ceremonies that have ended, at most `piece` of them.
///
/// # Errors
/// What the engine says.
pub async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    federated::forget_ended(tx, now, piece).await
}
