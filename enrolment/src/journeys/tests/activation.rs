//! The first use of a card by its holder: each guard, and what a stranger is told.

use std::sync::Arc;

use policies::card::KeyRole;
use policies::ids::CardNumber;
use policies::refusal::RefusalCode;
use rcgen::{CertificateParams, KeyPair, SigningKey as _};
use ring::rand::SystemRandom;
use zeroize::Zeroizing;

use super::house::{House, START, desk, first, refused};
use crate::clock_mark::ClockTrust;
use crate::codes::{CodeHouse, Named, Typed};
use crate::journeys::activation::{self, Activation, Begun};
use crate::journeys::confirm_receipt::confirm_receipt;
use crate::journeys::first_card;
use crate::notices::Letter;
use crate::requests::CertificateRequest;
use crate::store::trial::on_both_engines;
use crate::store::{Store, StoreError};
use crate::vault::Vault;

fn request(key_role: KeyRole, key: &KeyPair) -> CertificateRequest {
    let csr = CertificateParams::default().serialize_request(key).unwrap();
    CertificateRequest {
        key_role,
        csr: csr.der().to_vec(),
    }
}

async fn made(store: Store) -> (House, CodeHouse, CardNumber, KeyPair) {
    let house = House::new(store).await;
    let codes = CodeHouse {
        store: house.store().clone(),
        vault: Arc::new(Vault::from_bytes(&[7; 32]).unwrap()),
        policy: house.policy().clone(),
        chance: SystemRandom::new(),
        clock: ClockTrust::Guarded,
    };
    let person = house.person(1).await;
    let (key, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let mut wanted = first(&person, 1, "first");
    wanted.requests = vec![
        request(KeyRole::Authentication, &key),
        request(KeyRole::Signature, &other),
    ];
    let card = wanted.card.clone();
    first_card::issue(&house.issuing, wanted, &desk(), START)
        .await
        .unwrap();
    (house, codes, card, key)
}

async fn newest_code(store: &Store) -> Option<String> {
    let contents: Vec<String> = store
        .read::<_, StoreError, _>("test.letters", |tx| {
            Box::pin(async move {
                let sql = "SELECT content FROM outbox WHERE address <> '' ORDER BY number DESC";
                let rows = tx.rows(sql, &[]).await?;
                rows.into_iter()
                    .map(|row| Ok(row.read::<(String,)>()?.0))
                    .collect()
            })
        })
        .await
        .unwrap();
    contents
        .iter()
        .find_map(|content| match Letter::read(content) {
            Some(Letter::Code { code, .. }) => Some(code),
            _ => None,
        })
}

fn wanted(begun: &Begun, code: &str, key: &KeyPair) -> Activation {
    Activation {
        typed: Typed {
            request_id: begun.activation_id.clone(),
            code: Zeroizing::new(code.to_owned()),
        },
        signature: key.sign(begun.nonce.as_bytes()).unwrap(),
        terms_version: "demo-1".to_owned(),
        receipt_confirmed: true,
    }
}

#[test]
fn a_card_is_put_to_use_by_whoever_holds_it_and_reads_the_mail() {
    on_both_engines(async |store| {
        let (house, codes, card, key) = made(store).await;
        let named = Named::Card(card.clone());
        // Nothing is sent before the arrival is on record; the card alone is told why.
        let begun = activation::start(&codes, named.clone(), START)
            .await
            .unwrap();
        assert_eq!(newest_code(house.store()).await, None);
        let early = activation::finish(&codes, wanted(&begun, "12345678", &key), START).await;
        assert_eq!(refused(early), RefusalCode::ReceiptNotConfirmed);
        let stranger = KeyPair::generate().unwrap();
        let nobody = activation::finish(&codes, wanted(&begun, "12345678", &stranger), START);
        assert_eq!(refused(nobody.await), RefusalCode::CodeWrong);
        confirm_receipt(house.store(), house.policy(), card.clone(), desk(), START)
            .await
            .unwrap();

        let begun = activation::start(&codes, named, START).await.unwrap();
        let code = newest_code(house.store()).await.unwrap();
        let thief = activation::finish(&codes, wanted(&begun, &code, &stranger), START).await;
        assert_eq!(refused(thief), RefusalCode::ProofOfPossessionFailed);
        let mut unread = wanted(&begun, &code, &key);
        unread.terms_version = "demo-0".to_owned();
        let unread = activation::finish(&codes, unread, START).await;
        assert_eq!(refused(unread), RefusalCode::TermsNotAccepted);
        let mut silent = wanted(&begun, &code, &key);
        silent.receipt_confirmed = false;
        let silent = activation::finish(&codes, silent, START).await;
        assert_eq!(refused(silent), RefusalCode::ReceiptNotConfirmed);
        let wrong = activation::finish(&codes, wanted(&begun, "00000000", &key), START).await;
        assert_eq!(refused(wrong), RefusalCode::CodeWrong);
        let done = activation::finish(&codes, wanted(&begun, &code, &key), START).await;
        assert_eq!(done.unwrap(), card);
        let active = "SELECT COUNT(*) FROM card WHERE state = 'active'";
        assert_eq!(house.count(active).await, 1);
        let current = "SELECT COUNT(*) FROM intent WHERE state = 'active'";
        assert_eq!(house.count(current).await, 1);
        let again = activation::finish(&codes, wanted(&begun, &code, &key), START).await;
        assert_eq!(refused(again), RefusalCode::CodeWrong);
    })
    .unwrap();
}
