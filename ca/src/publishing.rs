//! What an authority says about itself in every certificate: its name, where it publishes, and
//! under which policies it issues (contract 6; X.509 names and policy identifiers).

use der::asn1::ObjectIdentifier;
use der::{Decode, oid::Arc};
use policies::ids::Serial;
use x509_cert::Certificate;
use x509_cert::ext::pkix::CertificatePolicies;

use crate::error::CaError;
use crate::oids;

/// How well the holder was known, and where her key lives, when a card was issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assurance {
    /// A key in card hardware, identity checked face to face.
    CardFaceToFace,
    /// A key in card hardware, identity checked remotely.
    CardRemote,
    /// A key in software: tests and development.
    Software,
}

/// The policies we issue under: the last number below `arc.1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PolicyNumber {
    CardFaceToFace = 1,
    CardRemote = 2,
    Software = 3,
    CardSignature = 4,
    OcspSigner = 10,
    GatewayServer = 20,
}

/// The texts of [`Publishing`], unchecked: fill in and hand to [`Publishing::new`].
#[derive(Debug, Clone)]
pub struct PublishingFacts {
    /// Base of the published lists and certificates: `http://…`, no trailing slash.
    pub pki_url: String,
    /// Two capital letters (ISO 3166).
    pub country: String,
    /// The organisation, 1 to 64 characters.
    pub organisation: String,
    /// The part of a user principal name after the `@`: a DNS name.
    pub upn_realm: String,
    /// The arc our policy identifiers hang under, dotted.
    pub policy_arc: String,
    /// The assurance of the authentication certificates.
    pub assurance: Assurance,
}

/// Why [`Publishing::new`] refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PublishingError {
    /// The base URL is not plain http (RFC 5280 8: https would need itself to be checked).
    #[error("the publishing URL is not a plain http URL without trailing slash")]
    Url,
    /// The country is not two capital letters.
    #[error("the country is not two capital letters")]
    Country,
    /// The organisation is empty, too long (X.520 upper bound 64) or holds control characters.
    #[error("the organisation is not 1 to 64 printable characters")]
    Organisation,
    /// The realm is no DNS name.
    #[error("the realm is not a DNS name")]
    Realm,
    /// The arc is no object identifier, or too long to hang numbers under.
    #[error("the policy arc is not an object identifier")]
    PolicyArc,
}

/// What an authority says about itself, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publishing {
    pki_url: String,
    country: String,
    organisation: String,
    upn_realm: String,
    policy_arc: ObjectIdentifier,
    assurance: Assurance,
}

impl Publishing {
    /// Into how many lists revocations are divided. A certificate names its list for life, so a
    /// change of this number needs both divisions served until the last certificate has ended.
    pub const SHARDS: u8 = 128;

    /// Checks the texts.
    ///
    /// # Errors
    /// The first text that is not of its form, by name.
    pub fn new(facts: PublishingFacts) -> Result<Self, PublishingError> {
        let policy_arc = ObjectIdentifier::new(&facts.policy_arc)
            .map_err(|_not_an_oid| PublishingError::PolicyArc)?;
        let publishing = Self {
            pki_url: facts.pki_url,
            country: facts.country,
            organisation: facts.organisation,
            upn_realm: facts.upn_realm,
            policy_arc,
            assurance: facts.assurance,
        };
        publishing.check()?;
        Ok(publishing)
    }

