//! Which models of authenticators count for what: whose makers are trusted, which models reach AAL3,
//! which nobody may use (law G5). It comes from two files: the house's own list, and the FIDO
//! Alliance's metadata, whose signature is verified.

mod list;
pub mod metadata;
pub mod record;
pub mod test_roots;

use std::collections::HashMap;
use std::sync::Arc;

use policies::authenticator::Attestation;
use policies::authenticator::groups::RoleGroups;
use policies::time::Time;

use super::chain::{Root, leads_to, leads_to_for_tpm};
use super::error::CeremonyError;
use super::statement::Format;

#[cfg(test)]
pub(crate) use list::parse_aaguid;
pub use list::{ListError, ModelList};
pub(crate) use list::{certificate, write_aaguid};
pub use metadata::{Metadata, MetadataError};

/// What a model is worth here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// AAL3, with its maker's word.
    Allowed,
    /// AAL2: unknown, or known and not on the list.
    Known,
    /// Nobody may use it.
    Denied,
}

/// One model.
#[derive(Debug, Clone)]
struct Model {
    name: String,
    roots: Vec<Root>,
    /// Whether it is part of a computer, tablet or phone, where its maker says.
    platform: Option<bool>,
    standing: Standing,
}

/// The models.
#[derive(Debug, Default)]
pub struct Models {
    known: HashMap<[u8; 16], Model>,
    /// Roots of makers whose devices name no model.
    makers: Vec<Root>,
    /// What some roles ask of the devices that open them.
    groups: Arc<RoleGroups>,
}

impl Models {
    /// No model is known: every key is worth AAL2 at most.
    pub fn none() -> Self {
        Self::default()
    }

    /// Joins the house's own list with the metadata. The list's word goes before the rule about
    /// certification; nobody's goes before a report that a model was broken.
    pub fn new(list: &ModelList, metadata: Option<&Metadata>) -> Self {
        let mut known = HashMap::new();
        for entry in metadata.into_iter().flat_map(Metadata::entries) {
            let standing = entry.broken().unwrap_or_else(|| {
                if list.rule().is_some_and(|rule| entry.satisfies(rule)) {
                    Standing::Allowed
                } else {
                    Standing::Known
                }
            });
            known.insert(
                entry.aaguid(),
                Model {
                    name: entry.name().to_owned(),
                    roots: entry.roots(),
                    platform: entry.is_platform(),
                    standing,
                },
            );
        }
        let broken: HashMap<[u8; 16], Standing> = metadata
            .into_iter()
            .flat_map(Metadata::entries)
            .filter_map(|entry| Some((entry.aaguid(), entry.broken()?)))
            .collect();
        for own in list.models() {
            let model = known.entry(own.aaguid).or_insert_with(|| Model {
                name: own.aaguid_text(),
                roots: Vec::new(),
                platform: None,
                standing: Standing::Known,
            });
            if let Some(name) = &own.name {
                model.name.clone_from(name);
            }
            if !own.roots.is_empty() {
                model.roots.clone_from(&own.roots);
            }
            model.platform = own.platform.or(model.platform);
            model.standing = match (own.standing, broken.get(&own.aaguid)) {
                (Standing::Denied, _) | (_, Some(Standing::Denied)) => Standing::Denied,
                (_, Some(broken)) => *broken,
                (own, None) => own,
            };
        }
        let has_roots = |model: &[u8; 16]| {
            let known: Option<&Model> = known.get(model);
            known.is_some_and(|model| !model.roots.is_empty())
        };
        let groups = list.groups().clone().cut_to(has_roots);
        Self {
            known,
            makers: list.makers().to_vec(),
            groups: Arc::new(groups),
        }
    }

    /// What a model is worth today. Asked when a key is added, and at each sign-in. A key that names
    /// no model is [`Standing::Known`].
    pub fn standing(&self, aaguid: Option<[u8; 16]>) -> Standing {
        aaguid
            .and_then(|aaguid| self.known.get(&aaguid))
            .map_or(Standing::Known, |model| model.standing)
    }

    /// What some roles ask of the devices that open them.
    pub fn groups(&self) -> &Arc<RoleGroups> {
        &self.groups
    }

    /// What people call a model.
    pub fn describe(&self, aaguid: [u8; 16]) -> Option<&str> {
        self.known.get(&aaguid).map(|model| model.name.as_str())
    }

    /// How many models are known, are allowed and are denied.
    pub fn counts(&self) -> (usize, usize, usize) {
        let with = |standing| {
            let is_so = |model: &&Model| model.standing == standing;
            self.known.values().filter(is_so).count()
        };
        let (allowed, denied) = (with(Standing::Allowed), with(Standing::Denied));
        (self.known.len(), allowed, denied)
    }

    pub(super) fn is_platform(&self, aaguid: [u8; 16]) -> Option<bool> {
        self.known.get(&aaguid)?.platform
    }

    /// Whether the model's maker vouches for a chain at that time. A chain of an unknown maker
    /// counts for nothing; one that names a model of ours and does not lead to its maker is a lie.
    pub(super) fn vouch(
        &self,
        aaguid: Option<[u8; 16]>,
        format: Format,
        chain: &[Vec<u8>],
        now: Time,
    ) -> Result<Attestation, CeremonyError> {
        if chain.is_empty() {
            return Ok(Attestation::None);
        }
        let leads = |roots: &[Root]| match format {
            Format::Tpm => leads_to_for_tpm(chain, roots, now),
            _ => leads_to(chain, roots, now),
        };
        let model = aaguid.and_then(|aaguid| self.known.get(&aaguid));
        match model.filter(|model| !model.roots.is_empty()) {
            Some(model) => {
                leads(&model.roots).map_err(CeremonyError::NotItsMaker)?;
                Ok(match model.standing {
                    Standing::Allowed => Attestation::Allowed,
                    Standing::Known | Standing::Denied => Attestation::Known,
                })
            }
            None if leads(&self.makers).is_ok() => Ok(Attestation::Known),
            None => Ok(Attestation::None),
        }
    }
}
