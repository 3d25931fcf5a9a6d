//! OpenSSL as the judge of chains, lists and constraints.

use std::sync::Arc;

use ca::crl::{self, CrlContents, Revoked};
use ca::keys::{Algorithm, FileKey, SigningKey};
use ca::profile::ServerNames;
use ca::request::SubjectKey;
use ca::{Issuer, Publishing, ceremony};
use policies::card::{KeyRole, RevocationReason};
use policies::permit::Validity;
use policies::time::Span;

use crate::support::{NOW, OpenSsl, World, fresh_key, publishing, since_twelve_years, world};

const CERTIFICATE: &str = "CERTIFICATE";

/// Writes the chain, and gives the common part of every `verify`.
fn chain(openssl: &OpenSsl, world: &World) -> String {
    openssl.write_pem("root.pem", CERTIFICATE, world.root.der());
    openssl.write_pem("issuing.pem", CERTIFICATE, world.issuing().der());
    let at = NOW.unix() + 60;
    format!("verify -x509_strict -CAfile root.pem -untrusted issuing.pem -attime {at}")
}

fn list(issuer: &Issuer, entries: &[Revoked], distribution_point: Option<String>) -> Vec<u8> {
    let contents = CrlContents {
        number: 1,
        this_update: NOW,
        next_update: NOW.plus(Span::days(7)),
        entries,
        distribution_point,
    };
    crl::build(issuer, &contents).unwrap()
}

#[test]
fn both_certificates_of_a_card_stand_under_strict_rules() {
    let Some(openssl) = OpenSsl::find("chains of cards") else {
        return;
    };
    let world = world();
    let verify = chain(&openssl, &world);
    let keys = vec![
        (KeyRole::Authentication, fresh_key()),
        (KeyRole::Signature, fresh_key()),
    ];
    let set = world.issue(keys);
    openssl.write_pem("auth.pem", CERTIFICATE, set[0].der());
    openssl.write_pem("sign.pem", CERTIFICATE, set[1].der());
    openssl.succeed(&format!("{verify} -purpose sslclient auth.pem"));
    openssl.succeed(&format!("{verify} -purpose smimesign sign.pem"));
    openssl.fail(
        &format!("{verify} -purpose sslclient sign.pem"),
        "unsuitable certificate purpose",
    );
    openssl.fail(
        &format!("{verify} -purpose sslserver auth.pem"),
        "unsuitable certificate purpose",
    );
    let policy = "-explicit_policy -policy 1.3.6.1.4.1.32473.1.1";
    openssl.succeed(&format!("{verify} {policy}.3 auth.pem"));
    openssl.fail(&format!("{verify} {policy}.1 auth.pem"), "policy");
    openssl.succeed(&format!("{verify} {policy}.4 sign.pem"));
}

#[test]
fn a_card_of_rsa_or_p384_stands_too() {
    let Some(openssl) = OpenSsl::find("cards with other keys") else {
        return;
    };
    let world = world();
    let verify = chain(&openssl, &world);
    for (name, kind) in [("rsa", "rsa:2048"), ("rsa3072", "rsa:3072")] {
        openssl.succeed(&format!(
            "req -new -newkey {kind} -nodes -keyout {name}.key -subj /CN=x -outform DER -out {name}.csr"
        ));
        let key = ca::request::verify_csr(&openssl.read(format!("{name}.csr")), None).unwrap();
        let set = world.issue(vec![(KeyRole::Authentication, key)]);
        openssl.write_pem("card.pem", CERTIFICATE, set[0].der());
        openssl.succeed(&format!("{verify} -purpose sslclient card.pem"));
    }
    let key = FileKey::generate(Algorithm::P384).unwrap();
    let key = SubjectKey::from_spki(key.spki_der()).unwrap();
    let set = world.issue(vec![(KeyRole::Authentication, key)]);
    openssl.write_pem("card.pem", CERTIFICATE, set[0].der());
    openssl.succeed(&format!("{verify} -purpose sslclient card.pem"));
}

#[test]
fn a_revoked_card_is_refused_and_its_neighbour_is_not() {
    let Some(openssl) = OpenSsl::find("revocation lists") else {
        return;
    };
    let world = world();
    let verify = chain(&openssl, &world);
    let (revoked, neighbour) = (world.card(), world.card());
    openssl.write_pem("revoked.pem", CERTIFICATE, revoked.der());
    openssl.write_pem("neighbour.pem", CERTIFICATE, neighbour.der());
    let entry = Revoked {
        serial: revoked.serial().clone(),
        at: NOW,
        reason: RevocationReason::KeyCompromise,
    };
    let full = list(world.issuing(), std::slice::from_ref(&entry), None);
    openssl.write_pem("full.pem", "X509 CRL", &full);
    let check = format!("{verify} -crl_check -CRLfile full.pem");
    openssl.fail(&format!("{check} revoked.pem"), "certificate revoked");
    openssl.succeed(&format!("{check} neighbour.pem"));

    // The root's own empty list makes the whole chain checkable.
    openssl.write_pem("rootlist.pem", "X509 CRL", &list(&world.root, &[], None));
    let check = format!("{verify} -crl_check_all -CRLfile full.pem -CRLfile rootlist.pem");
    openssl.succeed(&format!("{check} neighbour.pem"));

    let shard = Publishing::shard_of(revoked.serial());
    let url = |shard| Some(publishing().shard_url(shard));
    let check = format!("{verify} -crl_check -CRLfile shard.pem revoked.pem");
    openssl.write_pem(
        "shard.pem",
        "X509 CRL",
        &list(world.issuing(), &[entry], url(shard)),
    );
    openssl.fail(&check, "certificate revoked");
    let empty = list(world.issuing(), &[], url(shard));
    openssl.write_pem("shard.pem", "X509 CRL", &empty);
    openssl.succeed(&check);
    let other = list(world.issuing(), &[], url((shard + 1) % Publishing::SHARDS));
    openssl.write_pem("shard.pem", "X509 CRL", &other);
    openssl.fail(&check, "different CRL scope");
}

