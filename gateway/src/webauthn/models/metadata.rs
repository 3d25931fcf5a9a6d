//! The FIDO Alliance's metadata about authenticators (FIDO Metadata Service 3): one signed file.

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use policies::time::Time;
use rsa::pkcs1::DecodeRsaPublicKey;
use rsa::traits::PublicKeyParts;
use rustls_pki_types::{CertificateDer, ServerName};
use serde::Deserialize;
use webpki::EndEntityCert;
use x509_cert::Certificate;

use super::Standing;
use super::list::parse_aaguid;
use super::test_roots;
use crate::tokens::provider;
use crate::webauthn::chain::{ALGORITHMS, AnyPurpose, Root, moment};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::Decode;

/// Whose name the signer's certificate bears. The root signs for half the web.
const SIGNER: &str = "mds.fidoalliance.org";

/// The largest file that is looked at, in bytes.
pub const LARGEST: usize = 32 * 1024 * 1024;

/// Why metadata is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Too large, or no JWS with a chain.
    #[error("this is not the FIDO Alliance's metadata: no signed file with a chain")]
    Form,
    /// A signature that anybody could have made.
    #[error("this metadata is signed with {0}, which proves nothing; wanted: RS256 or ES256")]
    Algorithm(&'static str),
    /// The chain ends elsewhere, or has ended.
    #[error("the signer of this metadata is not vouched for by the root that you trust: {0}")]
    Chain(String),
    /// The chain is good and the signer somebody else.
    #[error("this metadata is signed by somebody else than {SIGNER}")]
    Signer,
    /// The signature is wrong.
    #[error("the signature of this metadata is wrong: it was changed after it was signed")]
    Signature,
    /// The signature is right and the contents cannot be read.
    #[error("this metadata is signed and cannot be read: {0}")]
    Contents(String),
    /// An earlier edition than the last that was accepted.
    #[error(
        "this metadata is number {offered}; number {accepted} was accepted before, and there is no way back"
    )]
    RolledBack {
        /// What it is.
        offered: u64,
        /// What was accepted.
        accepted: u64,
    },
}

/// How a model was certified, weakest first (FIDO Metadata Service 3, 3.1.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Certification {
    /// Level 1.
    #[serde(rename = "FIDO_CERTIFIED_L1", alias = "FIDO_CERTIFIED")]
    L1,
    /// Level 1+.
    #[serde(rename = "FIDO_CERTIFIED_L1plus")]
    L1Plus,
    /// Level 2.
    #[serde(rename = "FIDO_CERTIFIED_L2")]
    L2,
    /// Level 2+.
    #[serde(rename = "FIDO_CERTIFIED_L2plus")]
    L2Plus,
    /// Level 3.
    #[serde(rename = "FIDO_CERTIFIED_L3")]
    L3,
    /// Level 3+.
    #[serde(rename = "FIDO_CERTIFIED_L3plus")]
    L3Plus,
}

impl Certification {
    fn of(status: &str) -> Option<Self> {
        Some(match status {
            "FIDO_CERTIFIED" | "FIDO_CERTIFIED_L1" => Self::L1,
            "FIDO_CERTIFIED_L1plus" => Self::L1Plus,
            "FIDO_CERTIFIED_L2" => Self::L2,
            "FIDO_CERTIFIED_L2plus" => Self::L2Plus,
            "FIDO_CERTIFIED_L3" => Self::L3,
            "FIDO_CERTIFIED_L3plus" => Self::L3Plus,
            _ => return None,
        })
    }
}

#[derive(Debug, Deserialize)]
struct Payload {
    no: u64,
    #[serde(rename = "nextUpdate")]
    next_update: String,
    entries: Vec<RawEntry>,
}

#[derive(Debug, Deserialize)]
struct RawEntry {
    aaguid: Option<String>,
    #[serde(rename = "metadataStatement")]
    statement: Option<Statement>,
    #[serde(rename = "statusReports", default)]
    reports: Vec<Report>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    description: String,
    #[serde(default)]
    attestation_root_certificates: Vec<String>,
    #[serde(default)]
    attachment_hint: Vec<String>,
    #[serde(default)]
    key_protection: Vec<String>,
    #[serde(default)]
    attestation_types: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Report {
    status: String,
}

/// One model in it.
#[derive(Debug)]
pub(super) struct Entry {
    aaguid: [u8; 16],
    statement: Statement,
    reports: Vec<Report>,
}

/// An edition whose signature was right.
#[derive(Debug)]
pub struct Metadata {
    number: u64,
    next_update: jiff::civil::Date,
    entries: Vec<Entry>,
}

impl Metadata {
    /// Reads a file if its signer was vouched for by `root` (DER) at that time.
    ///
    /// # Errors
    /// [`MetadataError`].
    pub fn verify(blob: &[u8], root: &[u8], now: Time) -> Result<Self, MetadataError> {
        let text = std::str::from_utf8(blob)
            .map_err(|_| MetadataError::Form)?
            .trim();
        if text.len() > LARGEST {
            return Err(MetadataError::Form);
        }
        let header = jsonwebtoken::decode_header(text).map_err(|_| MetadataError::Form)?;
        let chain = header
            .x5c
            .unwrap_or_default()
            .iter()
            .map(|text| STANDARD.decode(text))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| MetadataError::Form)?;
        let key = signer(&chain, root, now, header.alg)?;
        let mut validation = Validation::new(header.alg);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        provider::install();
        let payload: Payload = jsonwebtoken::decode(text, &key, &validation)
            .map_err(|error| match error.kind() {
                jsonwebtoken::errors::ErrorKind::Json(why) => {
                    MetadataError::Contents(why.to_string())
                }
                _ => MetadataError::Signature,
            })?
            .claims;
        let next_update = payload
            .next_update
            .parse()
            .map_err(|_| MetadataError::Contents("nextUpdate is no date".to_owned()))?;
        Ok(Self {
            number: payload.no,
            next_update,
            entries: payload.entries.into_iter().filter_map(Entry::of).collect(),
        })
    }

