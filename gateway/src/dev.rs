//! `matron dev`: everything at once on loopback, with demo data (contract 1 to 3). Dev is a guest (decision 17): it
//! builds a house of its own, with the clock file and the drawer of demo cards in it, and from there on runs the same
//! routers, doors and listeners as `serve`, which knows nothing of this module.

mod applications;
pub mod authenticators;
mod drawer;
mod greeting;
mod listeners;

use std::error::Error;
use std::sync::Arc;

use ca::error::CaError;
use ca::verify::Trust;
use certs_dev::clock::FileClock;
use certs_dev::first_start::{self, Instants};
use certs_dev::folder::CLOCK;
use certs_dev::manifest::Manifest;
use certs_dev::pki::{self, DevPki};
use certs_dev::start::Start;
use enrolment::audit::checkpoint::{CheckpointKey, NotACheckpointKey};
use enrolment::clock_mark::ClockTrust;
use enrolment::store::{Store, StoreError};
use enrolment::vault::{Vault, VaultError};
use policies::rbac::Rbac;
use policies::time::Clock;
use policies::values::Policy;
use ring::rand::SystemRandom;

use crate::door::accept::Stop;
use crate::door::clock::MachineClock;
use crate::errands::Errands;
use crate::federation::{self, Federation, Setting};
use crate::health::Health;
use crate::house::{House, Names, Shared, keys_of};
use crate::oidc::registration::{RegisterError, RegistrationProblem};
use crate::post::Post;
use crate::serve::{self, Jobs, ServeError, on_signal};
use crate::tokens::{TokenKeys, TokenKeysError};
use crate::webauthn::Models;

pub use certs_dev::start::Options;
pub use listeners::routes;

/// The sponsor's window in dev, in days (contract 5).
const SPONSOR_WINDOW_DAYS: u32 = 30;

/// The folder in the demo folder where mails and text messages arrive.
const OUTBOX: &str = "outbox";

