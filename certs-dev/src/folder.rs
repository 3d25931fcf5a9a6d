//! The folder of `matron dev`: what lies where, who may read it, and whether it is ours.
//!
//! The folder is 0700 and the files with secrets 0600. A folder becomes ours with a marker file before anything else
//! is made in it, and finished with `dev.json`, written last; only such a folder is ever cleared, and only of what
//! we put there.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};

use crate::manifest::Manifest;

/// Name of the manifest.
pub const MANIFEST: &str = "dev.json";
/// Name of the clock file.
pub const CLOCK: &str = "clock";
/// Name of the folder of mails and text messages.
pub const OUTBOX: &str = "outbox";
/// Name of the embedded database.
pub const DATABASE: &str = "matron.db";

/// Says that a first start is under way, or died.
const UNFINISHED: &str = "first-start-unfinished";

/// Held by the process that uses the folder, so that nobody resets it underneath.
const LOCK: &str = "lock";

/// Everything that a start makes; nothing else is ever removed. The clock file belongs to the person.
const OURS: [&str; 10] = [
    "pki",
    "keys",
    "cards",
    OUTBOX,
    DATABASE,
    "matron.db-wal",
    "matron.db-shm",
    "matron.db-lock",
    UNFINISHED,
    MANIFEST,
];

/// What was found at the place of the folder.
pub enum Found {
    /// Nothing of ours, or a first start that did not finish.
    Fresh,
    /// The data of an earlier start.
    Continued(Box<Manifest>),
}

/// The data folder.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Given back by the system when the last clone is dropped, however the process ends.
    _lock: Arc<File>,
}

impl Folder {
    /// Opens the folder for this process alone, making it if need be. One that holds things of the same names as ours
    /// without being ours is refused and left as it is.
    pub fn open(root: &Path) -> Result<Self> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(root)
            .with_context(|| format!("cannot make {}", root.display()))?;
        let root = root
            .canonicalize()
            .with_context(|| format!("cannot open {}", root.display()))?;
        let ours = root.join(MANIFEST).exists() || root.join(UNFINISHED).exists();
        if let Some(stranger) = OURS.iter().find(|name| !ours && root.join(name).exists()) {
            bail!(
                "{} already holds \"{stranger}\" but no {MANIFEST}, so it is not a folder of matron dev; choose another --dir",
                root.display()
            );
        }
        fs::set_permissions(&root, Permissions::from_mode(0o700))
            .with_context(|| format!("cannot protect {}", root.display()))?;
        let lock = Arc::new(lock(&root)?);
        Ok(Self { root, _lock: lock })
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A path below the folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Looks whether an earlier start left its data here. What an unfinished first start left is cleared.
    pub fn found(&self) -> Result<Found> {
        if let Some(manifest) = self.manifest()? {
            return Ok(Found::Continued(Box::new(manifest)));
        }
        if self.path(UNFINISHED).exists() {
            self.clear()?;
        }
        Ok(Found::Fresh)
    }

