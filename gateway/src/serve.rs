//! `matron serve`: a checked configuration becomes a house with three listeners. Dev has its own
//! way to build a house (decision 17) and shares only what opens, runs and stops listeners.

mod jobs;
mod open;
mod stop;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use ca::authority::Authority;
use ca::error::CaError;
use ca::issuer::Issuer;
use ca::keys::{FileKey, KeyError};
use ca::verify::Trust;
use enrolment::audit::Actor;
use enrolment::audit::checkpoint::{CheckpointKey, NotACheckpointKey};
use enrolment::clock_mark::ClockTrust;
use enrolment::journeys::JourneyError;
use enrolment::store::{Store, StoreError};
use enrolment::vault::{Vault, VaultError};
use enrolment::{recovery, schema};
use policies::time::Clock;
use ring::rand::SystemRandom;

use crate::config::{AuthorityFiles, ClientEntry, Config, IssuerFiles, Rules, TokenKeyFile};
use crate::door::clock::MachineClock;
use crate::door::tls;
use crate::errands::Errands;
use crate::federation::{self, Federation};
use crate::health::Health;
use crate::house::{House, Names, Shared, keys_of};
use crate::oidc::registration::RegisterError;
use crate::post::{Mail, MailSetting, Post, PostError, Sms, SmsSetting};
use crate::router;
use crate::store as tables;
use crate::tokens::{TokenKeys, TokenKeysError};
use crate::webauthn::Models;
use crate::webauthn::models::record::InstallError;

pub use jobs::Jobs;
pub use open::{Addresses, Listeners, Running, ServerTls};
pub use stop::on_signal;

