//! What is done for people as time goes by: reminders before their cards end, warnings to desks that
//! run short. Serve looks once a minute. Dev looks at each request too, since its clock may have been
//! moved: what would have been done by then is done before the answer (contract 3).

use std::sync::atomic::{AtomicI64, Ordering};

use enrolment::clock_mark::ClockTrust;
use enrolment::desk_cover;
use enrolment::reminders::{self, Late, Reminding};
use policies::time::{Span, Time};

use crate::house::Shared;
use crate::post;

/// How often reminders are looked for.
const REMIND_EVERY: Span = Span::minutes(1);
/// How often desks are looked at.
const COVER_EVERY: Span = Span::hours(1);

/// When each was done last.
#[derive(Debug)]
pub struct Errands {
    reminded: AtomicI64,
    covered: AtomicI64,
}

impl Default for Errands {
    fn default() -> Self {
        Self {
            reminded: AtomicI64::new(i64::MIN),
            covered: AtomicI64::new(i64::MIN),
        }
    }
}

/// Does what is due; two at once cannot hurt, since rows decide what is sent.
pub async fn run(house: &Shared, now: Time) {
    let reminding = is_due(&house.errands.reminded, REMIND_EVERY, now);
    let covering = is_due(&house.errands.covered, COVER_EVERY, now);
    if !reminding && !covering {
        return;
    }
    let mut put = 0;
    if reminding {
        put += remind(house, now).await;
    }
    if covering {
        put += cover(house, now).await;
    }
    if put > 0 && house.post.is_prompt() {
        post::deliver(house).await;
    }
}

async fn remind(house: &Shared, now: Time) -> usize {
    let reminding = Reminding {
        store: house.store.clone(),
        policy: house.policy.clone(),
        rbac: house.rbac.clone(),
        late: match house.clock_trust {
            ClockTrust::FileIsTruth => Late::All,
            ClockTrust::Guarded => Late::OnlyTheLatest,
        },
    };
    reminders::run(&reminding, now)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(%error, "reminders were not put");
            0
        })
}

async fn cover(house: &Shared, now: Time) -> usize {
    let warned = desk_cover::warn(&house.store, &house.rbac, now).await;
    warned.unwrap_or_else(|error| {
        tracing::error!(%error, "desks were not looked at");
        0
    })
}

/// Whether so much time has passed since, or the clock was set back; then it counts as done now.
fn is_due(last: &AtomicI64, span: Span, now: Time) -> bool {
    let now = now.unix();
    let before = last.load(Ordering::Relaxed);
    let due = now < before || now.saturating_sub(before) >= span.as_seconds();
    due && last
        .compare_exchange(before, now, Ordering::Relaxed, Ordering::Relaxed)
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_is_due_once_a_span_and_after_any_jump() {
        let (last, at) = (AtomicI64::new(i64::MIN), Time::from_unix);
        let due = |second: i64| is_due(&last, REMIND_EVERY, at(second));
        assert!(due(1_000));
        assert!(!due(1_059));
        assert!(due(1_060));
        assert!(due(900), "the clock was set back");
        assert!(due(9_000_000));
    }
}
