//! The two ceremonies (WebAuthn 7.1, 7.2): our strict reading, then the library's verification, then
//! what the maker says.

use std::time::Duration;

use policies::authenticator::{Attestation, KeyEvidence};
use policies::time::Time;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{
    AttestationFormat, AttestationMetadata, AuthenticationExtensionsClientOutputs,
    AuthenticationState as LibraryAuthentication, AuthenticatorAssertionResponseRaw,
    AuthenticatorAttestationResponseRaw, COSEAlgorithm, Credential, ParsedAttestation,
    ParsedAttestationData, PublicKeyCredential, RegisterPublicKeyCredential, RegisteredExtensions,
    RegistrationExtensionsClientOutputs, RegistrationState as LibraryRegistration,
    RequestRegistrationExtensions, UserVerificationPolicy,
};

use super::answer::{Authentication, Expected, Registration};
use super::authdata::AuthData;
use super::error::CeremonyError;
use super::models::{Models, Standing};
use super::statement::{Format, Object, Statement};
use super::stored::{StoredKey, Used, encode};
use super::{AuthenticationState, Registered, RegistrationState, TIMEOUT};

/// The kinds of keys that are asked for, best first: what security keys make, and what the TPM
/// behind Windows Hello makes.
const ALGORITHMS: [COSEAlgorithm; 3] = [
    COSEAlgorithm::ES256,
    COSEAlgorithm::ES384,
    COSEAlgorithm::RS256,
];

/// Their numbers (RFC 9053, RFC 8812).
pub(super) fn algorithms() -> [i64; 3] {
    ALGORITHMS.map(|algorithm| algorithm as i64)
}

/// A site, without the models.
#[derive(Debug)]
pub(super) struct Core {
    id: String,
    origin: String,
    name: String,
    id_hash: Vec<u8>,
    library: WebauthnCore,
}

impl Core {
    pub(super) fn new(id: &str, origin: &str, name: &str) -> Self {
        let seconds = u64::try_from(TIMEOUT.as_seconds()).unwrap_or_default();
        let library = WebauthnCore::new_unsafe_experts_only(
            name,
            id,
            Url::parse(origin).into_iter().collect(),
            Duration::from_secs(seconds),
            Some(false),
            Some(false),
        );
        Self {
            id: id.to_owned(),
            origin: origin.to_owned(),
            name: name.to_owned(),
            id_hash: digest(&SHA256, id.as_bytes()).as_ref().to_vec(),
            library,
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// WebAuthn 7.1.
    pub(super) fn register(
        &self,
        models: &Models,
        state: &RegistrationState,
        answer: &[u8],
        now: Time,
    ) -> Result<Registered, CeremonyError> {
        let answer = Registration::read(answer)?;
        self.expect("webauthn.create", state.challenge.as_bytes())
            .check(&answer.client_data)?;
        let object = Object::read(&answer.attestation)?;
        let data = self.look_at(&object.auth_data)?;
        let Some(attested) = &data.attested else {
            return Err(CeremonyError::Malformed("no credential"));
        };
        if attested.id != answer.id {
            return Err(CeremonyError::OtherCredential);
        }
        if state.exclude.contains(&attested.id) {
            return Err(CeremonyError::Excluded);
        }
        if !attested
            .key
            .algorithm()
            .is_some_and(|alg| algorithms().contains(&alg))
        {
            return Err(CeremonyError::Algorithm);
        }
        let client_hash = digest(&SHA256, &answer.client_data);
        let statement = Statement::read(&object, attested, client_hash.as_ref())?;
        let made = self.library_registers(state, &answer, statement.for_the_library.clone())?;
        let aaguid = Some(attested.aaguid).filter(|aaguid| *aaguid != [0; 16]);
        let attestation = models.vouch(aaguid, statement.format, &statement.chain, now)?;
        let vouched = attestation != Attestation::None;
        let evidence = KeyEvidence {
            attestation,
            tpm: statement.format == Format::Tpm && vouched,
            platform: is_platform(models, aaguid, &statement, &answer),
            backup_eligible: data.backup_eligible(),
            user_verified: data.user_verified(),
        };
        Ok(Registered {
            credential_id: attested.id.clone(),
            evidence,
            aaguid,
            model: aaguid.and_then(|aaguid| models.describe(aaguid).map(str::to_owned)),
            denied: models.standing(aaguid) == Standing::Denied,
            transports: answer.transports.clone(),
            backup_eligible: data.backup_eligible(),
            backed_up: data.backed_up(),
            resident: answer.resident,
            key: StoredKey {
                credential_id: attested.id.clone(),
                key: made.cred,
                counter: data.counter,
                backup_eligible: data.backup_eligible(),
                backed_up: data.backed_up(),
                aaguid,
                transports: answer.transports,
            },
        })
    }

    /// WebAuthn 7.2.
    pub(super) fn authenticate(
        &self,
        state: &AuthenticationState,
        answer: &[u8],
        key: &StoredKey,
    ) -> Result<Used, CeremonyError> {
        let answer = Authentication::read(answer)?;
        let allowed = state.allow.is_empty() || state.allow.contains(&answer.id);
        if answer.id != key.credential_id || !allowed {
            return Err(CeremonyError::OtherCredential);
        }
        self.expect("webauthn.get", state.challenge.as_bytes())
            .check(&answer.client_data)?;
        let data = self.look_at(&answer.auth_data)?;
        if data.attested.is_some() {
            return Err(CeremonyError::Malformed("a credential in a sign-in"));
        }
        if !data.user_verified() {
            return Err(CeremonyError::UserNotVerified);
        }
        self.library_authenticates(state, &answer, key, &data)?;
        let counts = data.counter != 0 || key.counter != 0;
        Ok(Used {
            counter: data.counter,
            user_verified: true,
            backed_up: data.backed_up(),
            backup_eligible: data.backup_eligible(),
            user_handle: answer.user_handle,
            counter_regressed: counts && data.counter <= key.counter,
            eligibility_changed: data.backup_eligible() != key.backup_eligible,
        })
    }

    fn expect<'a>(&'a self, kind: &'static str, challenge: &'a [u8]) -> Expected<'a> {
        Expected {
            kind,
            challenge,
            origin: &self.origin,
        }
    }

