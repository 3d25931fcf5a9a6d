//! What the tests of this room share: a small hierarchy, keys, and certificates to be spoilt.

use std::str::FromStr;
use std::sync::Arc;

use der::asn1::{Any, ObjectIdentifier};
use der::{Decode, Encode};
use policies::card::KeyRole;
use policies::ids::{CardNumber, Serial, UserId};
use policies::permit::Validity;
use policies::time::{Span, Time};
use ring::rand::SystemRandom;
use x509_cert::ext::{Extension, Extensions};
use x509_cert::name::Name;

use crate::asn1::TbsCertificate;
use crate::authority::{Authority, PreparedCertificate, Reserved};
use crate::ceremony;
use crate::error::CaError;
use crate::issuer::{Issuer, IssuerFacts};
use crate::keys::{Algorithm, FileKey, SigningKey, key_identifier};
use crate::lint;
use crate::profile::{self, Draft, Holder, Kind, ServerNames};
use crate::publishing::{Assurance, Publishing, PublishingFacts};
use crate::request::SubjectKey;

/// The instant of the tests: 2026-11-22T09:00:00Z.
pub(crate) const NOW: Time = Time::from_unix(1_795_338_000);

pub(crate) const USER_ID: &str = "555012345678";

pub(crate) fn publishing_facts() -> PublishingFacts {
    PublishingFacts {
        pki_url: "http://pki.example".into(),
        country: "GB".into(),
        organisation: "DEMO Trust".into(),
        upn_realm: "cards.example".into(),
        policy_arc: "1.3.6.1.4.1.32473".into(),
        assurance: Assurance::Software,
    }
}

pub(crate) fn publishing() -> Publishing {
    Publishing::new(publishing_facts()).unwrap()
}

/// From `NOW` plus some years (of 365 days) for some days.
pub(crate) fn days(from_year: i64, days: i64) -> Validity {
    let not_before = NOW.plus(Span::days(from_year * 365));
    let not_after = not_before.plus(Span::days(days)).minus(Span::seconds(1));
    Validity {
        not_before,
        not_after,
    }
}

/// The validity of a card's certificate.
pub(crate) fn card_validity() -> Validity {
    days(0, 1096)
}

pub(crate) fn file_key(algorithm: Algorithm) -> Arc<dyn SigningKey> {
    Arc::new(FileKey::generate(algorithm).unwrap())
}

pub(crate) fn root() -> Issuer {
    let key = file_key(Algorithm::P384);
    ceremony::make_root(&publishing(), "DEMO Card Root", key, days(-12, 60 * 365)).unwrap()
}

pub(crate) fn issuing_under(root: &Issuer, key: Arc<dyn SigningKey>) -> Issuer {
    let dates = days(-12, 45 * 365);
    ceremony::make_issuing(root, &publishing(), "DEMO Card Issuing 1", key, dates).unwrap()
}

pub(crate) fn issuing() -> Issuer {
    issuing_under(&root(), file_key(Algorithm::P256))
}

pub(crate) fn authority_of(issuer: Issuer) -> Authority {
    Authority::new(vec![issuer], publishing()).unwrap()
}

pub(crate) fn authority() -> Authority {
    authority_of(issuing())
}

/// A holder's key, as it comes out of a request.
pub(crate) fn subject_key() -> SubjectKey {
    SubjectKey::from_spki(file_key(Algorithm::P256).spki_der()).unwrap()
}

/// What would be recorded for one card.
pub(crate) fn prepared(authority: &Authority, roles: &[KeyRole]) -> Vec<PreparedCertificate> {
    let user_id = UserId::from_str(USER_ID).unwrap();
    let card = CardNumber::from_str("9000000000000001").unwrap();
    let holder = Holder {
        user_id: &user_id,
        card: &card,
    };
    let keys: Vec<_> = roles.iter().map(|role| (*role, subject_key())).collect();
    authority
        .prepare_set(&holder, card_validity(), &keys)
        .unwrap()
}

/// Recorded certificates of one card, not signed.
pub(crate) fn reserved(authority: &Authority, roles: &[KeyRole]) -> Vec<Reserved> {
    let prepared = prepared(authority, roles);
    prepared
        .iter()
        .map(PreparedCertificate::to_reserved)
        .collect()
}

