//! A ceremony with a public key, from its first page to its verified answer (WebAuthn 7.1, 7.2): for
//! signing in, for adding a device, and for trying it. What the browser is asked is kept here on the
//! server, under the hash of a random name, for five minutes; it is taken out, once, before its
//! answer is looked at (attack table 35).

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::journeys::public_key::Answered;
use enrolment::public_keys;
use enrolment::store::{Key, StoreError};
use policies::authenticator::answer::ModelToday;
use policies::refusal::RefusalCode;
use policies::time::Time;
use ring::digest::{SHA256, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::Failure;
use crate::house::Shared;
use crate::store::ceremonies::{self, Place};
use crate::webauthn::{
    AuthenticationState, CeremonyError, Challenge, RelyingParty, Standing, StoredKey, TIMEOUT,
    credential_id_of,
};

/// What the browser is asked, with the name under which it answers.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    /// Names the ceremony: 256 random bits.
    pub(crate) ceremony: String,
    /// The options, as the standard writes them in JSON (WebAuthn 5.4, 5.5).
    #[serde(rename = "publicKey")]
    pub(crate) public_key: Value,
    /// The last second for an answer.
    #[serde(skip)]
    pub(crate) ends_at: Time,
}

impl Asked {
    /// For a script of ours.
    pub(crate) fn respond(self) -> Response {
        Json(self).into_response()
    }
}

/// Draws a challenge.
pub(crate) fn challenge(house: &Shared) -> Result<Challenge, Failure> {
    Ok(Challenge::from_bytes(house.random()?))
}

/// Keeps what the browser is asked; `options` are those of the relying party.
pub(crate) async fn begin(
    house: &Shared,
    place: Place,
    (options, state): (Value, &impl Serialize),
    now: Time,
) -> Result<Asked, Failure> {
    let name = house.random::<32>()?;
    let state = serde_json::to_string(state).map_err(Failure::internal)?;
    let (hash, ends_at) = (hash_of(&name)?, now.plus(TIMEOUT));
    let key = Key::of("ceremony", &place.bound_to);
    house
        .store
        .write::<_, StoreError, _>("ceremony.begin", key, move |tx| {
            let (state, place) = (state.clone(), place.clone());
            Box::pin(
                async move { ceremonies::begin(tx, (hash, &state), &place, (now, ends_at)).await },
            )
        })
        .await?;
    let public_key = match options {
        Value::Object(mut members) => members.remove("publicKey").unwrap_or_default(),
        _ => Value::Null,
    };
    Ok(Asked {
        ceremony: URL_SAFE_NO_PAD.encode(name),
        public_key,
        ends_at,
    })
}

/// Takes a ceremony out: from here on it is spent. `None` where there is none of that name, in that
/// place, at that time.
pub(crate) async fn take<T: DeserializeOwned>(
    house: &Shared,
    place: Place,
    name: &str,
    now: Time,
) -> Result<Option<T>, Failure> {
    let Ok(name) = URL_SAFE_NO_PAD.decode(name) else {
        return Ok(None);
    };
    let hash = hash_of(&name)?;
    let key = Key::of("ceremony", &place.bound_to);
    let state = house
        .store
        .write::<_, StoreError, _>("ceremony.take", key, move |tx| {
            let place = place.clone();
            Box::pin(async move { ceremonies::take(tx, hash, &place, now).await })
        })
        .await?;
    state
        .map(|state| serde_json::from_str(&state).map_err(Failure::internal))
        .transpose()
}

fn hash_of(name: &[u8]) -> Result<[u8; 32], Failure> {
    <[u8; 32]>::try_from(digest(&SHA256, name).as_ref())
        .map_err(|_| Failure::internal("a hash of another length"))
}

/// Verifies an answer to `state` against the key in the books.
///
/// # Errors
/// `authenticator_unknown` where nobody has that key, `ceremony_failed` for every answer that is not
/// right; why, stands in the log.
pub(crate) async fn verify(
    house: &Shared,
    state: &AuthenticationState,
    answer: &[u8],
) -> Result<Result<Answered, RefusalCode>, Failure> {
    let party = house.keys()?;
    let id = match credential_id_of(answer) {
        Ok(id) => id,
        Err(error) => return Ok(Err(failed(&error))),
    };
    let Some(credential) = public_keys::look_up(&house.store, id.as_bytes()).await? else {
        return Ok(Err(RefusalCode::AuthenticatorUnknown));
    };
    let key: StoredKey = serde_json::from_str(&credential.stored_key).map_err(Failure::internal)?;
    let used = match party.finish_authentication(state, answer, &key) {
        Ok(used) => used,
        Err(error) => return Ok(Err(failed(&error))),
    };
    Ok(Ok(Answered {
        credential_id: credential.credential_id,
        model: today(party, &key),
        user_verified: used.user_verified,
        counter: used.counter,
        backup_eligible: used.backup_eligible,
        backed_up: used.backed_up,
        stored_key: serde_json::to_string(&key.used(&used)).map_err(Failure::internal)?,
        user_handle: used.user_handle,
    }))
}

/// What the house thinks of the model of a key now.
fn today(party: &RelyingParty, key: &StoredKey) -> ModelToday {
    match party.models().standing(key.aaguid()) {
        Standing::Allowed => ModelToday::Allowed,
        Standing::Known => ModelToday::Known,
        Standing::Denied => ModelToday::Denied,
    }
}

/// The log keeps why; the person and the trail are told that it failed.
pub(crate) fn failed(error: &CeremonyError) -> RefusalCode {
    tracing::info!(why = error.code(), "a ceremony failed");
    RefusalCode::CeremonyFailed
}
