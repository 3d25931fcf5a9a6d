//! Recordings that nobody here made: `../shared/vectors/webauthn` from the project's root, or
//! `MATRON_VECTORS`. Where the folder is absent, a test says what it left out.

use std::path::PathBuf;
use std::sync::Arc;

use ciborium::value::Value;
use policies::time::Time;
use ring::digest::{SHA256, digest};

use super::super::models::{Metadata, ModelList};
use super::super::stored::{decode, encode};
use super::super::*;

/// Before the FIDO metadata's signer ended, and while the chains of all recordings were valid.
pub(crate) const IN_2023: Time = Time::from_unix(1_673_740_800);

/// The folder of recordings, if it is there.
pub(crate) fn folder() -> Option<PathBuf> {
    let root = std::env::var_os("MATRON_VECTORS").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/vectors")),
        PathBuf::from,
    );
    let folder = root.join("webauthn");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("left out: {} is not there", folder.display());
    None
}

/// One recorded registration.
#[derive(Clone)]
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) answer: serde_json::Value,
    pub(crate) challenge: Vec<u8>,
    pub(crate) origin: String,
    pub(crate) rp_id: String,
}

impl Recorded {
    /// Reads one; `None` where the folder is absent.
    pub(crate) fn read(name: &str) -> Option<Self> {
        let path = folder()?.join("attestation").join(format!("{name}.json"));
        let mut answer: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        answer["type"] = "public-key".into();
        // Some recordings lack the outer name of the credential, or bear another's: the inner one counts.
        let object = bytes_of(&answer, "attestationObject");
        let object: Value = ciborium::from_reader(object.as_slice()).unwrap();
        let data = entry(&object, "authData").into_bytes().unwrap();
        let length = usize::from(u16::from_be_bytes([data[53], data[54]]));
        answer["id"] = encode(&data[55..55 + length]).into();
        answer["rawId"] = answer["id"].clone();
        let client_data = bytes_of(&answer, "clientDataJSON");
        let data: serde_json::Value = serde_json::from_slice(&client_data).unwrap();
        let origin = data["origin"].as_str().unwrap().to_owned();
        let challenge = data["challenge"].as_str().unwrap();
        let mut recorded = Self {
            name: name.to_owned(),
            challenge: decode(challenge).unwrap(),
            rp_id: String::new(),
            origin,
            answer,
        };
        recorded.rp_id = recorded.find_rp_id();
        Some(recorded)
    }

    /// The host of the origin, or the parent of it whose hash the device signed.
    fn find_rp_id(&self) -> String {
        let host = Url::parse(&self.origin).unwrap();
        let host = host.host_str().unwrap();
        let hash = self.auth_data()[..32].to_vec();
        let mut candidate = host;
        loop {
            if digest(&SHA256, candidate.as_bytes()).as_ref() == hash {
                return candidate.to_owned();
            }
            let parent = candidate.split_once('.').map(|(_, parent)| parent);
            candidate = parent.expect(&self.name);
        }
    }

    pub(crate) fn site(&self, models: Models) -> RelyingParty {
        RelyingParty::recorded(&self.rp_id, &self.origin, Arc::new(models))
    }

    pub(crate) fn state(&self) -> RegistrationState {
        RegistrationState {
            challenge: Challenge::recorded(self.challenge.clone()),
            exclude: Vec::new(),
        }
    }

    pub(crate) fn judge(&self, models: Models, now: Time) -> Result<Registered, CeremonyError> {
        let answer = serde_json::to_vec(&self.answer).unwrap();
        self.site(models)
            .finish_registration(&self.state(), &answer, now)
    }

    pub(crate) fn object(&self) -> Value {
        ciborium::from_reader(bytes_of(&self.answer, "attestationObject").as_slice()).unwrap()
    }

    pub(crate) fn auth_data(&self) -> Vec<u8> {
        entry(&self.object(), "authData").into_bytes().unwrap()
    }

    /// The same answer with another attestation object.
    pub(crate) fn with_object(&self, object: &Value) -> Self {
        let mut bytes = Vec::new();
        ciborium::into_writer(object, &mut bytes).unwrap();
        self.with_bytes("attestationObject", &bytes)
    }

    pub(crate) fn with_bytes(&self, field: &str, bytes: &[u8]) -> Self {
        let mut altered = self.clone();
        altered.answer["response"][field] = encode(bytes).into();
        altered
    }

    pub(crate) fn bytes(&self, field: &str) -> Vec<u8> {
        bytes_of(&self.answer, field)
    }

    /// The same answer with an altered attestation object.
    pub(crate) fn altered(&self, alter: impl FnOnce(&mut Value)) -> Self {
        let mut object = self.object();
        alter(&mut object);
        self.with_object(&object)
    }

    /// The same answer with altered authenticator data.
    pub(crate) fn with_auth_data(&self, alter: impl FnOnce(&mut Vec<u8>)) -> Self {
        let mut data = self.auth_data();
        alter(&mut data);
        self.altered(|object| *slot(object, "authData") = Value::Bytes(data))
    }

    /// The same answer with an altered statement.
    pub(crate) fn with_statement(&self, alter: impl FnOnce(&mut Value)) -> Self {
        self.altered(|object| alter(slot(object, "attStmt")))
    }
}

fn bytes_of(answer: &serde_json::Value, field: &str) -> Vec<u8> {
    decode(answer["response"][field].as_str().unwrap()).unwrap()
}

/// A value in a map.
pub(crate) fn entry(map: &Value, key: &str) -> Value {
    map.as_map()
        .unwrap()
        .iter()
        .find(|(name, _)| name.as_text() == Some(key))
        .unwrap_or_else(|| panic!("no {key}"))
        .1
        .clone()
}

/// Where a value of a map stands; made where it is not.
pub(crate) fn slot<'a>(map: &'a mut Value, key: &str) -> &'a mut Value {
    let entries = map.as_map_mut().unwrap();
    let at = entries
        .iter()
        .position(|(name, _)| name.as_text() == Some(key))
        .unwrap_or_else(|| {
            entries.push((Value::from(key), Value::Null));
            entries.len() - 1
        });
    &mut entries[at].1
}

/// The FIDO Alliance's metadata of 2023 and its root.
pub(crate) fn blob() -> Option<(Vec<u8>, Vec<u8>)> {
    let folder = folder()?.join("metadata/big");
    let root = std::fs::read(folder.join("root.crt")).unwrap();
    Some((
        std::fs::read(folder.join("blob.jwt")).unwrap(),
        models::certificate(&root),
    ))
}

/// The models of that metadata with a list of the house's own.
pub(crate) fn models_of_2023(list: &str) -> Option<Models> {
    let (blob, root) = blob()?;
    let metadata = Metadata::verify(&blob, &root, IN_2023).unwrap();
    let list = ModelList::parse(list, std::path::Path::new(".")).unwrap();
    Some(Models::new(&list, Some(&metadata)))
}

/// What a house says that allows what is certified.
pub(crate) const CERTIFIED: &str = "allow = \"FIDO_CERTIFIED_L1\"";
