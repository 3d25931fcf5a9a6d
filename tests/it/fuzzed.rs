//! What the fuzz targets ask (tests/fuzz), over a few thousand blind alterations: the same each time.

use std::panic::catch_unwind;

#[path = "../fuzz/src/asked.rs"]
#[expect(unreachable_pub, reason = "a library of its own, for cargo-fuzz")]
mod targets;

/// Alterations of each target in every run.
const TIMES: u32 = 3_000;

#[test]
fn altered_answers_prove_no_more_than_they_should() {
    run("answer", targets::answer);
}

#[test]
fn altered_statements_are_believed_no_more_than_they_prove() {
    run("attestation", targets::attestation);
}

#[test]
fn altered_client_data_answers_this_question_for_this_site_or_nothing() {
    run("client_data", targets::client_data);
}

#[test]
fn whatever_is_typed_is_six_digits_that_stand_there_or_nothing() {
    run("code_text", targets::code_text);
}

fn run(name: &str, target: fn(&[u8])) {
    let seeds = targets::seeds(name);
    for seed in &seeds {
        target(seed);
    }
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..TIMES {
        let mut data = dice.one_of(&seeds).clone();
        for _ in 0..=dice.below(3) {
            alter(&mut data, &mut dice, &seeds);
        }
        let held = catch_unwind(|| target(&data));
        assert!(held.is_ok(), "{name}: {}", data.escape_ascii());
    }
}

fn alter(data: &mut Vec<u8>, dice: &mut Dice, seeds: &[Vec<u8>]) {
    let at = dice.below(data.len() + 1);
    let end = (at + dice.below(9)).min(data.len());
    match dice.below(6) {
        0 if at < data.len() => data[at] ^= 1 << dice.below(8),
        1 if at < data.len() => data[at] = *dice.one_of(b"\x00\xff\x1b\x5f\x7f\xbf{}[]\"\\,0"),
        2 => drop(data.drain(at..end)),
        3 => drop(data.splice(at..at, data[at..end].to_vec())),
        4 => data.truncate(at),
        _ => {
            let other = dice.one_of(seeds);
            let from = dice.below(other.len());
            let to = (from + dice.below(33)).min(other.len());
            drop(data.splice(at..end, other[from..to].to_vec()));
        }
    }
}

/// xorshift64 (Marsaglia 2003): the same sequence in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let end = u64::try_from(end).expect("a size");
        usize::try_from(self.0 % end).expect("a size")
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}
