//! A certificate of an authority together with the key behind it.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use der::{Decode, Encode};
use policies::permit::Validity;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, SubjectKeyIdentifier};
use x509_cert::name::Name;

use crate::asn1::house_time;
use crate::error::CaError;
use crate::keys::{Algorithm, FileKey, Repeats, SigningKey};

/// Which issuer: the subject key identifier of its certificate, in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerId(String);

/// The text is no key identifier: lower-case hex of 1 to 32 octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an issuer id: lower-case hex of 1 to 32 octets")]
pub struct IssuerIdError;

impl IssuerId {
    /// The id as it is stored and shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn from_key_identifier(octets: &[u8]) -> Self {
        Self(hex::encode(octets))
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for IssuerId {
    type Err = IssuerIdError;

    fn from_str(text: &str) -> Result<Self, IssuerIdError> {
        let octets = hex::decode(text).map_err(|_not_hex| IssuerIdError)?;
        let id = Self::from_key_identifier(&octets);
        if (1..=32).contains(&octets.len()) && id.0 == text {
            return Ok(id);
        }
        Err(IssuerIdError)
    }
}

impl TryFrom<String> for IssuerId {
    type Error = IssuerIdError;

    fn try_from(text: String) -> Result<Self, IssuerIdError> {
        text.parse()
    }
}

/// What a certificate takes over from its issuer.
#[derive(Debug, Clone)]
pub(crate) struct IssuerFacts {
    pub(crate) name: Name,
    pub(crate) key_identifier: Vec<u8>,
    pub(crate) algorithm: Algorithm,
    pub(crate) validity: Validity,
}

/// An authority that can sign: certificate and key.
pub struct Issuer {
    id: IssuerId,
    der: Vec<u8>,
    facts: IssuerFacts,
    key: Arc<dyn SigningKey>,
    rehearsal: FileKey,
}

impl Issuer {
    /// Joins a certificate (DER) and the key it certifies.
    ///
    /// # Errors
    /// [`CaError::NotAnIssuer`] if the certificate is not an authority's, carries no key
    /// identifier or certifies another key; [`CaError::Der`] if it is no certificate.
    pub fn new(der: Vec<u8>, key: Arc<dyn SigningKey>) -> Result<Self, CaError> {
        let certificate = Certificate::from_der(&der)?;
        let tbs = certificate.tbs_certificate();
        let is_authority = tbs
            .get_extension::<BasicConstraints>()?
            .is_some_and(|(_critical, constraints)| constraints.ca);
        let same_key = tbs.subject_public_key_info().to_der()? == key.spki_der();
        let identifier = tbs.get_extension::<SubjectKeyIdentifier>()?;
        let (true, true, Some((_critical, identifier))) = (is_authority, same_key, identifier)
        else {
            return Err(CaError::NotAnIssuer);
        };
        let dates = tbs.validity();
        let (Some(not_before), Some(not_after)) =
            (house_time(dates.not_before), house_time(dates.not_after))
        else {
            return Err(CaError::NotAnIssuer);
        };
        let facts = IssuerFacts {
            name: tbs.subject().clone(),
            key_identifier: identifier.0.as_bytes().to_vec(),
            algorithm: key.algorithm(),
            validity: Validity {
                not_before,
                not_after,
            },
        };
        Ok(Self {
            id: IssuerId::from_key_identifier(&facts.key_identifier),
            rehearsal: FileKey::generate(facts.algorithm)?,
            der,
            facts,
            key,
        })
    }

    /// Which issuer this is.
    pub fn id(&self) -> &IssuerId {
        &self.id
    }

    /// Its certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// From when until when it may issue.
    pub fn validity(&self) -> Validity {
        self.facts.validity
    }

    /// Whether its key gives the same signature twice; if so, an issuance in progress may be joined.
    pub fn repeats(&self) -> Repeats {
        self.key.repeats()
    }

    pub(crate) fn facts(&self) -> &IssuerFacts {
        &self.facts
    }

    pub(crate) fn key(&self) -> &dyn SigningKey {
        self.key.as_ref()
    }

    /// A throwaway key of the same algorithm, for the copy that the lints look at: such a copy
    /// can never be taken for a certificate of this issuer.
    pub(crate) fn rehearsal(&self) -> &dyn SigningKey {
        &self.rehearsal
    }

    /// Refuses dates outside the issuer's own (law I2): they are never shortened silently.
    pub(crate) fn admits(&self, validity: Validity) -> Result<(), CaError> {
        let own = self.facts.validity;
        if validity.not_after > own.not_after {
            return Err(CaError::IssuerExpiresFirst {
                not_after: own.not_after,
            });
        }
        if validity.not_before < own.not_before {
            return Err(CaError::IssuerBeginsLater {
                not_before: own.not_before,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_id_is_lower_case_hex() {
        assert_eq!("00ff".parse::<IssuerId>().unwrap().as_str(), "00ff");
        for wrong in ["", "0", "0F", "xx", &"00".repeat(33)] {
            assert_eq!(wrong.parse::<IssuerId>(), Err(IssuerIdError));
        }
    }
}
