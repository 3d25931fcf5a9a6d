//! Which edition of the metadata was accepted last: a small file beside it, so that no earlier one
//! comes back, and so that an edition accepted while its signer was valid stays usable after.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use policies::time::Time;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};

use super::metadata::{Metadata, MetadataError};

/// What was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// The edition.
    pub number: u64,
    /// SHA-256 of the file, in hex digits.
    pub sha256: String,
    /// When, in seconds since 1970.
    pub accepted_at: i64,
}

/// Why an edition cannot be loaded or installed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    /// It is not accepted.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// A file.
    #[error("{} cannot be used: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The record was damaged.
    #[error("{} is damaged; remove it only if you know which edition was the last", .0.display())]
    Record(PathBuf),
}

/// Where the record of a metadata file lies.
pub fn path_of(blob: &Path) -> PathBuf {
    let mut name = blob.as_os_str().to_owned();
    name.push(".accepted");
    PathBuf::from(name)
}

/// Verifies an installed edition: an accepted one as of when it was accepted, any other as of now;
/// none that is earlier than the last.
///
/// # Errors
/// [`InstallError`].
pub fn load(blob: &Path, root: &[u8], now: Time) -> Result<Metadata, InstallError> {
    let bytes = read(blob)?;
    let record = read_record(blob)?;
    let accepted = record
        .as_ref()
        .filter(|record| record.sha256 == fingerprint(&bytes));
    let at = accepted.map_or(now, |record| Time::from_unix(record.accepted_at));
    let metadata = Metadata::verify(&bytes, root, at)?;
    not_earlier(&metadata, record.as_ref())?;
    Ok(metadata)
}

/// Verifies a new edition, without installing it. `installed` is where it would go.
///
/// # Errors
/// [`InstallError`].
pub fn check(
    new: &Path,
    installed: &Path,
    root: &[u8],
    now: Time,
) -> Result<(Metadata, Vec<u8>), InstallError> {
    let bytes = read(new)?;
    let metadata = Metadata::verify(&bytes, root, now)?;
    not_earlier(&metadata, read_record(installed)?.as_ref())?;
    // Without a record, what lies there by hand counts as the last.
    if let Ok(before) = load(installed, root, now)
        && metadata.number() < before.number()
    {
        return Err(MetadataError::RolledBack {
            offered: metadata.number(),
            accepted: before.number(),
        }
        .into());
    }
    Ok((metadata, bytes))
}

/// Verifies a new edition and puts it in place, then its record: each by one rename.
///
/// # Errors
/// [`InstallError`]; nothing was changed unless a file could not be written.
pub fn install(
    new: &Path,
    installed: &Path,
    root: &[u8],
    now: Time,
) -> Result<Metadata, InstallError> {
    let (metadata, bytes) = check(new, installed, root, now)?;
    let record = Record {
        number: metadata.number(),
        sha256: fingerprint(&bytes),
        accepted_at: now.unix(),
    };
    write(installed, &bytes)?;
    let record = serde_json::to_vec(&record).unwrap_or_default();
    write(&path_of(installed), &record)?;
    Ok(metadata)
}

fn not_earlier(metadata: &Metadata, record: Option<&Record>) -> Result<(), MetadataError> {
    match record {
        Some(record) if metadata.number() < record.number => Err(MetadataError::RolledBack {
            offered: metadata.number(),
            accepted: record.number,
        }),
        _ => Ok(()),
    }
}

fn read_record(blob: &Path) -> Result<Option<Record>, InstallError> {
    let path = path_of(blob);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| InstallError::Record(path)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(InstallError::File { path, source }),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, InstallError> {
    std::fs::read(path).map_err(|source| InstallError::File {
        path: path.to_owned(),
        source,
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), InstallError> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let put = || {
        let mut file = File::create(&beside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    };
    put().map_err(|source| InstallError::File {
        path: path.to_owned(),
        source,
    })
}

fn fingerprint(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
