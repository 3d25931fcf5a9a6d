//! The executable model of a card's life: random histories are run against the journeys on a real
//! database and against a small model of the law that calls none of it; after each step answer,
//! rows and invariants are compared. docs/proofs.md says how to run many.

mod acts;
mod deeds;
mod dice;
mod facts;
mod holder;
mod issue;
mod key;
mod law;
mod passcode;
mod plans;
mod resolve;
mod road;
mod road_deeds;
mod state;
mod step;
mod tally;
mod together;
mod world;

use std::fs::OpenOptions;
use std::io::Write as _;
use std::time::Instant;

pub(super) use self::state::Who as Desks;
pub(super) use self::world::World;

use self::dice::{Dice, history};
use self::facts::Facts;
use self::holder::{Holder, Real};
use self::resolve::{Counters, Deed};
use self::state::{Gave, Kind, Model, Said};
use self::step::Step;
use self::tally::Tally;
use self::together::Together;
use crate::store::Store;
use crate::store::trial::{on_sqlite, on_two_nodes};

/// Seeds that once found a difference, one `seed length` a line; always replayed.
const SEEDS: &str = include_str!("model/seeds.txt");
/// Steps of a history.
const STEPS: usize = 50;
/// Histories on one database; then a fresh one.
const PER_DATABASE: usize = 1_000;
/// So many histories on SQLite for one on PostgreSQL.
const SQLITE_PER_POSTGRES: u64 = 20;
/// Histories of an ordinary test run.
const FEW: usize = 200;

/// What is known of a seed before its steps.
fn kind_of(seed: u64) -> Kind {
    let mut dice = Dice(seed ^ 0x5eed);
    let verified = !dice.one_in(40);
    Kind {
        staff: verified && dice.one_in(4),
        verified,
        terms: !dice.one_in(12),
    }
}

/// What waits for a second deed to happen at once with it: nothing, any next one, or that one.
type Waits = Option<Option<Deed>>;

/// Runs one history of a new person; says at which step and how it differed.
async fn run(
    world: &World,
    seed: u64,
    number: usize,
    steps: &[Step],
) -> Result<(), (usize, String)> {
    let kind = kind_of(seed);
    world.begin().await;
    let mut holder = Holder::new(world, number, kind).await;
    let mut model = Model::new(kind, world.forgetful, world.house.store().is_shared());
    let mut counters = Counters::default();
    let (mut nodes, mut tally) = (Dice(seed ^ 0x0de5), Tally::default());
    let mut waits: Waits = None;
    for (at, step) in steps.iter().enumerate() {
        let taken = waits.take();
        if let Some(Some(first)) = taken
            && let Some(second) = model.resolve(*step, &mut counters)
            && Together::fits(second)
        {
            holder.node = nodes.below(2);
            let pair = Together(first, second);
            let done = pair.run(world, &mut holder, &mut model, &mut tally);
            done.await.map_err(|how| (at, how))?;
            continue;
        }
        if let Some(Some(first)) = taken {
            let done = one(world, &mut holder, &mut model, first, &mut tally);
            done.await.map_err(|how| (at, how))?;
        }
        match step {
            Step::Tick(jump) => model.tick(*jump),
            Step::Together => waits = Some(None),
            _ => {
                let Some(deed) = model.resolve(*step, &mut counters) else {
                    continue;
                };
                if taken == Some(None) && Together::fits(deed) {
                    waits = Some(Some(deed));
                    continue;
                }
                holder.node = nodes.below(2);
                let done = one(world, &mut holder, &mut model, deed, &mut tally);
                done.await.map_err(|how| (at, how))?;
            }
        }
    }
    tally.keep();
    // Whatever is still between its transactions is nobody else's to find.
    model.now += 100;
    holder
        .act(world, Deed::Recover, model.now)
        .await
        .map(drop)
        .map_err(|how| (steps.len(), how))
}

/// One deed, and everything compared.
async fn one(
    world: &World,
    holder: &mut Holder,
    model: &mut Model,
    deed: Deed,
    tally: &mut Tally,
) -> Result<(), String> {
    let now = model.now;
    let said = model.act(deed);
    let real = holder.act(world, deed, now).await;
    tally.count(deed, &said);
    let facts = Facts::read(world, &holder.user_id).await;
    let compared = facts.check(model, holder);
    let compared = same(&said, &real, holder).and(compared);
    compared.map_err(|how| format!("{deed:?} at {now}: {how}\nmodel {said:?}"))
}

