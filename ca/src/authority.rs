//! The certificate authority: what it would sign ([`Authority::prepare`]) and that it signs
//! exactly what was recorded ([`Authority::sign`]).
//!
//! Between the two lies the ledger. `prepare` spends the permit, `sign` takes only what is already
//! written down; so no path leads from a wish to a signature past the books (house decision 3).

use der::Decode;
use policies::card::KeyRole;
use policies::ids::Serial;
use policies::permit::{IssuePermit, Validity};
use ring::rand::SystemRandom;

use crate::asn1::{SignedDocument, TbsCertificate};
use crate::error::CaError;
use crate::issuer::{Issuer, IssuerId};
use crate::lint;
use crate::profile::{self, Draft, Holder, Kind};
use crate::publishing::Publishing;
use crate::request::SubjectKey;
use crate::sealed::{self, Unverified};

/// The issuers of cards, the one in use first.
pub struct Authority {
    issuers: Vec<Issuer>,
    publishing: Publishing,
    random: SystemRandom,
}

/// One certificate before it is recorded: everything the books must keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedCertificate {
    serial: Serial,
    key_role: KeyRole,
    issuer: IssuerId,
    tbs: Vec<u8>,
    spki_sha256: [u8; 32],
    shard: u8,
    validity: Validity,
}

impl PreparedCertificate {
    /// Its serial number, 19 octets.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Which key of the card it is for.
    pub fn key_role(&self) -> KeyRole {
        self.key_role
    }

    /// Who will sign it.
    pub fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The exact octets to be signed.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }

    /// SHA-256 of its public key.
    pub fn spki_sha256(&self) -> [u8; 32] {
        self.spki_sha256
    }

    /// The list that will name it if it is revoked.
    pub fn shard(&self) -> u8 {
        self.shard
    }

    /// Its dates.
    pub fn validity(&self) -> Validity {
        self.validity
    }

    /// What [`Authority::sign`] needs once this is recorded.
    pub fn to_reserved(&self) -> Reserved {
        Reserved {
            serial: self.serial.clone(),
            issuer: self.issuer.clone(),
            tbs: self.tbs.clone(),
        }
    }
}

/// A whole set before it is recorded, with the permit it was made for.
#[derive(Debug)]
#[must_use = "a prepared set that is not recorded is never signed"]
pub struct PreparedSet {
    permit: IssuePermit,
    certificates: Vec<PreparedCertificate>,
}

impl PreparedSet {
    /// The decision this set rests on.
    pub fn permit(&self) -> &IssuePermit {
        &self.permit
    }

    /// The certificates, in the order of the keys handed in.
    pub fn certificates(&self) -> &[PreparedCertificate] {
        &self.certificates
    }
}

/// One recorded, unsigned certificate, as read back from the books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reserved {
    serial: Serial,
    issuer: IssuerId,
    tbs: Vec<u8>,
}

impl Reserved {
    /// Puts a row together again. Whether it holds together is asked when it is signed.
    pub fn new(serial: Serial, issuer: IssuerId, tbs: Vec<u8>) -> Self {
        Self {
            serial,
            issuer,
            tbs,
        }
    }

    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// Who signs it.
    pub fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The exact octets to be signed.
    pub fn tbs(&self) -> &[u8] {
        &self.tbs
    }
}

/// A certificate that was recorded, signed and verified. Only [`Authority::sign`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    serial: Serial,
    der: Vec<u8>,
}

