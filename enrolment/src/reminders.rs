//! Reminders before a card ends: one for each set and each of the days of the law, by mail and text
//! message, put into the outbox in the transaction that records them. The job does bounded work: it
//! looks only at sets whose reminder became due since it last looked, a few at a time.

use std::sync::Arc;

use policies::access::CardAction;
use policies::rbac::Rbac;
use policies::reminder::{DAYS_BEFORE, due_at, is_worth_sending};
use policies::renewal::window_opens_at;
use policies::time::{Span, Time};
use policies::values::Policy;

use crate::audit::Event;
use crate::helpers;
use crate::notices::{self, Notice};
use crate::store::reminders::{self, Due};
use crate::store::{Key, Store, StoreError, Tx, cards};

/// Sets in one transaction: few enough to leave the writer alone soon.
const AT_ONCE: i64 = 20;
/// Transactions in one run; what is left comes with the next one.
const ROUNDS: u32 = 250;

/// What the job needs.
#[derive(Clone)]
pub struct Reminding {
    /// The database.
    pub store: Store,
    /// The law's numbers.
    pub policy: Arc<Policy>,
    /// Who plays which part.
    pub rbac: Arc<Rbac>,
    /// What becomes of reminders that were due while nobody looked.
    pub late: Late,
}

/// What becomes of reminders that were due while nobody looked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Only the latest one is sent, and only before the card has ended.
    OnlyTheLatest,
    /// All are sent, each with what it would have said: the clock of `matron dev` was moved
    /// (contract 3).
    All,
}

/// Puts every reminder that is due. Answers how many were recorded.
///
/// # Errors
/// What the store says.
pub async fn run(reminding: &Reminding, now: Time) -> Result<usize, StoreError> {
    let mut recorded = 0;
    for days in DAYS_BEFORE {
        for _ in 0..ROUNDS {
            let (found, done) = round(reminding, days, now).await?;
            recorded += found;
            if done {
                break;
            }
        }
    }
    Ok(recorded)
}

/// One transaction; true when nothing more is due.
async fn round(reminding: &Reminding, days: u32, now: Time) -> Result<(usize, bool), StoreError> {
    let owned = reminding.clone();
    let key = Key::of("reminders", &days.to_string());
    reminding
        .store
        .write("reminders", key, move |tx| {
            let reminding = owned.clone();
            Box::pin(async move { reminding.within(tx, days, now).await })
        })
        .await
}

impl Reminding {
    async fn within(&self, tx: Tx<'_>, days: u32, now: Time) -> Result<(usize, bool), StoreError> {
        let number = i64::from(days);
        let span = Span::days(number);
        let until = match (reminders::mark(tx, number).await?, self.late) {
            (Some(until), _) => until,
            // The first time ever: every card that has not ended.
            (None, Late::OnlyTheLatest) => now.minus(span),
            (None, Late::All) => Time::from_unix(0),
        };
        if until == now {
            return Ok((0, true));
        }
        let ends = (until.plus(span), now.plus(span));
        let due = reminders::due(tx, number, ends, AT_ONCE).await?;
        let all = i64::try_from(due.len()).is_ok_and(|found| found < AT_ONCE);
        let looked_at = match due.last() {
            Some(last) if !all => due_at(last.not_after, days).minus(Span::seconds(1)),
            _ => now,
        };
        let found = due.len();
        for set in due {
            self.remind(tx, &set, days, now).await?;
        }
        reminders::set_mark(tx, number, looked_at).await?;
        Ok((found, all))
    }

    async fn remind(&self, tx: Tx<'_>, set: &Due, days: u32, now: Time) -> Result<(), StoreError> {
        if !reminders::record(tx, &set.set_id, i64::from(days), now).await? {
            return Ok(());
        }
        if self.late == Late::OnlyTheLatest && !is_worth_sending(set.not_after, days, now) {
            return Ok(());
        }
        let card = cards::find(tx, &set.card).await?;
        let used = card.map_or(0, |card| card.self_renewals);
        let left = self.policy.self_renewals().saturating_sub(used);
        let helpers = if left == 0 {
            let about = (Some(set.person.clone()), None);
            let wanted = self.policy.roles_for(CardAction::Renew.into());
            helpers::near(tx, about, wanted, &self.rbac, now).await?
        } else {
            Vec::new()
        };
        let notice = Notice::CardEnds {
            days,
            set: set.set_id.to_string(),
            not_after: set.not_after,
            opens_at: window_opens_at(set.not_after, &self.policy),
            self_renewals_left: left,
            helpers,
        };
        notices::tell(tx, &set.person, &notice, now).await?;
        let event = Event::Reminded {
            person: set.person.clone(),
            card: set.card.clone(),
        };
        tx.audit(now, &event).await
    }
}
