//! `[authenticators]`: which models of security keys and built-in authenticators count for what. The
//! house's own list is read here; the signed metadata is judged where there is a clock.

use std::path::{Path, PathBuf};

use policies::time::Time;

use super::problem::{DevRemains, Fault, Problems};
use super::section::Section;
use crate::webauthn::Models;
use crate::webauthn::models::record::{self, InstallError};
use crate::webauthn::models::{ListError, Metadata, ModelList, certificate, test_roots};

/// What is said about authenticators. Nothing said: every key counts for AAL2 at most.
#[derive(Debug, Default)]
pub struct AuthenticatorFiles {
    /// The house's own list.
    pub list: ModelList,
    /// The FIDO Alliance's metadata, where the house uses it.
    pub metadata: Option<MetadataFiles>,
}

/// The signed metadata.
#[derive(Debug)]
pub struct MetadataFiles {
    /// Where the file lies; `matron metadata update` puts it there.
    pub blob: PathBuf,
    /// The root that vouches for its signer (DER).
    pub root: Vec<u8>,
}

impl AuthenticatorFiles {
    /// The metadata, verified: as of when it was accepted, or as of now.
    ///
    /// # Errors
    /// [`InstallError`].
    pub fn metadata(&self, now: Time) -> Result<Option<Metadata>, InstallError> {
        self.metadata
            .as_ref()
            .map(|files| record::load(&files.blob, &files.root, now))
            .transpose()
    }

    /// What every model counts for.
    ///
    /// # Errors
    /// [`InstallError`], when there is metadata and it is not accepted.
    pub fn models(&self, now: Time) -> Result<Models, InstallError> {
        Ok(Models::new(&self.list, self.metadata(now)?.as_ref()))
    }
}