#[test]
fn a_list_reads_as_it_was_meant() {
    let Some(openssl) = OpenSsl::find("the text of lists") else {
        return;
    };
    let world = world();
    let entry = Revoked {
        serial: "40aabbcc".parse().unwrap(),
        at: NOW,
        reason: RevocationReason::CessationOfOperation,
    };
    let url = publishing().shard_url(9);
    openssl.write(
        "list.der",
        &list(world.issuing(), &[entry], Some(url.clone())),
    );
    let text = openssl.succeed("crl -inform DER -in list.der -noout -text");
    for words in [
        "40AABBCC",
        "Cessation Of Operation",
        "Only User Certificates",
        url.as_str(),
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(
        text.contains("X509v3 Issuing Distribution Point: critical"),
        "{text}"
    );
    openssl.write("empty.der", &list(world.issuing(), &[], None));
    let text = openssl.succeed("crl -inform DER -in empty.der -noout -text");
    assert!(text.contains("No Revoked Certificates."), "{text}");
}

#[test]
fn not_even_a_stolen_issuing_key_makes_a_server_or_another_organisation() {
    let Some(openssl) = OpenSsl::find("name constraints of the issuing authority") else {
        return;
    };
    let world = world();
    let verify = chain(&openssl, &world);
    openssl.write(
        "issuing.key",
        world.issuing_key.to_pem().unwrap().as_bytes(),
    );
    let forge = |subject: &str, names: &str| {
        let extensions = format!("subjectAltName={names}\nauthorityKeyIdentifier=keyid\n");
        openssl.write("forged.cnf", extensions.as_bytes());
        openssl.succeed(&format!(
            "req -new -newkey rsa:2048 -nodes -keyout forged.key -subj {subject} -out forged.csr"
        ));
        openssl.succeed(
            "x509 -req -in forged.csr -CA issuing.pem -CAkey issuing.key -days 30 \
             -set_serial 0x40aa -extfile forged.cnf -out forged.pem",
        );
    };
    // OpenSSL dates what it signs by the machine's clock.
    let verify = verify.replace(&format!("-attime {}", NOW.unix() + 60), "");
    forge("/C=GB/O=DEMO_Trust", "DNS:id.example");
    openssl.fail(&format!("{verify} forged.pem"), "subtree violation");
    forge("/C=GB/O=Elsewhere", "email:someone@cards.example");
    openssl.fail(
        &format!("{verify} forged.pem"),
        "permitted subtree violation",
    );
}

#[test]
fn the_development_pair_serves_this_machine_and_no_other() {
    let Some(openssl) = OpenSsl::find("the development pair for TLS") else {
        return;
    };
    let publishing = publishing();
    let dates = since_twelve_years(45);
    let key = Arc::new(FileKey::generate(Algorithm::P256).unwrap());
    let root = ceremony::make_tls_root(&publishing, "DEMO TLS Root", key, dates).unwrap();
    let key = Arc::new(FileKey::generate(Algorithm::P256).unwrap());
    let issuing =
        ceremony::make_tls_issuing(&root, &publishing, "DEMO TLS Issuing", key, dates).unwrap();
    openssl.write_pem("root.pem", CERTIFICATE, root.der());
    openssl.write_pem("issuing.pem", CERTIFICATE, issuing.der());
    let not_after = NOW.plus(Span::days(90)).minus(Span::seconds(1));
    let validity = Validity {
        not_before: NOW,
        not_after,
    };
    let serve = |dns: &[&str], address: &str| {
        let dns = dns.iter().map(ToString::to_string).collect();
        let names = ServerNames::new(dns, vec![address.parse().unwrap()]).unwrap();
        let der = ceremony::issue_server_certificate(
            &issuing,
            &publishing,
            &names,
            &fresh_key(),
            validity,
        );
        openssl.write_pem("server.pem", CERTIFICATE, &der.unwrap());
    };
    let at = NOW.unix() + 60;
    let verify = format!(
        "verify -x509_strict -CAfile root.pem -untrusted issuing.pem -attime {at} \
         -purpose sslserver"
    );
    serve(&["localhost", "card.localhost"], "127.0.0.1");
    openssl.succeed(&format!("{verify} -verify_hostname localhost server.pem"));
    openssl.succeed(&format!(
        "{verify} -verify_hostname card.localhost server.pem"
    ));
    openssl.succeed(&format!("{verify} -verify_ip 127.0.0.1 server.pem"));
    serve(&["id.example"], "127.0.0.1");
    openssl.fail(
        &format!("{verify} server.pem"),
        "permitted subtree violation",
    );
    serve(&["localhost"], "127.0.0.2");
    openssl.fail(
        &format!("{verify} server.pem"),
        "permitted subtree violation",
    );
    serve(&["localhost"], "::1");
    openssl.fail(&format!("{verify} server.pem"), "subtree violation");
}
