//! A PKCS#11 token: SoftHSM, or a card through OpenSC.
//!
//! A set is two private keys with their certificates, found by label: `matron authentication` and
//! `matron signature`, and the same with `pending ` before it while a renewal is on its way. A token that
//! another tool filled has other labels; then the newest certificate of each purpose that has a private
//! key with the same id is the current one. New keys get new random ids.

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{
    Attribute, AttributeType, CertificateType, KeyType, ObjectClass, ObjectHandle,
};
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use der::asn1::OctetString;
use der::{Decode, Encode};
use policies::card::KeyRole;
use ring::rand::{SecureRandom, SystemRandom};
use wire::desk::CardSecrets;

use super::{
    Card, CardError, FACTORY_UNBLOCK_KEY, Place, PublicKey, ROLES, Secret, unblock_octets,
};
use crate::certificate::{self, Read};

/// The curve P-256 (RFC 5480 2.1.1.1) as PKCS#11 wants it, DER.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// A token with a session.
pub struct Token {
    session: Session,
    label: String,
    secrets: Option<CardSecrets>,
    // The library is finalised when this is dropped, after the session.
    _library: Pkcs11,
}

fn said(error: Error) -> CardError {
    match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::UserNotLoggedIn, _) => {
            CardError::Passcode(None)
        }
        Error::Pkcs11(RvError::PinLocked, _) => CardError::Locked,
        Error::Pkcs11(
            RvError::TokenNotPresent | RvError::DeviceRemoved | RvError::TokenNotRecognized,
            _,
        ) => CardError::Absent("it was pulled out".into()),
        other => CardError::odd(other),
    }
}

fn label(place: Place, role: KeyRole) -> Vec<u8> {
    let before = match place {
        Place::Current => "",
        Place::Pending => "pending ",
    };
    format!("{before}matron {}", role.as_str()).into_bytes()
}

fn pin(secret: &Secret) -> AuthPin {
    AuthPin::new(secret.as_str().into())
}

/// The security officer's PIN: what the server keeps is digits in hex.
fn officer(unblock_key: &Secret) -> Result<Secret, CardError> {
    let octets = unblock_octets(unblock_key).to_vec();
    let digits = String::from_utf8(octets).map_err(CardError::odd)?;
    Ok(Secret::new(digits))
}

