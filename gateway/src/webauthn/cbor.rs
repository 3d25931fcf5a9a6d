//! CBOR as CTAP2 wants it (CTAP 2.1 section 8): shortest numbers, definite lengths, every key once,
//! no tags, shallow, and nothing behind. What a device writes otherwise is refused, because two
//! readers could take it for two things.

use std::collections::HashSet;

use ciborium::value::Value;

use super::error::CeremonyError;

/// A statement is a map in a map in a map, with arrays of certificates.
const DEEPEST: usize = 8;

const MALFORMED: CeremonyError = CeremonyError::Malformed("CBOR");

/// Reads one value and nothing behind it.
pub(super) fn whole(bytes: &[u8]) -> Result<Value, CeremonyError> {
    let (value, rest) = first(bytes)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(MALFORMED)
    }
}

/// Reads the first value; answers what is behind it too.
pub(super) fn first(bytes: &[u8]) -> Result<(Value, &[u8]), CeremonyError> {
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, DEEPEST)
        .map_err(|_| MALFORMED)?;
    let read = bytes
        .len()
        .checked_sub(rest.len())
        .and_then(|length| bytes.get(..length))
        .ok_or(MALFORMED)?;
    // The writer knows one spelling only: what it would write differently had another.
    let mut again = Vec::with_capacity(read.len());
    ciborium::into_writer(&value, &mut again).map_err(|_| MALFORMED)?;
    if again != read || !is_plain(&value) {
        return Err(MALFORMED);
    }
    Ok((value, rest))
}

/// Every key once, and of a kind that has one spelling; no tags, no fractions.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Integer(_) | Value::Bytes(_) | Value::Text(_) | Value::Bool(_) => true,
        Value::Array(items) => items.iter().all(is_plain),
        Value::Map(entries) => {
            let mut seen = HashSet::new();
            entries.iter().all(|(key, inner)| {
                let spelled = match key {
                    Value::Integer(number) => format!("i{}", i128::from(*number)),
                    Value::Text(text) => format!("t{text}"),
                    _ => return false,
                };
                seen.insert(spelled) && is_plain(inner)
            })
        }
        _ => false,
    }
}

/// A map with text keys.
pub(super) struct Map(Vec<(Value, Value)>);

impl Map {
    /// A value that must be one.
    pub(super) fn of(value: Value) -> Result<Self, CeremonyError> {
        value.into_map().map(Self).map_err(|_| MALFORMED)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses whatever is not among these.
    pub(super) fn only(&self, keys: &[&str]) -> Result<(), CeremonyError> {
        let known = |key: &Value| key.as_text().is_some_and(|text| keys.contains(&text));
        if self.0.iter().all(|(key, _)| known(key)) {
            Ok(())
        } else {
            Err(MALFORMED)
        }
    }

    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name.as_text() == Some(key))
            .map(|(_, value)| value)
    }

    pub(super) fn bytes(&self, key: &str) -> Result<&[u8], CeremonyError> {
        self.get(key)
            .and_then(Value::as_bytes)
            .map(Vec::as_slice)
            .ok_or(MALFORMED)
    }

    pub(super) fn text(&self, key: &str) -> Result<&str, CeremonyError> {
        self.get(key).and_then(Value::as_text).ok_or(MALFORMED)
    }

    pub(super) fn number(&self, key: &str) -> Result<i64, CeremonyError> {
        self.get(key)
            .and_then(Value::as_integer)
            .and_then(|number| i64::try_from(number).ok())
            .ok_or(MALFORMED)
    }

    /// A list of byte strings.
    pub(super) fn list(&self, key: &str) -> Result<Vec<Vec<u8>>, CeremonyError> {
        self.get(key)
            .and_then(Value::as_array)
            .and_then(|items| items.iter().map(|item| item.as_bytes().cloned()).collect())
            .ok_or(MALFORMED)
    }
}
