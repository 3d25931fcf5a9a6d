//! Certification requests: whoever altered one signs it again with its own key, so that the reader
//! gets past the signature. Of a request the house takes the key and nothing else.

use ca::request::verify_csr;
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use openssl::stack::Stack;
use openssl::x509::extension::{ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::{X509NameBuilder, X509Req, X509ReqBuilder};
use x509_cert::der::asn1::Any;
use x509_cert::der::{Decode, Encode};

use crate::certificates::reason;
use crate::dice::Dice;
use crate::report::{Report, Seen};
use crate::tree::Element;

/// Somebody who asks: her key, and the three parts of her request.
pub struct Applicant {
    key: PKey<Private>,
    body: Element,
    algorithm: Vec<u8>,
}

/// One with each kind of key, with and without wishes.
pub fn applicants() -> Result<Vec<Applicant>, ErrorStack> {
    let mut all = Vec::new();
    for wishes in [false, true] {
        for curve in [Nid::X9_62_PRIME256V1, Nid::SECP384R1] {
            let group = EcGroup::from_curve_name(curve)?;
            all.extend(applicant(
                PKey::from_ec_key(EcKey::generate(&group)?)?,
                wishes,
            )?);
        }
        all.extend(applicant(PKey::from_rsa(Rsa::generate(2048)?)?, wishes)?);
    }
    Ok(all)
}

fn applicant(key: PKey<Private>, wishes: bool) -> Result<Option<Applicant>, ErrorStack> {
    let mut name = X509NameBuilder::new()?;
    name.append_entry_by_text("C", "GB")?;
    name.append_entry_by_text("CN", "555000000001")?;
    let mut request = X509ReqBuilder::new()?;
    request.set_subject_name(&name.build())?;
    request.set_pubkey(&key)?;
    if wishes {
        let mut extensions = Stack::new()?;
        let names = SubjectAlternativeName::new()
            .dns("id.example")
            .build(&request.x509v3_context(None))?;
        extensions.push(names)?;
        extensions.push(ExtendedKeyUsage::new().client_auth().build()?)?;
        request.add_extensions(&extensions)?;
    }
    request.sign(&key, MessageDigest::sha256())?;
    let der = request.build().to_der()?;
    let parts = Vec::<Any>::from_der(&der).ok();
    Ok(parts.and_then(|parts| {
        let [body, algorithm, _signature] = <[Any; 3]>::try_from(parts).ok()?;
        Some(Applicant {
            key,
            body: Element::read(&body.to_der().ok()?)?,
            algorithm: algorithm.to_der().ok()?,
        })
    }))
}

/// Has a request of one of them read, altered in so many places.
pub fn compare(
    applicants: &[Applicant],
    changes: usize,
    dice: &mut Dice,
    report: &mut Report,
) -> Result<(), ErrorStack> {
    let applicant = dice.one_of(applicants);
    let mut body = applicant.body.clone();
    let other = std::slice::from_ref(&dice.one_of(applicants).body);
    body.alter(changes, dice, other);
    let body = body.write();
    let signature =
        Signer::new(MessageDigest::sha256(), &applicant.key)?.sign_oneshot_to_vec(&body)?;
    let bits = Element::string_of_bits(&signature).write();
    let der = Element::sequence(&[&body, &applicant.algorithm, &bits]);
    report.note("requests, OpenSSL", &der, || by_both(&der));
    Ok(())
}

fn by_both(der: &[u8]) -> Seen {
    match (verify_csr(der, None), by_openssl(der)) {
        (Ok(ours), Ok(theirs)) if ours.spki_der() == theirs => Seen::Same,
        (Ok(_), Ok(_)) => Seen::Unexplained("another key".into()),
        (Err(_), Err(_)) => Seen::Refused("both".into()),
        (Err(why), Ok(_)) => Seen::Refused(format!("we alone: {why}")),
        (Ok(_), Err(why)) if why.contains("Field=subject") => {
            Seen::Explained("OpenSSL looks into the name of a request, which nobody reads here")
        }
        (Ok(_), Err(why)) => Seen::Unexplained(format!("they alone refuse: {why}")),
    }
}

/// The key of a request that is signed with it.
fn by_openssl(der: &[u8]) -> Result<Vec<u8>, String> {
    let read = || -> Result<Option<Vec<u8>>, ErrorStack> {
        let request = X509Req::from_der(der)?;
        let key = request.public_key()?;
        let signed = request.verify(&key)?;
        signed.then(|| key.public_key_to_der()).transpose()
    };
    let key = read().map_err(|error| reason(&error))?;
    key.ok_or_else(|| "the signature".to_owned())
}