impl Token {
    /// The token with this label, through the module (a shared library).
    ///
    /// # Errors
    /// The module cannot be loaded, or there is no such token.
    pub fn open(module: &std::path::Path, wanted: Option<&str>) -> Result<Self, CardError> {
        let library = Pkcs11::new(module)
            .map_err(|error| CardError::Absent(format!("{}: {error}", module.display())))?;
        library
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))
            .map_err(said)?;
        let mut found = Vec::new();
        for slot in library.get_slots_with_initialized_token().map_err(said)? {
            let info = library.get_token_info(slot).map_err(said)?;
            if wanted.is_none_or(|wanted| info.label() == wanted) {
                found.push((slot, info.label().to_owned()));
            }
        }
        let only = (found.len() == 1).then(|| found.pop()).flatten();
        let Some((slot, label)) = only else {
            let names: Vec<_> = found.iter().map(|(_, name)| name.as_str()).collect();
            let names = names.join("; ");
            return Err(CardError::Absent(format!(
                "one token is needed, say which with --token; there are: {names}"
            )));
        };
        let session = library.open_rw_session(slot).map_err(said)?;
        Ok(Self {
            session,
            label,
            secrets: None,
            _library: library,
        })
    }

    /// One step as the security officer, whose PIN is what other cards call an unblock key.
    fn as_officer(
        &self,
        unblock_key: &Secret,
        step: impl FnOnce(&Session) -> Result<(), Error>,
    ) -> Result<(), CardError> {
        // Ends a login of the holder, if there was one: the library takes one kind at a time.
        let _ = self.session.logout();
        match self.session.login(UserType::So, Some(&pin(unblock_key))) {
            Ok(()) => {}
            Err(Error::Pkcs11(RvError::PinIncorrect, _)) => {
                return Err(CardError::UnblockKey(None));
            }
            Err(Error::Pkcs11(RvError::PinLocked, _)) => {
                return Err(CardError::UnblockKey(Some(0)));
            }
            Err(error) => return Err(said(error)),
        }
        let done = step(&self.session).map_err(said);
        self.session.logout().map_err(said)?;
        done
    }

    fn find(&self, template: &[Attribute]) -> Result<Vec<ObjectHandle>, CardError> {
        self.session.find_objects(template).map_err(said)
    }

    /// Private or public key, or certificate, of a place.
    fn labelled(
        &self,
        class: ObjectClass,
        place: Place,
        role: KeyRole,
    ) -> Result<Option<ObjectHandle>, CardError> {
        let template = [
            Attribute::Class(class),
            Attribute::Label(label(place, role)),
        ];
        Ok(self.find(&template)?.into_iter().next())
    }

    fn octets(&self, object: ObjectHandle, of: AttributeType) -> Result<Vec<u8>, CardError> {
        let found = self.session.get_attributes(object, &[of]).map_err(said)?;
        match found.into_iter().next() {
            Some(Attribute::Value(octets) | Attribute::Id(octets) | Attribute::EcPoint(octets)) => {
                Ok(octets)
            }
            _ => Err(CardError::Odd(format!("no {of:?}"))),
        }
    }

    /// The private key with this id.
    fn private(&self, id: Vec<u8>) -> Result<Option<ObjectHandle>, CardError> {
        let template = [
            Attribute::Class(ObjectClass::PRIVATE_KEY),
            Attribute::Id(id),
        ];
        Ok(self.find(&template)?.into_iter().next())
    }

    /// The certificate of a place and its private key's id.
    fn held(&self, place: Place, role: KeyRole) -> Result<Option<(Read, Vec<u8>)>, CardError> {
        let mut newest: Option<(Read, Vec<u8>)> = None;
        let pending = self.labelled(ObjectClass::CERTIFICATE, Place::Pending, role)?;
        for object in self.find(&[Attribute::Class(ObjectClass::CERTIFICATE)])? {
            let in_place = match place {
                Place::Pending => Some(object) == pending,
                Place::Current => Some(object) != pending,
            };
            let Ok(read) = Read::from_der(&self.octets(object, AttributeType::Value)?) else {
                continue;
            };
            let newer = newest
                .as_ref()
                .is_none_or(|(old, _)| old.not_before <= read.not_before);
            if in_place && read.role == role && newer {
                newest = Some((read, self.octets(object, AttributeType::Id)?));
            }
        }
        Ok(newest)
    }

    fn key(&self, place: Place, role: KeyRole) -> Result<ObjectHandle, CardError> {
        let key = match place {
            Place::Pending => self.labelled(ObjectClass::PRIVATE_KEY, place, role)?,
            Place::Current => match self.held(place, role)? {
                Some((_, id)) => self.private(id)?,
                None => None,
            },
        };
        key.ok_or(CardError::Missing { role, place })
    }

    /// Removes every object with this template.
    fn destroy(&self, template: &[Attribute]) -> Result<(), CardError> {
        for object in self.find(template)? {
            self.session.destroy_object(object).map_err(said)?;
        }
        Ok(())
    }

    /// The pending objects of a role take the current names; what had them is removed.
    fn promote_role(&self, role: KeyRole) -> Result<(), CardError> {
        let Some((_, id)) = self.held(Place::Pending, role)? else {
            return Ok(());
        };
        let old = self.held(Place::Current, role)?;
        for object in self.find(&[Attribute::Id(id.clone())])? {
            let name = Attribute::Label(label(Place::Current, role));
            self.session
                .update_attributes(object, &[name])
                .map_err(said)?;
        }
        match old {
            Some((_, old)) if old != id => self.destroy(&[Attribute::Id(old)]),
            _ => Ok(()),
        }
    }
}

impl Card for Token {
    fn describe(&self) -> String {
        format!("the token {}", self.label)
    }

