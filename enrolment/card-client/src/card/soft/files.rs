//! The files of a card, changed so that a process may be killed between any two writes.
//!
//! A file is never written in place: the new text goes beside it, is synced, and takes its name. A
//! pending file is the final name with `.pending` at its end. The swap of a whole set writes a marker
//! first (`….swap`); from then on the pending files are the truth, and whoever opens the card next
//! finishes the renaming. The marker goes last.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use policies::card::KeyRole;

use super::Layout;
use super::keys::Pair;
use crate::card::{CardError, Place, Secret};
use crate::certificate;

/// Owner only: a key, or a file that says something about one.
const PRIVATE: u32 = 0o600;
/// Certificates may be read by everyone.
const PUBLIC: u32 = 0o644;

/// Where the files are.
pub(super) struct Files {
    layout: Layout,
    signature: (PathBuf, PathBuf),
}

/// `path` with `end` added to its name.
fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

fn at(place: Place, path: &Path) -> PathBuf {
    match place {
        Place::Current => path.to_owned(),
        Place::Pending => with(path, ".pending"),
    }
}

fn broken(path: &Path, error: &std::io::Error) -> CardError {
    CardError::Absent(format!("{}: {error}", path.display()))
}

/// The file, or nothing where there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, CardError> {
    match fs::read(path) {
        Ok(octets) => Ok(Some(octets)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(broken(path, &error)),
    }
}

fn read_text(path: &Path) -> Result<Option<String>, CardError> {
    let text = read(path)?.map(String::from_utf8).transpose();
    text.map_err(|_| CardError::Absent(format!("{}: not text", path.display())))
}

/// Makes renames and removals in a file's folder last.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Writes a file whole or not at all.
pub(crate) fn replace(path: &Path, octets: &[u8], mode: u32) -> std::io::Result<()> {
    let beside = with(path, ".new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&beside)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder(path)
}

fn write(path: &Path, octets: &[u8], mode: u32) -> Result<(), CardError> {
    replace(path, octets, mode).map_err(|error| broken(path, &error))
}

fn remove(path: &Path) -> Result<(), CardError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(broken(path, &error)),
        _ => Ok(()),
    }
}

impl Files {
    pub(super) const fn new(layout: Layout, signature: (PathBuf, PathBuf)) -> Self {
        Self { layout, signature }
    }

    /// The file that the card is called by.
    fn main(&self) -> &Path {
        match &self.layout {
            Layout::Pkcs12(path) => path,
            Layout::Pem { certificate, .. } => certificate,
        }
    }

    pub(super) fn name(&self) -> String {
        self.main().display().to_string()
    }

    /// Whether a password is needed.
    pub(super) const fn is_locked(&self) -> bool {
        matches!(self.layout, Layout::Pkcs12(_))
    }

    /// Keys before certificates, so that a set is complete once its last file has its name.
    fn all(&self) -> Vec<&Path> {
        let mut all: Vec<&Path> = vec![&self.signature.1, &self.signature.0];
        match &self.layout {
            Layout::Pkcs12(path) => all.push(path),
            Layout::Pem { certificate, key } => all.extend([key.as_path(), certificate]),
        }
        all
    }

    /// The pair of files of a key that is stored as PEM.
    fn pem_of(&self, role: KeyRole) -> Option<(&Path, &Path)> {
        match (role, &self.layout) {
            (KeyRole::Signature, _) => Some((&self.signature.0, &self.signature.1)),
            (KeyRole::Authentication, Layout::Pem { certificate, key }) => Some((certificate, key)),
            (KeyRole::Authentication, Layout::Pkcs12(_)) => None,
        }
    }

    pub(super) fn read(
        &self,
        place: Place,
        role: KeyRole,
        password: Option<&Secret>,
    ) -> Result<Option<Pair>, CardError> {
        let Some((certificate, key)) = self.pem_of(role) else {
            let Some(file) = read(&at(place, self.main()))? else {
                return Ok(None);
            };
            return Pair::from_pkcs12(&file, password.ok_or(CardError::Passcode(None))?);
        };
        let Some(key) = read_text(&at(place, key))? else {
            return Ok(None);
        };
        let chain = match read_text(&at(place, certificate))? {
            Some(pem) => certificate::chain(&pem)?,
            None => Vec::new(),
        };
        Pair::from_pem(&zeroize::Zeroizing::new(key), chain).map(Some)
    }

    pub(super) fn write(
        &self,
        place: Place,
        role: KeyRole,
        pair: &Pair,
        password: Option<&Secret>,
    ) -> Result<(), CardError> {
        let Some((certificate, key)) = self.pem_of(role) else {
            let password = password.ok_or(CardError::Passcode(None))?;
            let path = at(place, self.main());
            return write(&path, &pair.to_pkcs12(password)?, PRIVATE);
        };
        // A certificate never stands beside another key: it goes before the key changes.
        let certificate = at(place, certificate);
        if pair.chain.is_empty() {
            remove(&certificate)?;
        }
        write(&at(place, key), pair.key_pem()?.as_bytes(), PRIVATE)?;
        if !pair.chain.is_empty() {
            let pem = pair.chain.iter().map(|der| certificate::pem(der));
            let pem = pem.collect::<Result<String, _>>()?;
            write(&certificate, pem.as_bytes(), PUBLIC)?;
        }
        Ok(())
    }

    fn marker(&self) -> PathBuf {
        with(self.main(), ".swap")
    }

    /// Makes the pending files the current ones.
    pub(super) fn swap(&self) -> Result<(), CardError> {
        if self
            .all()
            .iter()
            .any(|path| at(Place::Pending, path).exists())
        {
            write(&self.marker(), b"pending files are the card now\n", PRIVATE)?;
        }
        self.finish_swap()
    }

    /// Goes on where a swap was interrupted.
    pub(super) fn finish_swap(&self) -> Result<(), CardError> {
        if !self.marker().exists() {
            return Ok(());
        }
        for path in self.all() {
            let pending = at(Place::Pending, path);
            match fs::rename(&pending, path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(broken(&pending, &error));
                }
                _ => sync_folder(path).map_err(|error| broken(path, &error))?,
            }
        }
        remove(&self.marker())
    }

    /// Removes the pending files, certificates first.
    pub(super) fn discard(&self) -> Result<(), CardError> {
        let all = self.all();
        all.iter()
            .rev()
            .try_for_each(|path| remove(&at(Place::Pending, path)))
    }

    /// Writes the PKCS#12 anew under another password, the pending one too.
    pub(super) fn relock(&self, old: &Secret, new: &Secret) -> Result<(), CardError> {
        for place in [Place::Pending, Place::Current] {
            let path = at(place, self.main());
            if let Some(file) = read(&path)?
                // A killed run may have changed this one already.
                && let Some(pair) = Pair::from_pkcs12(&file, old)
                    .or_else(|_| Pair::from_pkcs12(&file, new))?
            {
                write(&path, &pair.to_pkcs12(new)?, PRIVATE)?;
            }
        }
        Ok(())
    }
}
