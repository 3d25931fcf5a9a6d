//! The four things a column holds on both engines (house decision 5): integer, text, bytes,
//! nothing. Rows and values belong to us, so that a driver can be exchanged without a caller
//! noticing. Instants are BIGINT seconds, flags BIGINT 0 or 1, ids TEXT.

use std::fmt;

use crate::error::StoreError;

/// What is stored in, or compared with, one column.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// NULL. It fits a column of any type; where a parameter stands alone, as in `$1 IS NULL`,
    /// PostgreSQL has no column to take its type from: write `CAST($1 AS TEXT) IS NULL`.
    Null,
    /// BIGINT.
    Integer(i64),
    /// TEXT.
    Text(String),
    /// BLOB.
    Bytes(Vec<u8>),
}

/// Shows the kind only: a value may be somebody's name or the hash of a secret.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "Null",
            Self::Integer(_) => "Integer(…)",
            Self::Text(_) => "Text(…)",
            Self::Bytes(_) => "Bytes(…)",
        })
    }
}

/// The parameters of a statement, `$1` first: `params![user_id, now]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::store::Value::from($value)),*] };
}

/// One row of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(Vec<Value>);

impl Row {
    pub(crate) const fn new(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// The row as a tuple of the caller's types: `row.read::<(UserId, i64, Option<Time>)>()`.
    ///
    /// # Errors
    /// [`StoreError::Columns`] for another number of columns, [`StoreError::Column`] for a column
    /// that holds something else.
    pub fn read<T: FromRow>(self) -> Result<T, StoreError> {
        T::from_row(self)
    }
}

/// Reads one column.
pub trait FromValue: Sized {
    /// What the column should have held, for the error.
    const WANTED: &'static str;

    /// `None` where the column holds something else.
    fn from_value(value: Value) -> Option<Self>;
}

/// Reads one row; implemented for tuples of up to sixteen columns.
pub trait FromRow: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// As [`Row::read`].
    fn from_row(row: Row) -> Result<Self, StoreError>;
}

macro_rules! tuple {
    ($count:literal: $($column:ident),+) => {
        impl<$($column: FromValue),+> FromRow for ($($column,)+) {
            fn from_row(row: Row) -> Result<Self, StoreError> {
                let found = row.0.len();
                if found != $count {
                    return Err(StoreError::Columns { found, wanted: $count });
                }
                let mut columns = row.0.into_iter().enumerate();
                Ok(($(column::<$column>(columns.next())?,)+))
            }
        }
    };
}

tuple!(1: A);
tuple!(2: A, B);
tuple!(3: A, B, C);
tuple!(4: A, B, C, D);
tuple!(5: A, B, C, D, E);
tuple!(6: A, B, C, D, E, F);
tuple!(7: A, B, C, D, E, F, G);
tuple!(8: A, B, C, D, E, F, G, H);
tuple!(9: A, B, C, D, E, F, G, H, I);
tuple!(10: A, B, C, D, E, F, G, H, I, J);
tuple!(11: A, B, C, D, E, F, G, H, I, J, K);
tuple!(12: A, B, C, D, E, F, G, H, I, J, K, L);
tuple!(13: A, B, C, D, E, F, G, H, I, J, K, L, M);
tuple!(14: A, B, C, D, E, F, G, H, I, J, K, L, M, N);
tuple!(15: A, B, C, D, E, F, G, H, I, J, K, L, M, N, O);
tuple!(16: A, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P);

fn column<T: FromValue>(next: Option<(usize, Value)>) -> Result<T, StoreError> {
    let (position, value) = next.unwrap_or((0, Value::Null));
    T::from_value(value).ok_or(StoreError::Column {
        position,
        wanted: T::WANTED,
    })
}

impl FromValue for i64 {
    const WANTED: &'static str = "a whole number";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Integer(number) => Some(number),
            Value::Null | Value::Text(_) | Value::Bytes(_) => None,
        }
    }
}

/// The column as it is, for whoever must look before judging.
impl FromValue for Value {
    const WANTED: &'static str = "anything";

    fn from_value(value: Value) -> Option<Self> {
        Some(value)
    }
}

/// 0 or 1; any other number is refused.
impl FromValue for bool {
    const WANTED: &'static str = "0 or 1";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Integer(0) => Some(false),
            Value::Integer(1) => Some(true),
            Value::Null | Value::Integer(_) | Value::Text(_) | Value::Bytes(_) => None,
        }
    }
}

impl FromValue for String {
    const WANTED: &'static str = "text";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Text(text) => Some(text),
            Value::Null | Value::Integer(_) | Value::Bytes(_) => None,
        }
    }
}

impl FromValue for Vec<u8> {
    const WANTED: &'static str = "bytes";

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Bytes(bytes) => Some(bytes),
            Value::Null | Value::Integer(_) | Value::Text(_) => None,
        }
    }
}

impl<const N: usize> FromValue for [u8; N] {
    const WANTED: &'static str = "bytes of a fixed length";

    fn from_value(value: Value) -> Option<Self> {
        Vec::from_value(value)?.try_into().ok()
    }
}

impl<T: FromValue> FromValue for Option<T> {
    const WANTED: &'static str = T::WANTED;

    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Null => Some(None),
            present => T::from_value(present).map(Some),
        }
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(i64::from(flag))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&Vec<u8>> for Value {
    fn from(bytes: &Vec<u8>) -> Self {
        Self::Bytes(bytes.clone())
    }
}

impl<const N: usize> From<&[u8; N]> for Value {
    fn from(bytes: &[u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<const N: usize> From<[u8; N]> for Value {
    fn from(bytes: [u8; N]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl<T> From<Option<T>> for Value
where
    Self: From<T>,
{
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Self::from)
    }
}
