//! Books in memory, and a referee outside them who remembers every signature that was ever made,
//! so that no check trusts the books it checks.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use policies::card::KeyRole;
use policies::ids::{IntentId, Serial};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};

use crate::authority::{Authority, Reserved, Signed};
use crate::error::CaError;
use crate::keys::{Algorithm, KeyError, Repeats, SigningKey};
use crate::ledger::{Intended, Ledger, Unfinished};
use crate::testing;

/// What the key remembers by itself: every octet string it signed, and every signature.
pub(super) type Referee = Arc<Mutex<Vec<(Vec<u8>, Vec<u8>)>>>;

/// A key with a memory of its own.
pub(super) struct Watched<K> {
    pub(super) key: K,
    pub(super) referee: Referee,
}

impl<K: SigningKey> SigningKey for Watched<K> {
    fn spki_der(&self) -> &[u8] {
        self.key.spki_der()
    }
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }
    fn repeats(&self) -> Repeats {
        self.key.repeats()
    }
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        let signature = self.key.sign(octets)?;
        self.referee
            .lock()
            .unwrap()
            .push((octets.to_vec(), signature.clone()));
        Ok(signature)
    }
}

/// A key as most hardware has them: another signature each time.
pub(super) struct Randomised {
    pair: EcdsaKeyPair,
    spki_der: Vec<u8>,
}

impl Randomised {
    pub(super) fn generate() -> Self {
        use p256::pkcs8::EncodePublicKey;
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).unwrap();
        let public = p256::PublicKey::from_sec1_bytes(pair.public_key().as_ref()).unwrap();
        Self {
            pair,
            spki_der: public.to_public_key_der().unwrap().into_vec(),
        }
    }
}

impl SigningKey for Randomised {
    fn spki_der(&self) -> &[u8] {
        &self.spki_der
    }
    fn algorithm(&self) -> Algorithm {
        Algorithm::P256
    }
    fn repeats(&self) -> Repeats {
        Repeats::Randomised
    }
    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(self
            .pair
            .sign(&SystemRandom::new(), octets)
            .unwrap()
            .as_ref()
            .to_vec())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Reserved,
    Signed,
    Burned,
}

pub(super) struct Row {
    pub(super) intent: IntentId,
    pub(super) reserved: Reserved,
    pub(super) state: State,
    pub(super) der: Option<Vec<u8>>,
}

/// Books in memory. Each method is one transaction.
pub(super) struct Books<'a> {
    authority: &'a Authority,
    roles: &'static [KeyRole],
    pub(super) rows: Mutex<BTreeMap<Serial, Row>>,
}

impl<'a> Books<'a> {
    pub(super) fn new(authority: &'a Authority, roles: &'static [KeyRole]) -> Self {
        Self {
            authority,
            roles,
            rows: Mutex::default(),
        }
    }

    pub(super) fn in_state(&self, intent: &IntentId, state: State) -> Vec<Reserved> {
        let rows = self.rows.lock().unwrap();
        let wanted = |row: &&Row| row.intent == *intent && row.state == state;
        rows.values()
            .filter(wanted)
            .map(|row| row.reserved.clone())
            .collect()
    }

    pub(super) fn finished(&self, intent: &IntentId) -> Vec<Vec<u8>> {
        let rows = self.rows.lock().unwrap();
        let signed = |row: &&Row| row.intent == *intent && row.state == State::Signed;
        rows.values()
            .filter(signed)
            .filter_map(|row| row.der.clone())
            .collect()
    }
}

impl Ledger for Books<'_> {
    type Wish = IntentId;
    type Answer = Vec<Vec<u8>>;
    type Error = CaError;

    async fn intend(&self, intent: IntentId) -> Result<Intended<Self::Answer>, CaError> {
        let finished = self.finished(&intent);
        if !finished.is_empty() {
            return Ok(Intended::Already(finished));
        }
        let waiting = self.in_state(&intent, State::Reserved);
        if !waiting.is_empty() {
            return Err(CaError::RecordChanged(waiting[0].serial().clone()));
        }
        let reserved = testing::reserved(self.authority, self.roles);
        let mut rows = self.rows.lock().unwrap();
        for one in &reserved {
            let row = Row {
                intent: intent.clone(),
                reserved: one.clone(),
                state: State::Reserved,
                der: None,
            };
            assert!(
                rows.insert(one.serial().clone(), row).is_none(),
                "a serial twice"
            );
        }
        Ok(Intended::ToSign { intent, reserved })
    }

    async fn record(&self, intent: IntentId, signed: Vec<Signed>) -> Result<Self::Answer, CaError> {
        {
            let mut rows = self.rows.lock().unwrap();
            for one in &signed {
                let row = rows
                    .get_mut(one.serial())
                    .expect("only recorded serials are signed");
                assert_ne!(row.state, State::Burned, "a burned serial was signed");
                row.state = State::Signed;
                row.der = Some(one.der().to_vec());
            }
        }
        Ok(self.finished(&intent))
    }

    async fn unfinished(&self) -> Result<Vec<Unfinished>, CaError> {
        let rows = self.rows.lock().unwrap();
        let mut sets: BTreeMap<IntentId, Vec<Reserved>> = BTreeMap::new();
        for row in rows.values().filter(|row| row.state == State::Reserved) {
            sets.entry(row.intent.clone())
                .or_default()
                .push(row.reserved.clone());
        }
        let one = |(intent, reserved)| Unfinished { intent, reserved };
        Ok(sets.into_iter().map(one).collect())
    }

    async fn burn(&self, unfinished: Unfinished) -> Result<(), CaError> {
        let mut rows = self.rows.lock().unwrap();
        for one in &unfinished.reserved {
            rows.get_mut(one.serial()).unwrap().state = State::Burned;
        }
        Ok(())
    }
}
