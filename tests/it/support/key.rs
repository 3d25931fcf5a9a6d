//! A security key in software: one P-256 key, flags and counter as the test wants them, and a statement
//! of its making: none, its own signature, that of a maker with a chain, or a TPM's (WebAuthn 6.1, 6.5, 8.2).

use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CustomExtension, DnType, IsCa, Issuer,
    KeyPair, PKCS_ECDSA_P256_SHA256,
};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

use super::tpm::Tpm;

/// How a device speaks of its making.
#[derive(Clone)]
pub(crate) enum Statement {
    None,
    Itself,
    /// A batch certificate and its key, with which model it names.
    Maker(Arc<Batch>),
    /// That of a computer's TPM.
    Tpm(Arc<Tpm>),
}

/// A maker's batch: its certificate, below the maker's root.
pub(crate) struct Batch {
    root: Vec<u8>,
    leaf: Vec<u8>,
    key: Vec<u8>,
    aaguid: [u8; 16],
}

impl Batch {
    /// A fresh maker and one batch of this model.
    pub(crate) fn of(aaguid: [u8; 16]) -> Arc<Self> {
        let key = || KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.distinguished_name
            .push(DnType::CommonName, "Test maker");
        let root_key = key();
        let root_certificate = root.self_signed(&root_key).expect("a root");
        let issuer = Issuer::new(root, root_key);
        let leaf_key = key();
        let leaf: Certificate = batch(aaguid)
            .signed_by(&leaf_key, &issuer)
            .expect("a batch certificate");
        Arc::new(Self {
            root: root_certificate.der().to_vec(),
            leaf: leaf.der().to_vec(),
            key: leaf_key.serialize_der(),
            aaguid,
        })
    }

    /// Writes a list of models into this folder, in which this one stands so, and its root; the list.
    pub(crate) fn list(&self, folder: &Path, standing: &str) -> PathBuf {
        std::fs::write(folder.join("root.pem"), pem(&self.root)).expect("a root");
        let list = folder.join("models.toml");
        let text = model_entry(self.aaguid, standing, ("Test key", "root.pem"));
        std::fs::write(&list, text).expect("a list");
        list
    }
}

/// A model in a list: its name, and the file of its maker's root.
pub(super) fn model_entry(aaguid: [u8; 16], standing: &str, (name, root): (&str, &str)) -> String {
    let digits = hex::encode(aaguid);
    let aaguid = [0..8, 8..12, 12..16, 16..20, 20..32].map(|part| &digits[part]);
    let aaguid = aaguid.join("-");
    format!(
        "[[model]]\naaguid = \"{aaguid}\"\nstanding = \"{standing}\"\nname = \"{name}\"\n\
         roots = [\"{root}\"]\n"
    )
}

/// A certificate as PEM.
pub(super) fn pem(der: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<&str> = text
        .as_bytes()
        .chunks(64)
        .map(|line| std::str::from_utf8(line).expect("ASCII"))
        .collect();
    format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    )
}

/// WebAuthn 8.2.1: what a batch certificate of this model holds.
fn batch(aaguid: [u8; 16]) -> CertificateParams {
    let mut leaf = CertificateParams::default();
    leaf.is_ca = IsCa::ExplicitNoCa;
    let name = &mut leaf.distinguished_name;
    name.push(DnType::CountryName, "GB");
    name.push(DnType::OrganizationName, "Test maker");
    name.push(DnType::OrganizationalUnitName, "Authenticator Attestation");
    name.push(DnType::CommonName, "Test batch");
    let model = [&[0x04, 0x10], aaguid.as_slice()].concat();
    let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 45724, 1, 1, 4], model);
    leaf.custom_extensions.push(extension);
    leaf
}

/// What a device is made like.
#[derive(Clone)]
pub(crate) struct Make {
    pub(crate) statement: Statement,
    pub(crate) aaguid: [u8; 16],
    /// Flag UV.
    pub(crate) verifies: bool,
    /// Flags BE and BS.
    pub(crate) synced: bool,
    /// Whether it counts its signatures.
    pub(crate) counts: bool,
    /// Whether it is part of the computer.
    pub(crate) platform: bool,
}

impl Make {
    /// A roaming key that says nothing of its making.
    pub(crate) fn plain() -> Self {
        Self {
            statement: Statement::None,
            aaguid: [0; 16],
            verifies: true,
            synced: false,
            counts: true,
            platform: false,
        }
    }

    /// A roaming key of that batch.
    pub(crate) fn of(batch: &Arc<Batch>) -> Self {
        Self {
            statement: Statement::Maker(batch.clone()),
            aaguid: batch.aaguid,
            ..Self::plain()
        }
    }

    /// Windows Hello on the computer with that TPM.
    pub(crate) fn hello(tpm: &Arc<Tpm>) -> Self {
        Self {
            statement: Statement::Tpm(tpm.clone()),
            aaguid: tpm.aaguid,
            platform: true,
            ..Self::plain()
        }
    }

    /// A passkey that a phone keeps in an account.
    pub(crate) fn passkey() -> Self {
        Self {
            synced: true,
            counts: false,
            platform: true,
            ..Self::plain()
        }
    }
}

/// A device with one key.
#[derive(Clone)]
pub(crate) struct SoftKey {
    pub(crate) make: Make,
    pub(crate) counter: u32,
    pub(crate) user_handle: String,
    origin: String,
    id: Vec<u8>,
    pkcs8: Vec<u8>,
}

