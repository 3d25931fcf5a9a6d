//! Password and authenticator app (domain 2.6, attack table 36 to 38): set up together in one
//! ceremony, asked together at every sign-in.
//!
//! A try is counted before it is judged and given back if it succeeds, so that any number of
//! guesses at once cannot outrun the budget. Whether there is such a person, a password, an app:
//! the same is read, hashed and answered.

mod password;
mod tries;
mod username;

use policies::authenticator::{self as law, AuthenticatorLogin, NewAuthenticator};
use policies::guessing;
use policies::ids::{AuthenticatorId, UserId};
use policies::refusal::RefusalCode;
use policies::signin::{Aal, Method};
use policies::time::{Span, Time};
use policies::totp::{SixDigits, step_of};
use zeroize::Zeroizing;

use super::authenticator::{self, Name};
use super::{JourneyError, fresh_id};
use crate::audit::Actor;
use crate::clock_mark::ClockTrust;
use crate::codes::{CodeHouse, hash};
use crate::password::is_right;
use crate::register::Person;
use crate::store::apps::{self, App};
use crate::store::{Key, StoreError, Tx, authenticators, people};
use crate::totp::AppSecret;
use password::Password;
pub use tries::{Door, Place};
use username::Username;

pub use super::owner::Owner;

/// How long an app may take to be set up.
pub const SET_UP_WITHIN: Span = Span::minutes(10);
/// The longest name or password that is looked at, in bytes.
const LONGEST_TYPED: usize = 512;

/// A ceremony that has begun. No `Debug`.
pub struct Begun {
    /// Its name, and that of the app once it is set up.
    pub id: AuthenticatorId,
    /// What the app is to know.
    pub secret: AppSecret,
    /// The address that names her in the app.
    pub account: String,
    /// Whether she goes on with the password that she has.
    pub keeps_password: bool,
}

/// Begins: draws the secret and keeps it, sealed, for ten minutes.
///
/// # Errors
/// Refuses as `policies::authenticator::may_add` does, and as a visit's link does that works no more.
pub async fn start(house: &CodeHouse, owner: &Owner, now: Time) -> Result<Begun, JourneyError> {
    let id: AuthenticatorId = fresh_id()?.parse()?;
    let secret = AppSecret::draw(&house.chance).ok_or(JourneyError::NoChance)?;
    let sealed = house
        .vault
        .seal_app(id.as_str(), secret.as_bytes(), &house.chance)?;
    let key = Key::of("person", owner.user_id.as_str());
    let (policy, begun, wanted) = (house.policy.clone(), id.clone(), owner.clone());
    let (account, keeps_password) = house
        .store
        .write("app.start", key, move |tx| {
            let (policy, id) = (policy.clone(), begun.clone());
            let (owner, sealed) = (wanted.clone(), sealed.clone());
            Box::pin(async move {
                let own = owner.facts(tx, now).await?;
                law::may_add(&own, now, &policy)?;
                let whose = (&id, &owner.user_id, owner.seat());
                apps::begin(tx, whose, &sealed, now).await?;
                shown_to(tx, &owner, now).await
            })
        })
        .await?;
    Ok(Begun {
        id,
        secret,
        account,
        keeps_password,
    })
}

/// The address that names her in the app, and whether she goes on with the password that she has.
async fn shown_to(tx: Tx<'_>, owner: &Owner, now: Time) -> Result<(String, bool), JourneyError> {
    let person = people::find(tx, &owner.user_id).await?;
    let person = person.ok_or(RefusalCode::NotFound)?;
    let account = person.email.unwrap_or_else(|| person.user_id.to_string());
    Ok((account, password::is_kept(tx, owner, now).await?))
}

/// What she began in this session and can still finish, to be shown again.
///
/// # Errors
/// Refuses with `ceremony_failed` for anything else.
pub async fn begun(
    house: &CodeHouse,
    owner: &Owner,
    id: &AuthenticatorId,
    now: Time,
) -> Result<Begun, JourneyError> {
    let (owner, wanted) = (owner.clone(), id.clone());
    let (sealed, (account, keeps_password)) = house
        .store
        .read::<_, JourneyError, _>("app.begun", move |tx| {
            let (owner, id) = (owner.clone(), wanted.clone());
            Box::pin(async move {
                let sealed = sealed_of(tx, &owner, &id, now).await?;
                Ok((sealed, shown_to(tx, &owner, now).await?))
            })
        })
        .await?;
    let bytes = house.vault.open_app(id.as_str(), &sealed)?;
    Ok(Begun {
        id: id.clone(),
        secret: AppSecret::from_bytes(bytes),
        account,
        keeps_password,
    })
}

