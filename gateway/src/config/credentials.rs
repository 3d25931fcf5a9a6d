//! Certificates and keys that a configuration names: read, decoded, and refused when they come
//! from a dev PKI (design rule 30).

use std::path::Path;
use std::sync::Arc;

use ca::issuer::Issuer;
use ca::keys::FileKey;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};
use zeroize::Zeroizing;

use super::IssuerFiles;
use super::problem::{Fault, Problems};
use super::remains;
use super::section::{File, Found, Section};
use crate::door::tls::Credentials;

/// The chain and key of one listener.
pub(super) fn server(
    section: &mut Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<Credentials> {
    let chain = section
        .file("certificate", folder, problems)
        .and_then(|file| Some((chain_in(&file, problems)?, file)));
    let key = section
        .file("key", folder, problems)
        .and_then(|file| Some((private_key_in(&file, problems)?, file)));
    let ((chain, certificate), (key, key_file)) = (chain?, key?);
    let credentials = Credentials { chain, key };
    if !credentials.belong_together() {
        problems.note(key_file.at, foreign_key(&key_file, &certificate));
        return None;
    }
    Some(credentials)
}

fn chain_in(file: &Found<File>, problems: &mut Problems) -> Option<Vec<CertificateDer<'static>>> {
    remains::certificate(file, problems);
    let chain = CertificateDer::pem_slice_iter(&file.value.bytes).collect::<Result<Vec<_>, _>>();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    if chain.is_none() {
        let fault = contents("certificate", file, "a PEM certificate chain");
        problems.note(file.at, fault);
    }
    chain
}

fn private_key_in(file: &Found<File>, problems: &mut Problems) -> Option<PrivateKeyDer<'static>> {
    remains::key(file, problems);
    let key = PrivateKeyDer::from_pem_slice(&file.value.bytes).ok();
    if key.is_none() {
        problems.note(file.at, contents("key", file, "a PEM private key"));
    }
    key
}

/// One `[[authority.issuer]]`.
pub(super) fn issuer(
    mut section: Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<IssuerFiles> {
    let certificate = section
        .file("certificate", folder, problems)
        .and_then(|file| Some((certificate_in("certificate", &file, problems)?, file)));
    let key = section
        .file("key", folder, problems)
        .and_then(|file| Some((issuing_key_in(&file, problems)?, file)));
    section.done(problems);
    let ((certificate, certificate_file), (key, key_file)) = (certificate?, key?);
    if Issuer::new(certificate.to_vec(), Arc::new(key)).is_err() {
        problems.note(key_file.at, foreign_key(&key_file, &certificate_file));
        return None;
    }
    Some(IssuerFiles {
        certificate,
        key: key_file.value.bytes,
    })
}

fn issuing_key_in(file: &Found<File>, problems: &mut Problems) -> Option<FileKey> {
    remains::key(file, problems);
    let text = std::str::from_utf8(&file.value.bytes).ok();
    let key = text.and_then(|pem| FileKey::from_pem(pem).ok());
    if key.is_none() {
        const WANTED: &str = "a P-256 or P-384 private key in PKCS#8 PEM";
        problems.note(file.at, contents("key", file, WANTED));
    }
    key
}

/// The key of `[audit]`, as PKCS#8 DER.
pub(super) fn checkpoint_key(
    mut section: Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<Zeroizing<Vec<u8>>> {
    let file = section.file("checkpoint_key", folder, problems);
    section.done(problems);
    let file = file?;
    remains::key(&file, problems);
    let key = PrivatePkcs8KeyDer::from_pem_slice(&file.value.bytes).ok();
    if key.is_none() {
        problems.note(
            file.at,
            contents("checkpoint_key", &file, "a PKCS#8 PEM private key"),
        );
    }
    key.map(|key| Zeroizing::new(key.secret_pkcs8_der().to_vec()))
}

/// A file with one certificate.
pub(super) fn certificate(
    section: &mut Section<'_>,
    key: &'static str,
    folder: &Path,
    problems: &mut Problems,
) -> Option<CertificateDer<'static>> {
    let file = section.file(key, folder, problems)?;
    certificate_in(key, &file, problems)
}

fn certificate_in(
    key: &'static str,
    file: &Found<File>,
    problems: &mut Problems,
) -> Option<CertificateDer<'static>> {
    remains::certificate(file, problems);
    let certificate = CertificateDer::from_pem_slice(&file.value.bytes).ok();
    if certificate.is_none() {
        problems.note(file.at, contents(key, file, "a PEM certificate"));
    }
    certificate
}

/// The root's revocation list: the issuing certificates name its address, the root signs it offline.
pub(super) fn root_list(
    section: &mut Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Option<CertificateRevocationListDer<'static>> {
    const KEY: &str = "root_list";
    let file = section.optional_file(KEY, folder, problems)?;
    let list = CertificateRevocationListDer::from_pem_slice(&file.value.bytes).ok();
    if list.is_none() {
        problems.note(file.at, contents(KEY, &file, "a PEM revocation list"));
    }
    list
}

fn contents(key: &'static str, file: &Found<File>, wanted: &'static str) -> Fault {
    Fault::Contents {
        key,
        path: file.value.path.clone(),
        wanted,
    }
}

fn foreign_key(key: &Found<File>, certificate: &Found<File>) -> Fault {
    Fault::ForeignKey {
        path: key.value.path.clone(),
        certificate: certificate.value.path.clone(),
    }
}
