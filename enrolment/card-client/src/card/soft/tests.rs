use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::certificate::{digest, is_signed_by};

/// A self-signed certificate for a key of the card, which signs it through the trait.
fn certificate_for(key: &PublicKey, signs_in: bool) -> Vec<u8> {
    struct Remote(Vec<u8>);
    impl rcgen::PublicKeyData for Remote {
        fn der_bytes(&self) -> &[u8] {
            &self.0
        }
        fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
            &rcgen::PKCS_ECDSA_P256_SHA256
        }
    }
    let issuer_key = rcgen::KeyPair::generate().expect("a key");
    let issuer = rcgen::Issuer::new(rcgen::CertificateParams::default(), issuer_key);
    let mut params = rcgen::CertificateParams::default();
    if signs_in {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    }
    let remote = Remote(key.point().to_vec());
    let certificate = params.signed_by(&remote, &issuer).expect("a certificate");
    certificate.der().to_vec()
}

fn pem_card(folder: &TempDir) -> SoftCard {
    let layout = Layout::Pem {
        certificate: folder.path().join("amara-auth.pem"),
        key: folder.path().join("amara-auth.key"),
    };
    SoftCard::open(layout, None).expect("a card")
}

/// Fills the pending place; gives the certificates.
fn fill(card: &mut SoftCard) -> Vec<Vec<u8>> {
    ROLES
        .iter()
        .map(|role| {
            let key = card.generate(*role).expect("a key");
            let der = certificate_for(&key, *role == KeyRole::Authentication);
            card.write_certificate(*role, &der).expect("written");
            der
        })
        .collect()
}

fn current(card: &mut SoftCard) -> Vec<Option<Vec<u8>>> {
    ROLES
        .iter()
        .map(|role| card.certificate(Place::Current, *role).expect("read"))
        .collect()
}

#[test]
fn a_new_set_waits_beside_the_old_one_and_then_takes_its_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut card = pem_card(&folder);
    let first = fill(&mut card);
    assert_eq!(current(&mut card), [None, None]);
    card.promote().expect("promoted");
    let set: Vec<_> = first.into_iter().map(Some).collect();
    assert_eq!(current(&mut card), set);

    fill(&mut card);
    assert_eq!(current(&mut card), set, "the old one is untouched");
    card.discard().expect("discarded");
    card.promote().expect("nothing to do");
    assert_eq!(current(&mut pem_card(&folder)), set);
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 4, "two certificates, two keys, nothing else");
}

#[test]
fn a_swap_is_finished_by_whoever_opens_the_card_next() {
    // Killed after each of the renames: the marker stands, some files have their names, some not.
    for done in 0..=4 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut card = pem_card(&folder);
        fill(&mut card);
        card.promote().expect("promoted");
        let second: Vec<_> = fill(&mut card).into_iter().map(Some).collect();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("amara-auth.pem.swap"), "").expect("a marker");
        let names = [
            "amara-sign.key",
            "amara-sign.pem",
            "amara-auth.key",
            "amara-auth.pem",
        ];
        for name in names.iter().take(done) {
            std::fs::rename(path(&format!("{name}.pending")), path(name)).expect("renamed");
        }
        let mut card = pem_card(&folder);
        assert_eq!(current(&mut card), second, "after {done} renames");
        assert!(!path("amara-auth.pem.swap").exists());
        let digest = digest(b"x");
        let role = KeyRole::Authentication;
        let signature = card
            .sign(Place::Current, role, digest.as_ref())
            .expect("signed");
        let read = certificate::Read::from_der(second[0].as_ref().expect("one")).expect("read");
        assert!(is_signed_by(&read.key, digest.as_ref(), &signature));
    }
}

#[test]
fn a_certificate_never_stands_beside_another_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut card = pem_card(&folder);
    let [authentication, _] = fill(&mut card).try_into().expect("two");
    card.generate(KeyRole::Authentication).expect("a key");
    let role = KeyRole::Authentication;
    assert_eq!(card.certificate(Place::Pending, role).expect("read"), None);
    assert!(card.write_certificate(role, &authentication).is_err());
    assert!(matches!(card.promote(), Err(CardError::Missing { .. })));
}

#[test]
fn a_pkcs12_keeps_its_keys_locked_also_while_they_wait() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("amara.p12");
    let secret = |text: &str| Zeroizing::new(text.to_owned());
    let open = || SoftCard::open(Layout::Pkcs12(path.clone()), None).expect("a card");
    let mut card = open();
    card.unlock(&secret("first password"))
        .expect("a new card takes any");
    let set: Vec<_> = fill(&mut card).into_iter().map(Some).collect();
    let waiting = std::fs::read(folder.path().join("amara.p12.pending")).expect("pending");
    assert!(Pair::from_pkcs12(&waiting, &secret("other")).is_err());
    card.promote().expect("promoted");
    assert_eq!(current(&mut card), set);
    let (old, new) = (secret("first password"), secret("second password"));
    card.change_passcode(&old, &new).expect("changed");
    assert!(matches!(open().unlock(&old), Err(CardError::Passcode(_))));
    let mut card = open();
    card.unlock(&new).expect("unlocked");
    assert_eq!(current(&mut card), set);
}

#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().expect("a folder");
    let mut card = pem_card(&folder);
    fill(&mut card);
    card.promote().expect("promoted");
    let mode = |name: &str| {
        let metadata = std::fs::metadata(folder.path().join(name)).expect("a file");
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(
        (mode("amara-auth.key"), mode("amara-sign.key")),
        (0o600, 0o600)
    );
}