/// Why `matron dev` did not start.
#[derive(Debug, thiserror::Error)]
pub enum DevError {
    /// The folder, the demo data or the demo PKI.
    #[error(transparent)]
    Demo(Box<dyn Error + Send + Sync>),
    /// The database.
    #[error("the database cannot be used")]
    Store(#[from] StoreError),
    /// The issuing certificate.
    #[error("the demo authority cannot be used")]
    Authority(#[from] CaError),
    /// Token keys.
    #[error("the token keys cannot be used")]
    TokenKeys(#[from] TokenKeysError),
    /// The key of the audit checkpoints.
    #[error("the checkpoint key cannot be used")]
    CheckpointKey(#[from] NotACheckpointKey),
    /// The key of the cards' own secrets.
    #[error("the key of the cards' secrets cannot be used")]
    Vault(#[from] VaultError),
    /// A demo application that breaks the rules of registration: a fault of this program.
    #[error("the demo application {alias} is malformed: {problems:?}")]
    Application {
        /// Which.
        alias: String,
        /// What is wrong with it.
        problems: Vec<RegistrationProblem>,
    },
    /// A demo application that could not be written.
    #[error("a demo application cannot be registered")]
    Register(#[from] RegisterError),
    /// Listeners and recovery.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// The signals that end the program.
    #[error("the program cannot watch for signals")]
    Signals(#[source] std::io::Error),
}

/// Causes from `certs-dev`, which tells them as a chain of sentences.
fn demo(error: impl Into<Box<dyn Error + Send + Sync>>) -> DevError {
    DevError::Demo(error.into())
}

/// Runs until Ctrl-C or SIGTERM, with these organisations as ways to sign in. A first start makes the demo data; a later one goes on with it.
///
/// # Errors
/// What keeps it from starting.
pub async fn run(options: Options, federation: Vec<Setting>) -> Result<(), DevError> {
    let mut stop = on_signal().map_err(DevError::Signals)?;
    let start = Start::decide(&options).map_err(demo)?;
    let models = authenticators::listed(options.authenticator_models.as_deref())?;
    let prepared = tokio::select! {
        // An unfinished first start is begun anew the next time.
        () = stop.pulled() => return Ok(()),
        prepared = prepare(&start, models, federation) => prepared?,
    };
    open(&start, prepared, &stop).await
}

/// What is there before the first listener opens.
struct Prepared {
    house: Shared,
    manifest: Manifest,
    checkpoint_key: CheckpointKey,
}

async fn prepare(
    start: &Start,
    models: Models,
    federation: Vec<Setting>,
) -> Result<Prepared, DevError> {
    let clock: Arc<dyn Clock> = Arc::new(FileClock::new(
        start.folder.path(CLOCK),
        Arc::new(MachineClock),
    ));
    let at = Instants {
        dev: clock.now(),
        machine: MachineClock.now(),
    };
    let store = Store::open(&start.database).await?;
    if start.forgets_database {
        serve::forget(&store).await?;
    }
    serve::migrate(&store).await?;
    let policy = Arc::new(Policy::default_file().with_sponsor_window_at_most(SPONSOR_WINDOW_DAYS));
    let (issuer, chance) = (start.ports.issuer(), SystemRandom::new());
    let token_keys = async { Ok(TokenKeys::open(&store, &issuer, &chance, at.dev).await?) };
    let data = data(start, &store, Arc::clone(&policy), at);
    // Making RSA keys takes as long as the demo histories: side by side.
    let (token_keys, (manifest, pki)) = tokio::try_join!(token_keys, data)?;
    pki::renew_listener_certificates(&start.folder, &start.ports.pki_url(), at.machine)
        .map_err(demo)?;
    let checkpoint_key =
        CheckpointKey::from_pkcs8(&pki::checkpoint_key(&start.folder).map_err(demo)?)?;
    let vault = Vault::from_bytes(&pki::card_secrets_key(&start.folder).map_err(demo)?)?;
    let drawer = drawer::DemoDrawer::open(
        start.folder.clone(),
        manifest.clone(),
        store.clone(),
        Arc::clone(&clock),
    );
    let house = House {
        store,
        trust: Arc::new(Trust::new([pki.issuing.as_slice()])?),
        authority: Arc::new(pki.authority),
        root_certificate: pki.card_root,
        root_list: Some(pki.root_list),
        policy,
        rbac: Arc::new(Rbac::default_file()),
        names: names(start),
        token_keys,
        clock,
        clock_trust: ClockTrust::FileIsTruth,
        health: Health::new(),
        chance,
        vault: Some(Arc::new(vault)),
        keys: keys_of(&issuer, models),
        post: Post::Folder(start.folder.path(OUTBOX)),
        federation: Federation::new(federation, &issuer, &start.database)
            .map_err(ServeError::from)?,
        errands: Errands::default(),
        dev: Some(Arc::new(drawer.map_err(demo)?)),
    };
    let house = Arc::new(house);
    federation::open(&house).await?;
    Ok(Prepared {
        house,
        manifest,
        checkpoint_key,
    })
}

/// The demo data: of the earlier start, or made now. The clients come last, so that a finished folder has them.
async fn data(
    start: &Start,
    store: &Store,
    policy: Arc<Policy>,
    at: Instants,
) -> Result<(Manifest, DevPki), DevError> {
    if let Some(manifest) = &start.continued {
        let pki = DevPki::open(&start.folder, &start.ports.pki_url()).map_err(demo)?;
        return Ok((manifest.clone(), pki));
    }
    let (manifest, pki) = first_start::make(start, store, policy, at)
        .await
        .map_err(demo)?;
    applications::register(store, &manifest, at.dev).await?;
    start.folder.finish(&manifest).map_err(demo)?;
    Ok((manifest, pki))
}

fn names(start: &Start) -> Names {
    Names {
        issuer: start.ports.issuer(),
        card_url: start.ports.card_url(),
        pki_url: start.ports.pki_url(),
        app_url: Some(start.ports.app_url()),
        cookie_suffix: start.ports.gateway.to_string(),
        hsts: false,
    }
}

async fn open(start: &Start, prepared: Prepared, stop: &Stop) -> Result<(), DevError> {
    let Prepared {
        house,
        manifest,
        checkpoint_key,
    } = prepared;
    serve::recover(&house).await?;
    let running = listeners::open(start, &manifest, &house, stop).await?;
    running.answer().await?;
    house.health.all_listen();
    let jobs = Jobs::start(&house, checkpoint_key);
    greeting::say(start, &manifest);
    running.ended().await;
    jobs.end().await;
    Ok(())
}