    /// Its number; later editions have greater ones.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When the next edition was announced for; this one can be used after it.
    pub fn next_update(&self) -> jiff::civil::Date {
        self.next_update
    }

    /// Whether the next edition should be there already.
    pub fn is_late(&self, now: Time) -> bool {
        jiff::Timestamp::from_second(now.unix())
            .is_ok_and(|now| now.to_zoned(jiff::tz::TimeZone::UTC).date() > self.next_update)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter()
    }
}

/// The key of a signer that `root` vouches for, under the FIDO Alliance's name.
fn signer(
    chain: &[Vec<u8>],
    root: &[u8],
    now: Time,
    algorithm: Algorithm,
) -> Result<DecodingKey, MetadataError> {
    let chain: Vec<CertificateDer<'_>> = chain
        .iter()
        .map(|der| CertificateDer::from(der.as_slice()))
        .collect();
    let (first, between) = chain.split_first().ok_or(MetadataError::Form)?;
    let leaf = EndEntityCert::try_from(first).map_err(|_| MetadataError::Form)?;
    let root = CertificateDer::from(root);
    let anchor = webpki::anchor_from_trusted_cert(&root)
        .map_err(|error| MetadataError::Chain(error.to_string()))?;
    leaf.verify_for_usage(
        &ALGORITHMS,
        &[anchor],
        between,
        moment(now),
        AnyPurpose,
        None,
        None,
    )
    .map_err(|error| MetadataError::Chain(error.to_string()))?;
    let name = ServerName::try_from(SIGNER).map_err(|_| MetadataError::Signer)?;
    leaf.verify_is_valid_for_subject_name(&name)
        .map_err(|_| MetadataError::Signer)?;
    let certificate = Certificate::from_der(first).map_err(|_| MetadataError::Form)?;
    let key = certificate
        .tbs_certificate()
        .subject_public_key_info()
        .subject_public_key
        .raw_bytes();
    match algorithm {
        Algorithm::RS256 => {
            let key = rsa::RsaPublicKey::from_pkcs1_der(key).map_err(|_| MetadataError::Form)?;
            let (n, e) = (key.n().to_bytes_be(), key.e().to_bytes_be());
            Ok(DecodingKey::from_rsa_raw_components(&n, &e))
        }
        Algorithm::ES256 => Ok(DecodingKey::from_ec_der(key)),
        _ => Err(MetadataError::Algorithm("another algorithm")),
    }
}

impl Entry {
    /// Models of FIDO2 only: the others have no AAGUID.
    fn of(raw: RawEntry) -> Option<Self> {
        Some(Self {
            aaguid: parse_aaguid(&raw.aaguid?)?,
            statement: raw.statement?,
            reports: raw.reports,
        })
    }

    pub(super) fn aaguid(&self) -> [u8; 16] {
        self.aaguid
    }

    pub(super) fn name(&self) -> &str {
        &self.statement.description
    }

    /// Its maker's roots, those of tests left out.
    pub(super) fn roots(&self) -> Vec<Root> {
        self.statement
            .attestation_root_certificates
            .iter()
            .filter_map(|text| {
                let compact: String = text.split_whitespace().collect();
                STANDARD.decode(compact).ok()
            })
            .filter(|der| !test_roots::is_one(der))
            .filter_map(|der| Root::of(&der))
            .collect()
    }

    pub(super) fn is_platform(&self) -> Option<bool> {
        let hints = &self.statement.attachment_hint;
        (!hints.is_empty()).then(|| hints.iter().any(|hint| hint == "internal"))
    }

    /// What a report that the model was broken makes of it, if there is one: gone are revoked
    /// models, those that skip the PIN, and those whose keys leave them; a key that can be read by
    /// taking the device apart is worth AAL2.
    pub(super) fn broken(&self) -> Option<Standing> {
        let worst = |reports: &[Report]| {
            let mut broken = None;
            for report in reports {
                match report.status.as_str() {
                    "REVOKED"
                    | "USER_VERIFICATION_BYPASS"
                    | "ATTESTATION_KEY_COMPROMISE"
                    | "USER_KEY_REMOTE_COMPROMISE" => return Some(Standing::Denied),
                    "USER_KEY_PHYSICAL_COMPROMISE" => broken = Some(Standing::Known),
                    _ => {}
                }
            }
            broken
        };
        worst(&self.reports)
    }

    /// Whether it is certified so high, keeps its keys in hardware, and its maker vouches for each
    /// one.
    pub(super) fn satisfies(&self, rule: Certification) -> bool {
        let has = |words: &[String], any: &[&str]| words.iter().any(|w| any.contains(&w.as_str()));
        let statement = &self.statement;
        let certified = self
            .reports
            .iter()
            .filter_map(|report| Certification::of(&report.status))
            .max();
        certified >= Some(rule)
            && has(&statement.key_protection, &["hardware"])
            && !has(&statement.key_protection, &["software", "remote_handle"])
            && has(&statement.attestation_types, &["basic_full", "attca"])
    }
}