    /// Reads authenticator data of this site, with somebody there.
    fn look_at(&self, bytes: &[u8]) -> Result<AuthData, CeremonyError> {
        let data = AuthData::read(bytes)?;
        if data.rp_id_hash.as_slice() != self.id_hash.as_slice() {
            return Err(CeremonyError::OtherSite);
        }
        if data.user_present() {
            Ok(data)
        } else {
            Err(CeremonyError::UserNotPresent)
        }
    }

    fn library_registers(
        &self,
        state: &RegistrationState,
        answer: &Registration,
        attestation_object: Vec<u8>,
    ) -> Result<Credential, CeremonyError> {
        let state: LibraryRegistration = remember(json!({
            "policy": UserVerificationPolicy::Preferred,
            "exclude_credentials": [],
            "challenge": encode(state.challenge.as_bytes()),
            "credential_algorithms": ALGORITHMS,
            "require_resident_key": true,
            "authenticator_attachment": null,
            "extensions": RequestRegistrationExtensions::default(),
            "allow_synchronised_authenticators": true,
        }))?;
        let answer = RegisterPublicKeyCredential {
            id: answer.id.to_string(),
            raw_id: answer.id.as_bytes().to_vec(),
            response: AuthenticatorAttestationResponseRaw {
                attestation_object,
                client_data_json: answer.client_data.clone(),
                transports: None,
            },
            type_: "public-key".to_owned(),
            extensions: RegistrationExtensionsClientOutputs::default(),
        };
        Ok(self.library.register_credential(&answer, &state, None)?)
    }

    /// The library refuses counters and flags that changed; we report them instead, so it is told
    /// what the answer says.
    fn library_authenticates(
        &self,
        state: &AuthenticationState,
        answer: &Authentication,
        key: &StoredKey,
        data: &AuthData,
    ) -> Result<(), CeremonyError> {
        let state: LibraryAuthentication = remember(json!({
            "credentials": [],
            "policy": UserVerificationPolicy::Required,
            "challenge": encode(state.challenge.as_bytes()),
            "appid": null,
            "allow_backup_eligible_upgrade": false,
        }))?;
        let credential = Credential {
            cred_id: key.credential_id.as_bytes().to_vec(),
            cred: key.key.clone(),
            counter: 0,
            transports: None,
            user_verified: true,
            backup_eligible: data.backup_eligible(),
            backup_state: data.backed_up(),
            registration_policy: UserVerificationPolicy::Required,
            extensions: RegisteredExtensions::none(),
            attestation: ParsedAttestation {
                data: ParsedAttestationData::None,
                metadata: AttestationMetadata::None,
            },
            attestation_format: AttestationFormat::None,
        };
        let answer = PublicKeyCredential {
            id: answer.id.to_string(),
            raw_id: answer.id.as_bytes().to_vec(),
            response: AuthenticatorAssertionResponseRaw {
                authenticator_data: answer.auth_data.clone(),
                client_data_json: answer.client_data.clone(),
                signature: answer.signature.clone(),
                user_handle: answer.user_handle.clone(),
            },
            extensions: AuthenticationExtensionsClientOutputs::default(),
            type_: "public-key".to_owned(),
        };
        self.library
            .authenticate_single_credential(&answer, &state, &credential)?;
        Ok(())
    }
}

/// Gives the library the state that it would have kept, with our challenge in it.
fn remember<T: serde::de::DeserializeOwned>(state: Value) -> Result<T, CeremonyError> {
    serde_json::from_value(state).map_err(|_| CeremonyError::Malformed("state"))
}

/// Whether it is part of a computer, tablet or phone: by the maker's word where that is known, by
/// the kind of statement, else by what the browser says.
fn is_platform(
    models: &Models,
    aaguid: Option<[u8; 16]>,
    statement: &Statement,
    answer: &Registration,
) -> bool {
    if let Some(known) = aaguid.and_then(|aaguid| models.is_platform(aaguid)) {
        return known;
    }
    let built_in = matches!(
        statement.format,
        Format::Tpm | Format::Apple | Format::AndroidKey
    );
    let says = |word: &str| answer.transports.iter().any(|transport| transport == word);
    built_in
        || answer.attachment.as_deref() == Some("platform")
        || says("internal")
        || says("hybrid")
}
