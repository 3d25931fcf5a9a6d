//! A card made of files: for demo people, tests, and machines without a reader.
//!
//! Either a PKCS#12 with the authentication key, or certificate and key as PEM. The signature pair lies
//! beside it: `cards/amara.p12` and `cards/amara-auth.pem` both have `cards/amara-sign.pem` and
//! `cards/amara-sign.key`. New keys are written to `….pending` files first; see `files` for the swap.

mod files;
mod keys;

use std::path::{Path, PathBuf};

use policies::card::KeyRole;

use self::files::Files;
pub(crate) use self::files::replace;
use self::keys::Pair;
use super::{Card, CardError, Place, PublicKey, ROLES, Secret};
use crate::certificate;

/// Where the files of a card are.
#[derive(Debug, Clone)]
pub enum Layout {
    /// A PKCS#12 with the authentication key.
    Pkcs12(PathBuf),
    /// Certificate and key of the authentication key, PEM.
    Pem {
        /// The certificate, its issuers after it.
        certificate: PathBuf,
        /// The key, PKCS#8.
        key: PathBuf,
    },
}

/// A card made of files.
pub struct SoftCard {
    files: Files,
    password: Option<Secret>,
}

impl SoftCard {
    /// Opens the files, finishing a swap that a killed process left behind. `signature` names the
    /// certificate and key of the signature pair where they do not lie beside the others.
    ///
    /// # Errors
    /// A swap cannot be finished.
    pub fn open(layout: Layout, signature: Option<(PathBuf, PathBuf)>) -> Result<Self, CardError> {
        let signature = signature.unwrap_or_else(|| beside(&layout));
        let files = Files::new(layout, signature);
        files.finish_swap()?;
        Ok(Self {
            files,
            password: None,
        })
    }

    fn pair(&self, place: Place, role: KeyRole) -> Result<Option<Pair>, CardError> {
        self.files.read(place, role, self.password.as_ref())
    }

    fn write(&self, role: KeyRole, pair: &Pair) -> Result<(), CardError> {
        self.files
            .write(Place::Pending, role, pair, self.password.as_ref())
    }
}

/// `cards/amara.p12` and `cards/amara-auth.pem` give `cards/amara-sign.pem` and `.key`.
fn beside(layout: &Layout) -> (PathBuf, PathBuf) {
    let path = match layout {
        Layout::Pkcs12(path) => path,
        Layout::Pem { certificate, .. } => certificate,
    };
    let stem = path.file_stem().map(|stem| stem.to_string_lossy());
    let stem = stem.unwrap_or_default();
    let stem = stem.strip_suffix("-auth").unwrap_or(&stem);
    let file = |end: &str| {
        path.parent()
            .unwrap_or(Path::new(""))
            .join(format!("{stem}-sign.{end}"))
    };
    (file("pem"), file("key"))
}

impl Card for SoftCard {
    fn describe(&self) -> String {
        format!("the card in {}", self.files.name())
    }

    fn secret_kind(&self) -> Option<&'static str> {
        self.files.is_locked().then_some("password of the file")
    }

    fn unlock(&mut self, passcode: &Secret) -> Result<(), CardError> {
        self.password = Some(passcode.clone());
        let opened = self.pair(Place::Current, KeyRole::Authentication);
        opened.map(|_| ()).inspect_err(|_| self.password = None)
    }

    fn certificate(&mut self, place: Place, role: KeyRole) -> Result<Option<Vec<u8>>, CardError> {
        let pair = self.pair(place, role)?;
        Ok(pair.and_then(|pair| pair.chain.into_iter().next()))
    }

    fn generate(&mut self, role: KeyRole) -> Result<PublicKey, CardError> {
        let pair = Pair::generate()?;
        self.write(role, &pair)?;
        pair.public()
    }

    fn sign(&mut self, place: Place, role: KeyRole, digest: &[u8]) -> Result<Vec<u8>, CardError> {
        let pair = self.pair(place, role)?;
        pair.ok_or(CardError::Missing { role, place })?.sign(digest)
    }

    fn write_certificate(&mut self, role: KeyRole, certificate: &[u8]) -> Result<(), CardError> {
        let place = Place::Pending;
        let mut pair = self
            .pair(place, role)?
            .ok_or(CardError::Missing { role, place })?;
        let issuers = match self.pair(Place::Current, role)? {
            Some(current) => current.chain.into_iter().skip(1).collect(),
            None => Vec::new(),
        };
        let read = certificate::Read::from_der(certificate)?;
        if read.key != pair.public()? {
            return Err(CardError::Unusable("a certificate for another key"));
        }
        pair.chain = vec![certificate.to_vec()];
        pair.chain.extend(issuers);
        self.write(role, &pair)
    }

    fn promote(&mut self) -> Result<(), CardError> {
        for role in ROLES {
            if self
                .pair(Place::Pending, role)?
                .is_some_and(|pair| pair.chain.is_empty())
            {
                let place = Place::Pending;
                return Err(CardError::Missing { role, place });
            }
        }
        self.files.swap()
    }

    fn discard(&mut self) -> Result<(), CardError> {
        self.files.discard()
    }

    fn change_passcode(&mut self, old: &Secret, new: &Secret) -> Result<(), CardError> {
        if !self.files.is_locked() {
            return Err(CardError::Unusable(
                "files without a password have none to change",
            ));
        }
        self.unlock(old)?;
        self.files.relock(old, new)?;
        self.password = Some(new.clone());
        Ok(())
    }

    fn unblock(&mut self, _unblock_key: &Secret, _new: &Secret) -> Result<(), CardError> {
        Err(CardError::Unusable("a card made of files never locks"))
    }
}

#[cfg(test)]
mod tests;
