//! Statements: prepared once per connection, bound by number, and what the engine says about them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, ValueRef};

use crate::error::StoreError;
use crate::store::engine::{Flaw, Remedy};
use crate::store::value::{Row, Value};

/// The driver's connection, and what must be known beside it.
pub(in crate::store) struct Driver {
    connection: rusqlite::Connection,
    /// Whether a statement has run that can change the database, since [`Self::begin_turn`].
    wrote: bool,
    /// For each text of a statement, by its address: which value each of its parameters takes.
    orders: HashMap<(usize, usize), Box<[usize]>>,
}

impl Driver {
    pub(super) fn new(connection: rusqlite::Connection) -> Self {
        Self {
            connection,
            wrote: false,
            orders: HashMap::new(),
        }
    }

    /// From here on [`Self::wrote`] speaks of the next closure.
    pub(super) const fn begin_turn(&mut self) {
        self.wrote = false;
    }

    /// Whether the closure may have left something that must be undone if it is not to stay.
    pub(super) const fn wrote(&self) -> bool {
        self.wrote
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    /// The answer's rows; for [`crate::store::Tx::rows`].
    pub(in crate::store) fn rows(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<Vec<Row>, Flaw> {
        let mut statement = self.bound(sql, values)?;
        let columns = statement.column_count();
        let mut cursor = statement.raw_query();
        let mut rows = Vec::new();
        while let Some(row) = cursor.next().map_err(flaw)? {
            let values = (0..columns).map(|column| value(row.get_ref(column).map_err(flaw)?));
            rows.push(Row::new(values.collect::<Result<_, _>>()?));
        }
        Ok(rows)
    }

    /// The number of changed rows; for [`crate::store::Tx::execute`].
    pub(in crate::store) fn execute(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<u64, Flaw> {
        let changed = self.bound(sql, values)?.raw_execute().map_err(flaw)?;
        Ok(u64::try_from(changed).unwrap_or(u64::MAX))
    }

    /// Runs the statements of a migration.
    pub(in crate::store) fn define(&mut self, ddl: &str) -> Result<(), Flaw> {
        self.wrote = true;
        self.connection.execute_batch(ddl).map_err(flaw)
    }

    /// Prepared, with `$n` bound by its number. To SQLite `$2` is a name, and names are counted in
    /// the order of their first appearance; the number in the name is what both engines agree on.
    fn bound(
        &mut self,
        sql: &'static str,
        values: &[Value],
    ) -> Result<rusqlite::CachedStatement<'_>, Flaw> {
        let mut statement = self.connection.prepare_cached(sql).map_err(flaw)?;
        self.wrote |= !statement.readonly();
        let order = match self.orders.entry((sql.as_ptr().addr(), sql.len())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(order(&statement, values.len()).map_err(flaw)?),
        };
        for (position, place) in (1..).zip(order) {
            let value = values
                .get(*place)
                .ok_or(rusqlite::Error::InvalidParameterCount(
                    position,
                    values.len(),
                ))
                .map_err(flaw)?;
            statement
                .raw_bind_parameter(position, Parameter(value))
                .map_err(flaw)?;
        }
        Ok(statement)
    }
}

/// Which value each parameter takes, counted from 0: the number in its name, less one.
fn order(
    statement: &rusqlite::Statement<'_>,
    values: usize,
) -> Result<Box<[usize]>, rusqlite::Error> {
    (1..=statement.parameter_count())
        .map(|position| {
            let number: Option<usize> = statement
                .parameter_name(position)
                .and_then(|name| name.strip_prefix('$'))
                .and_then(|number| number.parse().ok());
            number
                .and_then(|number| number.checked_sub(1))
                .ok_or(rusqlite::Error::InvalidParameterCount(position, values))
        })
        .collect()
}

/// Lends a value to the driver.
struct Parameter<'a>(&'a Value);

impl rusqlite::ToSql for Parameter<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => ValueRef::Null,
            Value::Integer(number) => ValueRef::Integer(*number),
            Value::Text(text) => ValueRef::Text(text.as_bytes()),
            Value::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

fn value(column: ValueRef<'_>) -> Result<Value, Flaw> {
    Ok(match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        // Text that is no text was not written by us; whoever wants text is told it is none.
        ValueRef::Text(text) => match str::from_utf8(text) {
            Ok(text) => Value::Text(text.to_owned()),
            Err(_) => Value::Bytes(text.to_vec()),
        },
        ValueRef::Blob(bytes) => Value::Bytes(bytes.to_vec()),
        ValueRef::Real(_) => {
            return Err(Flaw::told(StoreError::Column {
                position: 0,
                wanted: "no fraction",
            }));
        }
    })
}

/// What SQLite's result code means to us (https://www.sqlite.org/rescode.html).
pub(super) fn flaw(error: rusqlite::Error) -> Flaw {
    let Some(code) = error.sqlite_error().map(|fault| fault.extended_code) else {
        return Flaw::engine(error, Remedy::Tell);
    };
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE
        | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
        | ffi::SQLITE_CONSTRAINT_ROWID => Flaw::told(StoreError::Unique),
        ffi::SQLITE_CONSTRAINT_CHECK => Flaw::told(StoreError::Check),
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => Flaw::told(StoreError::ForeignKey),
        ffi::SQLITE_CONSTRAINT_NOTNULL => Flaw::told(StoreError::NotNull),
        // The low byte is the primary code.
        _ => match code & 0xff {
            ffi::SQLITE_READONLY => Flaw::told(StoreError::ReadOnly),
            ffi::SQLITE_FULL => Flaw::told(StoreError::Full),
            ffi::SQLITE_BUSY | ffi::SQLITE_LOCKED => Flaw {
                error: StoreError::Busy,
                remedy: Remedy::Again,
            },
            ffi::SQLITE_IOERR => Flaw::engine(error, Remedy::Stop),
            _ => Flaw::engine(error, Remedy::Tell),
        },
    }
}