    fn check(&self) -> Result<(), PublishingError> {
        let host = self.pki_url.strip_prefix("http://").unwrap_or_default();
        if host.is_empty() || host.ends_with('/') || !host.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(PublishingError::Url);
        }
        if self.country.len() != 2 || !self.country.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(PublishingError::Country);
        }
        let length = self.organisation.chars().count();
        if !(1..=64).contains(&length) || self.organisation.chars().any(char::is_control) {
            return Err(PublishingError::Organisation);
        }
        if !is_dns_name(&self.upn_realm) {
            return Err(PublishingError::Realm);
        }
        self.policy(PolicyNumber::GatewayServer)
            .map_err(|_too_long| PublishingError::PolicyArc)?;
        Ok(())
    }

    /// The country of every name.
    pub fn country(&self) -> &str {
        &self.country
    }

    /// The organisation of every name.
    pub fn organisation(&self) -> &str {
        &self.organisation
    }

    /// The realm of user principal names.
    pub fn upn_realm(&self) -> &str {
        &self.upn_realm
    }

    /// Whether certificates made with this are development certificates.
    pub fn is_documentation(&self) -> bool {
        is_below(&self.policy_arc, &oids::DOCUMENTATION_ARC)
    }

    /// Which list a certificate belongs to: its serial modulo [`Publishing::SHARDS`].
    pub fn shard_of(serial: &Serial) -> u8 {
        let step =
            |rest: u32, octet: u8| ((rest << 8) | u32::from(octet)) % u32::from(Self::SHARDS);
        let remainder = serial.to_bytes().into_iter().fold(0, step);
        u8::try_from(remainder).unwrap_or_default()
    }

    /// Where the list of one shard is published.
    pub fn shard_url(&self, shard: u8) -> String {
        format!("{}/crl/{shard}.crl", self.pki_url)
    }

    /// Where the list of everything is published.
    pub fn full_list_url(&self) -> String {
        format!("{}/crl/full.crl", self.pki_url)
    }

    /// Where the root lists revoked issuing certificates.
    pub fn root_list_url(&self) -> String {
        format!("{}/crl/root.crl", self.pki_url)
    }

    /// Where the issuing certificate is published.
    pub fn issuing_url(&self) -> String {
        format!("{}/issuing.crt", self.pki_url)
    }

    /// Where the root certificate is published.
    pub fn root_url(&self) -> String {
        format!("{}/root.crt", self.pki_url)
    }

    /// The one policy of authentication certificates.
    pub(crate) fn assurance_policy(&self) -> der::Result<ObjectIdentifier> {
        self.policy(match self.assurance {
            Assurance::CardFaceToFace => PolicyNumber::CardFaceToFace,
            Assurance::CardRemote => PolicyNumber::CardRemote,
            Assurance::Software => PolicyNumber::Software,
        })
    }

    /// `arc.1.1.number`.
    pub(crate) fn policy(&self, number: PolicyNumber) -> der::Result<ObjectIdentifier> {
        let arc = [1, 1, number as Arc];
        let push = |oid: ObjectIdentifier, number| oid.push_arc(number);
        Ok(arc.into_iter().try_fold(self.policy_arc, push)?)
    }

    /// All policies a card hierarchy issues under: those of its root and its issuing certificates.
    pub(crate) fn card_policies(&self) -> der::Result<Vec<ObjectIdentifier>> {
        [
            PolicyNumber::CardFaceToFace,
            PolicyNumber::CardRemote,
            PolicyNumber::Software,
            PolicyNumber::CardSignature,
            PolicyNumber::OcspSigner,
        ]
        .into_iter()
        .map(|number| self.policy(number))
        .collect()
    }
}

/// Whether a certificate was made for development: one of its policies hangs under the arc that
/// is reserved for documentation. Production refuses such a root or issuing certificate.
///
/// # Errors
/// [`CaError::Der`] if the octets are no certificate.
pub fn is_development_certificate(der: &[u8]) -> Result<bool, CaError> {
    let certificate = Certificate::from_der(der)?;
    let policies = certificate
        .tbs_certificate()
        .get_extension::<CertificatePolicies>()?;
    let is_documentation = |(_critical, policies): (bool, CertificatePolicies)| {
        let below = |oid: &ObjectIdentifier| is_below(oid, &oids::DOCUMENTATION_ARC);
        policies
            .0
            .iter()
            .any(|policy| below(&policy.policy_identifier))
    };
    Ok(policies.is_some_and(is_documentation))
}

/// Whether `oid` is `arc` or hangs under it.
fn is_below(oid: &ObjectIdentifier, arc: &ObjectIdentifier) -> bool {
    oid.as_bytes().starts_with(arc.as_bytes())
}

/// Letters, digits and inner hyphens in labels (RFC 1123 2.1).
pub(crate) fn is_dns_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn a_serial_has_one_shard() {
        let serial = |text: &str| text.parse::<Serial>().unwrap();
        assert_eq!(Publishing::shard_of(&serial("40ff")), 0x7f);
        assert_eq!(Publishing::shard_of(&serial("4080")), 0);
        assert_eq!(Publishing::shard_of(&serial("01")), 1);
    }

    #[test]
    fn each_text_is_checked() {
        type Change = fn(&mut PublishingFacts);
        let cases: [(Change, PublishingError); 7] = [
            (
                |f| f.pki_url = "https://pki.example".into(),
                PublishingError::Url,
            ),
            (
                |f| f.pki_url = "http://pki.example/".into(),
                PublishingError::Url,
            ),
            (|f| f.country = "gb".into(), PublishingError::Country),
            (
                |f| f.organisation = String::new(),
                PublishingError::Organisation,
            ),
            (
                |f| f.organisation = "a\nb".into(),
                PublishingError::Organisation,
            ),
            (
                |f| f.upn_realm = "-x.example".into(),
                PublishingError::Realm,
            ),
            (
                |f| f.policy_arc = "1.3.x".into(),
                PublishingError::PolicyArc,
            ),
        ];
        for (change, expected) in cases {
            let mut facts = testing::publishing_facts();
            change(&mut facts);
            assert_eq!(Publishing::new(facts), Err(expected));
        }
    }

    #[test]
    fn only_the_documentation_arc_is_development() {
        assert!(testing::publishing().is_documentation());
        let mut facts = testing::publishing_facts();
        // A longer number that begins with the same digits is another enterprise.
        facts.policy_arc = "1.3.6.1.4.1.324730".into();
        assert!(!Publishing::new(facts).unwrap().is_documentation());
    }
}
