//! The statement of a TPM 2.0 (WebAuthn 8.3), which Windows Hello makes. Verified here, because the
//! library refuses every one: TPMs of Windows sign with `RS1`, RSA over SHA-1 (RFC 8812 2).
//!
//! SHA-1 is tolerable in this one place. What is signed is a structure that the TPM itself wrote, and
//! the key it names is named by SHA-256; whoever finds two `extraData` with one SHA-1 still has only
//! the TPM's own key attested.

use ring::digest::{Algorithm, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384, SHA512, digest};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey, VerificationAlgorithm,
};

use super::aik;
use super::authdata::{Attested, CoseKey};
use super::cbor::Map;
use super::error::CeremonyError;

/// `TPM_GENERATED_VALUE`: the TPM wrote what follows (TPM 2.0 part 2, 6.2).
const GENERATED: u32 = 0xff54_4347;
/// `TPM_ST_ATTEST_CERTIFY` (part 2, 6.9).
const CERTIFY: u16 = 0x8017;
const RSA: u16 = 0x0001;
const ECC: u16 = 0x0023;
const NO_ALGORITHM: u16 = 0x0010;

/// Attributes of a key (part 2, 8.3): it never leaves this TPM, was made in it, and signs what it is
/// given.
const FIXED: u32 = 1 << 1 | 1 << 4;
const MADE_INSIDE: u32 = 1 << 5;
const SIGNS: u32 = 1 << 18;
const RESTRICTED: u32 = 1 << 16;

fn wrong(what: &'static str) -> CeremonyError {
    CeremonyError::Statement(what)
}

/// Verifies a statement: `signed` is authenticator data and the hash of the client data. Whether the
/// chain leads to a root is asked elsewhere.
pub(super) fn verify(
    statement: &Map,
    chain: &[Vec<u8>],
    signed: &[u8],
    attested: &Attested,
) -> Result<(), CeremonyError> {
    statement.only(&["alg", "sig", "ver", "x5c", "pubArea", "certInfo"])?;
    if statement.text("ver")? != "2.0" {
        return Err(wrong("ver"));
    }
    let scheme = Scheme::of(statement.number("alg")?).ok_or_else(|| wrong("alg"))?;
    let public_area = statement.bytes("pubArea")?;
    let key = PublicArea::read(public_area).ok_or_else(|| wrong("pubArea"))?;
    if !key.is_bound() {
        return Err(wrong("the key is not bound to its TPM"));
    }
    if !key.is_same_as(&attested.key) {
        return Err(wrong("pubArea is another key"));
    }
    let certified = statement.bytes("certInfo")?;
    let info = CertifyInfo::read(certified).ok_or_else(|| wrong("certInfo"))?;
    if info.extra_data != digest(scheme.hash, signed).as_ref() {
        return Err(wrong("certInfo is about another credential"));
    }
    if key.name(public_area) != info.name {
        return Err(wrong("certInfo names another key"));
    }
    let leaf = chain.first().ok_or_else(|| wrong("x5c"))?;
    let aik = aik::read(leaf, &attested.aaguid)?;
    if aik.is_rsa != scheme.is_rsa {
        return Err(wrong("alg"));
    }
    UnparsedPublicKey::new(scheme.verify, &aik.key)
        .verify(certified, statement.bytes("sig")?)
        .map_err(|_| CeremonyError::Signature)
}

/// What `alg` means.
struct Scheme {
    hash: &'static Algorithm,
    verify: &'static dyn VerificationAlgorithm,
    is_rsa: bool,
}

impl Scheme {
    fn of(alg: i64) -> Option<Self> {
        Some(match alg {
            -65535 => Self {
                hash: &SHA1_FOR_LEGACY_USE_ONLY,
                verify: &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
                is_rsa: true,
            },
            -257 => Self {
                hash: &SHA256,
                verify: &RSA_PKCS1_2048_8192_SHA256,
                is_rsa: true,
            },
            -7 => Self {
                hash: &SHA256,
                verify: &ECDSA_P256_SHA256_ASN1,
                is_rsa: false,
            },
            _ => return None,
        })
    }
}

