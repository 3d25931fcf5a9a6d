//! Making authorities: the root, the issuing authority below it, the development pair for TLS,
//! and the server certificate it issues. Dates are handed in; keys come through the port.

use std::sync::Arc;

use policies::permit::Validity;
use ring::rand::SystemRandom;
use x509_cert::ext::Extensions;
use x509_cert::name::Name;

use crate::error::CaError;
use crate::issuer::{Issuer, IssuerFacts};
use crate::keys::{FileKey, SigningKey, key_identifier};
use crate::lint;
use crate::name;
use crate::profile::{self, Draft, Kind, ServerNames};
use crate::publishing::Publishing;
use crate::request::SubjectKey;
use crate::sealed;

/// Makes the root of the cards, signed by itself.
///
/// # Errors
/// [`CaError::Lint`] if the dates or the name break a rule, [`CaError::Key`] if the key fails.
pub fn make_root(
    publishing: &Publishing,
    common_name: &str,
    key: Arc<dyn SigningKey>,
    validity: Validity,
) -> Result<Issuer, CaError> {
    let extensions = profile::root::extensions(publishing)?;
    let subject = name::of_authority(publishing, common_name)?;
    self_signed(Kind::Root, (subject, extensions), key, validity, publishing)
}

/// Makes an issuing authority under `root`.
///
/// # Errors
/// [`CaError::IssuerExpiresFirst`] if the root ends before it, and those of [`make_root`].
pub fn make_issuing(
    root: &Issuer,
    publishing: &Publishing,
    common_name: &str,
    key: Arc<dyn SigningKey>,
    validity: Validity,
) -> Result<Issuer, CaError> {
    let extensions = profile::issuing::extensions(publishing)?;
    let subject = name::of_authority(publishing, common_name)?;
    let parts = (subject, extensions);
    let der = certified(
        Kind::Issuing,
        parts,
        root,
        key.spki_der(),
        validity,
        publishing,
    )?;
    Issuer::new(der, key)
}

/// Makes the development root for TLS. Its key has one use, [`make_tls_issuing`], and is to be
/// dropped after it.
///
/// # Errors
/// Those of [`make_root`].
pub fn make_tls_root(
    publishing: &Publishing,
    common_name: &str,
    key: Arc<dyn SigningKey>,
    validity: Validity,
) -> Result<Issuer, CaError> {
    let extensions = profile::tls_root::extensions(publishing)?;
    let subject = name::of_authority(publishing, common_name)?;
    self_signed(
        Kind::TlsRoot,
        (subject, extensions),
        key,
        validity,
        publishing,
    )
}

/// Makes the development issuer of TLS certificates.
///
/// # Errors
/// Those of [`make_issuing`].
pub fn make_tls_issuing(
    root: &Issuer,
    publishing: &Publishing,
    common_name: &str,
    key: Arc<dyn SigningKey>,
    validity: Validity,
) -> Result<Issuer, CaError> {
    let extensions = profile::tls_issuing::extensions(publishing)?;
    let subject = name::of_authority(publishing, common_name)?;
    let parts = (subject, extensions);
    let der = certified(
        Kind::TlsIssuing,
        parts,
        root,
        key.spki_der(),
        validity,
        publishing,
    )?;
    Issuer::new(der, key)
}

/// Issues the gateway's TLS certificate, DER. It lives at most 90 days.
///
/// # Errors
/// Those of [`make_issuing`].
pub fn issue_server_certificate(
    issuer: &Issuer,
    publishing: &Publishing,
    names: &ServerNames,
    key: &SubjectKey,
    validity: Validity,
) -> Result<Vec<u8>, CaError> {
    let extensions = profile::gateway_server::extensions(names, publishing)?;
    let subject = name::of_authority(publishing, &names.display())?;
    let parts = (subject, extensions);
    certified(
        Kind::GatewayServer,
        parts,
        issuer,
        key.spki_der(),
        validity,
        publishing,
    )
}

/// Writes, lints and signs a certificate under `issuer`.
fn certified(
    kind: Kind,
    (subject, extensions): (Name, Extensions),
    issuer: &Issuer,
    spki_der: &[u8],
    validity: Validity,
    publishing: &Publishing,
) -> Result<Vec<u8>, CaError> {
    issuer.admits(validity)?;
    let serial = profile::fresh_serial(&SystemRandom::new())?;
    let facts = issuer.facts();
    let draft = Draft {
        serial: &serial,
        issuer: facts,
        validity,
        subject,
        spki_der,
        extensions,
    };
    let tbs = draft.write()?;
    lint::rehearse(&tbs, kind, issuer, publishing)?;
    sealed::seal(issuer.key(), &tbs)
}

/// Writes, lints and signs a certificate that is its own issuer.
fn self_signed(
    kind: Kind,
    (subject, extensions): (Name, Extensions),
    key: Arc<dyn SigningKey>,
    validity: Validity,
    publishing: &Publishing,
) -> Result<Issuer, CaError> {
    let serial = profile::fresh_serial(&SystemRandom::new())?;
    let facts = IssuerFacts {
        name: subject.clone(),
        key_identifier: key_identifier(key.spki_der()).ok_or(CaError::NotAnIssuer)?,
        algorithm: key.algorithm(),
        validity,
    };
    let spki_der = key.spki_der();
    let draft = Draft {
        serial: &serial,
        issuer: &facts,
        validity,
        subject,
        spki_der,
        extensions,
    };
    let tbs = draft.write()?;
    let rehearsal = FileKey::generate(facts.algorithm)?;
    lint::rehearse_with(&tbs, kind, &facts, &rehearsal, publishing)?;
    let der = sealed::seal(key.as_ref(), &tbs)?;
    Issuer::new(der, key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Algorithm;
    use crate::publishing::is_development_certificate;
    use crate::testing;

    #[test]
    fn development_certificates_are_recognised() {
        let root = testing::root();
        assert!(is_development_certificate(root.der()).unwrap());
        let issuing = testing::issuing_under(&root, testing::file_key(Algorithm::P256));
        assert!(is_development_certificate(issuing.der()).unwrap());

        let mut facts = testing::publishing_facts();
        facts.policy_arc = "1.3.6.1.4.1.55555.7".into();
        let publishing = Publishing::new(facts).unwrap();
        let key = testing::file_key(Algorithm::P384);
        let root = make_root(&publishing, "Root", key, testing::days(0, 20 * 365)).unwrap();
        assert!(!is_development_certificate(root.der()).unwrap());
    }

    #[test]
    fn an_issuing_authority_never_outlives_its_root() {
        let root = testing::root();
        let key = testing::file_key(Algorithm::P256);
        let refused = make_issuing(
            &root,
            &testing::publishing(),
            "x",
            key,
            testing::days(0, 60 * 365),
        );
        assert!(matches!(refused, Err(CaError::IssuerExpiresFirst { .. })));
    }

    #[test]
    fn a_server_certificate_lives_ninety_days_at_most() {
        let publishing = testing::publishing();
        let key = || testing::file_key(Algorithm::P256);
        let root = make_tls_root(&publishing, "TLS root", key(), testing::days(0, 3650)).unwrap();
        let issuing =
            make_tls_issuing(&root, &publishing, "TLS", key(), testing::days(0, 3650)).unwrap();
        let names = testing::server_names();
        let server = testing::subject_key();
        let issue = |days| {
            issue_server_certificate(
                &issuing,
                &publishing,
                &names,
                &server,
                testing::days(0, days),
            )
        };
        assert!(issue(90).is_ok());
        assert!(
            matches!(issue(91), Err(CaError::Lint(findings)) if findings[0].lint == "server_lifetime")
        );
    }
}
