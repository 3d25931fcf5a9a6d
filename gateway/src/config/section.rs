//! Reads one table of a configuration, key by key. Every key that is asked for is thereby known;
//! what remains at the end is unknown and is reported with the nearest known key. So the list of
//! valid keys is the code that reads them, and cannot fall behind it.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Fault, Problems, nearest};

/// One table being read.
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    at: usize,
    known: Vec<&'static str>,
}

/// A value and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    pub(super) value: T,
    /// Byte offset in the file.
    pub(super) at: usize,
}

impl<'t> Section<'t> {
    pub(super) fn new(table: &'t DeTable<'t>, at: usize) -> Self {
        Self {
            table,
            at,
            known: Vec::new(),
        }
    }

    /// Where the table begins, in bytes.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    fn value(&mut self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        self.known.push(key);
        self.table.get(key)
    }

    /// An optional value that `read` takes from the TOML value.
    fn optional<T>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        problems: &mut Problems,
        read: impl FnOnce(&'t DeValue<'t>) -> Option<T>,
    ) -> Option<Found<T>> {
        let spanned = self.value(key)?;
        let (value, at) = (spanned.get_ref(), spanned.span().start);
        let found = read(value).map(|value| Found { value, at });
        if found.is_none() {
            problems.note(
                at,
                Fault::WrongType {
                    key,
                    wanted,
                    found: value.type_str(),
                },
            );
        }
        found
    }

    /// An optional text.
    pub(super) fn text(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        problems: &mut Problems,
    ) -> Option<Found<&'t str>> {
        self.optional(key, wanted, problems, DeValue::as_str)
    }

    /// A text that must be there.
    pub(super) fn required(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        problems: &mut Problems,
    ) -> Option<Found<&'t str>> {
        if !self.has(key) {
            problems.note(self.at, Fault::Missing { key, wanted });
        }
        self.text(key, wanted, problems)
    }

    /// A text that must be there and must be readable as `T`.
    pub(super) fn parsed<T: FromStr>(
        &mut self,
        key: &'static str,
        wanted: &'static str,
        problems: &mut Problems,
    ) -> Option<Found<T>> {
        let text = self.required(key, wanted, problems)?;
        if let Ok(value) = text.value.parse() {
            return Some(Found { value, at: text.at });
        }
        problems.note(text.at, Fault::Unusable { key, wanted });
        None
    }

    /// An optional whole number between 1 and `u32::MAX`.
    pub(super) fn count(&mut self, key: &'static str, problems: &mut Problems) -> Option<u32> {
        const WANTED: &str = "a whole number from 1 to 4294967295";
        let read = |value: &DeValue<'_>| value.as_integer().map(|i| i.as_str().to_owned());
        let number = self.optional(key, WANTED, problems, read)?;
        let value = number.value.parse().ok().filter(|count| *count > 0);
        if value.is_none() {
            problems.note(
                number.at,
                Fault::Unusable {
                    key,
                    wanted: WANTED,
                },
            );
        }
        value
    }

    /// An optional `true` or `false`.
    pub(super) fn switch(&mut self, key: &'static str, problems: &mut Problems) -> Option<bool> {
        self.optional(key, "true or false", problems, DeValue::as_bool)
            .map(|found| found.value)
    }

    /// Whether a key is there at all.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// An optional list of texts.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Vec<String>> {
        let read = |value: &DeValue<'_>| {
            let items = value.as_array()?.iter();
            items
                .map(|item| item.get_ref().as_str().map(str::to_owned))
                .collect()
        };
        self.optional(key, "a list of texts", problems, read)
            .map(|found| found.value)
    }

    /// A file that must be named and can be read; a relative path counts from `folder`.
    pub(super) fn file(
        &mut self,
        key: &'static str,
        folder: &Path,
        problems: &mut Problems,
    ) -> Option<Found<File>> {
        let name = self.required(key, "the path of a file", problems)?;
        read_file(key, &name, folder, problems)
    }

    /// As [`Self::file`], where the key may be absent.
    pub(super) fn optional_file(
        &mut self,
        key: &'static str,
        folder: &Path,
        problems: &mut Problems,
    ) -> Option<Found<File>> {
        let name = self.text(key, "the path of a file", problems)?;
        read_file(key, &name, folder, problems)
    }

    /// A table that must be there.
    pub(super) fn table(&mut self, key: &'static str, problems: &mut Problems) -> Option<Self> {
        if !self.has(key) {
            problems.note(
                self.at,
                Fault::Missing {
                    key,
                    wanted: "a table of this name",
                },
            );
        }
        self.optional_table(key, problems)
    }

    /// A table that may be there.
    pub(super) fn optional_table(
        &mut self,
        key: &'static str,
        problems: &mut Problems,
    ) -> Option<Self> {
        let table = self.optional(key, "a table", problems, DeValue::as_table)?;
        Some(Self::new(table.value, table.at))
    }

    /// Every table of an array of tables, such as `[[client]]`.
    pub(super) fn tables(&mut self, key: &'static str, problems: &mut Problems) -> Vec<Self> {
        let read = |value: &'t DeValue<'t>| {
            let items = value.as_array()?.iter();
            items
                .map(|item| Some(Self::new(item.get_ref().as_table()?, item.span().start)))
                .collect::<Option<Vec<_>>>()
        };
        self.optional(
            key,
            "tables of this name in double brackets",
            problems,
            read,
        )
        .map(|found| found.value)
        .unwrap_or_default()
    }

    /// Reports every key that nobody has asked for.
    pub(super) fn done(self, problems: &mut Problems) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !self.known.contains(&name) {
                let nearest = nearest(name, &self.known);
                problems.note(
                    key.span().start,
                    Fault::UnknownKey {
                        key: name.into(),
                        nearest,
                    },
                );
            }
        }
    }
}

/// A file that a configuration names.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) path: PathBuf,
    pub(super) bytes: zeroize::Zeroizing<Vec<u8>>,
}

fn read_file(
    key: &'static str,
    name: &Found<&str>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<Found<File>> {
    let path = folder.join(name.value);
    match std::fs::read(&path) {
        Ok(bytes) => Some(Found {
            value: File {
                path,
                bytes: bytes.into(),
            },
            at: name.at,
        }),
        Err(source) => {
            problems.note(name.at, Fault::File { key, path, source });
            None
        }
    }
}
