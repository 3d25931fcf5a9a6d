//! The seven kinds of certificate this house makes (ca.md 4), one file each.
//!
//! A profile is code, not configuration: what it does not say cannot get into a certificate. The
//! holder gives a public key and nothing else.

mod card_authentication;
mod card_signature;
pub(crate) mod gateway_server;
pub(crate) mod issuing;
pub(crate) mod root;
pub(crate) mod tls_issuing;
pub(crate) mod tls_root;

use der::asn1::{Any, Uint};
use der::{Decode, Encode};
use policies::card::KeyRole;
use policies::ids::{CardNumber, Serial, UserId};
use policies::permit::Validity;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use x509_cert::Version;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;

use crate::asn1::{Dates, TbsCertificate, algorithm_identifier};
use crate::error::CaError;
use crate::extension;
use crate::issuer::IssuerFacts;
use crate::keys::key_identifier;
use crate::name;
use crate::publishing::Publishing;

pub use gateway_server::{ServerNames, ServerNamesError};

/// Which kind of certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A card's key for signing in.
    CardAuthentication,
    /// A card's key for signing prescriptions and documents; never for signing in.
    CardSignature,
    /// The authority that issues cards.
    Issuing,
    /// The root above it.
    Root,
    /// The gateway's own TLS certificate.
    GatewayServer,
    /// The development root a browser is asked to trust: for this machine only.
    TlsRoot,
    /// The development issuer of the gateway's TLS certificate: for this machine only.
    TlsIssuing,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::CardAuthentication,
        Self::CardSignature,
        Self::Issuing,
        Self::Root,
        Self::GatewayServer,
        Self::TlsRoot,
        Self::TlsIssuing,
    ];

    /// The kind of certificate for one key of a card.
    pub const fn of_card(role: KeyRole) -> Self {
        match role {
            KeyRole::Authentication => Self::CardAuthentication,
            KeyRole::Signature => Self::CardSignature,
        }
    }

    /// Whether it signs certificates.
    pub const fn is_authority(self) -> bool {
        match self {
            Self::Issuing | Self::Root | Self::TlsRoot | Self::TlsIssuing => true,
            Self::CardAuthentication | Self::CardSignature | Self::GatewayServer => false,
        }
    }

    /// Whether it signs itself.
    pub const fn is_root(self) -> bool {
        matches!(self, Self::Root | Self::TlsRoot)
    }
}

/// Whose card.
pub(crate) struct Holder<'a> {
    pub(crate) user_id: &'a UserId,
    pub(crate) card: &'a CardNumber,
}

impl Holder<'_> {
    /// The card as a UUID of version 8 (RFC 9562 5.8 and B.2): SHA-256 over a name of our own, so
    /// that the same card has the same one for life and the number itself is not readable in it.
    fn card_uuid(&self, publishing: &Publishing) -> String {
        let named = format!("card:{}:{}", publishing.upn_realm(), self.card);
        let hash = digest::digest(&digest::SHA256, named.as_bytes());
        let mut octets = [0_u8; 16];
        for (octet, hashed) in octets.iter_mut().zip(hash.as_ref()) {
            *octet = *hashed;
        }
        let [.., version, _, variant, _, _, _, _, _, _, _] = &mut octets;
        *version = (*version & 0x0f) | 0x80;
        *variant = (*variant & 0x3f) | 0x80;
        let digits = hex::encode(octets);
        let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default().to_owned();
        [
            part(0..8),
            part(8..12),
            part(12..16),
            part(16..20),
            part(20..32),
        ]
        .join("-")
    }
}

/// The subject and the own extensions of a card's certificate.
pub(crate) fn card(
    kind: Kind,
    holder: &Holder<'_>,
    serial: &Serial,
    publishing: &Publishing,
) -> Result<(Name, Extensions), CaError> {
    let subject = name::of_holder(publishing, holder.user_id.as_str())?;
    let mut extensions = match kind {
        Kind::CardSignature => card_signature::extensions(publishing)?,
        _ => card_authentication::extensions(publishing)?,
    };
    extensions.extend(card_common(holder, serial, publishing)?);
    Ok((subject, extensions))
}

/// What both certificates of a card say alike: who, where revocations are listed, who issued.
fn card_common(
    holder: &Holder<'_>,
    serial: &Serial,
    publishing: &Publishing,
) -> der::Result<Vec<Extension>> {
    let principal = format!("{}@{}", holder.user_id, publishing.upn_realm());
    let uuid = format!("urn:uuid:{}", holder.card_uuid(publishing));
    let shard = Publishing::shard_of(serial);
    Ok(vec![
        extension::subject_alt_name(vec![
            extension::user_principal_name(&principal)?,
            extension::uri(&uuid)?,
        ])?,
        extension::crl_distribution_point(&publishing.shard_url(shard))?,
        extension::issuer_certificate_at(&publishing.issuing_url())?,
    ])
}

/// A certificate about to be written down.
pub(crate) struct Draft<'a> {
    pub(crate) serial: &'a Serial,
    pub(crate) issuer: &'a IssuerFacts,
    pub(crate) validity: Validity,
    pub(crate) subject: Name,
    pub(crate) spki_der: &'a [u8],
    pub(crate) extensions: Extensions,
}

impl Draft<'_> {
    /// The exact octets to be signed: the profile's extensions, and before them the two key
    /// identifiers that every certificate carries (RFC 5280 4.2.1.1: a root leaves out its own
    /// authority's).
    pub(crate) fn write(self) -> Result<Vec<u8>, CaError> {
        let own_identifier = key_identifier(self.spki_der).ok_or(CaError::NotAnIssuer)?;
        let mut extensions = vec![extension::subject_key_identifier(&own_identifier)?];
        if own_identifier != self.issuer.key_identifier {
            extensions.push(extension::authority_key_identifier(
                &self.issuer.key_identifier,
            )?);
        }
        extensions.extend(self.extensions);
        let tbs = TbsCertificate {
            version: Version::V3,
            serial_number: Uint::new(&self.serial.to_bytes())?,
            signature: algorithm_identifier(self.issuer.algorithm),
            issuer: self.issuer.name.clone(),
            validity: Dates::try_from(self.validity)?,
            subject: self.subject,
            subject_public_key_info: Any::from_der(self.spki_der)?,
            extensions,
        };
        Ok(tbs.to_der()?)
    }
}

/// A serial number of 19 octets: the first two bits are 01, so that it is positive and never
/// shortened, the other 150 are random (RFC 5280 4.1.2.2; ca.md 4.1).
pub(crate) fn fresh_serial(random: &SystemRandom) -> Result<Serial, CaError> {
    let mut octets = [0_u8; 19];
    random
        .fill(&mut octets)
        .map_err(|_unspecified| CaError::NoRandomness)?;
    let [first, ..] = &mut octets;
    *first = (*first & 0x3f) | 0x40;
    Ok(Serial::from_bytes(&octets)?)
}
