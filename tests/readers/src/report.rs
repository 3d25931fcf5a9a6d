//! What was seen, and how often.

use std::collections::BTreeMap;

const SAME: &str = "the same";
const BY_ALL: &str = "both";
const REFUSED: &str = "refused: ";

/// How two readers took the same octets.
#[derive(Debug)]
pub enum Seen {
    /// Both took them, and for the same.
    Same,
    /// Not taken by us, for that reason, or by nobody.
    Refused(String),
    /// Apart, for a reason that is known.
    Explained(&'static str),
    /// Apart, and nobody knows why.
    Unexplained(String),
}

/// All that was seen, by comparison.
#[derive(Default)]
pub struct Report {
    counts: BTreeMap<(&'static str, String), u64>,
    /// The first of each kind that nobody can explain, whole.
    unexplained: BTreeMap<String, String>,
    failed: BTreeMap<&'static str, u64>,
}

impl Report {
    /// Notes how these octets were taken.
    pub fn note(&mut self, comparison: &'static str, octets: &[u8], seen: impl FnOnce() -> Seen) {
        let failed = self.failed.entry(comparison).or_default();
        let text = match seen() {
            Seen::Same => SAME.to_owned(),
            Seen::Refused(why) => format!("{REFUSED}{why}"),
            Seen::Explained(why) => format!("apart: {why}"),
            Seen::Unexplained(why) => {
                *failed += 1;
                let hex = || octets.iter().map(|octet| format!("{octet:02x}")).collect();
                let kind = format!("{comparison}: {why}");
                self.unexplained.entry(kind).or_insert_with(hex);
                format!("UNEXPLAINED: {why}")
            }
        };
        *self.counts.entry((comparison, text)).or_default() += 1;
    }

    /// From here on a thing that we alone refused is one that nobody can explain.
    pub fn refuses_nothing(&mut self) {
        let ours: Vec<_> = self
            .counts
            .keys()
            .filter(|(_, text)| text.starts_with(REFUSED) && !text.ends_with(BY_ALL))
            .cloned()
            .collect();
        for (comparison, text) in ours {
            *self.failed.entry(comparison).or_default() += 1;
            self.unexplained
                .insert(format!("{comparison}: of our own, {text}"), String::new());
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (key, count) in other.counts {
            *self.counts.entry(key).or_default() += count;
        }
        for (comparison, count) in other.failed {
            *self.failed.entry(comparison).or_default() += count;
        }
        self.unexplained.extend(other.unexplained);
        self
    }

    /// Prints it, with a last line of how many comparisons held; whether all did.
    pub fn tell(&self) -> bool {
        for ((comparison, text), count) in &self.counts {
            println!("{count:>12}  {comparison:<16} {text}");
        }
        for (kind, octets) in &self.unexplained {
            println!("{kind}\n{octets}");
        }
        let mut failed = 0;
        for (comparison, count) in &self.failed {
            let never = !self.counts.contains_key(&(*comparison, SAME.to_owned()));
            if never {
                println!("{comparison}: never the same");
            }
            failed += usize::from(never || *count > 0);
        }
        println!("{} passed, {failed} failed", self.failed.len() - failed);
        failed == 0
    }
}
