//! Security keys, Windows Hello and passkeys (domain 2.6, 5.7; WebAuthn 7.1 and 7.2). What a device
//! said has been verified before it comes here; here it is judged, and kept: the level by its
//! evidence, the counter and the flags by one conditional statement in the transaction of the
//! sign-in. Whatever only a copy could have said locks the device and is told to its owner.

use std::sync::Arc;

use policies::authenticator::answer::{KeyAnswer, ModelToday, judge_answer};
use policies::authenticator::groups::Device;
use policies::authenticator::{self as law, AuthenticatorLogin, KeyEvidence, NewAuthenticator};
use policies::ids::{AuthenticatorId, UserId};
use policies::refusal::RefusalCode;
use policies::role::RoleHeld;
use policies::signin::{Aal, Method};
use policies::time::Time;
use policies::values::Policy;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::authenticator::{self, Name};
use super::owner::Owner;
use super::{JourneyError, fresh_id};
use crate::audit::{Actor, Code, Event};
use crate::authenticators::Authenticator;
use crate::public_keys::Credential;
use crate::store::public_keys::{self, Moved};
use crate::store::{Key, Store, StoreError, Tx, authenticators, people, roles};

/// Why a device was locked, for the trail.
const COPY: &str = "looks_copied";

/// What the device is told about its owner, before it makes a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    /// Random, one for each person, and nothing about her.
    pub user_handle: Vec<u8>,
    /// What the browser calls the account.
    pub account: String,
    /// Her name.
    pub name: String,
    /// The credentials that she has already: a device that holds one makes no second.
    pub known: Vec<Vec<u8>>,
    /// The lowest level of a device that is added now: the level of her session.
    pub bound_at: Aal,
    /// The roles that she may choose now.
    pub roles: Vec<RoleHeld>,
}

/// Before a ceremony begins: whether she may, and what the device is told.
///
/// # Errors
/// Refuses as `policies::authenticator::may_add` does.
pub async fn newcomer(
    store: &Store,
    policy: &Arc<Policy>,
    owner: &Owner,
    now: Time,
) -> Result<Newcomer, JourneyError> {
    let mut fresh = [0_u8; 32];
    SystemRandom::new()
        .fill(&mut fresh)
        .map_err(|_| JourneyError::NoChance)?;
    let (policy, owner) = (policy.clone(), owner.clone());
    store
        .read("public_key.newcomer", move |tx| {
            let (policy, owner) = (policy.clone(), owner.clone());
            Box::pin(async move {
                let own = owner.facts(tx, now).await?;
                law::may_add(&own, now, &policy)?;
                let person = people::find(tx, &owner.user_id).await?;
                let person = person.ok_or(RefusalCode::NotFound)?;
                let hers = public_keys::of_person(tx, &owner.user_id).await?;
                let handle = hers.first().map(|(_, handle, _)| handle.clone());
                Ok(Newcomer {
                    user_handle: handle.unwrap_or_else(|| fresh.to_vec()),
                    name: person.display_name.clone(),
                    account: person
                        .email
                        .unwrap_or_else(|| person.user_id.as_str().to_owned()),
                    known: hers
                        .into_iter()
                        .filter_map(|(id, _, live)| live.then_some(id))
                        .collect(),
                    bound_at: own.standing.aal,
                    roles: offered_now(tx, &owner.user_id, now).await?,
                })
            })
        })
        .await
}

async fn offered_now(tx: Tx<'_>, user_id: &UserId, now: Time) -> Result<Vec<RoleHeld>, StoreError> {
    let mut held = roles::held(tx, user_id).await?;
    held.retain(|role| role.is_offered(now));
    Ok(held)
}

/// A credential that a device has made, verified.
#[derive(Debug, Clone)]
pub struct Made {
    /// Its name.
    pub credential_id: Vec<u8>,
    /// What the device was told about its owner.
    pub user_handle: Vec<u8>,
    /// The key, in the verifier's own writing.
    pub stored_key: String,
    /// Which model it says it is.
    pub aaguid: Option<[u8; 16]>,
    /// The same in words.
    pub model: Option<String>,
    /// What its making showed.
    pub evidence: KeyEvidence,
    /// Whether nobody may use that model here.
    pub denied: bool,
    /// Whether a copy is kept elsewhere.
    pub backed_up: bool,
    /// The signatures it has counted.
    pub counter: u32,
    /// How browsers reach it.
    pub transports: Vec<String>,
}

