//! The executable model of a card's life: random histories are run against the journeys on a real
//! database and against a small model of the law that calls none of it; after each step answer,
//! rows and invariants are compared. docs/proofs.md says how to run many.

mod acts;
mod deeds;
mod dice;
mod facts;
mod issue;
mod key;
mod law;
mod resolve;
mod state;
mod step;
mod world;

use std::time::Instant;

pub(super) use self::state::Who as Desks;
pub(super) use self::world::World;

use self::dice::{Dice, history};
use self::facts::Facts;
use self::resolve::Counters;
use self::state::{Gave, Model, Said};
use self::step::Step;
use self::world::{Holder, Real};
use crate::store::trial::on_both_engines;

/// Seeds that once found a difference, one `seed length` a line; always replayed.
const SEEDS: &str = include_str!("model/seeds.txt");
/// Steps of a history.
const STEPS: usize = 50;
/// Histories on one database; then a fresh one.
const PER_DATABASE: usize = 1_000;
/// So many histories on SQLite for one on PostgreSQL.
const SQLITE_PER_POSTGRES: usize = 20;
/// Histories of an ordinary test run.
const FEW: usize = 200;

/// Runs one history of a new person; says at which step and how it differed.
async fn run(
    world: &World,
    seed: u64,
    number: usize,
    steps: &[Step],
) -> Result<(), (usize, String)> {
    let staff = Dice(seed ^ 0x5eed).one_in(4);
    let mut holder = Holder::new(world, number, staff).await;
    let mut model = Model::new(staff, world.forgetful, world.house.store().is_shared());
    let mut counters = Counters::default();
    for (at, step) in steps.iter().enumerate() {
        if let Step::Tick(jump) = step {
            model.tick(*jump);
        }
        let Some(deed) = model.resolve(*step, &mut counters) else {
            continue;
        };
        let now = model.now;
        let said = model.act(deed);
        let real = holder.act(world, deed, now).await;
        let facts = Facts::read(world, &holder.user_id).await;
        let compared = facts.check(&model, &mut holder);
        let compared = same(&said, &real, &holder).and(compared);
        compared.map_err(|how| (at, format!("{deed:?} at {now}: {how}\nmodel {said:?}")))?;
    }
    // Whatever is still between its transactions is nobody else's to find.
    model.now += 100;
    holder
        .act(world, resolve::Deed::Recover, model.now)
        .await
        .map(drop)
        .map_err(|how| (steps.len(), how))
}

fn same(said: &Said, real: &Result<Real, String>, holder: &Holder) -> Result<(), String> {
    match (said, real) {
        (Err(code), Err(other)) if code == other => Ok(()),
        (Ok(Gave::Nothing), Ok(_)) => Ok(()),
        (Ok(Gave::Stage(stage)), Ok(Real::Stage(other))) if stage == other => Ok(()),
        (Ok(Gave::Set(set)), Ok(Real::Set(id))) if holder.sets.get(*set) == Some(id) => Ok(()),
        (_, Err(other)) => Err(format!("the house says {other}")),
        (_, Ok(Real::Set(id))) => Err(format!(
            "the house gave set {:?}",
            holder.sets.iter().position(|one| one == id)
        )),
        (_, Ok(Real::Stage(stage))) => Err(format!("the house says stage {stage}")),
        (_, Ok(Real::Nothing)) => Err("the house did it".to_owned()),
    }
}

/// Takes steps out for as long as a difference is left.
async fn shrink(
    world: &World,
    seed: u64,
    mut steps: Vec<Step>,
    number: &mut usize,
) -> (Vec<Step>, String) {
    let mut why = String::new();
    let mut width = steps.len() / 2;
    loop {
        let mut from = 0;
        while from < steps.len() {
            let mut fewer = steps.clone();
            fewer.drain(from..(from + width.max(1)).min(steps.len()));
            *number += 1;
            match run(world, seed, *number, &fewer).await {
                Err((at, how)) => {
                    fewer.truncate(at + 1);
                    (steps, why) = (fewer, how);
                }
                Ok(()) => from += width.max(1),
            }
        }
        if width == 0 {
            return (steps, why);
        }
        width /= 2;
    }
}