impl SoftKey {
    /// Fresh, for the site at this origin.
    pub(crate) fn new(origin: &str, make: Make) -> Self {
        let chance = SystemRandom::new();
        let mut id = vec![0; 24];
        chance.fill(&mut id).expect("chance");
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &chance);
        Self {
            make,
            counter: 0,
            user_handle: String::new(),
            origin: origin.to_owned(),
            id,
            pkcs8: pkcs8.expect("a key").as_ref().to_vec(),
        }
    }

    /// The name of its key, as browsers write it.
    pub(crate) fn id(&self) -> String {
        text(&self.id)
    }

    /// `navigator.credentials.create`: `RegistrationResponseJSON`.
    pub(crate) fn create(&mut self, options: &Value) -> Value {
        assert_eq!(
            options["authenticatorSelection"]["userVerification"],
            "required"
        );
        self.user_handle = string(&options["user"]["id"]);
        let client = self.client_data("webauthn.create", options);
        let data = self.auth_data(0x40, &self.attested());
        let signed = [data.as_slice(), digest(&SHA256, &client).as_ref()].concat();
        let object = cbor_map(&[
            (cbor_text("fmt"), cbor_text(self.format())),
            (cbor_text("attStmt"), self.statement(&signed)),
            (cbor_text("authData"), cbor_bytes(&data)),
        ]);
        let transports = if self.make.platform {
            "internal"
        } else {
            "usb"
        };
        self.answer(json!({
            "clientDataJSON": text(&client),
            "attestationObject": text(&object),
            "transports": [transports],
        }))
    }

    /// `navigator.credentials.get`: `AuthenticationResponseJSON`.
    pub(crate) fn get(&mut self, options: &Value) -> Value {
        if self.make.counts {
            self.counter += 1;
        }
        let client = self.client_data("webauthn.get", options);
        let data = self.auth_data(0, &[]);
        let signed = [data.as_slice(), digest(&SHA256, &client).as_ref()].concat();
        self.answer(json!({
            "clientDataJSON": text(&client),
            "authenticatorData": text(&data),
            "signature": text(&sign(&self.pkcs8, &signed)),
            "userHandle": self.user_handle,
        }))
    }

    fn answer(&self, response: Value) -> Value {
        let attachment = if self.make.platform {
            "platform"
        } else {
            "cross-platform"
        };
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": attachment,
            "clientExtensionResults": {},
            "response": response,
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        });
        data.to_string().into_bytes()
    }

    fn auth_data(&self, flags: u8, attested: &[u8]) -> Vec<u8> {
        let host = url::Url::parse(&self.origin).expect("an origin");
        let site = digest(&SHA256, host.host_str().expect("a host").as_bytes());
        let verified = if self.make.verifies { 0x04 } else { 0 };
        let synced = if self.make.synced { 0x18 } else { 0 };
        let mut data = site.as_ref().to_vec();
        data.push(0x01 | verified | synced | flags);
        data.extend(self.counter.to_be_bytes());
        data.extend(attested);
        data
    }

    fn attested(&self) -> Vec<u8> {
        let mut data = self.make.aaguid.to_vec();
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        let point = public(&self.pkcs8);
        data.extend(cbor_map(&[
            (vec![0x01], vec![0x02]),
            (vec![0x03], vec![0x26]),
            (vec![0x20], vec![0x01]),
            (vec![0x21], cbor_bytes(&point[1..33])),
            (vec![0x22], cbor_bytes(&point[33..65])),
        ]));
        data
    }

    fn format(&self) -> &'static str {
        match self.make.statement {
            Statement::None => "none",
            Statement::Itself | Statement::Maker(_) => "packed",
            Statement::Tpm(_) => "tpm",
        }
    }

    fn statement(&self, signed: &[u8]) -> Vec<u8> {
        let (key, chain) = match &self.make.statement {
            Statement::None => return cbor_map(&[]),
            Statement::Itself => (&self.pkcs8, None),
            Statement::Maker(batch) => (&batch.key, Some(&batch.leaf)),
            Statement::Tpm(tpm) => return tpm.statement(&public(&self.pkcs8), signed),
        };
        let mut all = vec![
            (cbor_text("alg"), vec![0x26]),
            (cbor_text("sig"), cbor_bytes(&sign(key, signed))),
        ];
        if let Some(leaf) = chain {
            let list = [vec![0x81], cbor_bytes(leaf)].concat();
            all.push((cbor_text("x5c"), list));
        }
        cbor_map(&all)
    }
}

fn pair(pkcs8: &[u8]) -> EcdsaKeyPair {
    let chance = SystemRandom::new();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8, &chance).expect("a key")
}

fn public(pkcs8: &[u8]) -> Vec<u8> {
    pair(pkcs8).public_key().as_ref().to_vec()
}

pub(super) fn sign(pkcs8: &[u8], message: &[u8]) -> Vec<u8> {
    let signature = pair(pkcs8).sign(&SystemRandom::new(), message);
    signature.expect("a signature").as_ref().to_vec()
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn string(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// The head of an item (RFC 8949 3), at most 65,535 long.
fn head(major: u8, length: usize) -> Vec<u8> {
    let length = u16::try_from(length).expect("short");
    let [high, low] = length.to_be_bytes();
    match length {
        0..=23 => vec![major | low],
        24..=255 => vec![major | 0x18, low],
        _ => vec![major | 0x19, high, low],
    }
}

pub(super) fn cbor_text(text: &str) -> Vec<u8> {
    [head(0x60, text.len()).as_slice(), text.as_bytes()].concat()
}

pub(super) fn cbor_bytes(bytes: &[u8]) -> Vec<u8> {
    [head(0x40, bytes.len()).as_slice(), bytes].concat()
}

pub(super) fn cbor_map(entries: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut map = head(0xa0, entries.len());
    for (key, value) in entries {
        map.extend(key);
        map.extend(value);
    }
    map
}
