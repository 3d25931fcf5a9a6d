//! What is done for people as time goes by: reminders before their cards end, warnings to desks that
//! run short. Serve looks once a minute. Dev looks at each request too, since its clock may have been
//! moved: what would have been done by then is done before the answer (contract 3).

use enrolment::clock_mark::ClockTrust;
use enrolment::desk_cover;
use enrolment::reminders::{self, Late, Reminding};
use policies::time::{Span, Time};
use tokio::sync::Mutex;

use crate::house::Shared;
use crate::post;

/// How often reminders are looked for.
const REMIND_EVERY: Span = Span::minutes(1);
/// The same in dev, where the clock may be moved by a second.
const REMIND_EVERY_IN_DEV: Span = Span::seconds(1);
/// How often desks are looked at.
const COVER_EVERY: Span = Span::hours(1);

/// When each was done last.
#[derive(Debug, Default)]
pub struct Errands {
    last: Mutex<Last>,
    /// Held by whoever takes letters out: who waits for her own finds them gone out.
    pub(crate) posting: Mutex<()>,
}

#[derive(Debug, Default)]
struct Last {
    reminded: Option<Time>,
    covered: Option<Time>,
}

/// Does what is due. Whoever comes while it is being done waits until it is.
pub async fn run(house: &Shared, now: Time) {
    let mut last = house.errands.last.lock().await;
    let every = match house.clock_trust {
        ClockTrust::FileIsTruth => REMIND_EVERY_IN_DEV,
        ClockTrust::Guarded => REMIND_EVERY,
    };
    let reminding = is_due(&mut last.reminded, every, now);
    let covering = is_due(&mut last.covered, COVER_EVERY, now);
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
fn is_due(last: &mut Option<Time>, span: Span, now: Time) -> bool {
    let due = last.is_none_or(|last| now < last || now.since(last) >= span);
    if due {
        *last = Some(now);
    }
    due
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_is_due_once_a_span_and_after_any_jump() {
        let mut last = None;
        let mut due = |second: i64| is_due(&mut last, REMIND_EVERY, Time::from_unix(second));
        assert!(due(1_000));
        assert!(!due(1_059));
        assert!(due(1_060));
        assert!(due(900), "the clock was set back");
        assert!(due(9_000_000));
    }
}