fn same(said: &Said, real: &Result<Real, String>, holder: &mut Holder) -> Result<(), String> {
    match (said, real) {
        (Err(code), Err(other)) if code == other => Ok(()),
        (Ok(Gave::Nothing), Ok(_)) => Ok(()),
        (Ok(Gave::Stage(stage)), Ok(Real::Stage(other))) if stage == other => Ok(()),
        (Ok(Gave::Set(set)), Ok(Real::Set(id))) if holder.sets.get(*set) == Some(id) => Ok(()),
        (Ok(Gave::Card(card)), Ok(Real::Card(number))) if holder.card(*card) == *number => Ok(()),
        (Ok(Gave::Code(sent)), Ok(Real::Code(other))) if sent == other => Ok(()),
        (Ok(Gave::Secrets(one, two)), Ok(Real::Secrets(given))) => {
            let meant: Vec<_> = [Some(*one), *two].into_iter().flatten().collect();
            let alike = meant.len() == given.len()
                && meant.iter().zip(given).all(|(pair, (current, next))| {
                    holder.is_secret(pair.current, current.as_deref())
                        && holder.is_secret(pair.next, Some(next))
                });
            alike
                .then_some(())
                .ok_or_else(|| "other secrets".to_owned())
        }
        (_, Err(other)) => Err(format!("the house says {other}")),
        (_, Ok(Real::Set(id))) => Err(format!(
            "the house gave set {:?}",
            holder.sets.iter().position(|one| one == id)
        )),
        (_, Ok(Real::Stage(stage))) => Err(format!("the house says stage {stage}")),
        (_, Ok(Real::Card(card))) => Err(format!("the house names card {card}")),
        (_, Ok(Real::Code(sent))) => Err(format!("the house sent a code: {sent}")),
        (_, Ok(Real::Nothing | Real::Secrets(_))) => Err("the house did it".to_owned()),
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

/// Writes a seed that differed to those that are always replayed.
fn keep(seed: u64, length: usize) {
    let line = format!("{seed} {length}");
    if SEEDS.lines().any(|known| known == line) {
        return;
    }
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/journeys/tests/model/seeds.txt"
    );
    let mut file = OpenOptions::new().append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// Runs these histories on this world, and panics with the smallest one that differs.
async fn run_all(world: &World, seeds: &[(u64, usize)]) {
    let mut number = 100;
    for (seed, length) in seeds {
        number += 1;
        let mut steps = history(*seed, *length);
        if let Err((at, how)) = run(world, *seed, number, &steps).await {
            steps.truncate(at + 1);
            keep(*seed, *length);
            let (steps, why) = shrink(world, *seed, steps, &mut number).await;
            let lines: Vec<String> = steps.iter().map(|step| format!("  {step:?}")).collect();
            let engine = if world.house.store().is_shared() {
                "PostgreSQL"
            } else {
                "SQLite"
            };
            panic!(
                "{seed} {length} differs on {engine}, forgetful {}, after {} histories: {how}\nsmallest:\n{}\n{why}",
                world.forgetful,
                tally::histories(),
                lines.join("\n")
            );
        }
        tally::one_more_history();
    }
}

/// Half of the histories with a key that repeats itself, half with one that does not; on SQLite all
/// of them, on two processes of one PostgreSQL as many of the first as are asked for.
fn on_databases(seeds: &[(u64, usize)], on_postgres: usize) -> [usize; 2] {
    let counts = std::cell::Cell::new([0, 0]);
    for forgetful in [false, true] {
        let mine: Vec<_> = seeds
            .iter()
            .copied()
            .filter(|(seed, _)| (seed % 2 == 1) == forgetful)
            .collect();
        let counted = async |stores: Vec<Store>, seeds: &[(u64, usize)]| {
            let world = World::watched(stores, forgetful).await;
            run_all(&world, seeds).await;
            let mut all = counts.get();
            all[usize::from(world.house.store().is_shared())] += seeds.len();
            counts.set(all);
        };
        on_sqlite(async |store| counted(vec![store], &mine).await).unwrap();
        let share = &mine[..mine.len().min(on_postgres.div_ceil(2))];
        if !share.is_empty() {
            on_two_nodes(async |one, two| counted(vec![one, two], share).await).unwrap();
        }
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
    let per_postgres = asked("MATRON_SQLITE_PER_POSTGRES", SQLITE_PER_POSTGRES);
    let per_postgres = usize::try_from(per_postgres).unwrap().max(1);
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
                    .map(|seeds| on_databases(seeds, seeds.len().div_ceil(per_postgres)))
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
    let unmet = tally::print();
    assert!(
        wanted < 10_000 || unmet.is_empty(),
        "never answered: {unmet:?}"
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
    on_databases(&seeds, seeds.len() * 2);
}