/// Why `serve` did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The database.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The tables are older than this program.
    #[error("the database is not up to date; run `matron migrate`")]
    NotMigrated,
    /// The certification authority.
    #[error("the certification authority cannot be used")]
    Authority(#[from] CaError),
    /// An issuer's key.
    #[error("the issuing key cannot be used")]
    IssuingKey(#[from] KeyError),
    /// A key file that is no text.
    #[error("the issuing key is not PEM")]
    IssuingKeyText(#[from] std::str::Utf8Error),
    /// Token keys.
    #[error("the token keys cannot be used")]
    TokenKeys(#[from] TokenKeysError),
    /// The key of the audit checkpoints.
    #[error("the checkpoint key cannot be used")]
    CheckpointKey(#[from] NotACheckpointKey),
    /// An application in the configuration.
    #[error("an application of the configuration cannot be registered")]
    Client(#[from] RegisterError),
    /// Issuance left unfinished by a crash.
    #[error("issuance interrupted earlier cannot be finished")]
    Recovery(#[from] JourneyError),
    /// The key of the cards' own secrets.
    #[error("the key of the cards' secrets cannot be used")]
    Vault(#[from] VaultError),
    /// The way to a mail server or a text message service.
    #[error("mail or text messages cannot be set up")]
    Post(#[from] PostError),
    /// The way to other organisations.
    #[error("the way to other organisations cannot be set up")]
    Federation(#[from] reqwest::Error),
    /// The metadata of security keys.
    #[error("the metadata of security keys is not accepted")]
    Metadata(#[from] InstallError),
    /// Signals.
    #[error("cannot watch for signals")]
    Signals(#[source] std::io::Error),
    /// A listener's certificate.
    #[error("a listener's certificate or key cannot be used")]
    Tls(#[from] rustls::Error),
    /// A listener's address.
    #[error("cannot listen on {address}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// A listener that was opened does not answer.
    #[error("{address} does not answer")]
    Silent {
        /// Where.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
}

/// Runs a house from a configuration until it is told to stop. `ready` is called once every
/// listener answers.
///
/// # Errors
/// What keeps it from starting.
pub async fn serve(config: Config, ready: impl FnOnce()) -> Result<(), ServeError> {
    let stop = on_signal().map_err(ServeError::Signals)?;
    let store = Store::open(&config.database).await?;
    if !is_migrated(&store).await? {
        return Err(ServeError::NotMigrated);
    }
    let checkpoint_key = CheckpointKey::from_pkcs8(&config.checkpoint_key)?;
    let at = Addresses {
        gateway: config.gateway.listen,
        card: config.card.listen,
        publishing: config.publishing.listen,
    };
    let issuing: Vec<_> = config
        .authority
        .issuers
        .iter()
        .map(|issuer| issuer.certificate.clone())
        .collect();
    let tls = ServerTls {
        gateway: tls::gateway(config.gateway.credentials)?,
        card: tls::card(config.card.credentials, &issuing)?,
    };
    let names = Names {
        cookie_suffix: at.gateway.port().to_string(),
        issuer: config.gateway.url,
        card_url: config.card.url,
        pki_url: config.publishing.url,
        app_url: None,
        hsts: true,
    };
    let vault = match &config.secrets_key {
        Some(key) => Some(Arc::new(Vault::from_bytes(key)?)),
        None => None,
    };
    let post = post(config.mail.as_ref(), config.sms)?;
    let federation = Federation::new(config.federation, &names.issuer, &config.database)?;
    let models = config.authenticators.models(MachineClock.now())?;
    let house = furnish(
        (store, vault, post),
        (federation, models),
        names,
        config.authority,
        &config.token_keys,
        config.rules,
    )
    .await?;
    register(&house, config.clients).await?;
    federation::open(&house).await?;
    recover(&house).await?;
    let listeners = Listeners::open(&house, at, tls, router::gateway(), config.limits).await?;
    let running = listeners.start(&stop);
    running.answer().await?;
    house.health.all_listen();
    let jobs = Jobs::start(&house, checkpoint_key);
    ready();
    running.ended().await;
    jobs.end().await;
    Ok(())
}

/// Registers the applications of the configuration; one that is registered already stays as it is.
async fn register(house: &Shared, clients: Vec<ClientEntry>) -> Result<(), ServeError> {
    for ClientEntry { checked, secret } in clients {
        let stamp = (house.now(), Actor::System);
        checked
            .register(&house.store, &house.chance, stamp, secret)
            .await?;
    }
    Ok(())
}

/// Finishes what a crash has interrupted, before the first request comes in.
///
/// # Errors
/// When the unfinished intents cannot be read.
pub async fn recover(house: &Shared) -> Result<(), ServeError> {
    let recovered = recovery::at_start(&house.issuing(), house.now()).await?;
    jobs::report(&recovered);
    Ok(())
}

/// Brings the tables of both rooms up to date.
///
/// # Errors
/// A database that a newer program has migrated, or what the engine says.
pub async fn migrate(store: &Store) -> Result<(), StoreError> {
    store.migrate(schema::ROOM, schema::MIGRATIONS).await?;
    store.migrate(tables::ROOM, tables::MIGRATIONS).await
}

/// Drops the tables of both rooms, for a demo that begins afresh.
///
/// # Errors
/// What the engine says.
pub async fn forget(store: &Store) -> Result<(), StoreError> {
    store.forget(tables::ROOM, tables::MIGRATIONS).await?;
    store.forget(schema::ROOM, schema::MIGRATIONS).await
}

/// Whether the tables of both rooms are those of this program.
///
/// # Errors
/// As [`migrate`].
pub async fn is_migrated(store: &Store) -> Result<bool, StoreError> {
    Ok(store.is_migrated(schema::ROOM, schema::MIGRATIONS).await?
        && store.is_migrated(tables::ROOM, tables::MIGRATIONS).await?)
}

/// The ways to the configured servers; nothing is connected yet.
fn post(mail: Option<&MailSetting>, sms: Option<SmsSetting>) -> Result<Post, PostError> {
    Ok(Post::Servers {
        mail: mail.map(Mail::new).transpose()?.map(Box::new),
        sms: sms.map(Sms::new).transpose()?.map(Box::new),
    })
}

/// Puts the house together.
async fn furnish(
    (store, vault, post): (Store, Option<Arc<Vault>>, Post),
    (federation, models): (Federation, Models),
    names: Names,
    files: AuthorityFiles,
    token_keys: &[TokenKeyFile],
    rules: Rules,
) -> Result<Shared, ServeError> {
    let clock = MachineClock;
    let chance = SystemRandom::new();
    let token_keys = open_token_keys(&store, &names.issuer, token_keys, &chance).await?;
    let trust = Trust::new(
        files
            .issuers
            .iter()
            .map(|issuer| issuer.certificate.as_ref()),
    )?;
    let issuers = files
        .issuers
        .into_iter()
        .map(open_issuer)
        .collect::<Result<Vec<_>, _>>()?;
    let authority = Authority::new(issuers, files.publishing)?;
    let keys = keys_of(&names.issuer, models);
    Ok(Arc::new(House {
        store,
        authority: Arc::new(authority),
        trust: Arc::new(trust),
        root_certificate: files.root.to_vec(),
        root_list: files.root_list.map(|list| list.to_vec()),
        policy: rules.policy,
        rbac: rules.rbac,
        names,
        token_keys,
        clock: Arc::new(clock),
        clock_trust: ClockTrust::Guarded,
        health: Health::new(),
        chance,
        vault,
        keys,
        post,
        federation,
        errands: Errands::default(),
        dev: None,
    }))
}

fn open_issuer(files: IssuerFiles) -> Result<Issuer, ServeError> {
    let key = FileKey::from_pem(std::str::from_utf8(&files.key)?)?;
    Ok(Issuer::new(files.certificate.to_vec(), Arc::new(key))?)
}

/// Keys in files where the operator has named some, otherwise those in the database.
async fn open_token_keys(
    store: &Store,
    issuer: &str,
    files: &[TokenKeyFile],
    chance: &SystemRandom,
) -> Result<TokenKeys, TokenKeysError> {
    if files.is_empty() {
        return TokenKeys::open(store, issuer, chance, MachineClock.now()).await;
    }
    let keys: Vec<_> = files
        .iter()
        .map(|file| (file.standing, file.pem.as_slice()))
        .collect();
    TokenKeys::from_pem(issuer, &keys)
}
