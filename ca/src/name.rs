//! Distinguished names (RFC 5280 4.1.2.4 and 4.1.2.6), one attribute per level.

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode, Tag};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};

use crate::oids;
use crate::publishing::Publishing;

/// The country and organisation that every name of ours begins with, and that the issuing
/// certificate permits.
pub(crate) fn house(publishing: &Publishing) -> der::Result<Name> {
    written(&house_levels(publishing)?)
}

/// The name of an authority or of a service.
pub(crate) fn of_authority(publishing: &Publishing, common_name: &str) -> der::Result<Name> {
    let mut levels = house_levels(publishing)?;
    levels.push(level(oids::COMMON_NAME, Tag::Utf8String, common_name)?);
    written(&levels)
}

/// The name of a card holder: the user id twice, and no personal name, because names change
/// and certificates do not.
pub(crate) fn of_holder(publishing: &Publishing, user_id: &str) -> der::Result<Name> {
    let mut levels = house_levels(publishing)?;
    levels.push(level(oids::COMMON_NAME, Tag::Utf8String, user_id)?);
    levels.push(level(oids::SERIAL_NUMBER, Tag::PrintableString, user_id)?);
    written(&levels)
}

fn house_levels(publishing: &Publishing) -> der::Result<Vec<RelativeDistinguishedName>> {
    Ok(vec![
        level(oids::COUNTRY, Tag::PrintableString, publishing.country())?,
        level(
            oids::ORGANISATION,
            Tag::Utf8String,
            publishing.organisation(),
        )?,
    ])
}

fn level(oid: ObjectIdentifier, tag: Tag, text: &str) -> der::Result<RelativeDistinguishedName> {
    let value = Any::new(tag, text.as_bytes())?;
    RelativeDistinguishedName::try_from(vec![AttributeTypeAndValue { oid, value }])
}

/// `Name` has no public constructor but its decoder.
fn written(levels: &[RelativeDistinguishedName]) -> der::Result<Name> {
    let mut sequence = RdnSequence::default();
    for level in levels {
        sequence.push(level.clone());
    }
    Name::from_der(&sequence.to_der()?)
}