async fn sealed_of(
    tx: Tx<'_>,
    owner: &Owner,
    id: &AuthenticatorId,
    now: Time,
) -> Result<Vec<u8>, JourneyError> {
    let whose = (id, &owner.user_id, owner.seat());
    let found = apps::begun(tx, whose, now.minus(SET_UP_WITHIN)).await?;
    found.ok_or_else(|| RefusalCode::CeremonyFailed.into())
}

/// What she typed to finish. No `Debug`.
#[derive(Clone)]
pub struct Finish {
    /// Names the ceremony.
    pub id: AuthenticatorId,
    /// What she calls the app.
    pub name: Name,
    /// The password that she wants; the one she had is over. What is for one shift asks for the one
    /// that she has, if she has one.
    pub password: Zeroizing<String>,
    /// What the app shows.
    pub code: Zeroizing<String>,
}

/// Finishes: password and app are hers together, in one transaction.
///
/// # Errors
/// Refuses as [`Owner::facts`] does, as `policies::password::judge` does, with `ceremony_failed` and
/// `code_wrong`; for a password that she has with `credentials_wrong` and `too_many_tries`; then as
/// `policies::authenticator::add` does.
pub async fn finish(
    house: &CodeHouse,
    owner: &Owner,
    wanted: Finish,
    now: Time,
) -> Result<AuthenticatorId, JourneyError> {
    let password = Password::read(house, owner, &wanted, now).await?;
    let key = Key::of("person", owner.user_id.as_str());
    let (id, inner, owner) = (wanted.id.clone(), house.clone(), owner.clone());
    house
        .store
        .write("app.finish", key, move |tx| {
            let (house, owner) = (inner.clone(), owner.clone());
            let (wanted, password) = (wanted.clone(), password.clone());
            Box::pin(async move { finished(tx, &house, &owner, (&wanted, &password), now).await })
        })
        .await?;
    Ok(id)
}

async fn finished(
    tx: Tx<'_>,
    house: &CodeHouse,
    owner: &Owner,
    (wanted, password): (&Finish, &Password),
    now: Time,
) -> Result<(), JourneyError> {
    let sealed = sealed_of(tx, owner, &wanted.id, now).await?;
    let own = owner.facts(tx, now).await?;
    let is_kept = password::is_kept(tx, owner, now).await?;
    let new = NewAuthenticator {
        method: Method::Totp,
        evidence: Aal::Aal2,
        denied: false,
        attestation_missing: false,
        known: false,
    };
    let permit = law::add(&own, &new, now, &house.policy)?;
    let secret = AppSecret::from_bytes(house.vault.open_app(wanted.id.as_str(), &sealed)?);
    let step = SixDigits::parse(&wanted.code).and_then(|code| secret.accepts(&code, now, None));
    let last_step = step.ok_or(RefusalCode::CodeWrong)?;
    if !apps::finish(tx, &wanted.id, now).await? {
        return Err(RefusalCode::CeremonyFailed.into());
    }
    let addition = owner.addition(tx, &wanted.id, &wanted.name, now).await?;
    let actor = Actor::Holder(owner.user_id.clone());
    authenticator::add(tx, permit, &addition, &actor).await?;
    let app = App {
        id: wanted.id.clone(),
        sealed,
        last_step,
    };
    apps::insert(tx, &app).await?;
    password.settle(tx, &owner.user_id, (is_kept, now)).await
}

fn own_words(person: &Person) -> Vec<&str> {
    let mut words = vec![
        person.user_id.as_str(),
        &person.given_name,
        &person.middle_names,
        &person.family_name,
    ];
    words.extend(person.email.as_deref());
    words
}

/// What was typed at a sign-in. No `Debug`.
#[derive(Clone)]
pub struct Typed {
    /// User id or mail address.
    pub username: String,
    /// The password.
    pub password: Zeroizing<String>,
    /// The code.
    pub code: Zeroizing<String>,
    /// Where.
    pub at: Place,
}

/// A try whose password has been judged; nobody is told yet what came of it. No `Debug`.
#[derive(Clone)]
pub struct Judged {
    /// Whom the name means, if anybody: for the trail alone.
    pub person: Option<UserId>,
    guess: String,
    password_of: Option<Time>,
    code: Option<SixDigits>,
}

