//! The numbers and codes that name people, roles, cards and certificates. Each has its own type,
//! parsed once at the edge: holding the value means it is well formed (domain 2.5 and 4).
//! All are text: twelve-digit numbers keep their leading zeros.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// A text that cannot be the id it was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdError {
    /// Too short or too long.
    #[error("a {kind} has {expected}")]
    Length {
        /// The name of the id.
        kind: &'static str,
        /// The length it must have, in words.
        expected: &'static str,
    },
    /// A character outside the alphabet of this id.
    #[error("a {kind} consists of {expected}")]
    Character {
        /// The name of the id.
        kind: &'static str,
        /// The alphabet it must keep to, in words.
        expected: &'static str,
    },
}

/// Declares one id: its name, its lengths and its alphabet.
macro_rules! id {
    (
        $(#[$meta:meta])*
        $name:ident: $length:pat => $length_words:literal, $alphabet:expr => $alphabet_words:literal
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, IdError> {
                let kind = stringify!($name);
                if !matches!(text.len(), $length) {
                    return Err(IdError::Length { kind, expected: $length_words });
                }
                let in_alphabet: fn(u8) -> bool = $alphabet;
                if !text.bytes().all(in_alphabet) {
                    return Err(IdError::Character { kind, expected: $alphabet_words });
                }
                Ok(Self(text))
            }
        }

        text_form!($name);
    };
}

/// What every id has: text in, text out.
macro_rules! text_form {
    ($name:ident) => {
        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                Self::try_from(text).map_err(serde::de::Error::custom)
            }
        }
    };
}

id! {
    /// The lifelong number of a person, printed under the photo; never reused (F21, X17).
    /// The service's own documents call it "UUID", a word this code keeps for nothing (X21).
    UserId: 12 => "12 digits", |b| b.is_ascii_digit() => "digits only"
}

id! {
    /// One role held by one person: the claim `person_roleid` (domain 2.5).
    RoleId: 12 => "12 digits", |b| b.is_ascii_digit() => "digits only"
}

id! {
    /// A person within one organisation: the claim `person_orgid` (domain 2.5).
    PersonOrgId: 12 => "12 digits", |b| b.is_ascii_digit() => "digits only"
}

id! {
    /// An organisation's code, upper case; its length is not fixed (domain 4, "ODS code").
    OrgCode: 1..=12 => "1 to 12 characters",
        |b| b.is_ascii_uppercase() || b.is_ascii_digit() => "upper-case letters and digits"
}

id! {
    /// The number printed on the plastic of a card; never reused (F34).
    CardNumber: 16 => "16 digits", |b| b.is_ascii_digit() => "digits only"
}

id! {
    /// One decision to issue a set of certificates (house decision 3).
    IntentId: 1..=64 => "1 to 64 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// A single sign-on session: the claim `sid` (domain 2.4).
    SessionId: 1..=128 => "1 to 128 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// An authenticator other than a card: random, and no secret.
    AuthenticatorId: 1..=64 => "1 to 64 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// An organisation whose sign-in is accepted here, as the operator's configuration names it.
    FederationId: 1..=32 => "1 to 32 characters",
        |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' => "lower-case letters, digits and '-'"
}

id! {
    /// A link that a desk gave somebody, for adding an authenticator: random, and no secret.
    InvitationId: 1..=64 => "1 to 64 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// A workgroup of an organisation, such as a ward; its code has no fixed length (domain 2.5).
    WorkgroupCode: 1..=64 => "1 to 64 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// One naming of a ward's deputy: random, and no secret.
    DeputyId: 1..=64 => "1 to 64 characters", is_url_safe => "letters, digits, '-' and '_'"
}

id! {
    /// An application registered to ask for sign-ins (RFC 6749 appendix A.1, without spaces).
    ClientId: 1..=128 => "1 to 128 characters", |b| b.is_ascii_graphic() => "visible ASCII characters"
}

fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// A certificate's serial number: lower-case hex, two digits per octet, at most 20 octets
/// (RFC 5280 4.1.2.2).
///
/// Leading zero octets are dropped, as DER does with those of a positive INTEGER (its sign octet
/// included), so that equal numbers are equal texts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Serial(String);

impl Serial {
    const MAX_DIGITS: usize = 40;

    /// The serial with these big-endian octets, for example the contents of the DER INTEGER.
    ///
    /// # Errors
    /// `Length` when there is no octet, or more than 20 remain without leading zeros.
    pub fn from_bytes(octets: &[u8]) -> Result<Self, IdError> {
        Self::try_from(hex::encode(octets))
    }

    /// The big-endian octets, without leading zeros.
    pub fn to_bytes(&self) -> Vec<u8> {
        // A serial is hex by construction, so nothing is ever left out here.
        hex::decode(&self.0).unwrap_or_default()
    }
}

impl TryFrom<String> for Serial {
    type Error = IdError;

    fn try_from(text: String) -> Result<Self, IdError> {
        let kind = "Serial";
        if !text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
            return Err(IdError::Character {
                kind,
                expected: "lower-case hex digits",
            });
        }
        let mut digits = text.as_str();
        while digits.len() > 2 {
            let Some(rest) = digits.strip_prefix("00") else {
                break;
            };
            digits = rest;
        }
        if digits.is_empty() || !digits.len().is_multiple_of(2) || digits.len() > Self::MAX_DIGITS {
            return Err(IdError::Length {
                kind,
                expected: "1 to 20 octets, two digits each",
            });
        }
        Ok(Self(digits.to_owned()))
    }
}

text_form!(Serial);

#[cfg(test)]
mod tests;
