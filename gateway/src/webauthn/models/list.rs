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
//!
//! [[group]]                      # what some roles ask of the devices that open them
//! roles = ["S8002:G8003"]        # by their place in the national catalogue
//! desk = ["ra_manager"]          # or by their part at a desk
//! attestation = true             # only devices whose maker vouches for them
//! allow = ["2fc0579f-8113-47ea-b116-bb5a8db9202a"]    # of those only these models
//! deny = []                      # never these
//! ```

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use policies::access::ActorRole;
use policies::authenticator::groups::{Aaguid, RoleGroup, RoleGroups};
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
    /// A group of roles that are none.
    #[error("{0}: roles are written as in S8000, S8000:G8000 or S8000:G8000:R8000")]
    Roles(String),
    /// A part that nobody plays at a desk.
    #[error("{0} is no part at a desk; the parts are {parts}", parts = parts())]
    Desk(String),
    /// A group of nobody, or one that asks for nothing.
    #[error("a group needs roles or desk, and attestation, allow or deny")]
    Idle,
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
    #[error("{} is the root of an authenticator for tests; only the list that `matron dev` brings itself has it", .0.display())]
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
    #[serde(default)]
    group: Vec<GroupEntry>,
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

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupEntry {
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    desk: Vec<String>,
    #[serde(default)]
    attestation: bool,
    allow: Option<Vec<String>>,
    #[serde(default)]
    deny: Vec<String>,
}

impl GroupEntry {
    fn read(self) -> Result<RoleGroup, ListError> {
        let roles = self.roles.into_iter();
        let desk = self.desk.into_iter();
        let group = RoleGroup {
            roles: roles
                .map(|text| text.parse().map_err(|_| ListError::Roles(text)))
                .collect::<Result<_, _>>()?,
            desk: desk
                .map(|text| part(&text).ok_or(ListError::Desk(text)))
                .collect::<Result<_, _>>()?,
            attestation: self.attestation,
            allow: self.allow.map(aaguids).transpose()?,
            deny: aaguids(self.deny)?,
        };
        let of_nobody = group.roles.is_empty() && group.desk.is_empty();
        let asks = group.attestation || group.allow.is_some() || !group.deny.is_empty();
        if of_nobody || !asks {
            return Err(ListError::Idle);
        }
        Ok(group)
    }
}

fn aaguids(texts: Vec<String>) -> Result<BTreeSet<Aaguid>, ListError> {
    texts
        .into_iter()
        .map(|text| {
            let model = parse_aaguid(&text).filter(|model| *model != [0; 16]);
            model.ok_or(ListError::Aaguid(text))
        })
        .collect()
}

/// The parts that a role or an activity carries: nobody is a holder, or a deputy, by her role.
fn carried() -> impl Iterator<Item = ActorRole> {
    let by_role = |part: &ActorRole| !matches!(part, ActorRole::Holder | ActorRole::WardDeputy);
    ActorRole::ALL.iter().copied().filter(by_role)
}

fn part(word: &str) -> Option<ActorRole> {
    carried().find(|part| part.as_str() == word)
}

fn parts() -> String {
    let parts = carried().map(ActorRole::as_str);
    parts.collect::<Vec<_>>().join(", ")
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
    groups: RoleGroups,
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
        let groups = file.group.into_iter().map(GroupEntry::read);
        list.groups = RoleGroups::new(groups.collect::<Result<_, _>>()?);
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

    /// What some roles ask of the devices that open them.
    pub fn groups(&self) -> &RoleGroups {
        &self.groups
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