/// What was added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// Names it.
    pub id: AuthenticatorId,
    /// Which kind it is, by its evidence.
    pub method: Method,
    /// What its evidence proves.
    pub evidence: Aal,
    /// The level of the session in which it was added.
    pub bound_at: Aal,
}

/// Adds it: hers, registered, not used yet.
///
/// # Errors
/// Refuses as `policies::authenticator::add` does.
pub async fn add(
    store: &Store,
    policy: &Arc<Policy>,
    owner: &Owner,
    (name, made): (Name, Made),
    now: Time,
) -> Result<Added, JourneyError> {
    let id: AuthenticatorId = fresh_id()?.parse()?;
    let key = Key::of("person", owner.user_id.as_str());
    let (policy, owner) = (policy.clone(), owner.clone());
    let made = Arc::new(made);
    store
        .write("public_key.add", key, move |tx| {
            let (policy, owner, id) = (policy.clone(), owner.clone(), id.clone());
            let (name, made) = (name.clone(), made.clone());
            Box::pin(async move { added(tx, &policy, &owner, (&id, &name, &made), now).await })
        })
        .await
}

async fn added(
    tx: Tx<'_>,
    policy: &Policy,
    owner: &Owner,
    (id, name, made): (&AuthenticatorId, &Name, &Made),
    now: Time,
) -> Result<Added, JourneyError> {
    let own = owner.facts(tx, now).await?;
    let known = public_keys::find(tx, &made.credential_id).await?;
    let device = Device {
        model: made.aaguid,
        attestation: made.evidence.attestation,
    };
    let role_keys = &owner.role_keys;
    let useless = role_keys.opens_none(tx, &owner.user_id, device, now);
    let useless = useless.await?;
    let new = NewAuthenticator {
        method: made.evidence.method(),
        evidence: made.evidence.level(),
        denied: made.denied || useless == Some(RefusalCode::ModelNotAllowed),
        attestation_missing: useless == Some(RefusalCode::AttestationMissing),
        known: known.is_some(),
    };
    let permit = law::add(&own, &new, now, policy)?;
    let done = Added {
        id: id.clone(),
        method: permit.method(),
        evidence: permit.evidence(),
        bound_at: permit.bound_at(),
    };
    let addition = owner.addition(tx, id, name, now).await?;
    let actor = Actor::Holder(owner.user_id.clone());
    authenticator::add(tx, permit, &addition, &actor).await?;
    let row = Credential {
        authenticator: addition.id,
        credential_id: made.credential_id.clone(),
        user_handle: made.user_handle.clone(),
        stored_key: made.stored_key.clone(),
        aaguid: made.aaguid,
        model: made.model.clone(),
        evidence: made.evidence,
        backed_up: made.backed_up,
        counter: made.counter,
        transports: made.transports.clone(),
    };
    public_keys::insert(tx, &row).await?;
    Ok(done)
}

/// What a device answered, its signature verified.
#[derive(Debug, Clone)]
pub struct Answered {
    /// Which credential.
    pub credential_id: Vec<u8>,
    /// Whom it named as its owner, if anybody.
    pub user_handle: Option<Vec<u8>>,
    /// What the house thinks of its model today.
    pub model: ModelToday,
    /// Whether a PIN, finger or face was checked.
    pub user_verified: bool,
    /// The signatures that it counts.
    pub counter: u32,
    /// Whether its key may leave it (flag BE).
    pub backup_eligible: bool,
    /// Whether a copy is kept elsewhere (flag BS).
    pub backed_up: bool,
    /// What is to be kept of the key from now on.
    pub stored_key: String,
}

/// A device that may sign in, and what for.
#[derive(Debug, Clone)]
pub struct Accepted {
    /// Who.
    pub person: UserId,
    /// With what.
    pub id: AuthenticatorId,
    /// What it proves today.
    pub login: AuthenticatorLogin,
    /// What its making showed.
    pub evidence: KeyEvidence,
}

