//! Whether others read certificates, requests and lists as we do (attack table 59): alters some, has
//! them read by each, and counts where the readings part. `matron-readers TIMES [SEED]`.

mod certificates;
mod corpus;
mod dice;
mod judged;
mod lists;
mod report;
mod requests;
mod tree;

use std::process::ExitCode;
use std::thread;

use corpus::House;
use dice::Dice;
use judged::Cards;
use report::{Report, Seen};
use tree::Element;

/// Larger certificates are read as they are and not altered, in octets.
const LARGEST_SEED: usize = 4_096;

type Fault = Box<dyn std::error::Error + Send + Sync>;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>());
    let (Some(Ok(times)), seed) = (words.next(), words.next().transpose()) else {
        eprintln!("matron-readers TIMES [SEED]");
        return ExitCode::from(2);
    };
    let run = |seed: Option<u64>| on_each_core(times, seed.unwrap_or(1));
    match seed.map_err(Fault::from).and_then(run) {
        Ok(report) if report.tell() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(fault) => {
            eprintln!("matron-readers: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// So many alterations, shared out to the cores, each with dice of its own.
fn on_each_core(times: u64, seed: u64) -> Result<Report, Fault> {
    let cores = thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let house = corpus::house().map_err(|fault| fault.to_string())?;
    let others = corpus::others().map_err(|fault| fault.to_string())?;
    let mut report = as_they_are(&house)?;
    for der in &others {
        certificates::compare(der, &mut report);
    }
    let seeds = house.certificates.len() + others.len();
    println!("{seeds} certificates as they are, {times} alterations, seed {seed}");
    let seeds = house.certificates.iter().chain(&others);
    let small = seeds.filter(|der| der.len() < LARGEST_SEED);
    let trees: Vec<Element> = small.filter_map(|der| whole(der, &mut report)).collect();
    let found = thread::scope(|scope| {
        let share = |core| (times / cores) + u64::from(core < times % cores);
        let works: Vec<_> = (0..cores)
            .map(|core| {
                let (trees, house) = (&trees, &house);
                let dice = Dice::new(seed.wrapping_mul(1_000).wrapping_add(core));
                scope.spawn(move || alter(share(core), trees, house, dice))
            })
            .collect();
        let ended = works.into_iter().map(|work| work.join());
        ended.collect::<Vec<_>>()
    });
    for part in found {
        report = report.and(part.map_err(|_panicked| "a reader panicked")??);
    }
    Ok(report)
}

/// What the house itself makes, and what its holders ask for: none of it is refused by us alone.
fn as_they_are(house: &House) -> Result<Report, Fault> {
    let mut report = Report::default();
    let mut dice = Dice::new(0);
    for der in &house.certificates {
        certificates::compare(der, &mut report);
    }
    let cards = Cards::of(house).ok_or("the house has no cards")?;
    let applicants = requests::applicants()?;
    for _ in 0..64 {
        cards.compare(house, 0, &mut dice, &mut report);
        requests::compare(&applicants, 0, &mut dice, &mut report)?;
    }
    report.refuses_nothing();
    Ok(report)
}

/// Taken apart, and put together again as it was.
fn whole(der: &[u8], report: &mut Report) -> Option<Element> {
    let tree = Element::read(der)?;
    report.note("taken apart", der, || {
        if tree.write() == der {
            Seen::Same
        } else {
            Seen::Unexplained("put together it is another".into())
        }
    });
    Some(tree)
}

/// Of a thousand one is a list, nineteen are requests and twenty cards, which must be signed again,
/// the others certificates.
fn alter(times: u64, trees: &[Element], house: &House, mut dice: Dice) -> Result<Report, Fault> {
    let mut report = Report::default();
    let applicants = requests::applicants()?;
    let cards = Cards::of(house).ok_or("the house has no cards")?;
    for time in 0..times {
        let changes = 1 + dice.below(4);
        match time % 1_000 {
            0 => lists::compare(house, &mut dice, &mut report),
            1..20 => requests::compare(&applicants, changes, &mut dice, &mut report)?,
            20..40 => cards.compare(house, changes, &mut dice, &mut report),
            _ => {
                let mut tree = dice.one_of(trees).clone();
                tree.alter(changes, &mut dice, trees);
                certificates::compare(&tree.write(), &mut report);
            }
        }
    }
    Ok(report)
}
