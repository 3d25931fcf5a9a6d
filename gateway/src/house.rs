//! What every room of the gateway shares: the store, the authority, the rules, the names and the
//! time. Made once at start from checked values (house rule: configuration becomes private-field
//! types, or the program does not start) and handed to every handler as `Shared`.

#[cfg(test)]
pub(crate) mod trial;

use std::sync::Arc;

use ca::authority::Authority;
use ca::verify::Trust;
use enrolment::clock_mark::ClockTrust;
use enrolment::codes::CodeHouse;
use enrolment::ledger::Issuing;
use enrolment::role_keys::RoleKeys;
use enrolment::signed_in::Sessions;
use enrolment::store::Store;
use enrolment::vault::Vault;
use futures_util::future::BoxFuture;
use http::StatusCode;
use policies::rbac::Rbac;
use policies::time::{Clock, Time};
use policies::values::Policy;
use ring::rand::{SecureRandom, SystemRandom};

use crate::errands::Errands;
use crate::error::Failure;
use crate::federation::Federation;
use crate::health::Health;
use crate::messages::EN;
use crate::post::Post;
use crate::signin::books::Books;
use crate::tokens::TokenKeys;
use crate::webauthn::{Models, RelyingParty};

/// The one state of the program's routers.
pub type Shared = Arc<House>;

/// Everything a handler may need beyond its own request.
pub struct House {
    /// The two doors to the database (decision 5).
    pub store: Store,
    /// Signs certificates and revocation lists; never called inside an open transaction.
    pub authority: Arc<Authority>,
    /// The issuing certificates whose cards are ours.
    pub trust: Arc<Trust>,
    /// DER of the root certificate, as published under `/root.crt`.
    pub root_certificate: Vec<u8>,
    /// DER of the root's own revocation list, as published under `/crl/root.crl`; `None` where the operator publishes
    /// it elsewhere.
    pub root_list: Option<Vec<u8>>,
    /// The versioned policy file.
    pub policy: Arc<Policy>,
    /// The national role-based access database: job roles to activities.
    pub rbac: Arc<Rbac>,
    /// The names under which this house is known.
    pub names: Names,
    /// Keys that sign ID tokens.
    pub token_keys: TokenKeys,
    /// The only source of time; read by the door, once per request (decision 1).
    pub clock: Arc<dyn Clock>,
    /// Whether that clock is guarded against jumps.
    pub clock_trust: ClockTrust,
    /// Whether everything that should listen does.
    pub health: Health,
    /// The only source of chance.
    pub chance: SystemRandom,
    /// Seals the cards' own secrets and stores codes; `None` where the operator keeps no key for it, and then nothing
    /// that needs one is offered.
    pub vault: Option<Arc<Vault>>,
    /// Security keys, Windows Hello and passkeys; `None` where no browser makes keys for this address.
    pub keys: Option<RelyingParty>,
    /// Where mails and text messages go.
    pub post: Post,
    /// Other organisations whose sign-in is accepted here.
    pub federation: Federation,
    /// What was done when, as time goes by.
    pub errands: Errands,
    /// The demo card drawer; `None` in every profile but `matron dev` (decision 17).
    pub dev: Option<Arc<dyn DevCards>>,
}

impl House {
    /// Reads the clock. Only the door, jobs and commands call this; handlers use `Arrival::now`.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// What an issuance of this house needs.
    pub fn issuing(&self) -> Issuing {
        Issuing {
            store: self.store.clone(),
            authority: self.authority.clone(),
            policy: self.policy.clone(),
            clock: self.clock_trust,
        }
    }

    /// What a journey with a one-time code or a card's secret needs of this house.
    ///
    /// # Errors
    /// [`Failure::NotFound`] where there is no key for it: this house does not offer that.
    pub fn codes(&self) -> Result<CodeHouse, Failure> {
        let vault = self.vault.clone().ok_or(Failure::NotFound)?;
        Ok(CodeHouse {
            store: self.store.clone(),
            vault,
            policy: self.policy.clone(),
            chance: self.chance.clone(),
            clock: self.clock_trust,
        })
    }

    /// The site for whose address devices make keys (WebAuthn).
    ///
    /// # Errors
    /// [`Failure::NotFound`] where its address can have none, such as an IP address.
    pub fn keys(&self) -> Result<&RelyingParty, Failure> {
        self.keys.as_ref().ok_or(Failure::NotFound)
    }

