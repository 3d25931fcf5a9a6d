//! Closed lists of words. Each list is written once; its spelling in the database, in JSON, in
//! the audit trail and on pages comes from that one place, so that they cannot drift apart.

use thiserror::Error;

/// A text that is none of the words of a closed list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{word:?} is not a {list}")]
pub struct UnknownWord {
    /// The name of the list that was read.
    pub list: &'static str,
    /// What was found instead of one of its words.
    pub word: String,
}

/// Declares an enum whose variants each have one stable word.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$variant_meta:meta])* $variant:ident => $word:literal ),+ $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$variant_meta])* $variant ),+ }

        impl $name {
            /// Every value, in the order of the list.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// The stable word of this value.
            pub const fn as_str(self) -> &'static str {
                match self { $( Self::$variant => $word ),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::words::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $word => Ok(Self::$variant), )+
                    _ => Err($crate::words::UnknownWord {
                        list: stringify!($name),
                        word: text.to_owned(),
                    }),
                }
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::card::CardState;
    use crate::refusal::RefusalCode;

    #[test]
    fn a_word_reads_back_as_itself() {
        for code in RefusalCode::ALL {
            assert_eq!(code.as_str().parse::<RefusalCode>().unwrap(), *code);
        }
    }

    #[test]
    fn a_word_of_another_case_is_unknown() {
        let problem = "Active".parse::<CardState>().unwrap_err();
        assert_eq!(problem.to_string(), "\"Active\" is not a CardState");
    }

    #[test]
    fn words_travel_through_json() {
        let text = serde_json::to_string(&CardState::Locked).unwrap();
        assert_eq!(text, "\"locked\"");
        assert_eq!(
            serde_json::from_str::<CardState>(&text).unwrap(),
            CardState::Locked
        );
    }
}
