//! A closure on its way to the thread that holds the connection, and its answer on the way back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

use crate::error::StoreError;
use crate::store::engine::{Session, Tx, outcome};

/// What a thread does with a closure, whatever it returns.
pub(super) trait Job: Send {
    /// The name given to the door.
    fn name(&self) -> &'static str;

    /// Runs the closure once and keeps what it returned. True when its changes are to stay.
    fn run(&mut self, session: &Session) -> bool;

    /// Replaces what the closure returned: its changes did not stay.
    fn fail(&mut self, error: StoreError);

    /// Tells the caller, once the outcome is final.
    fn answer(self: Box<Self>);
}

/// A closure with its caller waiting.
pub(super) struct Errand<F, T, E> {
    name: &'static str,
    work: F,
    returned: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Errand<F, T, E> {
    pub(super) const fn new(
        name: &'static str,
        work: F,
        reply: oneshot::Sender<Result<T, E>>,
    ) -> Self {
        Self {
            name,
            work,
            returned: None,
            reply,
        }
    }
}

impl<F, T, E> Job for Errand<F, T, E>
where
    F: for<'t> Fn(Tx<'t>) -> BoxFuture<'t, Result<T, E>> + Send + Sync,
    T: Send,
    E: From<StoreError> + Send,
{
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&mut self, session: &Session) -> bool {
        let transaction = self.name;
        // Nothing here waits, so the future is finished the first time it is asked.
        let run = || (self.work)(Tx::new(session)).now_or_never();
        // What the closure left half done is rolled back, so nobody sees it.
        let returned = match catch_unwind(AssertUnwindSafe(run)) {
            Ok(Some(returned)) => outcome(session, returned),
            Ok(None) => Err(StoreError::Waited { transaction }.into()),
            Err(_) => Err(StoreError::Panicked { transaction }.into()),
        };
        let keep = returned.is_ok();
        self.returned = Some(returned);
        keep
    }

    fn fail(&mut self, error: StoreError) {
        self.returned = Some(Err(error.into()));
    }

    fn answer(self: Box<Self>) {
        let returned = self
            .returned
            .unwrap_or_else(|| Err(StoreError::Closed.into()));
        // A caller who stopped waiting is not told; what was written stays written.
        drop(self.reply.send(returned));
    }
}
