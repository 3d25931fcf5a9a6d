//! The line before a thread of the database: first come, first served, with a bounded number of
//! places. Whoever works takes from it under one lock, the writer a whole group at a time; a
//! newcomer wakes somebody only if somebody sleeps.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, TryAcquireError};
use tokio::time::timeout;

use super::errand::Job;
use crate::error::StoreError;
use crate::store::engine::held;

/// Jobs that may wait in one line; the next one waits at the door, at most [`PATIENCE`].
const PLACES: usize = 1024;
/// How long a caller waits for a place before `busy` (house decision 5).
const PATIENCE: Duration = Duration::from_secs(5);

/// Nobody waits for company.
const NO_CROWD: usize = usize::MAX;

/// The line before the writer, or before all readers.
pub(super) struct Line {
    waiting: Mutex<Waiting>,
    bell: Condvar,
    places: Semaphore,
}

struct Waiting {
    jobs: VecDeque<Box<dyn Job>>,
    /// Threads that sleep and have not been rung for; rather one too many than one too few.
    asleep: usize,
    /// So many in the line ring for whoever waits for company.
    crowd: usize,
    closed: bool,
}

impl Line {
    pub(super) fn new() -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                jobs: VecDeque::new(),
                asleep: 0,
                crowd: NO_CROWD,
                closed: false,
            }),
            bell: Condvar::new(),
            places: Semaphore::new(PLACES),
        }
    }

    /// Joins the line once there is a place.
    ///
    /// # Errors
    /// [`StoreError::Busy`] without a place in five seconds, [`StoreError::Closed`].
    pub(super) async fn join(&self, job: Box<dyn Job>) -> Result<(), StoreError> {
        let place = match self.places.try_acquire() {
            Ok(place) => place,
            Err(TryAcquireError::NoPermits) => timeout(PATIENCE, self.places.acquire())
                .await
                .map_err(|_| StoreError::Busy)?
                .map_err(|_| StoreError::Closed)?,
            Err(TryAcquireError::Closed) => return Err(StoreError::Closed),
        };
        // Whoever takes the job gives its place back.
        place.forget();
        let mut waiting = held(&self.waiting);
        if waiting.closed {
            return Err(StoreError::Closed);
        }
        waiting.jobs.push_back(job);
        let sleeps = waiting.asleep > 0 || waiting.jobs.len() == waiting.crowd;
        waiting.asleep = waiting.asleep.saturating_sub(1);
        drop(waiting);
        if sleeps {
            self.bell.notify_one();
        }
        Ok(())
    }

    /// Sleeps until somebody is in the line and takes up to `most`; none once the line is closed
    /// and empty.
    pub(super) fn take(&self, most: usize) -> Option<Vec<Box<dyn Job>>> {
        let mut waiting = held(&self.waiting);
        loop {
            if !waiting.jobs.is_empty() {
                return Some(self.serve(waiting, most));
            }
            if waiting.closed {
                return None;
            }
            waiting.asleep += 1;
            waiting = self
                .bell
                .wait(waiting)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Sleeps until `crowd` are in the line, but no longer than `patience`, and takes up to `most`
    /// of them; maybe nobody.
    pub(super) fn take_company(
        &self,
        crowd: usize,
        patience: Duration,
        most: usize,
    ) -> Vec<Box<dyn Job>> {
        let mut waiting = held(&self.waiting);
        waiting.crowd = crowd;
        let (mut waiting, _) = self
            .bell
            .wait_timeout_while(waiting, patience, |waiting| {
                waiting.jobs.len() < crowd && !waiting.closed
            })
            .unwrap_or_else(PoisonError::into_inner);
        waiting.crowd = NO_CROWD;
        self.serve(waiting, most)
    }

    fn serve(&self, mut waiting: MutexGuard<'_, Waiting>, most: usize) -> Vec<Box<dyn Job>> {
        let count = waiting.jobs.len().min(most);
        let jobs = waiting.jobs.drain(..count).collect();
        drop(waiting);
        self.places.add_permits(count);
        jobs
    }

    /// Nobody joins any more; who is in the line is still served.
    pub(super) fn close(&self) {
        held(&self.waiting).closed = true;
        self.places.close();
        self.bell.notify_all();
    }
}
