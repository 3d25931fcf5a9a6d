//! Which models of authenticators count for what: whose makers are trusted, which models reach AAL3,
//! which nobody may use.

use std::collections::HashMap;

use policies::authenticator::Attestation;
use policies::time::Time;

use super::chain::{Root, leads_to};
use super::error::CeremonyError;

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
pub(super) struct Model {
    pub(super) name: String,
    pub(super) roots: Vec<Root>,
    /// Whether it is part of a computer, tablet or phone, where its maker says.
    pub(super) platform: Option<bool>,
    pub(super) standing: Standing,
}

/// The models.
#[derive(Debug, Default)]
pub struct Models {
    known: HashMap<[u8; 16], Model>,
    /// Roots of makers whose devices name no model.
    makers: Vec<Root>,
}

impl Models {
    /// No model is known: every key is worth AAL2 at most.
    pub fn none() -> Self {
        Self::default()
    }

    /// What a model is worth today. Asked when a key is added, and at each sign-in. A key that names
    /// no model is [`Standing::Known`].
    pub fn standing(&self, aaguid: Option<[u8; 16]>) -> Standing {
        aaguid
            .and_then(|aaguid| self.known.get(&aaguid))
            .map_or(Standing::Known, |model| model.standing)
    }

    /// What people call a model.
    pub fn describe(&self, aaguid: [u8; 16]) -> Option<&str> {
        self.known.get(&aaguid).map(|model| model.name.as_str())
    }

    pub(super) fn is_platform(&self, aaguid: [u8; 16]) -> Option<bool> {
        self.known.get(&aaguid)?.platform
    }

    /// Whether the model's maker vouches for a chain at that time. A chain of an unknown maker
    /// counts for nothing; one that names a model of ours and does not lead to its maker is a lie.
    pub(super) fn vouch(
        &self,
        aaguid: Option<[u8; 16]>,
        chain: &[Vec<u8>],
        now: Time,
    ) -> Result<Attestation, CeremonyError> {
        if chain.is_empty() {
            return Ok(Attestation::None);
        }
        let model = aaguid.and_then(|aaguid| self.known.get(&aaguid));
        match model.filter(|model| !model.roots.is_empty()) {
            Some(model) => {
                leads_to(chain, &model.roots, now).map_err(CeremonyError::NotItsMaker)?;
                Ok(match model.standing {
                    Standing::Allowed => Attestation::Allowed,
                    Standing::Known | Standing::Denied => Attestation::Known,
                })
            }
            None if leads_to(chain, &self.makers, now).is_ok() => Ok(Attestation::Known),
            None => Ok(Attestation::None),
        }
    }
}