    /// The books of sessions, for whoever must be looked up again in a later transaction.
    pub fn sessions(&self) -> Arc<dyn Sessions> {
        Arc::new(Books::new(self.policy.clone()))
    }

    /// What roles ask of the devices that open them.
    pub fn role_keys(&self) -> RoleKeys {
        let groups = self
            .keys
            .as_ref()
            .map(|site| site.models().groups().clone());
        RoleKeys::new(groups.unwrap_or_default(), self.rbac.clone())
    }

    /// Fills an array with random bytes.
    ///
    /// # Errors
    /// [`Failure::Chance`] when the system has no randomness; nothing falls back to a weaker
    /// source (security fault F55).
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Failure> {
        let mut bytes = [0_u8; N];
        self.chance.fill(&mut bytes).map_err(|_| Failure::Chance)?;
        Ok(bytes)
    }
}

/// The site as devices know it, with the models that count there; `None` where browsers make no
/// keys for its address.
pub fn keys_of(issuer: &str, models: Models) -> Option<RelyingParty> {
    let url = url::Url::parse(issuer).ok()?;
    RelyingParty::new(&url, EN.product, Arc::new(models)).ok()
}

/// The names under which browsers and applications know this house. No trailing slashes.
#[derive(Debug, Clone)]
pub struct Names {
    /// The OpenID Connect issuer, for example `https://id.example`.
    pub issuer: String,
    /// The card listener's origin, for example `https://card.id.example`.
    pub card_url: String,
    /// Where revocation lists and CA certificates are published, for example `http://pki.example`.
    pub pki_url: String,
    /// The demo clinical app's origin; only dev has one.
    pub app_url: Option<String>,
    /// What cookie names end in, so that two houses on one host keep apart: the issuer's port.
    pub cookie_suffix: String,
    /// Whether Strict-Transport-Security is sent; `serve` does, dev does not.
    pub hsts: bool,
}

impl Names {
    /// The issuer's authority as browsers send it in `Host`: `id.example`, `localhost:8443`.
    pub fn issuer_authority(&self) -> &str {
        authority_of(&self.issuer)
    }

    /// The card listener's authority as browsers send it in `Host`.
    pub fn card_authority(&self) -> &str {
        authority_of(&self.card_url)
    }
}

/// What stands between the scheme and the first slash of an origin.
fn authority_of(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, rest)| rest)
}

/// The demo card drawer of `matron dev`: cards a newcomer can use without a card reader.
pub trait DevCards: Send + Sync {
    /// Every demo card that can be picked, in the order of the page.
    fn cards(&self) -> Vec<DevCard>;

    /// Takes the card out of the drawer and, after its passcode, opens `login_url` at the card
    /// listener in a real mutual-TLS handshake, as that card's client.
    fn present<'a>(
        &'a self,
        alias: &'a str,
        passcode: &'a str,
        login_url: &'a str,
    ) -> BoxFuture<'a, Result<CardListenerAnswer, DevCardRefused>>;
}

/// One demo card, as the drawer's page shows it.
#[derive(Debug, Clone)]
pub struct DevCard {
    /// The alias of dev.json, for example `amara`.
    pub alias: String,
    /// The holder's name.
    pub name: String,
    /// One line on why this card is in the drawer.
    pub note: String,
}

/// What the card listener answered to a demo card's client.
#[derive(Debug, Clone)]
pub struct CardListenerAnswer {
    /// 303 with `location` after a good card, 403 with a refusal page otherwise.
    pub status: StatusCode,
    /// Where the browser goes next.
    pub location: Option<String>,
    /// The refusal page, to be shown as it is.
    pub body: String,
}

/// Why a demo card did not reach the card listener.
#[derive(Debug, thiserror::Error)]
pub enum DevCardRefused {
    /// No demo card has this alias.
    #[error("no demo card of this name")]
    UnknownCard,
    /// The passcode is wrong.
    #[error("wrong passcode")]
    WrongPasscode {
        /// Tries left before the card locks.
        left: u8,
    },
    /// The passcode was wrong three times in a row.
    #[error("the card is locked")]
    Locked,
    /// The card's client could not speak with the card listener.
    #[error("the card listener could not be reached")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

#[cfg(test)]
mod tests {
    use super::authority_of;

    #[test]
    fn an_authority_keeps_its_port_and_nothing_else() {
        assert_eq!(authority_of("https://localhost:8443"), "localhost:8443");
        assert_eq!(authority_of("https://id.example"), "id.example");
    }
}
