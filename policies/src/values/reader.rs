//! Takes a policy file apart, value by value, and notes every problem instead of stopping at the
//! first. What is left over at the end is unknown.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use toml::{Table, Value};

use super::PolicyProblem;
use crate::access::{ActorRole, PersonAction, Task};

/// A policy file being read.
pub(super) struct Reader {
    left: Table,
    problems: Vec<PolicyProblem>,
}

impl Reader {
    pub(super) fn open(text: &str) -> Result<Self, Vec<PolicyProblem>> {
        let left = text
            .parse()
            .map_err(|error| vec![PolicyProblem::Syntax(error)])?;
        Ok(Self {
            left,
            problems: Vec::new(),
        })
    }

    /// Ends the reading: what nobody took is unknown.
    pub(super) fn close(
        mut self,
        contradictions: Vec<PolicyProblem>,
    ) -> Result<(), Vec<PolicyProblem>> {
        // A value that is missing or out of range stands in as its lowest; what would contradict
        // it is then no finding of its own.
        if self.problems.is_empty() {
            self.problems = contradictions;
        }
        for (section, value) in &self.left {
            let unknown = |key| PolicyProblem::Unknown { key };
            match value {
                Value::Table(rest) if is_section(section) => {
                    let keys = rest.keys().map(|key| unknown(format!("{section}.{key}")));
                    self.problems.extend(keys);
                }
                _ => self.problems.push(unknown(section.clone())),
            }
        }
        if self.problems.is_empty() {
            Ok(())
        } else {
            Err(self.problems)
        }
    }

    /// Text that is not empty.
    pub(super) fn text(&mut self, key: &str) -> String {
        match self.take(key) {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(_) => self.wrong_kind(key, "text"),
            None => String::new(),
        }
    }

    /// A whole number within `range`.
    pub(super) fn number(&mut self, key: &str, range: RangeInclusive<u32>) -> u32 {
        let (lowest, highest) = range.into_inner();
        match self.take(key) {
            Some(Value::Integer(found)) => match u32::try_from(found) {
                Ok(number) if (lowest..=highest).contains(&number) => return number,
                _ => {
                    let key = key.to_owned();
                    self.problems.push(PolicyProblem::OutOfRange {
                        key,
                        lowest,
                        highest,
                    });
                }
            },
            Some(_) => self.wrong_kind(key, "a whole number"),
            None => {}
        }
        lowest
    }

    /// Every row of the access table. A row may be empty, which grants it to nobody; it may not
    /// be left out.
    pub(super) fn access_table(&mut self) -> BTreeMap<Task, Vec<ActorRole>> {
        Task::all().map(|task| (task, self.roles(task))).collect()
    }

    /// A list of tasks, each of which has a guard that the holder is present.
    pub(super) fn tasks_in_presence(&mut self, key: &str) -> BTreeSet<Task> {
        let tasks: Vec<Task> = self.words(key);
        for task in tasks.iter().filter(|task| !task.is_done_in_presence()) {
            self.problems.push(PolicyProblem::NeedsNoPresence {
                key: key.to_owned(),
                task: task.as_str(),
            });
        }
        tasks.into_iter().collect()
    }

    fn roles(&mut self, task: Task) -> Vec<ActorRole> {
        let key = &format!("access.{}", task.as_str());
        let roles = self.words(key);
        for role in roles.iter().copied().filter(|role| !fits(*role, task)) {
            self.problems.push(PolicyProblem::NotGrantable {
                key: key.to_owned(),
                role,
            });
        }
        roles
    }

    fn words<T: std::str::FromStr + PartialEq>(&mut self, key: &str) -> Vec<T> {
        let list = match self.take(key) {
            Some(Value::Array(list)) => list,
            Some(_) => return self.wrong_kind(key, "a list of words"),
            None => return Vec::new(),
        };
        let mut words = Vec::new();
        for value in list {
            let Value::String(word) = value else {
                return self.wrong_kind(key, "a list of words");
            };
            let key = key.to_owned();
            match word.parse() {
                Ok(parsed) if words.contains(&parsed) => {
                    self.problems.push(PolicyProblem::Repeated { key, word });
                }
                Ok(parsed) => words.push(parsed),
                Err(_) => self.problems.push(PolicyProblem::UnknownWord { key, word }),
            }
        }
        words
    }

    /// Takes the value at `section.key`, or at `key` on the top level, and notes its absence.
    fn take(&mut self, path: &str) -> Option<Value> {
        let taken = match path.split_once('.') {
            Some((section, key)) => self
                .left
                .get_mut(section)
                .and_then(Value::as_table_mut)
                .and_then(|s| s.remove(key)),
            None => self.left.remove(path),
        };
        if taken.is_none() {
            self.problems.push(PolicyProblem::Missing {
                key: path.to_owned(),
            });
        }
        taken
    }

    fn wrong_kind<T: Default>(&mut self, key: &str, expected: &'static str) -> T {
        self.problems.push(PolicyProblem::WrongKind {
            key: key.to_owned(),
            expected,
        });
        T::default()
    }
}

/// Whether a row may name this role: a holder acts for nobody else, and the deputy of a ward does one
/// thing (law V1).
fn fits(role: ActorRole, task: Task) -> bool {
    match role {
        ActorRole::Holder => false,
        ActorRole::WardDeputy => task == PersonAction::GiveTemporaryAccess.into(),
        _ => true,
    }
}

fn is_section(name: &str) -> bool {
    const SECTIONS: [&str; 15] = [
        "certificate",
        "renewal",
        "passcode",
        "code",
        "contact",
        "authenticator",
        "deputy",
        "guessing",
        "terms",
        "session",
        "absence",
        "profile",
        "clock",
        "access",
        "reach",
    ];
    SECTIONS.contains(&name)
}
