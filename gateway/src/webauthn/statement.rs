//! What a device says of its own making (WebAuthn 6.5, 8): the form of each kind of statement, as far
//! as the library does not ask. Its signature is the library's, or [`super::tpm`]'s, to verify.

use ciborium::value::Value;
use der::Decode;
use x509_cert::Certificate;

use super::authdata::Attested;
use super::cbor::{self, Map};
use super::error::CeremonyError;
use super::tpm;

/// The most certificates in a statement that are looked at.
const MOST_CERTIFICATES: usize = 6;

/// An attestation object: statement and authenticator data.
pub(super) struct Object {
    bytes: Vec<u8>,
    format: String,
    statement: Map,
    pub(super) auth_data: Vec<u8>,
}

impl Object {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, CeremonyError> {
        let map = Map::of(cbor::whole(bytes)?)?;
        map.only(&["fmt", "attStmt", "authData"])?;
        let statement = map
            .get("attStmt")
            .cloned()
            .ok_or(CeremonyError::Malformed("attStmt"))?;
        Ok(Self {
            bytes: bytes.to_vec(),
            format: map.text("fmt")?.to_owned(),
            statement: Map::of(statement)?,
            auth_data: map.bytes("authData")?.to_vec(),
        })
    }
}

/// The kinds of statements that are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    None,
    Packed,
    U2f,
    Apple,
    AndroidKey,
    Tpm,
}

/// A statement whose form is right.
pub(super) struct Statement {
    pub(super) format: Format,
    /// The maker's certificates, the device's own first; empty when it does not say who made it, or
    /// vouches for itself.
    pub(super) chain: Vec<Vec<u8>>,
    /// What the library verifies.
    pub(super) for_the_library: Vec<u8>,
}

impl Statement {
    /// Reads a statement about this credential. A TPM's is verified here, whole; the library gets
    /// the credential without it.
    pub(super) fn read(
        object: &Object,
        attested: &Attested,
        client_hash: &[u8],
    ) -> Result<Self, CeremonyError> {
        let statement = &object.statement;
        let (format, chain) = match object.format.as_str() {
            "none" if statement.is_empty() => (Format::None, Vec::new()),
            "packed" => (Format::Packed, packed(statement)?),
            "fido-u2f" => (Format::U2f, u2f(statement, attested)?),
            "apple" => {
                statement.only(&["alg", "x5c"])?;
                (Format::Apple, certificates(statement)?)
            }
            "android-key" => {
                statement.only(&["alg", "sig", "x5c"])?;
                let chain = certificates(statement)?;
                signs_with(&chain, statement.number("alg")?)?;
                (Format::AndroidKey, chain)
            }
            "tpm" => {
                let chain = certificates(statement)?;
                let signed = [object.auth_data.as_slice(), client_hash].concat();
                tpm::verify(statement, &chain, &signed, attested)?;
                (Format::Tpm, chain)
            }
            "none" => return Err(CeremonyError::Statement("there is one where none is")),
            _ => return Err(CeremonyError::UnknownStatement),
        };
        let for_the_library = match format {
            Format::Tpm => without_statement(&object.auth_data)?,
            _ => object.bytes.clone(),
        };
        Ok(Self {
            format,
            chain,
            for_the_library,
        })
    }
}

/// WebAuthn 8.2. Without certificates the credential's own key signs.
fn packed(statement: &Map) -> Result<Vec<Vec<u8>>, CeremonyError> {
    statement.only(&["alg", "sig", "x5c"])?;
    if statement.get("x5c").is_none() {
        return Ok(Vec::new());
    }
    let chain = certificates(statement)?;
    signs_with(&chain, statement.number("alg")?)?;
    Ok(chain)
}

/// WebAuthn 8.6: one certificate, no model.
fn u2f(statement: &Map, attested: &Attested) -> Result<Vec<Vec<u8>>, CeremonyError> {
    statement.only(&["sig", "x5c"])?;
    let chain = certificates(statement)?;
    if chain.len() != 1 || attested.aaguid != [0; 16] {
        return Err(CeremonyError::Statement("U2F with a model"));
    }
    Ok(chain)
}

fn certificates(statement: &Map) -> Result<Vec<Vec<u8>>, CeremonyError> {
    let chain = statement.list("x5c")?;
    if (1..=MOST_CERTIFICATES).contains(&chain.len()) {
        Ok(chain)
    } else {
        Err(CeremonyError::Statement("x5c"))
    }
}

/// The library verifies with the certificate's key and never looks at `alg`: they must agree.
fn signs_with(chain: &[Vec<u8>], alg: i64) -> Result<(), CeremonyError> {
    let wrong = || CeremonyError::Statement("alg");
    let leaf = chain.first().ok_or_else(wrong)?;
    let leaf = Certificate::from_der(leaf).map_err(|_| CeremonyError::Statement("x5c"))?;
    let key = &leaf.tbs_certificate().subject_public_key_info().algorithm;
    let parameters = key
        .parameters
        .as_ref()
        .and_then(|any| any.decode_as::<der::asn1::ObjectIdentifier>().ok());
    let expected = match key.oid {
        oids::EC if parameters == Some(oids::P256) => -7,
        oids::EC if parameters == Some(oids::P384) => -35,
        oids::RSA => -257,
        _ => return Err(wrong()),
    };
    if alg == expected {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// The same authenticator data with the statement `none`.
fn without_statement(auth_data: &[u8]) -> Result<Vec<u8>, CeremonyError> {
    let object = Value::Map(vec![
        (Value::from("fmt"), Value::from("none")),
        (Value::from("attStmt"), Value::Map(Vec::new())),
        (Value::from("authData"), Value::from(auth_data)),
    ]);
    let mut bytes = Vec::with_capacity(auth_data.len() + 64);
    ciborium::into_writer(&object, &mut bytes).map_err(|_| CeremonyError::Malformed("CBOR"))?;
    Ok(bytes)
}

/// Kinds of keys (RFC 5480 2.1, RFC 8017 A.1).
pub(super) mod oids {
    use der::asn1::ObjectIdentifier;

    pub(in super::super) const EC: ObjectIdentifier =
        ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
    pub(in super::super) const P256: ObjectIdentifier =
        ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
    pub(in super::super) const P384: ObjectIdentifier =
        ObjectIdentifier::new_unwrap("1.3.132.0.34");
    pub(in super::super) const RSA: ObjectIdentifier =
        ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
}