/// `TPMT_PUBLIC` of a signing key without a scheme of its own (part 2, 12.2.4).
struct PublicArea<'a> {
    name_hash: &'static Algorithm,
    name_id: [u8; 2],
    attributes: u32,
    unique: Unique<'a>,
}

enum Unique<'a> {
    Rsa {
        n: &'a [u8],
        e: u32,
    },
    Ecc {
        curve: u16,
        x: &'a [u8],
        y: &'a [u8],
    },
}

impl<'a> PublicArea<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        let kind = from.u16()?;
        let name_id = from.take::<2>()?;
        let name_hash = match u16::from_be_bytes(name_id) {
            0x000b => &SHA256,
            0x000c => &SHA384,
            0x000d => &SHA512,
            _ => return None,
        };
        let attributes = from.u32()?;
        let _policy = from.sized()?;
        // symmetric and scheme: none, as the key signs for WebAuthn and nothing else
        if from.u16()? != NO_ALGORITHM || from.u16()? != NO_ALGORITHM {
            return None;
        }
        let unique = match kind {
            RSA => {
                let _bits = from.u16()?;
                let e = from.u32()?;
                Unique::Rsa {
                    n: from.sized()?,
                    e: if e == 0 { 65537 } else { e },
                }
            }
            ECC => {
                let curve = from.u16()?;
                if from.u16()? != NO_ALGORITHM {
                    return None;
                }
                Unique::Ecc {
                    curve,
                    x: from.sized()?,
                    y: from.sized()?,
                }
            }
            _ => return None,
        };
        from.is_done().then_some(Self {
            name_hash,
            name_id,
            attributes,
            unique,
        })
    }

    fn is_bound(&self) -> bool {
        let needed = FIXED | MADE_INSIDE | SIGNS;
        self.attributes & needed == needed && self.attributes & RESTRICTED == 0
    }

    fn is_same_as(&self, key: &CoseKey) -> bool {
        match (&self.unique, key.number(1)) {
            (Unique::Rsa { n, e }, Some(3)) => {
                let exponent = key.bytes(-2).and_then(|bytes| {
                    bytes.iter().try_fold(0_u32, |sum, byte| {
                        Some(sum.checked_mul(256)? + u32::from(*byte))
                    })
                });
                key.bytes(-1) == Some(*n) && exponent == Some(*e)
            }
            (Unique::Ecc { curve, x, y }, Some(2)) => {
                let same_curve = matches!((curve, key.number(-1)), (3, Some(1)) | (4, Some(2)));
                same_curve
                    && key.bytes(-2).is_some_and(|of| is_same_number(of, x))
                    && key.bytes(-3).is_some_and(|of| is_same_number(of, y))
            }
            _ => false,
        }
    }

    /// Its name (part 1, 16): which hash, and the hash.
    fn name(&self, bytes: &[u8]) -> Vec<u8> {
        let hash = digest(self.name_hash, bytes);
        [self.name_id.as_slice(), hash.as_ref()].concat()
    }
}

/// Whether two big-endian numbers are the same, however many zeros stand before them.
fn is_same_number(one: &[u8], other: &[u8]) -> bool {
    let significant = |bytes: &[u8]| -> Vec<u8> {
        bytes
            .iter()
            .copied()
            .skip_while(|byte| *byte == 0)
            .collect()
    };
    significant(one) == significant(other)
}

/// `TPMS_ATTEST` with a `TPMS_CERTIFY_INFO` (part 2, 10.12.8 and 10.12.3).
struct CertifyInfo<'a> {
    extra_data: &'a [u8],
    name: &'a [u8],
}

impl<'a> CertifyInfo<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut from = Reader(bytes);
        if from.u32()? != GENERATED || from.u16()? != CERTIFY {
            return None;
        }
        let _signer = from.sized()?;
        let extra_data = from.sized()?;
        let _clock = from.take::<17>()?;
        let _firmware = from.take::<8>()?;
        let name = from.sized()?;
        let _qualified_name = from.sized()?;
        from.is_done().then_some(Self { extra_data, name })
    }
}

/// Numbers as a TPM writes them: big-endian, lengths of two bytes.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_be_bytes)
    }

    fn sized(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.u16()?);
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn is_done(&self) -> bool {
        self.0.is_empty()
    }
}
