//! What comes in from browsers, devices and keyboards, whatever it is: each function takes any octets, hands them to
//! the reader of the house, and asks of what was accepted what a second, simpler telling of the rule says. It panics
//! where the two differ.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gateway::webauthn::{
    AuthenticationState, Challenge, LARGEST_ANSWER, Models, Newcomer, Registered,
    RegistrationState, RelyingParty, StoredKey, credential_id_of,
};
use policies::signin::Aal;
use policies::time::Time;
use policies::totp::SixDigits;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};
use url::Url;

const ORIGIN: &str = "https://id.example.org";
const HOST: &str = "id.example.org";
const CHALLENGE: [u8; 32] = [7; 32];
const CREDENTIAL: [u8; 16] = [9; 16];
const NOW: Time = Time::from_unix(1_900_000_000);

/// The base point of P-256 (FIPS 186-5, SP 800-186 3.2.1.3): a public key that everybody may know the private one of.
const POINT: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                     4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/// A whole answer, to either question: nothing made without the question is ever a sign-in, and no credential made here
/// counts as AAL3, since no maker is known here.
///
/// # Panics
/// Where one is.
pub fn answer(data: &[u8]) {
    let house = House::here();
    if let Ok(made) = house.finish(data) {
        judge(&made);
        let read: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
        assert!(data.len() <= LARGEST_ANSWER);
        assert_eq!(read["type"], "public-key");
        assert_eq!(read["rawId"], made.credential_id.to_string());
        assert_eq!(
            credential_id_of(data).expect("accepted"),
            made.credential_id
        );
    }
    // Nobody here knows the questions of this house and has its one key: whoever signs with it is a forger.
    let used = house
        .site
        .finish_authentication(&house.asked, data, &house.key);
    assert!(used.is_err(), "a signature was forged");
}

/// The statement of a device about a credential that it has made.
///
/// # Panics
/// Where it is believed more than it proves.
pub fn attestation(data: &[u8]) {
    let made = House::here().finish(&registration(&client_data_of("webauthn.create"), data));
    if let Ok(made) = made {
        judge(&made);
        // Only authenticator data of this site for this credential, by a person who was there.
        let site = digest(&SHA256, HOST.as_bytes());
        let at = find(data, site.as_ref()).expect("the site's hash");
        let flags = data[at + 32];
        assert_eq!(flags & 0x41, 0x41, "present, with a credential");
        assert!(find(&data[at..], &CREDENTIAL).is_some());
        assert_eq!(made.backup_eligible, flags & 0x08 != 0);
        assert_eq!(made.backed_up, flags & 0x10 != 0);
    }
}

/// What a browser says that it was asked, and by whom.
///
/// # Panics
/// Where an answer to another question or for another site is accepted.
pub fn client_data(data: &[u8]) {
    let Ok(made) = House::here().finish(&registration(data, &unsigned_statement())) else {
        return;
    };
    judge(&made);
    let read: Value = serde_json::from_slice(data).expect("accepted, so it is JSON");
    assert_eq!(read["type"], "webauthn.create");
    assert_eq!(read["challenge"], text(&CHALLENGE));
    assert_eq!(read["origin"], ORIGIN);
    assert_ne!(read["crossOrigin"], true);
    assert!(read["topOrigin"].is_null() || read["topOrigin"] == ORIGIN);
}

/// What is typed where six digits are asked for.
///
/// # Panics
/// Where other digits are read than stand there, or something that is neither digit nor between digits is passed over.
pub fn code_text(data: &[u8]) {
    let typed = String::from_utf8_lossy(data);
    let Some(read) = SixDigits::parse(&typed) else {
        return;
    };
    let digits: String = typed.chars().filter_map(plain_digit).collect();
    assert_eq!(read.as_str(), digits);
    assert_eq!(digits.len(), 6);
    for letter in typed
        .chars()
        .filter(|letter| plain_digit(*letter).is_none())
    {
        assert!(!letter.is_alphanumeric(), "{letter:?} was passed over");
    }
}

/// What the altering begins with, for the target of that name.
///
/// # Panics
/// If there is no target of that name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let client = client_data_of("webauthn.create");
    match target {
        "answer" => vec![registration(&client, &unsigned_statement()), signed()],
        "attestation" => vec![unsigned_statement(), own_signature(), unknown_chain()],
        "client_data" => vec![client, client_data_of("webauthn.get")],
        "code_text" => ["012345", "012 345", "\u{ff10}\u{ff11}2-3\u{2013}4\u{a0}5"]
            .map(|typed| typed.as_bytes().to_vec())
            .to_vec(),
        other => panic!("no target {other}"),
    }
}

fn judge(made: &Registered) {
    assert!(made.evidence.level() <= Aal::Aal2, "no maker is known here");
    assert!(made.model.is_none());
}

fn plain_digit(letter: char) -> Option<char> {
    match letter {
        '0'..='9' => Some(letter),
        '\u{ff10}'..='\u{ff19}' => char::from_u32(u32::from(letter) - 0xff10 + 0x30),
        _ => None,
    }
}