impl Signed {
    /// Its serial number.
    pub fn serial(&self) -> &Serial {
        &self.serial
    }

    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl Authority {
    /// An authority with at least one issuer; the first one issues, the others are still known,
    /// for recovery and for their lists.
    ///
    /// # Errors
    /// [`CaError::NoIssuer`] if there is none.
    pub fn new(issuers: Vec<Issuer>, publishing: Publishing) -> Result<Self, CaError> {
        if issuers.is_empty() {
            return Err(CaError::NoIssuer);
        }
        Ok(Self {
            issuers,
            publishing,
            random: SystemRandom::new(),
        })
    }

    /// What this authority says about itself.
    pub fn publishing(&self) -> &Publishing {
        &self.publishing
    }

    /// All issuers, the one in use first.
    pub fn issuers(&self) -> &[Issuer] {
        &self.issuers
    }

    /// The issuer in use.
    ///
    /// # Errors
    /// [`CaError::NoIssuer`]; never, as long as only [`Authority::new`] makes authorities.
    pub fn current(&self) -> Result<&Issuer, CaError> {
        self.issuers.first().ok_or(CaError::NoIssuer)
    }

    /// The issuer with this id.
    ///
    /// # Errors
    /// [`CaError::UnknownIssuer`] if its key is not loaded here.
    pub fn issuer(&self, id: &IssuerId) -> Result<&Issuer, CaError> {
        self.issuers
            .iter()
            .find(|issuer| issuer.id() == id)
            .ok_or_else(|| CaError::UnknownIssuer(id.clone()))
    }

    /// Writes the certificates that `permit` allows, to the last octet, and lints them. Signs
    /// nothing with an issuer's key and stores nothing.
    ///
    /// # Errors
    /// [`CaError::IssuerExpiresFirst`] and its likes, [`CaError::EmptySet`],
    /// [`CaError::RoleTwice`], [`CaError::KeyTwice`], or [`CaError::Lint`].
    pub fn prepare(
        &self,
        permit: IssuePermit,
        keys: Vec<(KeyRole, SubjectKey)>,
    ) -> Result<PreparedSet, CaError> {
        let holder = Holder {
            user_id: permit.user_id(),
            card: permit.card(),
        };
        let certificates = self.prepare_set(&holder, permit.validity(), &keys)?;
        Ok(PreparedSet {
            permit,
            certificates,
        })
    }

    pub(crate) fn prepare_set(
        &self,
        holder: &Holder<'_>,
        validity: Validity,
        keys: &[(KeyRole, SubjectKey)],
    ) -> Result<Vec<PreparedCertificate>, CaError> {
        check_set(keys)?;
        let issuer = self.current()?;
        issuer.admits(validity)?;
        keys.iter()
            .map(|(role, key)| self.prepare_one(issuer, holder, validity, *role, key))
            .collect()
    }

    fn prepare_one(
        &self,
        issuer: &Issuer,
        holder: &Holder<'_>,
        validity: Validity,
        key_role: KeyRole,
        key: &SubjectKey,
    ) -> Result<PreparedCertificate, CaError> {
        let serial = profile::fresh_serial(&self.random)?;
        let kind = Kind::of_card(key_role);
        let (subject, extensions) = profile::card(kind, holder, &serial, &self.publishing)?;
        let draft = Draft {
            serial: &serial,
            issuer: issuer.facts(),
            validity,
            subject,
            spki_der: key.spki_der(),
            extensions,
        };
        let tbs = draft.write()?;
        lint::rehearse(&tbs, kind, issuer, &self.publishing)?;
        Ok(PreparedCertificate {
            shard: Publishing::shard_of(&serial),
            serial,
            key_role,
            issuer: issuer.id().clone(),
            tbs,
            spki_sha256: key.spki_sha256(),
            validity,
        })
    }

    /// Signs a recorded certificate and verifies what came back.
    ///
    /// # Errors
    /// [`CaError::UnknownIssuer`], [`CaError::RecordChanged`] or [`CaError::Lint`] if the record
    /// is not one of ours any more, [`CaError::Key`], [`CaError::SignatureDoesNotVerify`].
    pub fn sign(&self, reserved: &Reserved) -> Result<Signed, CaError> {
        let signature = self.signature_over(reserved)?;
        self.join(reserved, &signature)
    }

    /// The first half of [`Authority::sign`]: the signature alone.
    pub(crate) fn signature_over(&self, reserved: &Reserved) -> Result<Unverified, CaError> {
        let issuer = self.issuer(&reserved.issuer)?;
        self.check_record(reserved, issuer)?;
        sealed::sign(issuer.key(), &reserved.tbs)
    }

    /// The second half of [`Authority::sign`]: verify, join, and compare with the record.
    pub(crate) fn join(
        &self,
        reserved: &Reserved,
        signature: &Unverified,
    ) -> Result<Signed, CaError> {
        let issuer = self.issuer(&reserved.issuer)?;
        let der = sealed::assemble(issuer.key(), &reserved.tbs, signature)?;
        let content = SignedDocument::open(&der)?.content;
        if der::Encode::to_der(&content)? != reserved.tbs {
            return Err(CaError::RecordChanged(reserved.serial.clone()));
        }
        Ok(Signed {
            serial: reserved.serial.clone(),
            der,
        })
    }

    /// Whoever can write into the books must not thereby be able to have anything signed but a
    /// card: the record is linted again, and its serial must be the one of its row.
    fn check_record(&self, reserved: &Reserved, issuer: &Issuer) -> Result<(), CaError> {
        let changed = || CaError::RecordChanged(reserved.serial.clone());
        let tbs = TbsCertificate::from_der(&reserved.tbs).map_err(|_parse| changed())?;
        if Serial::from_bytes(tbs.serial_number.as_bytes())? != reserved.serial {
            return Err(changed());
        }
        let kind = lint::card_kind_of(&tbs.extensions).ok_or_else(changed)?;
        lint::rehearse(&reserved.tbs, kind, issuer, &self.publishing)
    }
}

/// One key per role, one role per key, at least one.
fn check_set(keys: &[(KeyRole, SubjectKey)]) -> Result<(), CaError> {
    if keys.is_empty() {
        return Err(CaError::EmptySet);
    }
    for (index, (role, key)) in keys.iter().enumerate() {
        for (earlier_role, earlier_key) in keys.iter().take(index) {
            if earlier_role == role {
                return Err(CaError::RoleTwice(*role));
            }
            if earlier_key.spki_sha256() == key.spki_sha256() {
                return Err(CaError::KeyTwice);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
