//! A ceremony with a public key, from its first page to its verified answer (WebAuthn 7.1, 7.2): for
//! signing in, for adding a device, and for trying it. What the browser is asked is kept here on the
//! server, under the hash of a random name, for five minutes; it is taken out, once, before its
//! answer is looked at (attack table 35).

use std::sync::Arc;

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use enrolment::journeys::public_key::Answered;
use enrolment::public_keys::{self, Credential};
use enrolment::store::{Key, StoreError, Tx};
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

/// What a browser is about to be asked, with its name drawn: nothing until a transaction keeps it.
pub(crate) struct Fresh {
    name: [u8; 32],
    hash: [u8; 32],
    state: String,
    place: Place,
    life: (Time, Time),
}

impl Fresh {
    /// Draws its name.
    pub(crate) fn draw(
        house: &Shared,
        place: Place,
        state: &impl Serialize,
        now: Time,
    ) -> Result<Self, Failure> {
        let name = house.random::<32>()?;
        Ok(Self {
            hash: hash_of(&name)?,
            name,
            state: serde_json::to_string(state).map_err(Failure::internal)?,
            place,
            life: (now, now.plus(TIMEOUT)),
        })
    }

    /// Keeps it inside the transaction.
    pub(crate) async fn keep(&self, tx: Tx<'_>) -> Result<(), StoreError> {
        ceremonies::begin(tx, (self.hash, &self.state), &self.place, self.life).await
    }

    /// What the browser is told, once it is kept; `options` are those of the relying party.
    pub(crate) fn asked(&self, options: Value) -> Asked {
        let public_key = match options {
            Value::Object(mut members) => members.remove("publicKey").unwrap_or_default(),
            _ => Value::Null,
        };
        Asked {
            ceremony: URL_SAFE_NO_PAD.encode(self.name),
            public_key,
            ends_at: self.life.1,
        }
    }
}

/// Keeps what the browser is asked; `options` are those of the relying party.
pub(crate) async fn begin(
    house: &Shared,
    place: Place,
    (options, state): (Value, &impl Serialize),
    now: Time,
) -> Result<Asked, Failure> {
    let key = Key::of("ceremony", &place.bound_to);
    let fresh = Arc::new(Fresh::draw(house, place, state, now)?);
    let kept = fresh.clone();
    house
        .store
        .write::<_, StoreError, _>("ceremony.begin", key, move |tx| {
            let fresh = kept.clone();
            Box::pin(async move { fresh.keep(tx).await })
        })
        .await?;
    Ok(fresh.asked(options))
}

/// Takes a ceremony out: from here on it is spent. `None` where there is none of that name, in that
/// place, at that time.
pub(crate) async fn take<T: DeserializeOwned>(
    house: &Shared,
    place: Place,
    name: &str,
    now: Time,
) -> Result<Option<T>, Failure> {
    let Some(hash) = hash_of_named(name)? else {
        return Ok(None);
    };
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

/// The same of a name as a browser brings it; `None` for what cannot be one.
fn hash_of_named(name: &str) -> Result<Option<[u8; 32]>, Failure> {
    let name = URL_SAFE_NO_PAD.decode(name).ok();
    name.map(|name| hash_of(&name)).transpose()
}

/// An answer with the ceremony that it names, on its way into a transaction.
pub(crate) struct Brought {
    hash: Option<[u8; 32]>,
    place: Place,
    answer: String,
    now: Time,
}

/// A ceremony that is spent, with its answer: not judged yet.
pub(crate) struct Taken {
    state: String,
    key: Result<Option<Credential>, CeremonyError>,
}

impl Brought {
    /// Nothing is asked or spent yet.
    pub(crate) fn new(
        place: Place,
        (name, answer): (&str, &str),
        now: Time,
    ) -> Result<Self, Failure> {
        Ok(Self {
            hash: hash_of_named(name)?,
            place,
            answer: answer.to_owned(),
            now,
        })
    }

    /// Takes the ceremony out inside the transaction: from its commit on it is spent. Only then is the
    /// answer looked at, for the name of its key. `None` where there is no such ceremony.
    pub(crate) async fn take(&self, tx: Tx<'_>) -> Result<Option<Taken>, StoreError> {
        let Some(hash) = self.hash else {
            return Ok(None);
        };
        let Some(state) = ceremonies::take(tx, hash, &self.place, self.now).await? else {
            return Ok(None);
        };
        let key = match credential_id_of(self.answer.as_bytes()) {
            Ok(id) => Ok(public_keys::credential(tx, id.as_bytes()).await?),
            Err(error) => Err(error),
        };
        Ok(Some(Taken { state, key }))
    }

    /// The same as a transaction of its own.
    pub(crate) async fn take_out(
        self: &Arc<Self>,
        house: &Shared,
    ) -> Result<Option<Taken>, Failure> {
        let key = Key::of("ceremony", &self.place.bound_to);
        let brought = self.clone();
        let write = house
            .store
            .write::<_, StoreError, _>("ceremony.take", key, move |tx| {
                let brought = brought.clone();
                Box::pin(async move { brought.take(tx).await })
            });
        Ok(write.await?)
    }

    /// Verifies the answer against the key in the books, after the transaction: this takes longer than
    /// anybody may hold up the writer.
    ///
    /// # Errors
    /// `authenticator_unknown` where nobody has that key, `ceremony_failed` for every answer that is
    /// not right, or to no ceremony; why, stands in the log.
    pub(crate) fn verify(
        &self,
        house: &Shared,
        taken: Option<Taken>,
    ) -> Result<Result<Answered, RefusalCode>, Failure> {
        let Some(taken) = taken else {
            return Ok(Err(RefusalCode::CeremonyFailed));
        };
        let state: AuthenticationState =
            serde_json::from_str(&taken.state).map_err(Failure::internal)?;
        let party = house.keys()?;
        let credential = match taken.key {
            Ok(Some(credential)) => credential,
            Ok(None) => return Ok(Err(RefusalCode::AuthenticatorUnknown)),
            Err(error) => return Ok(Err(failed(&error))),
        };
        let key: StoredKey =
            serde_json::from_str(&credential.stored_key).map_err(Failure::internal)?;
        let used = match party.finish_authentication(&state, self.answer.as_bytes(), &key) {
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