fn find(all: &[u8], part: &[u8]) -> Option<usize> {
    all.windows(part.len()).position(|window| window == part)
}

/// A site that knows no maker, with one registration and one sign-in under way.
struct House {
    site: RelyingParty,
    making: RegistrationState,
    asked: AuthenticationState,
    key: StoredKey,
}

impl House {
    /// The one of this process: nothing that is asked of it changes it.
    fn here() -> &'static Self {
        static HERE: LazyLock<House> = LazyLock::new(House::new);
        &HERE
    }

    fn new() -> Self {
        let issuer = Url::parse(ORIGIN).expect("a URL");
        let site = RelyingParty::new(&issuer, "Fuzz", Arc::new(Models::none())).expect("a site");
        let newcomer = Newcomer {
            user_handle: &[1; 16],
            name: "555000000001",
            display_name: "Somebody",
            attachment: None,
            exclude: &[],
        };
        let (_, making) = site.start_registration(&newcomer, Challenge::from_bytes(CHALLENGE));
        let (_, asked) = site.start_authentication(&[], Challenge::from_bytes([8; 32]));
        let plain = registration(&client_data_of("webauthn.create"), &unsigned_statement());
        let made = site.finish_registration(&making, &plain, NOW);
        let key = made.expect("a plain credential").key;
        Self {
            site,
            making,
            asked,
            key,
        }
    }

    fn finish(&self, answer: &[u8]) -> Result<Registered, gateway::webauthn::CeremonyError> {
        self.site.finish_registration(&self.making, answer, NOW)
    }
}

fn text(octets: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(octets)
}

fn client_data_of(kind: &str) -> Vec<u8> {
    let data = json!({
        "type": kind,
        "challenge": text(&CHALLENGE),
        "origin": ORIGIN,
        "crossOrigin": false,
    });
    data.to_string().into_bytes()
}

fn registration(client_data: &[u8], attestation: &[u8]) -> Vec<u8> {
    outer(&json!({
        "clientDataJSON": text(client_data),
        "attestationObject": text(attestation),
        "transports": ["usb"],
    }))
}

fn signed() -> Vec<u8> {
    outer(&json!({
        "clientDataJSON": text(&client_data_of("webauthn.get")),
        "authenticatorData": text(&[&authenticator_data()[..32], &[5, 0, 0, 0, 1]].concat()),
        "signature": text(&[0x30, 6, 2, 1, 1, 2, 1, 1]),
        "userHandle": text(&[1; 16]),
    }))
}

fn outer(response: &Value) -> Vec<u8> {
    let answer = json!({
        "id": text(&CREDENTIAL),
        "rawId": text(&CREDENTIAL),
        "type": "public-key",
        "authenticatorAttachment": "cross-platform",
        "clientExtensionResults": {"credProps": {"rk": true}},
        "response": response,
    });
    answer.to_string().into_bytes()
}

/// Present and checked, with a credential (WebAuthn 6.1, 6.5.1).
fn authenticator_data() -> Vec<u8> {
    let point: Vec<u8> = (0..64)
        .map(|at| u8::from_str_radix(&POINT[2 * at..2 * at + 2], 16).expect("hexadecimal"))
        .collect();
    let mut data = digest(&SHA256, HOST.as_bytes()).as_ref().to_vec();
    data.push(0x45);
    data.extend([0; 4 + 16]);
    data.extend([0, 16]);
    data.extend(CREDENTIAL);
    // A COSE key: EC2, ES256, P-256 (RFC 9053 7.1.1).
    data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 32]);
    data.extend(&point[..32]);
    data.extend([0x22, 0x58, 32]);
    data.extend(&point[32..]);
    data
}

/// An attestation object in CBOR of that format and statement (WebAuthn 6.5.4).
fn statement(format: &str, statement: &[u8]) -> Vec<u8> {
    let data = authenticator_data();
    let length = u8::try_from(data.len()).expect("short");
    let mut object = vec![0xa3, 0x63];
    object.extend(b"fmt");
    object.push(0x60 | u8::try_from(format.len()).expect("short"));
    object.extend(format.as_bytes());
    object.push(0x67);
    object.extend(b"attStmt");
    object.extend(statement);
    object.push(0x68);
    object.extend(b"authData");
    object.extend([0x58, length]);
    object.extend(data);
    object
}

fn unsigned_statement() -> Vec<u8> {
    statement("none", &[0xa0])
}

/// `alg` ES256 and a `sig` that is none.
const SIGNATURE: [u8; 18] = [
    0x63, b'a', b'l', b'g', 0x26, 0x63, b's', b'i', b'g', 0x48, 0x30, 6, 2, 1, 1, 2, 1, 1,
];

fn own_signature() -> Vec<u8> {
    statement("packed", &[&[0xa2], &SIGNATURE[..]].concat())
}

fn unknown_chain() -> Vec<u8> {
    let chain = [0x63, b'x', b'5', b'c', 0x81, 0x43, 0x30, 1, 0];
    statement("packed", &[&[0xa3], &SIGNATURE[..], &chain].concat())
}