impl Judged {
    /// Whether the password was right and is hers still.
    async fn is_current(&self, tx: Tx<'_>) -> Result<bool, StoreError> {
        let stored = apps::password(tx, self.person.as_ref()).await?;
        let set_at = stored.map(|(_, set_at)| set_at);
        Ok(self.password_of.is_some() && set_at == self.password_of)
    }
}

/// Counts the try and judges the password.
///
/// # Errors
/// Refuses with `too_many_tries`; nothing was looked at then.
pub async fn judge(house: &CodeHouse, typed: Typed, now: Time) -> Result<Judged, JourneyError> {
    let guess = fresh_id()?;
    let name = Username::of(&typed.username);
    let key = Key::of("guess", &hex::encode(hash(&name.canonical)));
    let (policy, id, at) = (house.policy.clone(), guess.clone(), typed.at);
    let (person, stored) = house
        .store
        .write("app.count", key, move |tx| {
            let (policy, id, name) = (policy.clone(), id.clone(), name.clone());
            Box::pin(async move {
                let person = name.look_up(tx).await?.map(|person| person.user_id);
                let budget = tries::budget(tx, (person.as_ref(), &name), at, now).await?;
                let before = apps::guesses(tx, budget.key, now).await?;
                guessing::may_try(&before, now, &policy)?;
                if let Some(address) = budget.address {
                    let many = policy.guesses_per_address();
                    let filled = apps::filled(tx, address, many, now).await?;
                    guessing::may_try_from_there(filled, now)?;
                }
                apps::count(tx, &id, (budget.key, budget.address), now).await?;
                let stored = apps::password(tx, person.as_ref()).await?;
                Ok::<_, JourneyError>((person, stored))
            })
        })
        .await?;
    let (stored, set_at) = stored.unzip();
    let password = bounded(typed.password);
    let right = is_right(password, stored).await?;
    Ok(Judged {
        person,
        guess,
        password_of: set_at.filter(|_| right),
        code: SixDigits::parse(&typed.code),
    })
}

/// What is longer than any password is no password; it is not hashed at length either.
fn bounded(typed: Zeroizing<String>) -> Zeroizing<String> {
    if typed.len() > LONGEST_TYPED {
        Zeroizing::new(String::new())
    } else {
        typed
    }
}

/// Who signed in, with which app, at which level.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Who.
    pub person: UserId,
    /// With what.
    pub id: AuthenticatorId,
    /// What it proves.
    pub login: AuthenticatorLogin,
}

/// Judges the code inside the transaction that begins the session: uses its half minute up, gives
/// the try back and remembers the browser.
///
/// # Errors
/// Refuses with `credentials_wrong`, whatever was wrong; as `policies::authenticator::judge` does,
/// password and code being right.
pub async fn accept(
    tx: Tx<'_>,
    house: &CodeHouse,
    judged: &Judged,
    browser: [u8; 32],
    now: Time,
) -> Result<Accepted, JourneyError> {
    let wrong = || JourneyError::from(RefusalCode::CredentialsWrong);
    let all = apps::of_person(tx, judged.person.as_ref()).await?;
    let right = judged.is_current(tx).await?;
    let (Some(person), Some(code), true) = (&judged.person, &judged.code, right) else {
        return Err(wrong());
    };
    for app in all {
        let secret = AppSecret::from_bytes(house.vault.open_app(app.id.as_str(), &app.sealed)?);
        let last = house.last_step_of(&app, now);
        let Some(step) = secret.accepts(code, now, last) else {
            continue;
        };
        let found = authenticators::find(tx, &app.id).await?.ok_or_else(wrong)?;
        let login = law::judge(&found.facts(), now)?;
        if !apps::use_step(tx, &app, step).await? {
            return Err(wrong());
        }
        apps::give_back(tx, &judged.guess).await?;
        apps::remember_browser(tx, person, browser, now).await?;
        return Ok(Accepted {
            person: person.clone(),
            id: app.id,
            login,
        });
    }
    Err(wrong())
}

impl CodeHouse {
    /// The last half minute of an app whose code counted. Where a file is the time (`matron dev`), one
    /// that is to come is of another time, and forbids nothing now.
    fn last_step_of(&self, app: &App, now: Time) -> Option<i64> {
        let to_come = app.last_step > step_of(now) + 1;
        (self.clock == ClockTrust::Guarded || !to_come).then_some(app.last_step)
    }
}

/// Forgets at most `piece` guesses, ceremonies and browsers that are over; how many went.
///
/// # Errors
/// What the engine says.
pub async fn forget_ended(tx: Tx<'_>, now: Time, piece: i64) -> Result<u64, StoreError> {
    apps::forget_ended(tx, now, piece).await
}
