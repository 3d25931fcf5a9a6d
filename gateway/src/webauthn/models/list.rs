//! The house's own list of models: a TOML file.
//!
//! ```toml
//! allow = "FIDO_CERTIFIED_L1"    # from the metadata: at least this, in hardware, with attestation
//!
//! [[model]]
//! aaguid = "2fc0579f-8113-47ea-b116-bb5a8db9202a"
//! standing = "allowed"           # or "known", or "denied"
//! name = "YubiKey 5 NFC"         # only needed where the metadata has none
//! roots = ["yubico.pem"]         # likewise
//! platform = false               # likewise
//!
//! [[maker]]                      # its devices name no model
//! root = "apple.pem"
//! ```

use std::path::{Path, PathBuf};

use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use serde::Deserialize;

use super::Standing;
use super::metadata::Certification;
use super::test_roots;
use crate::webauthn::chain::Root;

/// Why a list cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is not TOML of this form.
    #[error("it cannot be read: {}", .0.message())]
    Form(#[source] Box<toml::de::Error>),
    /// No AAGUID.
    #[error("{0} is no AAGUID; write it as 2fc0579f-8113-47ea-b116-bb5a8db9202a")]
    Aaguid(String),
    /// The same model twice.
    #[error("{0} stands there twice")]
    Twice(String),
    /// A file of a root.
    #[error("{} cannot be read: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file without a certificate.
    #[error("{} is no certificate, PEM or DER", .0.display())]
    NotACertificate(PathBuf),
    /// The root of an authenticator made for tests.
    #[error("{} is the root of an authenticator for tests; only `matron dev` may trust it", .0.display())]
    TestRoot(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    allow: Option<Certification>,
    #[serde(default)]
    model: Vec<ModelEntry>,
    #[serde(default)]
    maker: Vec<MakerEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelEntry {
    aaguid: String,
    standing: Word,
    name: Option<String>,
    #[serde(default)]
    roots: Vec<PathBuf>,
    platform: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MakerEntry {
    root: PathBuf,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Word {
    Allowed,
    Known,
    Denied,
}

/// The house's own list.
#[derive(Debug, Default)]
pub struct ModelList {
    rule: Option<Certification>,
    models: Vec<OwnModel>,
    makers: Vec<Root>,
}

/// A model on it.
#[derive(Debug)]
pub(super) struct OwnModel {
    pub(super) aaguid: [u8; 16],
    pub(super) standing: Standing,
    pub(super) name: Option<String>,
    pub(super) roots: Vec<Root>,
    pub(super) platform: Option<bool>,
}

impl ModelList {
    /// Reads a list; its paths count from `folder`. Roots of authenticators for tests are refused.
    ///
    /// # Errors
    /// [`ListError`], the first that is found.
    pub fn parse(text: &str, folder: &Path) -> Result<Self, ListError> {
        let file: File = toml::from_str(text).map_err(|error| ListError::Form(Box::new(error)))?;
        let mut list = Self {
            rule: file.allow,
            ..Self::default()
        };
        for entry in file.model {
            let aaguid =
                parse_aaguid(&entry.aaguid).ok_or(ListError::Aaguid(entry.aaguid.clone()))?;
            if list.models.iter().any(|model| model.aaguid == aaguid) {
                return Err(ListError::Twice(entry.aaguid));
            }
            let roots = entry.roots.iter().map(|path| root(&folder.join(path)));
            list.models.push(OwnModel {
                aaguid,
                standing: match entry.standing {
                    Word::Allowed => Standing::Allowed,
                    Word::Known => Standing::Known,
                    Word::Denied => Standing::Denied,
                },
                name: entry.name,
                roots: roots.collect::<Result<_, _>>()?,
                platform: entry.platform,
            });
        }
        for entry in file.maker {
            list.makers.push(root(&folder.join(entry.root))?);
        }
        Ok(list)
    }

    /// A list of one model whose root is for tests: for `matron dev`, and tests.
    pub fn for_tests(aaguid: [u8; 16], name: &str, root: &[u8], standing: Standing) -> Self {
        Self {
            models: vec![OwnModel {
                aaguid,
                standing,
                name: Some(name.to_owned()),
                roots: Root::of(root).into_iter().collect(),
                platform: None,
            }],
            ..Self::default()
        }
    }

    pub(super) fn rule(&self) -> Option<Certification> {
        self.rule
    }

    pub(super) fn models(&self) -> &[OwnModel] {
        &self.models
    }

    pub(super) fn makers(&self) -> &[Root] {
        &self.makers
    }
}

impl OwnModel {
    pub(super) fn aaguid_text(&self) -> String {
        write_aaguid(&self.aaguid)
    }
}

fn root(path: &Path) -> Result<Root, ListError> {
    let bytes = std::fs::read(path).map_err(|source| ListError::File {
        path: path.to_owned(),
        source,
    })?;
    let der = certificate(&bytes);
    if test_roots::is_one(&der) {
        return Err(ListError::TestRoot(path.to_owned()));
    }
    Root::of(&der).ok_or_else(|| ListError::NotACertificate(path.to_owned()))
}

/// One certificate, PEM or DER.
pub(crate) fn certificate(bytes: &[u8]) -> Vec<u8> {
    CertificateDer::from_pem_slice(bytes).map_or_else(|_| bytes.to_vec(), |der| der.to_vec())
}

/// Reads an AAGUID as makers write it.
pub(crate) fn parse_aaguid(text: &str) -> Option<[u8; 16]> {
    let groups: Vec<usize> = text.split('-').map(str::len).collect();
    if groups != [8, 4, 4, 4, 12] {
        return None;
    }
    hex::decode(text.replace('-', "")).ok()?.try_into().ok()
}

/// Writes an AAGUID as makers do.
pub(crate) fn write_aaguid(aaguid: &[u8; 16]) -> String {
    let digits = hex::encode(aaguid);
    let mut text = String::with_capacity(36);
    for (place, digit) in digits.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}
