//! A second demo PKI with the very same names and other keys: for showing that Matron trusts keys, not names.

use anyhow::{Context as _, Result};
use ca::Authority;
use ca::request::verify_csr;
use policies::access::{ActorFacts, ActorRole};
use policies::card::{CardState, KeyRole};
use policies::ids::{CardNumber, UserId};
use policies::issuance::{self, FirstCardFacts, KeyFacts, SubjectFacts};
use policies::time::Time;
use policies::values::Policy;

use super::{CardTree, DevPki, publishing};
use crate::cards::{CardCertificates, CardKeys, pem, signing_request};

/// Another authority that calls itself what ours is called.
pub struct ForeignPki {
    authority: Authority,
    /// Its root, DER.
    pub card_root: Vec<u8>,
    /// Its issuer, DER.
    pub issuing: Vec<u8>,
}

/// A card of the other authority.
pub struct ForeignCard {
    /// Its keys.
    pub keys: CardKeys,
    /// Its certificates.
    pub certificates: CardCertificates,
}

/// Where the other authority says that it publishes: the default address of ours.
const PKI_URL: &str = "http://127.0.0.1:8446";
/// When it was made. Nobody who is asked to trust it gets as far as dates.
const MADE_AT: Time = Time::from_unix(1_767_225_600);
/// A card number that no demo card has.
const NUMBER: &str = "9900000000999999";

impl DevPki {
    /// A second authority with our names, for tests.
    pub fn new_foreign() -> Result<ForeignPki> {
        let publishing = publishing(PKI_URL)?;
        let tree = CardTree::make(&publishing, MADE_AT)?;
        let (card_root, issuing) = (tree.root.der().to_vec(), tree.issuing.der().to_vec());
        Ok(ForeignPki {
            authority: Authority::new(vec![tree.issuing], publishing)?,
            card_root,
            issuing,
        })
    }
}

impl ForeignPki {
    /// A card for this user id as one PEM text: authentication certificate, its issuer's, and the key.
    pub fn card_pem(&self, user_id: &str) -> Result<Vec<u8>> {
        let card = self.card(&user_id.parse()?, &NUMBER.parse()?, MADE_AT)?;
        let chain =
            [&card.certificates.authentication, &self.issuing].map(|der| pem("CERTIFICATE", der));
        Ok(format!(
            "{}{}",
            chain.concat(),
            card.keys.authentication.serialize_pem()
        )
        .into_bytes())
    }

    /// A card for this user id and number, issued at `now` by the same law and profiles as ours. It is in no register.
    pub fn card(&self, user_id: &UserId, number: &CardNumber, now: Time) -> Result<ForeignCard> {
        let policy = Policy::default_file();
        let facts = FirstCardFacts {
            subject: SubjectFacts {
                user_id: user_id.clone(),
                person_version: 1,
                person_open: true,
                card: number.clone(),
                card_version: 1,
                card_state: CardState::Requested,
            },
            identity_verified: true,
            terms_accepted: true,
            other_live_card: false,
            plastic_used_before: false,
            series_ended: false,
            actor: ActorFacts {
                roles: vec![ActorRole::RaManager],
                is_subject: false,
                in_scope: true,
            },
            keys: KeyFacts {
                fresh: true,
                proven: true,
                acceptable: true,
            },
            issuer_not_after: self.authority.current()?.validity().not_after,
        };
        let permit =
            issuance::first_card(&facts, now, &policy).context("the foreign card is refused")?;
        let keys = CardKeys::generate()?;
        let subjects = vec![
            (
                KeyRole::Authentication,
                verify_csr(&signing_request(&keys.authentication, None)?, None)?,
            ),
            (
                KeyRole::Signature,
                verify_csr(&signing_request(&keys.signature, None)?, None)?,
            ),
        ];
        let prepared = self.authority.prepare(permit, subjects)?;
        let mut signed = Vec::new();
        for certificate in prepared.certificates() {
            signed.push(
                self.authority
                    .sign(&certificate.to_reserved())?
                    .der()
                    .to_vec(),
            );
        }
        let (Some(signature), Some(authentication)) = (signed.pop(), signed.pop()) else {
            anyhow::bail!("a set has two certificates");
        };
        Ok(ForeignCard {
            keys,
            certificates: CardCertificates {
                authentication,
                signature,
            },
        })
    }
}
