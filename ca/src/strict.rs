//! DER to the last element (X.690): the parsers look into what they give a type to, and leave alone
//! what may be anything, such as the parameters of an algorithm or the value of an attribute.

use der::asn1::{AnyRef, BitStringRef, Null};
use der::{Decode, Tag, Tagged};

/// How deep elements lie within each other.
const DEEPEST: usize = 16;

/// Whether it is one element in DER, to the last one inside.
pub(crate) fn is_strict(der: &[u8]) -> bool {
    is_element(der, DEEPEST)
}

fn is_element(der: &[u8], depth: usize) -> bool {
    let Ok(element) = AnyRef::from_der(der) else {
        return false;
    };
    if !element.tag().is_constructed() {
        return is_primitive(element);
    }
    let mut rest = element.value();
    while !rest.is_empty() {
        let Ok((_, after)) = AnyRef::from_der_partial(rest) else {
            return false;
        };
        let one = rest.get(..rest.len() - after.len()).unwrap_or_default();
        if depth == 0 || !is_element(one, depth - 1) {
            return false;
        }
        rest = after;
    }
    true
}

fn is_primitive(element: AnyRef<'_>) -> bool {
    match element.tag() {
        Tag::Boolean => element.decode_as::<bool>().is_ok(),
        Tag::Integer | Tag::Enumerated => is_number(element.value()),
        Tag::BitString => is_bits(element),
        Tag::Null => element.decode_as::<Null>().is_ok(),
        Tag::ObjectIdentifier => is_identifier(element.value()),
        Tag::BmpString => element.value().len().is_multiple_of(2),
        _ => true,
    }
}

/// What is left over of the last octet is zero (X.690 11.2.1).
fn is_bits(element: AnyRef<'_>) -> bool {
    let Ok(bits) = element.decode_as::<BitStringRef<'_>>() else {
        return false;
    };
    let unused = 0xff_u8.unbounded_shr(8 - u32::from(bits.unused_bits()));
    bits.raw_bytes()
        .last()
        .is_none_or(|last| last & unused == 0)
}

/// In as few octets as it takes (X.690 8.3.2, 8.4).
fn is_number(octets: &[u8]) -> bool {
    match octets {
        [] => false,
        [first, second, ..] => !matches!((first, second >> 7), (0, 0) | (0xff, 1)),
        [_] => true,
    }
}

/// Each number begins with something and ends (X.690 8.19.2); const-oid takes numbers that begin
/// with nothing.
fn is_identifier(octets: &[u8]) -> bool {
    const GOES_ON: u8 = 0x80;
    let mut begins = true;
    for octet in octets {
        if begins && *octet == GOES_ON {
            return false;
        }
        begins = octet & GOES_ON == 0;
    }
    begins && !octets.is_empty()
}
