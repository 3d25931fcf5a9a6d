//! The hardware under the card: real random numbers and two files as its memory.

use std::path::Path;

use piv_authenticator::{Authenticator, Options};
use rand_core::OsRng;
use trussed::pipe::TrussedChannel;
use trussed::platform::Platform;
use trussed::virt::{Client, Runner, StorageConfig, Store, StoreConfig, UserInterface};

use crate::dispatch::{BACKENDS, Dispatch, DispatchContext};

/// The PIV application on this system.
pub type Piv<'a> = Authenticator<Client<'a, Dispatch>>;

struct Hardware<'a> {
    rng: OsRng,
    store: Store<'a>,
    ui: UserInterface,
}

impl<'a> Platform for Hardware<'a> {
    type R = OsRng;
    type S = Store<'a>;
    type UI = UserInterface;

    fn rng(&mut self) -> &mut OsRng {
        &mut self.rng
    }

    fn store(&self) -> Store<'a> {
        self.store
    }

    fn user_interface(&mut self) -> &mut UserInterface {
        &mut self.ui
    }
}

/// Runs `session` with a card that was just powered on: what it kept in files is there, passcode and management key
/// are not yet proven. Ends when `session` ends, which is the card losing its power.
pub fn powered<R>(memory: &Path, session: impl FnOnce(&mut Piv<'_>) -> R) -> R {
    let file = |name: &str| StorageConfig::filesystem(memory.join(name));
    let mut store = StoreConfig {
        internal: file("internal"),
        external: file("external"),
        volatile: StorageConfig::ram(),
    };
    store.with_store(|store| {
        let hardware = Hardware {
            rng: OsRng,
            store,
            ui: UserInterface::new(),
        };
        let channel = TrussedChannel::new();
        let mut runner = Runner::<_, DispatchContext>::new();
        let (requester, responder) = channel.split().expect("a fresh channel");
        runner.add_endpoint(responder, "piv", BACKENDS);
        let client = Client::new(requester, runner.syscall(), None);
        runner.run(hardware, Dispatch::default(), || {
            session(&mut Authenticator::new(client, Options::new()))
        })
    })
}