    /// The manifest, if a first start has finished here.
    pub fn manifest(&self) -> Result<Option<Manifest>> {
        let file = self.path(MANIFEST);
        let text = match fs::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(error).with_context(|| format!("cannot read {}", file.display()));
            }
        };
        let manifest = serde_json::from_str(&text).with_context(|| {
            format!(
                "{} is not a file of this version; start afresh with --reset",
                file.display()
            )
        })?;
        Ok(Some(manifest))
    }

    /// Takes the folder for a first start: marker, then the folders.
    pub fn claim(&self) -> Result<()> {
        self.write_secret(
            UNFINISHED,
            "A first start of matron dev is under way here, or died.\n",
        )?;
        for name in ["pki", "keys", "cards", OUTBOX] {
            self.make_folder(name)?;
        }
        Ok(())
    }

    /// Writes the manifest and takes the marker away: from now on the folder is continued, not cleared.
    pub fn finish(&self, manifest: &Manifest) -> Result<()> {
        let mut text = serde_json::to_string_pretty(manifest)
            .context("the manifest cannot be written as JSON")?;
        text.push('\n');
        self.write_secret(MANIFEST, &text)?;
        match fs::remove_file(self.path(UNFINISHED)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).context("cannot remove the marker of the first start")
            }
            _ => Ok(()),
        }
    }

    /// Removes what starts have made here, the clock file excepted. The caller has made sure that the folder is ours.
    pub fn clear(&self) -> Result<()> {
        for name in OURS {
            let path = self.path(name);
            let gone = match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path),
                Ok(_) => fs::remove_file(&path),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                Err(error) => Err(error),
            };
            gone.with_context(|| format!("cannot remove {}", path.display()))?;
        }
        Ok(())
    }

    /// Makes a folder of 0700 below.
    pub fn make_folder(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .with_context(|| format!("cannot make {}", path.display()))
    }

    /// Writes a file of 0600, whole or not at all.
    pub fn write_secret(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        self.write(name, content.as_ref(), 0o600)
    }

    /// Writes a file of 0644, whole or not at all: certificates, which are public.
    pub fn write_public(&self, name: &str, content: impl AsRef<[u8]>) -> Result<()> {
        self.write(name, content.as_ref(), 0o644)
    }

    /// Reads a file below as text.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.path(name);
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn write(&self, name: &str, content: &[u8], mode: u32) -> Result<()> {
        let path = self.path(name);
        let half = self.path(&format!("{name}.new"));
        let written = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(mode)
            .open(&half)
            .and_then(|mut file| file.write_all(content))
            .and_then(|()| fs::rename(&half, &path));
        written.with_context(|| format!("cannot write {}", path.display()))
    }
}

fn lock(root: &Path) -> Result<File> {
    let path = root.join(LOCK);
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(&path)
        .with_context(|| format!("cannot open {}", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!(
                "another matron dev is running in {}; stop it first",
                root.display()
            )
        }
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("cannot lock {}", path.display()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn the_folder_and_its_secrets_are_private() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::open(&place.path().join("new")).unwrap();
        folder.claim().unwrap();
        folder.write_secret("keys/a.key", "x").unwrap();
        assert_eq!(mode(folder.root()), 0o700);
        assert_eq!(mode(&folder.path("keys")), 0o700);
        assert_eq!(mode(&folder.path("keys/a.key")), 0o600);
    }

    #[test]
    fn a_clock_file_may_be_there_first() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join(CLOCK), "+90d").unwrap();
        let folder = Folder::open(place.path()).unwrap();
        assert!(matches!(folder.found().unwrap(), Found::Fresh));
    }

    #[test]
    fn somebody_elses_folder_is_refused_untouched() {
        let place = tempfile::tempdir().unwrap();
        fs::create_dir(place.path().join("keys")).unwrap();
        let before = fs::read_dir(place.path()).unwrap().count();
        assert!(Folder::open(place.path()).is_err());
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), before);
    }

    #[test]
    fn two_processes_do_not_share_a_folder() {
        let place = tempfile::tempdir().unwrap();
        let first = Folder::open(place.path()).unwrap();
        let refused = Folder::open(place.path()).err().unwrap().to_string();
        assert!(refused.contains("another matron dev"), "{refused}");
        drop(first);
        assert!(Folder::open(place.path()).is_ok());
    }

    #[test]
    fn an_unfinished_first_start_is_cleared_and_begun_again() {
        let place = tempfile::tempdir().unwrap();
        fs::write(place.path().join("notes.txt"), "mine").unwrap();
        let folder = Folder::open(place.path()).unwrap();
        folder.claim().unwrap();
        folder.write_secret("keys/half.key", "x").unwrap();
        assert!(matches!(folder.found().unwrap(), Found::Fresh));
        assert!(!folder.path("keys").exists());
        assert!(folder.path("notes.txt").exists(), "only what is ours goes");
    }
}
