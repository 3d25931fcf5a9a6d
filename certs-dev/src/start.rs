//! Which folder, which ports, which database: what a start of `matron dev` decides before anything is opened.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

use crate::folder::{DATABASE, Folder, Found, MANIFEST};
use crate::manifest::Manifest;

/// Port of the gateway unless somebody asks for another (contract 1).
pub const DEFAULT_PORT: u16 = 8443;

/// What was asked for on the command line.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder.
    pub dir: PathBuf,
    /// Port of the gateway; the three after it are taken too.
    pub port: Option<u16>,
    /// A PostgreSQL database instead of the embedded one.
    pub database: Option<String>,
    /// Forget everything first.
    pub reset: bool,
    /// A list of models of authenticators instead of the one of the demo.
    pub authenticator_models: Option<PathBuf>,
}

/// A start, decided.
pub struct Start {
    /// The data folder.
    pub folder: Folder,
    /// The four listeners.
    pub ports: Ports,
    /// Address of the database, ready to be opened.
    pub database: String,
    /// The data of an earlier start, if this one continues it.
    pub continued: Option<Manifest>,
    /// A reset of a folder whose data lie in this very database: its tables are to be made anew. Never true of a
    /// database that the folder does not remember.
    pub forgets_database: bool,
}

impl Start {
    /// Decides. Refuses another port or database than the folder remembers, and a reset of what is not ours.
    pub fn decide(options: &Options) -> Result<Self> {
        if options.reset && !options.dir.join(MANIFEST).is_file() {
            bail!(
                "{} has no {MANIFEST}, so there is nothing of matron dev to reset there",
                options.dir.display()
            );
        }
        let folder = Folder::open(&options.dir)?;
        let mut forgets_database = false;
        if options.reset {
            if let Found::Continued(before) = folder.found()? {
                forgets_database = options.database.as_ref() == Some(&before.database);
            }
            folder.clear()?;
        }
        let start = match folder.found()? {
            Found::Fresh => Self::fresh(folder, options),
            Found::Continued(manifest) => Self::continued(folder, *manifest, options),
        }?;
        Ok(Self {
            forgets_database,
            ..start
        })
    }

    fn fresh(folder: Folder, options: &Options) -> Result<Self> {
        let ports = Ports::from(options.port.unwrap_or(DEFAULT_PORT))?;
        let database = database_url(
            folder.root(),
            options.database.as_deref().unwrap_or(EMBEDDED),
        );
        Ok(Self {
            folder,
            ports,
            database,
            continued: None,
            forgets_database: false,
        })
    }

    fn continued(folder: Folder, manifest: Manifest, options: &Options) -> Result<Self> {
        let remembered = manifest
            .port()
            .context("dev.json names no port; start afresh with --reset")?;
        if let Some(asked) = options.port.filter(|asked| *asked != remembered) {
            bail!(
                "{} was made for port {remembered}, and certificates and clients name it; use that port, or start afresh with --port {asked} --reset",
                folder.root().display()
            );
        }
        if options
            .database
            .as_ref()
            .is_some_and(|asked| *asked != manifest.database)
        {
            bail!(
                "{} keeps its data in another database; use that one, or start afresh with --reset",
                folder.root().display()
            );
        }
        let database = database_url(folder.root(), &manifest.database);
        Ok(Self {
            folder,
            ports: Ports::from(remembered)?,
            database,
            continued: Some(manifest),
            forgets_database: false,
        })
    }
}

/// What the manifest says of the embedded database.
pub(crate) const EMBEDDED: &str = "sqlite:matron.db";

/// The address to open: the embedded database lies in the folder.
fn database_url(root: &Path, remembered: &str) -> String {
    if remembered == EMBEDDED {
        format!("sqlite:{}", root.join(DATABASE).display())
    } else {
        remembered.to_owned()
    }
}

/// The four ports, in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ports {
    /// The gateway.
    pub gateway: u16,
    /// The card listener.
    pub card: u16,
    /// Ward 7.
    pub app: u16,
    /// Revocation lists and CA certificates.
    pub pki: u16,
}

impl Ports {
    /// The gateway's port and the three after it.
    pub fn from(gateway: u16) -> Result<Self> {
        ensure!(
            (1..=u16::MAX - 3).contains(&gateway),
            "--port must leave room for three ports after it"
        );
        Ok(Self {
            gateway,
            card: gateway + 1,
            app: gateway + 2,
            pki: gateway + 3,
        })
    }

    /// The OIDC issuer.
    pub fn issuer(self) -> String {
        format!("https://localhost:{}", self.gateway)
    }

    /// The card listener.
    pub fn card_url(self) -> String {
        format!("https://localhost:{}", self.card)
    }

    /// Ward 7.
    pub fn app_url(self) -> String {
        format!("http://127.0.0.1:{}", self.app)
    }

    /// Revocation lists and CA certificates.
    pub fn pki_url(self) -> String {
        format!("http://127.0.0.1:{}", self.pki)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(dir: &Path) -> Options {
        Options {
            dir: dir.to_owned(),
            port: None,
            database: None,
            reset: false,
            authenticator_models: None,
        }
    }

    fn manifest(port: u16) -> String {
        let ports = Ports::from(port).unwrap();
        serde_json::json!({
            "issuer": ports.issuer(), "card_url": ports.card_url(), "app_url": ports.app_url(), "pki_url": ports.pki_url(),
            "tls_root_certificate": "", "card_root_certificate": "", "issuing_certificate": "", "outbox": "outbox",
            "clock": "clock", "database": EMBEDDED, "first_start": "2026-11-22T10:00:00Z", "people": {}, "clients": {}
        })
        .to_string()
    }

    fn refusal(options: &Options) -> String {
        Start::decide(options).err().unwrap().to_string()
    }

    #[test]
    fn a_folder_remembers_its_port_and_names_the_way_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MANIFEST), manifest(9000)).unwrap();
        assert_eq!(
            Start::decide(&options(dir.path())).unwrap().ports.gateway,
            9000
        );
        assert!(
            Start::decide(&Options {
                port: Some(9000),
                ..options(dir.path())
            })
            .is_ok()
        );
        assert!(
            refusal(&Options {
                port: Some(9010),
                ..options(dir.path())
            })
            .contains("--reset")
        );
    }

    #[test]
    fn a_reset_needs_a_folder_of_ours() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("precious"), "x").unwrap();
        assert!(
            refusal(&Options {
                reset: true,
                ..options(dir.path())
            })
            .contains("dev.json")
        );
        assert!(dir.path().join("precious").exists());
        let absent = dir.path().join("absent");
        assert!(
            refusal(&Options {
                reset: true,
                ..options(&absent)
            })
            .contains("dev.json")
        );
        assert!(!absent.exists(), "a refused reset makes nothing");
    }

    #[test]
    fn a_reset_may_bring_another_port() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(MANIFEST), manifest(9000)).unwrap();
        let start = Start::decide(&Options {
            reset: true,
            port: Some(9010),
            ..options(dir.path())
        })
        .unwrap();
        assert_eq!(start.ports.gateway, 9010);
        assert!(start.continued.is_none());
    }

    #[test]
    fn ports_must_fit() {
        assert!(Ports::from(65_533).is_err());
        assert!(Ports::from(0).is_err());
        assert_eq!(Ports::from(65_532).unwrap().pki, 65_535);
    }
}