/// Judges an answer inside the transaction of the sign-in and moves counter and flags on. The
/// caller lets the transaction stay also where this refuses: a lock must last.
///
/// # Errors
/// Refuses with `authenticator_unknown`, else as `policies::authenticator::answer::judge_answer`
/// does.
pub async fn accept(tx: Tx<'_>, answered: &Answered, now: Time) -> Result<Accepted, JourneyError> {
    let credential = public_keys::find(tx, &answered.credential_id).await?;
    let credential = credential.ok_or(RefusalCode::AuthenticatorUnknown)?;
    let one = authenticators::find(tx, &credential.authenticator).await?;
    let one = one.ok_or(RefusalCode::AuthenticatorUnknown)?;
    let named = answered.user_handle.as_ref();
    let mut answer = KeyAnswer {
        model: answered.model,
        user_verified: answered.user_verified,
        names_its_owner: named.is_none_or(|handle| *handle == credential.user_handle),
        counter_moved_on: true,
        eligibility_kept: answered.backup_eligible == credential.evidence.backup_eligible,
    };
    let mut login = judge_answer(&one.facts(), credential.evidence, answer, now);
    if login.is_ok() {
        let moved = Moved {
            counter: answered.counter,
            backup_eligible: answered.backup_eligible,
            backed_up: answered.backed_up,
            stored_key: &answered.stored_key,
        };
        answer.counter_moved_on =
            public_keys::move_on(tx, &credential.authenticator, &moved).await?;
        login = judge_answer(&one.facts(), credential.evidence, answer, now);
    }
    match login {
        Ok(login) => Ok(Accepted {
            person: one.user_id,
            id: one.id,
            login,
            evidence: credential.evidence,
        }),
        Err(refusal) => {
            if answer.looks_copied() && refusal.code == RefusalCode::AuthenticatorLocked {
                lock_once(tx, &one, now).await?;
            }
            Err(refusal.into())
        }
    }
}

async fn lock_once(tx: Tx<'_>, one: &Authenticator, now: Time) -> Result<(), JourneyError> {
    if one.state == law::AuthenticatorState::Locked {
        return Ok(());
    }
    authenticator::lock(tx, one, COPY, now).await
}

/// The trial right after adding: her own device has answered, and is in service from now on.
///
/// # Errors
/// Refuses with `reauthentication_needed` where her session lives no more, with
/// `authenticator_unknown` for a device of somebody else; as [`accept`] does.
pub async fn tried(
    tx: Tx<'_>,
    owner: &Owner,
    answered: &Answered,
    now: Time,
) -> Result<Accepted, JourneyError> {
    owner.facts(tx, now).await?;
    let hers = public_keys::find(tx, &answered.credential_id).await?;
    let hers = match hers {
        Some(credential) => authenticators::find(tx, &credential.authenticator).await?,
        None => None,
    };
    let hers = hers.is_some_and(|one| one.user_id == owner.user_id);
    if !hers {
        return Err(RefusalCode::AuthenticatorUnknown.into());
    }
    let accepted = accept(tx, answered, now).await?;
    authenticators::used(tx, &accepted.id, now).await?;
    if accepted.login.is_first_use() {
        let event = Event::AuthenticatorChanged {
            actor: Actor::Holder(owner.user_id.clone()),
            person: owner.user_id.clone(),
            authenticator: accepted.id.clone(),
            state: Code::of(law::AuthenticatorState::Active.as_str()),
            reason: Code::of("tried"),
        };
        tx.audit(now, &event).await?;
    }
    Ok(accepted)
}

/// Whose device answered, for the trail and for her other ways in; its signature was right.
///
/// # Errors
/// What the engine says.
pub async fn owner_of(
    tx: Tx<'_>,
    answered: &Answered,
) -> Result<Option<(UserId, AuthenticatorId)>, StoreError> {
    let Some(credential) = public_keys::find(tx, &answered.credential_id).await? else {
        return Ok(None);
    };
    let one = authenticators::find(tx, &credential.authenticator).await?;
    Ok(one.map(|one| (one.user_id, one.id)))
}

/// The credential of an authenticator of hers, to try it.
///
/// # Errors
/// What the engine says.
pub async fn hers(
    store: &Store,
    owner: &UserId,
    id: &AuthenticatorId,
) -> Result<Option<(Authenticator, Credential)>, StoreError> {
    let (owner, id) = (owner.clone(), id.clone());
    store
        .read("public_key.hers", move |tx| {
            let (owner, id) = (owner.clone(), id.clone());
            Box::pin(async move {
                let one = authenticators::find(tx, &id).await?;
                let Some(one) = one.filter(|one| one.user_id == owner) else {
                    return Ok(None);
                };
                let credential = public_keys::of_authenticator(tx, &id).await?;
                Ok(credential.map(|credential| (one, credential)))
            })
        })
        .await
}
