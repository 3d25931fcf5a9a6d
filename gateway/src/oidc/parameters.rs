//! The parameters of a request, read once, strictly.
//!
//! Query strings and forms arrive from strangers: bounded in size and count, percent-decoded as
//! UTF-8 without replacement characters, and a name given twice is remembered as repeated rather
//! than resolved by position (RFC 6749 3.1 and 3.2: parameters MUST NOT be included more than once).
//! An empty value counts as absent (same clauses).

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use thiserror::Error;

/// Longest query or form read, in octets: an ID token hint and a long state fit several times.
pub const MAX_OCTETS: usize = 16 * 1024;

/// Most parameters read.
const MAX_PARAMETERS: usize = 64;

/// Why a query or form could not be read at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParametersError {
    /// More than the limit, [`MAX_OCTETS`] as a rule.
    #[error("the parameters are too long")]
    TooLong,
    /// More than 64 parameters.
    #[error("there are too many parameters")]
    TooMany,
    /// A percent sign without two hexadecimal digits.
    #[error("a percent-encoding is broken")]
    BrokenEncoding,
    /// The decoded octets are not UTF-8.
    #[error("a parameter is not UTF-8")]
    NotUtf8,
}

/// A parsed query or form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    values: BTreeMap<String, String>,
    repeated: BTreeSet<String>,
}

impl Parameters {
    /// Reads `application/x-www-form-urlencoded` octets, from a query or a body.
    pub fn parse(octets: &[u8]) -> Result<Self, ParametersError> {
        Self::parse_within(octets, MAX_OCTETS)
    }

    /// The same with another limit, for forms that bring more than words.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn parse_within(octets: &[u8], longest: usize) -> Result<Self, ParametersError> {
        if octets.len() > longest {
            return Err(ParametersError::TooLong);
        }
        let mut parameters = Self::default();
        let pairs = octets
            .split(|octet| *octet == b'&')
            .filter(|pair| !pair.is_empty());
        for (count, pair) in pairs.enumerate() {
            if count == MAX_PARAMETERS {
                return Err(ParametersError::TooMany);
            }
            let mut halves = pair.splitn(2, |octet| *octet == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            if parameters.values.insert(name.clone(), value).is_some() {
                parameters.repeated.insert(name);
            }
        }
        Ok(parameters)
    }

    /// The value of `name`, if given exactly once and not empty.
    pub fn single(&self, name: &str) -> Option<&str> {
        if self.repeated.contains(name) {
            return None;
        }
        self.values
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// Whether `name` occurs at all, even empty or repeated.
    pub fn names(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Whether any name occurs more than once.
    pub fn has_repeated(&self) -> bool {
        !self.repeated.is_empty()
    }

    /// Whether any name or value holds a control character (U+0000 to U+001F, U+007F to U+009F).
    pub fn has_control_characters(&self) -> bool {
        self.values
            .iter()
            .any(|(name, value)| holds_control(name) || holds_control(value))
    }

    /// The value of `name` as [`Self::single`], unless it holds a control character.
    pub fn clean(&self, name: &str) -> Option<&str> {
        self.single(name).filter(|value| !holds_control(value))
    }

    /// The parameters again as a query string, for a request that moves from POST to GET.
    pub fn to_query(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.values);
        query.finish()
    }
}

fn holds_control(text: &str) -> bool {
    text.chars().any(char::is_control)
}

/// Undoes form encoding: `+` is a space, `%XX` an octet, the whole must be UTF-8.
pub fn decode(octets: &[u8]) -> Result<String, ParametersError> {
    let mut decoded = Vec::with_capacity(octets.len());
    let mut rest = octets.iter().copied();
    while let Some(octet) = rest.next() {
        decoded.push(match octet {
            b'+' => b' ',
            b'%' => {
                let (high, low) = (rest.next().and_then(nibble), rest.next().and_then(nibble));
                let (Some(high), Some(low)) = (high, low) else {
                    return Err(ParametersError::BrokenEncoding);
                };
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| ParametersError::NotUtf8)
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_OCTETS, Parameters, ParametersError};

    #[test]
    fn a_repeated_name_has_no_value_even_when_both_are_equal() {
        let parameters = Parameters::parse(b"a=1&b=2&a=1").unwrap();
        assert!(parameters.has_repeated());
        assert_eq!(parameters.single("a"), None);
        assert_eq!(parameters.single("b"), Some("2"));
    }

    #[test]
    fn a_name_repeated_under_another_encoding_is_still_repeated() {
        assert!(
            Parameters::parse(b"client_id=a&client%5Fid=b")
                .unwrap()
                .has_repeated()
        );
    }

    #[test]
    fn empty_counts_as_absent_but_is_named() {
        let parameters = Parameters::parse(b"request=&state").unwrap();
        assert_eq!(parameters.single("request"), None);
        assert!(parameters.names("request"));
        assert_eq!(parameters.single("state"), None);
    }

    #[test]
    fn bad_input_is_refused_by_name() {
        let long = vec![b'a'; MAX_OCTETS + 1];
        let many = "a&".repeat(65);
        for (input, cause) in [
            (&b"a=%zz"[..], ParametersError::BrokenEncoding),
            (b"a=%4", ParametersError::BrokenEncoding),
            (b"a=%ff", ParametersError::NotUtf8),
            (b"\xc3=1", ParametersError::NotUtf8),
            (b"a=%ed%a0%80", ParametersError::NotUtf8),
            (&long, ParametersError::TooLong),
            (many.as_bytes(), ParametersError::TooMany),
        ] {
            assert_eq!(Parameters::parse(input), Err(cause));
        }
    }

    #[test]
    fn control_characters_are_seen_in_names_and_values() {
        for input in ["a=%00", "a=x%0d%0ay", "%1b=1", "a=%7f", "a=%c2%85"] {
            assert!(
                Parameters::parse(input.as_bytes())
                    .unwrap()
                    .has_control_characters()
            );
        }
        assert!(
            !Parameters::parse("a=h%C3%A9+%2B".as_bytes())
                .unwrap()
                .has_control_characters()
        );
    }

    proptest! {
        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..600)) {
            let _ = Parameters::parse(&octets);
        }

        #[test]
        fn what_is_written_reads_back(pairs in proptest::collection::btree_map("\\PC{1,9}", "\\PC{1,9}", 0..9)) {
            let mut query = form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(&pairs);
            let read = Parameters::parse(query.finish().as_bytes()).unwrap();
            for (name, value) in &pairs {
                prop_assert_eq!(read.single(name), Some(value.as_str()));
            }
            prop_assert_eq!(Parameters::parse(read.to_query().as_bytes()).unwrap(), read);
        }
    }
}
