//! What `serve` refuses because it belongs to `matron dev`: a clock file, dev certificates, keys
//! that lie in a dev folder, and the arc set aside for documentation (decision 17, contract 1).

use std::path::Path;

use ca::publishing::is_development_certificate;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;

use super::problem::{DevRemains, Problems};
use super::section::{File, Found};

/// The arc of RFC 5612 that no real authority owns.
const DOCUMENTATION_ARC: &str = "1.3.6.1.4.1.32473";
/// The file by which a folder of `matron dev` is known (contract 3).
const DEV_MANIFEST: &str = "dev.json";
/// The file that dev's clock follows (contract 3).
const CLOCK_FILE: &str = "clock";

/// A clock file beside the configuration.
pub(super) fn clock_file(folder: &Path, problems: &mut Problems) {
    let file = folder.join(CLOCK_FILE);
    if file.exists() {
        problems.note(0, DevRemains::ClockFile(file));
    }
}

/// Certificates that a dev PKI has made.
pub(super) fn certificate(file: &Found<File>, problems: &mut Problems) {
    let mut certificates = CertificateDer::pem_slice_iter(&file.value.bytes).flatten();
    // A file that is no certificate of X.509 is reported where it is read.
    let marked = certificates.any(|der| is_development_certificate(&der).unwrap_or(false));
    if marked || lies_in_dev_folder(&file.value.path) {
        problems.note(file.at, DevRemains::Certificate(file.value.path.clone()));
    }
}

/// Keys that lie in a dev folder.
pub(super) fn key(file: &Found<File>, problems: &mut Problems) {
    if lies_in_dev_folder(&file.value.path) {
        problems.note(file.at, DevRemains::Key(file.value.path.clone()));
    }
}

/// A policy arc under the one for documentation.
pub(super) fn documentation_arc(arc: &str, at: usize, problems: &mut Problems) {
    let rest = arc.strip_prefix(DOCUMENTATION_ARC);
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.')) {
        problems.note(at, DevRemains::DocumentationArc);
    }
}

/// Dev keeps its PKI one folder below its manifest; a deeper copy counts as well.
fn lies_in_dev_folder(file: &Path) -> bool {
    let real = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    real.ancestors()
        .skip(1)
        .take(3)
        .any(|folder| folder.join(DEV_MANIFEST).exists())
}