/// Runs these histories on this world, and panics with the smallest one that differs.
async fn run_all(world: &World, seeds: &[(u64, usize)]) {
    let mut number = 100;
    for (seed, length) in seeds {
        number += 1;
        let mut steps = history(*seed, *length);
        if let Err((at, how)) = run(world, *seed, number, &steps).await {
            steps.truncate(at + 1);
            let (steps, why) = shrink(world, *seed, steps, &mut number).await;
            let lines: Vec<String> = steps.iter().map(|step| format!("  {step:?}")).collect();
            let engine = if world.house.store().is_shared() {
                "PostgreSQL"
            } else {
                "SQLite"
            };
            panic!(
                "{seed} {length} differs on {engine}, forgetful {}: {how}\nsmallest:\n{}\n{why}",
                world.forgetful,
                lines.join("\n")
            );
        }
    }
}

/// Half of the histories with a key that repeats itself, half with one that does not.
fn on_databases(seeds: &[(u64, usize)]) -> [usize; 2] {
    let counts = std::cell::Cell::new([0, 0]);
    for forgetful in [false, true] {
        let mine: Vec<_> = seeds
            .iter()
            .copied()
            .filter(|(seed, _)| (seed % 2 == 1) == forgetful)
            .collect();
        on_both_engines(async |store| {
            let world = World::new(store, forgetful).await;
            let shared = world.house.store().is_shared();
            let share = if shared {
                mine.len().div_ceil(SQLITE_PER_POSTGRES)
            } else {
                mine.len()
            };
            run_all(&world, &mine[..share]).await;
            let mut all = counts.get();
            all[usize::from(shared)] += share;
            counts.set(all);
        })
        .unwrap();
    }
    counts.get()
}

/// A number from the environment.
#[expect(
    clippy::disallowed_methods,
    reason = "long runs are asked for by the environment"
)]
pub(super) fn asked(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn random_histories_agree_with_the_model() {
    let wanted = asked("MATRON_HISTORIES", FEW as u64);
    let first = asked("MATRON_SEED", 1);
    let threads = asked("MATRON_THREADS", 2);
    let began = Instant::now();
    let each = wanted.div_ceil(threads);
    let runs: Vec<_> = (0..threads)
        .map(|thread| {
            std::thread::spawn(move || {
                let seeds: Vec<_> = (first + thread * each..first + (thread + 1) * each)
                    .map(|seed| (seed, STEPS))
                    .collect();
                seeds
                    .chunks(PER_DATABASE)
                    .map(on_databases)
                    .fold([0, 0], |sum, one| [sum[0] + one[0], sum[1] + one[1]])
            })
        })
        .collect();
    let mut counts = [0, 0];
    for run in runs {
        let one = run
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        counts = [counts[0] + one[0], counts[1] + one[1]];
    }
    let seconds = began.elapsed().as_secs().max(1);
    println!(
        "{} histories of {STEPS} steps on SQLite and {} on PostgreSQL agree with the model, seeds from {first}; \
         {} histories a second",
        counts[0],
        counts[1],
        (counts[0] + counts[1]) / usize::try_from(seconds).unwrap()
    );
}

#[test]
fn the_histories_that_once_differed_agree() {
    let seeds: Vec<(u64, usize)> = SEEDS
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (seed, length) = line.split_once(' ').unwrap();
            (seed.parse().unwrap(), length.parse().unwrap())
        })
        .collect();
    for forgetful in [false, true] {
        let mine: Vec<_> = seeds
            .iter()
            .copied()
            .filter(|(seed, _)| (seed % 2 == 1) == forgetful)
            .collect();
        on_both_engines(async |store| run_all(&World::new(store, forgetful).await, &mine).await)
            .unwrap();
    }
}
