//! An operation and its limit in turns: what the machine charges now, then the operation, nine times. One calibration
//! for a whole run says what a shared machine charged a minute before.

use crate::calibrate::{Charges, Machine, median};
use crate::cpu;

/// Rounds of each side.
const ROUNDS: usize = 9;

/// What one round came to, µs of CPU for one operation.
struct Turn {
    cost: f64,
    charges: Charges,
}

/// All rounds of one operation.
pub(crate) struct Turns(Vec<Turn>);

impl Turns {
    /// CPU µs of the process per call of `work`, everybody calling it `times` times in each round, after one that
    /// warms up. People call at once, as they do in the morning: writes share their commit.
    pub(crate) async fn take<Person>(
        machine: &Machine,
        (pid, times): (u32, u32),
        people: &mut [Person],
        work: impl AsyncFn(&mut Person),
    ) -> Self {
        let mut turns = Vec::with_capacity(ROUNDS);
        for _ in 0..ROUNDS {
            let charges = machine.charges();
            // While the machine was asked the house lay still: its memory has gone back, its caches are cold.
            round(1, people, &work).await;
            let before = cpu::Process::now(pid);
            round(times, people, &work).await;
            let operations =
                f64::from(times) * f64::from(u32::try_from(people.len()).expect("few"));
            let cost = cpu::Process::now(pid).since(&before) / operations;
            turns.push(Turn { cost, charges });
        }
        Self(turns)
    }

    /// Prints the medians, and the lowest and the highest ratio.
    pub(crate) fn report(&self, what: &str, limit: impl Fn(&Charges) -> f64) {
        let all = |of: &dyn Fn(&Turn) -> f64| self.0.iter().map(of).collect::<Vec<f64>>();
        let mut ratios = all(&|turn| turn.cost / limit(&turn.charges));
        ratios.sort_by(f64::total_cmp);
        let ratio = median(ratios.clone());
        println!(
            "{what:<46} {:>8.1} µs   limit {:>7.1} µs   ratio {ratio:>5.2} ({:.2} to {:.2})   goal 2.5: {}",
            median(all(&|turn| turn.cost)),
            median(all(&|turn| limit(&turn.charges))),
            ratios[0],
            ratios[ratios.len() - 1],
            if ratio <= 2.5 { "met" } else { "NOT met" },
        );
    }
}

async fn round<Person>(times: u32, people: &mut [Person], work: &impl AsyncFn(&mut Person)) {
    let everybody = people.iter_mut().map(|person| async move {
        for _ in 0..times {
            work(person).await;
        }
    });
    crate::support::all(everybody.collect()).await;
}
