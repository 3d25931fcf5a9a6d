//! The words of the trail that no other room has a type for.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A word that is not what its type allows. The word itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordError {
    /// Operators are named by 1 to 32 of `a-z 0-9 . _ -`.
    #[error("not an operator's name")]
    OperatorName,
    /// References are 1 to 64 of `A-Z a-z 0-9 -`.
    #[error("not a reference")]
    Reference,
    /// 64 lower-case hex digits.
    #[error("not a SHA-256 in hex")]
    Sha256,
}

macro_rules! word {
    ($name:ident) => {
        impl $name {
            /// Its text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

macro_rules! parsed {
    ($name:ident, $allowed:expr) => {
        word!($name);

        impl TryFrom<String> for $name {
            type Error = WordError;

            fn try_from(text: String) -> Result<Self, WordError> {
                let allowed: fn(&str) -> bool = $allowed;
                if allowed(&text) {
                    Ok(Self(text))
                } else {
                    Err(WordError::$name)
                }
            }
        }

        impl FromStr for $name {
            type Err = WordError;

            fn from_str(text: &str) -> Result<Self, WordError> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.0
            }
        }
    };
}

/// The name an operator goes by on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OperatorName(String);

parsed!(OperatorName, |text| {
    let allowed = |octet: u8| octet.is_ascii_lowercase() || octet.is_ascii_digit();
    matches!(text.len(), 1..=32)
        && text
            .bytes()
            .all(|octet| allowed(octet) || b"._-".contains(&octet))
});

/// The correlation id a page or an answer shows, so that a line can be found from it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(String);

parsed!(Reference, |text| {
    matches!(text.len(), 1..=64)
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
});

/// A hash of something that must not be in the trail, or is too long for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(String);

parsed!(Sha256, |text| {
    text.len() == 64
        && text
            .bytes()
            .all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'))
});

impl Sha256 {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(hex::encode(crate::audit::sha256(&[bytes])))
    }

    /// A hash made elsewhere.
    pub fn from_bytes(hash: &[u8; 32]) -> Self {
        Self(hex::encode(hash))
    }
}

/// A code of ours that only its own room knows as a type. It is made from the program's text
/// alone, so nothing that was typed in can become one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Code(Cow<'static, str>);

word!(Code);

impl Code {
    /// This word of the program.
    pub const fn of(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_blanks_is_no_operator() {
        assert_eq!(
            "Ruth Okafor".parse::<OperatorName>(),
            Err(WordError::OperatorName)
        );
        assert_eq!("ruth.o".parse::<OperatorName>().unwrap().as_str(), "ruth.o");
    }

    #[test]
    fn a_hash_is_sixty_four_lower_case_digits() {
        assert_eq!(
            "ab".repeat(32).parse::<Sha256>().unwrap(),
            Sha256::from_bytes(&[0xab; 32])
        );
        assert_eq!("AB".repeat(32).parse::<Sha256>(), Err(WordError::Sha256));
    }
}
