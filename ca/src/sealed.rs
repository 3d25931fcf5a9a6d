//! Where keys are used: sign, look at the signature, join. Nothing else in this room signs.

use crate::asn1::SignedDocument;
use crate::error::CaError;
use crate::keys::{SigningKey, signature_is_good};

/// A signature that has not been looked at yet.
pub(crate) struct Unverified(Vec<u8>);

/// Signs the exact octets.
pub(crate) fn sign(key: &dyn SigningKey, content: &[u8]) -> Result<Unverified, CaError> {
    Ok(Unverified(key.sign(content)?))
}

/// Joins octets and signature, if the signature verifies with the key's public half. A fault in
/// memory or hardware, or another key behind the port, ends here.
pub(crate) fn assemble(
    key: &dyn SigningKey,
    content: &[u8],
    signature: &Unverified,
) -> Result<Vec<u8>, CaError> {
    let algorithm = key.algorithm();
    if !signature_is_good(algorithm, key.spki_der(), content, &signature.0) {
        return Err(CaError::SignatureDoesNotVerify);
    }
    SignedDocument::assemble(algorithm, content, &signature.0)
}

/// Signs, verifies and joins: for what needs no crash point in between.
pub(crate) fn seal(key: &dyn SigningKey, content: &[u8]) -> Result<Vec<u8>, CaError> {
    let signature = sign(key, content)?;
    assemble(key, content, &signature)
}