/// Reads the section, if it is there.
pub(super) fn read(
    top: &mut Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> AuthenticatorFiles {
    let Some(mut section) = top.optional_table("authenticators", problems) else {
        return AuthenticatorFiles::default();
    };
    let list = section
        .optional_file("models", folder, problems)
        .and_then(|file| {
            let text = String::from_utf8_lossy(&file.value.bytes);
            let beside = file.value.path.parent().unwrap_or(folder);
            ModelList::parse(&text, beside)
                .map_err(|error| match error {
                    ListError::TestRoot(path) => {
                        problems.note(file.at, DevRemains::AuthenticatorRoot(path));
                    }
                    other => problems.note(file.at, Fault::Models(other)),
                })
                .ok()
        })
        .unwrap_or_default();
    let metadata = metadata(&mut section, folder, problems);
    section.done(problems);
    AuthenticatorFiles { list, metadata }
}

/// Both keys or neither.
fn metadata(
    section: &mut Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<MetadataFiles> {
    const BLOB: &str = "the path where `matron metadata update` puts the signed file";
    if !section.has("metadata") && !section.has("metadata_root") {
        let _neither = (
            section.text("metadata", BLOB, problems),
            section.text("metadata_root", BLOB, problems),
        );
        return None;
    }
    let blob = section.required("metadata", BLOB, problems);
    let root = section.file("metadata_root", folder, problems)?;
    let blob = folder.join(blob?.value);
    let der = certificate(&root.value.bytes);
    if test_roots::is_one(&der) {
        problems.note(root.at, DevRemains::AuthenticatorRoot(root.value.path));
        return None;
    }
    if !is_certificate(&der) {
        problems.note(
            root.at,
            Fault::Contents {
                key: "metadata_root",
                path: root.value.path,
                wanted: "a certificate, PEM or DER",
            },
        );
        return None;
    }
    Some(MetadataFiles { blob, root: der })
}

fn is_certificate(der: &[u8]) -> bool {
    webpki::anchor_from_trusted_cert(&rustls_pki_types::CertificateDer::from(der)).is_ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::{ARC, GOOD, folder};
    use super::super::{Config, Fault};
    use super::*;

    /// What a house would have to say to trust the keys that a browser makes for tests.
    const TEST_ROOT: &str = "[[model]]\naaguid = \"01020304-0506-0708-0102-030405060708\"\n\
        standing = \"allowed\"\nroots = [\"batch.pem\"]\n";

    fn with(section: &str, folder: &Path) -> Result<Config, Vec<super::super::Problem>> {
        Config::parse(&format!("{GOOD}\n[authenticators]\n{section}"), folder)
    }

    fn certificate_named(common: &str, organisation: &str) -> String {
        let mut made = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let name = &mut made.distinguished_name;
        name.push(rcgen::DnType::CommonName, common);
        name.push(rcgen::DnType::OrganizationName, organisation);
        let key = rcgen::KeyPair::generate().unwrap();
        made.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn roots_of_authenticators_for_tests_are_refused_in_production() {
        let folder = folder(ARC);
        let at = folder.path();
        fs::write(at.join("models.toml"), TEST_ROOT).unwrap();
        for (common, organisation, trusted) in [
            ("Batch Certificate", "Chromium", false),
            ("Batch Certificate", "Example Keys", false),
            ("Example Root", "Chromium", false),
            ("Example Root", "Example Keys", true),
        ] {
            let root = certificate_named(common, organisation);
            fs::write(at.join("batch.pem"), &root).unwrap();
            let faults = with("models = \"models.toml\"", at)
                .err()
                .unwrap_or_default();
            let is_refused = |problem: &super::super::Problem| {
                matches!(problem.fault, Fault::Dev(DevRemains::AuthenticatorRoot(_)))
            };
            assert_eq!(
                faults.is_empty(),
                trusted,
                "{common}, {organisation}: {faults:?}"
            );
            assert!(faults.iter().all(is_refused), "{faults:?}");
            let section = "metadata = \"blob.jwt\"\nmetadata_root = \"batch.pem\"";
            assert_eq!(
                with(section, at).is_ok(),
                trusted,
                "{common}, {organisation}"
            );
        }
    }

    #[test]
    fn a_list_with_a_mistake_is_named_with_its_line() {
        let folder = folder(ARC);
        let at = folder.path();
        for (list, said) in [
            ("allow = \"FIDO_CERTIFIED_L9\"", "unknown variant"),
            (
                "[[model]]\naaguid = \"2fc0579f\"\nstanding = \"known\"",
                "no AAGUID",
            ),
            ("[[model]]\naaguid = \"x\"", "missing field"),
            ("allowed = true", "unknown field"),
            (
                "[[model]]\naaguid = \"2fc0579f-8113-47ea-b116-bb5a8db9202a\"\nstanding = \"known\"\nroots = [\"none.pem\"]",
                "cannot be read",
            ),
            ("[[maker]]\nroot = \"models.toml\"", "no certificate"),
            ("[[group]]\nattestation = true", "a group needs"),
            ("[[group]]\nroles = [\"S8000\"]", "a group needs"),
            (
                "[[group]]\nroles = [\"R8000\"]\nattestation = true",
                "R8000: roles are written as",
            ),
            (
                "[[group]]\ndesk = [\"chief\"]\nattestation = true",
                "the parts are ra_manager",
            ),
            (
                "[[group]]\ndesk = [\"sponsor\"]\nallow = [\"2f\"]",
                "no AAGUID",
            ),
            ("[[group]]\nrole = [\"S8000\"]", "unknown field"),
        ] {
            fs::write(at.join("models.toml"), list).unwrap();
            let faults = with("models = \"models.toml\"", at).unwrap_err();
            let words = faults.iter().map(ToString::to_string).collect::<String>();
            assert!(words.contains(said), "{list}: {words}");
            assert_eq!(faults.len(), 1, "{words}");
        }
        let half = with("metadata = \"blob.jwt\"", at).unwrap_err();
        assert!(half.first().unwrap().to_string().contains("metadata_root"));
    }
}