/// A finished certificate of one card.
pub(crate) fn certificate(authority: &Authority, role: KeyRole) -> Vec<u8> {
    let reserved = reserved(authority, &[role]);
    authority.sign(&reserved[0]).unwrap().der().to_vec()
}

/// The lints that a certificate of `kind` breaks after it was spoilt.
pub(crate) fn findings(kind: Kind, spoil: impl Fn(&mut TbsCertificate)) -> Vec<&'static str> {
    let (mut tbs, issuer) = specimen(kind);
    spoil(&mut tbs);
    let rehearsal = FileKey::generate(issuer.algorithm).unwrap();
    let der = tbs.to_der().unwrap();
    match lint::rehearse_with(&der, kind, &issuer, &rehearsal, &publishing()) {
        Ok(()) => Vec::new(),
        Err(CaError::Lint(findings)) => findings.iter().map(|finding| finding.lint).collect(),
        Err(other) => panic!("not a finding: {other}"),
    }
}

/// A good certificate of every kind, and the issuer it names.
fn specimen(kind: Kind) -> (TbsCertificate, IssuerFacts) {
    let publishing = publishing();
    let serial = profile::fresh_serial(&SystemRandom::new()).unwrap();
    let own_key = file_key(Algorithm::P256);
    let issuer_key = if kind.is_root() {
        own_key.clone()
    } else {
        file_key(Algorithm::P256)
    };
    let issuer = IssuerFacts {
        name: name("CN=Issuer,O=DEMO Trust,C=GB"),
        key_identifier: key_identifier(issuer_key.spki_der()).unwrap(),
        algorithm: Algorithm::P256,
        validity: days(-12, 45 * 365),
    };
    let (subject, extensions) = parts(kind, &serial, &publishing);
    let draft = Draft {
        serial: &serial,
        issuer: &issuer,
        validity: days(0, 90),
        subject,
        spki_der: own_key.spki_der(),
        extensions,
    };
    (
        TbsCertificate::from_der(&draft.write().unwrap()).unwrap(),
        issuer,
    )
}

fn parts(kind: Kind, serial: &Serial, publishing: &Publishing) -> (Name, Extensions) {
    let user_id = UserId::from_str(USER_ID).unwrap();
    let card = CardNumber::from_str("9000000000000001").unwrap();
    let holder = Holder {
        user_id: &user_id,
        card: &card,
    };
    let extensions = match kind {
        Kind::CardAuthentication | Kind::CardSignature => {
            return profile::card(kind, &holder, serial, publishing).unwrap();
        }
        Kind::Issuing => profile::issuing::extensions(publishing),
        Kind::Root => profile::root::extensions(publishing),
        Kind::GatewayServer => profile::gateway_server::extensions(&server_names(), publishing),
        Kind::TlsRoot => profile::tls_root::extensions(publishing),
        Kind::TlsIssuing => profile::tls_issuing::extensions(publishing),
    };
    (name("CN=Somebody,O=DEMO Trust,C=GB"), extensions.unwrap())
}

pub(crate) fn server_names() -> ServerNames {
    let dns = vec!["localhost".into(), "id.localhost".into()];
    ServerNames::new(dns, vec!["127.0.0.1".parse().unwrap()]).unwrap()
}

/// A name, most specific part first (RFC 4514).
pub(crate) fn name(text: &str) -> Name {
    Name::from_str(text).unwrap()
}

/// Where in the certificate an extension is.
pub(crate) fn position(tbs: &TbsCertificate, oid: ObjectIdentifier) -> usize {
    let is_it = |extension: &Extension| extension.extn_id == oid;
    tbs.extensions.iter().position(is_it).unwrap()
}

/// Puts an extension in the place of the one with the same identifier.
pub(crate) fn replace(tbs: &mut TbsCertificate, extension: Extension) {
    let at = position(tbs, extension.extn_id);
    tbs.extensions[at] = extension;
}

/// A P-256 key whose point is on no curve.
pub(crate) fn point_off_the_curve() -> Any {
    let mut spki_der = file_key(Algorithm::P256).spki_der().to_vec();
    *spki_der.last_mut().unwrap() ^= 1;
    Any::from_der(&spki_der).unwrap()
}

/// A serial number from its hex digits.
pub(crate) fn serial(text: &str) -> Serial {
    text.parse().unwrap()
}