    fn secret_kind(&self) -> Option<&'static str> {
        Some("passcode")
    }

    fn unlock(&mut self, passcode: &Secret) -> Result<(), CardError> {
        match self.session.login(UserType::User, Some(&pin(passcode))) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error) => Err(said(error)),
        }
    }

    fn certificate(&mut self, place: Place, role: KeyRole) -> Result<Option<Vec<u8>>, CardError> {
        Ok(self.held(place, role)?.map(|(read, _)| read.der))
    }

    fn generate(&mut self, role: KeyRole) -> Result<PublicKey, CardError> {
        let name = label(Place::Pending, role);
        self.destroy(&[Attribute::Label(name.clone())])?;
        let mut id = vec![0; 16];
        SystemRandom::new()
            .fill(&mut id)
            .map_err(|_| CardError::Odd("no random numbers".into()))?;
        let public = [
            Attribute::Token(true),
            Attribute::KeyType(KeyType::EC),
            Attribute::EcParams(P256.to_vec()),
            Attribute::Verify(true),
            Attribute::Id(id.clone()),
            Attribute::Label(name.clone()),
        ];
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Id(id),
            Attribute::Label(name),
        ];
        let made = self
            .session
            .generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private);
        let (public, _) = made.map_err(said)?;
        let point = self.octets(public, AttributeType::EcPoint)?;
        // Wrapped in an OCTET STRING (PKCS#11 2.40, 2.3.3).
        let inner = OctetString::from_der(&point).map_err(CardError::odd)?;
        PublicKey::from_point(inner.as_bytes())
    }

    fn sign(&mut self, place: Place, role: KeyRole, digest: &[u8]) -> Result<Vec<u8>, CardError> {
        let key = self.key(place, role)?;
        let halves = self.session.sign(&Mechanism::Ecdsa, key, digest);
        certificate::signature_from_halves(&halves.map_err(said)?)
    }

    fn write_certificate(&mut self, role: KeyRole, certificate: &[u8]) -> Result<(), CardError> {
        let place = Place::Pending;
        let key = self.labelled(ObjectClass::PRIVATE_KEY, place, role)?;
        let key = key.ok_or(CardError::Missing { role, place })?;
        let id = self.octets(key, AttributeType::Id)?;
        let name = label(place, role);
        let old = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::Label(name.clone()),
        ];
        self.destroy(&old)?;
        let read = x509_cert::Certificate::from_der(certificate).map_err(CardError::odd)?;
        let subject = read.tbs_certificate().subject().to_der();
        let template = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Subject(subject.map_err(CardError::odd)?),
            Attribute::Value(certificate.to_vec()),
            Attribute::Id(id),
            Attribute::Label(name),
        ];
        self.session.create_object(&template).map_err(said)?;
        Ok(())
    }

    fn promote(&mut self) -> Result<(), CardError> {
        // Authentication last: while it has not moved, the next run still finds a pending set.
        ROLES
            .iter()
            .rev()
            .try_for_each(|role| self.promote_role(*role))
    }

    fn discard(&mut self) -> Result<(), CardError> {
        ROLES
            .iter()
            .try_for_each(|role| self.destroy(&[Attribute::Label(label(Place::Pending, *role))]))
    }

    fn change_passcode(&mut self, old: &Secret, new: &Secret) -> Result<(), CardError> {
        self.session.set_pin(&pin(old), &pin(new)).map_err(said)
    }

    fn unblock(&mut self, unblock_key: &Secret, new: &Secret) -> Result<(), CardError> {
        self.as_officer(&officer(unblock_key)?, |session| {
            session.init_pin(&pin(new))
        })
    }

    fn use_secrets(&mut self, secrets: CardSecrets) {
        self.secrets = Some(secrets);
    }

    fn rotate_unblock_key(&mut self) -> Result<(), CardError> {
        let Some(secrets) = &self.secrets else {
            return Ok(());
        };
        let Some(next) = secrets.next_unblock_key.clone().map(Secret::new) else {
            return Ok(());
        };
        let now = secrets
            .unblock_key
            .as_deref()
            .unwrap_or(FACTORY_UNBLOCK_KEY);
        let (now, next) = (officer(&Secret::new(now.to_owned()))?, officer(&next)?);
        self.as_officer(&now, |session| session.set_pin(&pin(&now), &pin(&next)))
    }
}
