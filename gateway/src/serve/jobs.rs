//! What a house does by itself while it serves: checkpoints of the audit trail, the clock's
//! high-water mark, finishing what a crash has interrupted, reminders of cards that end,
//! and forgetting what has ended.

use std::time::Duration;

use enrolment::audit::checkpoint::{self, CheckpointKey};
use enrolment::{clock_mark, recovery};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::errands;
use crate::federation;
use crate::house::Shared;
use crate::post;
use crate::store::forgetting;

/// How often the clock's mark is raised (decision 1).
const MARK_EVERY: Duration = Duration::from_secs(30);
/// How often interrupted issuance is looked for.
const RECOVER_EVERY: Duration = Duration::from_mins(1);

/// How often the outbox is looked at.
const DELIVER_EVERY: Duration = Duration::from_secs(1);

/// How often rows that have ended are forgotten.
const FORGET_EVERY: Duration = Duration::from_mins(5);

/// How often reminders are looked for.
const REMIND_EVERY: Duration = Duration::from_mins(1);

/// The running jobs of a house; they end when this is dropped.
pub struct Jobs {
    tasks: JoinSet<()>,
}

impl Jobs {
    /// Starts all of them.
    pub fn start(house: &Shared, key: CheckpointKey) -> Self {
        let mut tasks = JoinSet::new();
        tasks.spawn(checkpoint::keep(
            house.store.clone(),
            key,
            house.clock.clone(),
        ));
        tasks.spawn(every(MARK_EVERY, house.clone(), raise_mark));
        tasks.spawn(every(RECOVER_EVERY, house.clone(), recover));
        tasks.spawn(every(DELIVER_EVERY, house.clone(), deliver));
        tasks.spawn(every(FORGET_EVERY, house.clone(), forget));
        tasks.spawn(every(REMIND_EVERY, house.clone(), remind));
        tasks.spawn(federation::follow_switches(house.clone()));
        tasks.spawn(federation::keep_in_touch(house.clone()));
        Self { tasks }
    }

    /// Ends all of them. A write that has begun is finished by the store.
    pub async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn every<F>(period: Duration, house: Shared, job: impl Fn(Shared) -> F)
where
    F: Future<Output = ()>,
{
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        job(house.clone()).await;
    }
}

async fn raise_mark(house: Shared) {
    let raised = clock_mark::raise(&house.store, house.now(), None, house.clock_trust).await;
    if let Err(error) = raised {
        tracing::error!(%error, "the clock's mark was not raised");
    }
}

async fn deliver(house: Shared) {
    post::deliver(&house).await;
}

/// Reminders of cards that end, and warnings about desks.
async fn remind(house: Shared) {
    errands::run(&house, house.now()).await;
}

async fn forget(house: Shared) {
    match forgetting::forget_ended(&house.store, house.now()).await {
        Ok(0) => {}
        Ok(rows) => tracing::debug!(rows, "ended sign-ins, sessions and tokens forgotten"),
        Err(error) => tracing::error!(%error, "what has ended was not forgotten"),
    }
}

async fn recover(house: Shared) {
    match recovery::while_running(&house.issuing(), house.now()).await {
        Ok(recovered) => report(&recovered),
        Err(error) => tracing::error!(%error, "interrupted issuance cannot be read"),
    }
}

/// Tells the log what was finished or given up; silent when there was nothing.
pub(super) fn report(recovered: &recovery::Recovered) {
    for intent in &recovered.rolled_forward {
        tracing::warn!(intent = intent.as_str(), "interrupted issuance finished");
    }
    for intent in &recovered.burned {
        tracing::warn!(
            intent = intent.as_str(),
            "interrupted issuance given up, serials revoked"
        );
    }
    for (intent, error) in &recovered.failed {
        tracing::error!(intent = intent.as_str(), %error, "interrupted issuance not finished");
    }
}
