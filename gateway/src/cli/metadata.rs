//! `matron metadata check` and `matron metadata update`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use policies::time::Clock;

use super::{EXIT_CODES, Ended, output};
use crate::config::{AuthenticatorFiles, Config, MetadataFiles};
use crate::door::clock::MachineClock;
use crate::webauthn::Models;
use crate::webauthn::models::record::{self, InstallError};
use crate::webauthn::models::{Metadata, certificate};

/// The FIDO Alliance's metadata about authenticators.
#[derive(Debug, Subcommand)]
pub(super) enum MetadataCommand {
    /// Verifies an edition and says what is in it; changes nothing.
    Check(Check),
    /// Verifies an edition and puts it where the configuration says.
    Update(Update),
}

/// Verifies an edition against a root and says what is in it. Changes nothing, asks nobody.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron metadata check --blob blob.jwt --root globalsign-r3.crt\n\n{EXIT_CODES}"))]
pub(super) struct Check {
    /// The signed file.
    #[arg(long, value_name = "FILE")]
    blob: PathBuf,
    /// The root that vouches for its signer, PEM or DER.
    #[arg(long, value_name = "FILE")]
    root: PathBuf,
}

/// Verifies an edition and puts it where the configuration says: no forged, foreign or earlier one.
/// The server takes it at its next start.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron metadata update --config /etc/matron/matron.toml --blob blob.jwt\n\n{EXIT_CODES}"))]
pub(super) struct Update {
    /// The configuration, whose `[authenticators]` names place and root.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// The new signed file.
    #[arg(long, value_name = "FILE")]
    blob: PathBuf,
}

impl MetadataCommand {
    pub(super) fn run(self) -> Result<(), Ended> {
        match self {
            Self::Check(check) => check.run(),
            Self::Update(update) => update.run(),
        }
    }
}

impl Check {
    fn run(self) -> Result<(), Ended> {
        let read = |path: &PathBuf| {
            std::fs::read(path).map_err(|source| InstallError::File {
                path: path.clone(),
                source,
            })
        };
        let root = certificate(&read(&self.root)?);
        let now = MachineClock.now();
        let metadata =
            Metadata::verify(&read(&self.blob)?, &root, now).map_err(InstallError::Metadata)?;
        Ok(output::line(tell(
            &metadata,
            &AuthenticatorFiles::default(),
        ))?)
    }
}

impl Update {
    fn run(self) -> Result<(), Ended> {
        let config = Config::read(&self.config).map_err(Ended::Configuration)?;
        let files = &config.authenticators;
        let MetadataFiles { blob, root } = files.metadata.as_ref().ok_or(Ended::NoMetadata)?;
        let metadata = record::install(&self.blob, blob, root, MachineClock.now())?;
        output::line(tell(&metadata, files))?;
        eprintln!(
            "{} is in place; restart the server to use it",
            blob.display()
        );
        Ok(())
    }
}

fn tell(metadata: &Metadata, files: &AuthenticatorFiles) -> String {
    let (known, allowed, denied) = Models::new(&files.list, Some(metadata)).counts();
    format!(
        "number {}, next update {}; {known} models, {allowed} allowed for AAL3, {denied} denied",
        metadata.number(),
        metadata.next_update()
    )
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::config::tests::{ARC, GOOD, folder};
    use crate::webauthn::tests::alliance::{Alliance, edition};

    fn update(folder: &Path, blob: &str) -> Result<(), Ended> {
        let update = Update {
            config: folder.join("matron.toml"),
            blob: folder.join(blob),
        };
        update.run()
    }

    #[test]
    fn an_update_takes_what_is_signed_and_newer_and_nothing_else() {
        let folder = folder(ARC);
        let at = folder.path();
        let alliance = Alliance::named("mds.fidoalliance.org", 2900);
        let forger = Alliance::named("mds.fidoalliance.org", 2900);
        let section = "[authenticators]\nmetadata = \"blob.jwt\"\nmetadata_root = \"root.der\"\n";
        fs::write(at.join("matron.toml"), format!("{GOOD}\n{section}")).unwrap();
        fs::write(at.join("root.der"), &alliance.root).unwrap();
        for (name, blob) in [
            ("6.jwt", alliance.sign(&edition(6, &[]))),
            ("7.jwt", alliance.sign(&edition(7, &["REVOKED"]))),
            ("forged.jwt", forger.sign(&edition(8, &[]))),
        ] {
            fs::write(at.join(name), blob).unwrap();
        }
        let installed = || fs::read(at.join("blob.jwt")).ok();
        assert_eq!(update(at, "forged.jwt").unwrap_err().code(), 4);
        assert_eq!(installed(), None, "nothing was changed");
        update(at, "7.jwt").unwrap();
        assert_eq!(installed(), fs::read(at.join("7.jwt")).ok());
        for refused in ["6.jwt", "forged.jwt"] {
            assert_eq!(update(at, refused).unwrap_err().code(), 4, "{refused}");
            assert_eq!(installed(), fs::read(at.join("7.jwt")).ok());
        }
        assert_eq!(update(at, "absent.jwt").unwrap_err().code(), 1);
        let config = Config::read(&at.join("matron.toml")).unwrap();
        let models = config.authenticators.models(MachineClock.now()).unwrap();
        assert_eq!(models.counts(), (1, 0, 1));
        let check = |root: &str| {
            let check = Check {
                blob: at.join("7.jwt"),
                root: at.join(root),
            };
            check.run()
        };
        check("root.der").unwrap();
        assert_eq!(check("root.pem").unwrap_err().code(), 4, "another root");
    }

    #[test]
    fn without_a_place_for_it_nothing_is_updated() {
        let folder = folder(ARC);
        fs::write(folder.path().join("matron.toml"), GOOD).unwrap();
        let refused = update(folder.path(), "blob.jwt").unwrap_err();
        assert!(matches!(refused, Ended::NoMetadata));
        assert_eq!(refused.code(), 4);
    }
}
