//! Requests made by OpenSSL, honest and hostile.

use ca::request::{KeyKind, KeyProblem, RequestError, verify_csr};
use policies::card::KeyRole;

use crate::support::{OpenSsl, USER_ID, world};

/// A request made with these options.
fn request(openssl: &OpenSsl, options: &str) -> Vec<u8> {
    openssl.succeed(&format!(
        "req -new -nodes -keyout k.pem -out c.pem {options}"
    ));
    openssl.read("c.pem")
}

const P256: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /CN=x";
const P384: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-384 -subj /CN=x";

#[test]
fn nothing_of_a_request_but_its_key_gets_into_a_certificate() {
    let Some(openssl) = OpenSsl::find("greedy requests") else {
        return;
    };
    let greedy = request(
        &openssl,
        "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -subj /C=ZZ/O=Evil/CN=999999999999 \
         -addext subjectAltName=DNS:evil.example,email:evil@evil.example \
         -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign \
         -addext extendedKeyUsage=serverAuth -addext certificatePolicies=2.5.29.32.0",
    );
    let key = verify_csr(&greedy, None).unwrap();
    let card = world()
        .issue(vec![(KeyRole::Authentication, key)])
        .remove(0);
    openssl.write("card.der", card.der());
    let text = openssl.succeed("x509 -inform DER -in card.der -noout -text");
    for word in [
        "Evil",
        "evil",
        "ZZ",
        "999999999999",
        "CA:TRUE",
        "Certificate Sign",
        "Server",
    ] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    assert!(
        text.contains(&format!("CN = {USER_ID}, serialNumber = {USER_ID}")),
        "{text}"
    );
}

#[test]
fn digests_and_keys_are_taken_as_they_come_or_refused() {
    let Some(openssl) = OpenSsl::find("digests and kinds of keys") else {
        return;
    };
    let kind = |options: &str| verify_csr(&request(&openssl, options), None).map(|key| key.kind());
    assert_eq!(kind(&format!("{P256} -sha256")), Ok(KeyKind::P256));
    assert_eq!(kind(&format!("{P256} -sha384")), Ok(KeyKind::P256));
    // The case in which a certificate once got the curve of the digest.
    assert_eq!(kind(&format!("{P384} -sha256")), Ok(KeyKind::P384));
    assert_eq!(kind(&format!("{P384} -sha384")), Ok(KeyKind::P384));
    assert_eq!(
        kind("-newkey rsa:2048 -subj /CN=x -sha256"),
        Ok(KeyKind::Rsa(2048))
    );
    // PSS as cards do it, with a salt as long as the digest (RFC 4055 3.1).
    let pss = "-newkey rsa:2048 -subj /CN=x -sha256 \
               -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    assert_eq!(kind(pss), Ok(KeyKind::Rsa(2048)));

    let algorithm = Err(RequestError::SignatureAlgorithm);
    assert_eq!(kind(&format!("{P256} -sha1")), algorithm);
    assert_eq!(kind("-newkey rsa:2048 -subj /CN=x -sha1"), algorithm);
    let key = |problem| Err(RequestError::Key(problem));
    assert_eq!(
        kind("-newkey rsa:1024 -subj /CN=x -sha256"),
        key(KeyProblem::Size)
    );
    assert_eq!(kind("-newkey ed25519 -subj /CN=x"), key(KeyProblem::Kind));
    let other_curve = "-newkey ec -pkeyopt ec_paramgen_curve:P-521 -subj /CN=x";
    assert_eq!(kind(other_curve), key(KeyProblem::Kind));
    let spelt_out = format!("{P256} -pkeyopt ec_param_enc:explicit");
    assert_eq!(kind(&spelt_out), key(KeyProblem::Kind));
}

#[test]
fn the_nonce_of_a_card_tool_is_understood() {
    let Some(openssl) = OpenSsl::find("challenge passwords") else {
        return;
    };
    let configuration = "[req]\ndistinguished_name=dn\nattributes=at\nprompt=no\n\
                         [dn]\nCN=x\n[at]\nchallengePassword=0123456789abcdef\n";
    openssl.write("req.cnf", configuration.as_bytes());
    let options = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -config req.cnf";
    let request = request(&openssl, options);
    assert!(verify_csr(&request, Some("0123456789abcdef")).is_ok());
    assert_eq!(
        verify_csr(&request, Some("another")),
        Err(RequestError::NonceWrong)
    );
}
