//! Two deeds at once, on one process or on two: what comes of it must be what comes of one of the
//! orders in which their transactions can have followed each other.

use super::facts::Facts;
use super::holder::{Holder, Real};
use super::issue::Intended;
use super::law::{Ask, Stop};
use super::resolve::Deed;
use super::state::{Gave, Model, Said};
use super::tally::Tally;
use super::world::World;

/// Two deeds at once.
pub(super) struct Together(pub(super) Deed, pub(super) Deed);

/// The orders of two transactions each.
const ORDERS: [[usize; 4]; 6] = [
    [0, 0, 1, 1],
    [1, 1, 0, 0],
    [0, 1, 0, 1],
    [0, 1, 1, 0],
    [1, 0, 1, 0],
    [1, 0, 0, 1],
];

/// A deed between its transactions.
enum Half {
    Begun(Deed),
    Signing(usize),
    Found(Vec<usize>),
    Writing(usize),
    Done(Said),
}

impl Half {
    /// One more transaction.
    fn go_on(self, model: &mut Model) -> Self {
        match self {
            Self::Begun(Deed::Ask(ask, _)) => match model.intend(ask) {
                Ok(Intended::ToSign(set)) => Self::Signing(set),
                Ok(Intended::Already(set)) => Self::Done(Ok(Gave::Set(set))),
                Err(code) => Self::Done(Err(code)),
            },
            Self::Begun(deed @ (Deed::Recover | Deed::Tidy)) => {
                Self::Found(model.interrupted(matches!(deed, Deed::Recover)))
            }
            Self::Begun(Deed::Written { work, by, shown }) => {
                match model.may_write(work, by, shown) {
                    Ok(()) => Self::Writing(work),
                    Err(code) => Self::Done(Err(code)),
                }
            }
            Self::Begun(deed) => Self::Done(model.act(deed)),
            Self::Signing(set) => Self::Done(model.record(set)),
            Self::Found(sets) => {
                for set in sets {
                    // Somebody else may have settled it in between.
                    if model.sets[set].state == "reserved" {
                        model.settle(set);
                    }
                }
                Self::Done(Ok(Gave::Nothing))
            }
            Self::Writing(work) => Self::Done(model.is_written(work)),
            Self::Done(said) => Self::Done(said),
        }
    }

    fn said(self) -> Said {
        match self {
            Self::Done(said) => said,
            _ => Err("not done after two transactions"),
        }
    }
}

impl Together {
    /// Whether the deed may be one of two: what gives out numbers that later steps name may not.
    pub(super) const fn fits(deed: Deed) -> bool {
        !matches!(
            deed,
            Deed::Start { .. }
                | Deed::Renonce { .. }
                | Deed::Begin { .. }
                | Deed::Slow(_)
                | Deed::Late(_)
                | Deed::Secrets { .. }
                | Deed::AskCode { .. }
                | Deed::Beat { .. }
                | Deed::Reset { .. }
        )
    }

    /// Does both at once and finds the order that explains it.
    pub(super) async fn run(
        self,
        world: &World,
        holder: &mut Holder,
        model: &mut Model,
        tally: &mut Tally,
    ) -> Result<(), String> {
        let deeds = [self.0, self.1].map(|deed| match deed {
            Deed::Ask(ask, _) => Deed::Ask(Ask { ..ask }, Stop::No),
            deed => deed,
        });
        let [mut one, mut two] = self.twins(holder);
        let now = model.now;
        let (first, second) =
            tokio::join!(one.act(world, deeds[0], now), two.act(world, deeds[1], now));
        let facts = Facts::read(world, &holder.user_id).await;
        let real = [first, second];
        let mut whys: Vec<String> = Vec::new();
        let mut facts = [Some(facts)];
        for turned in [false, true] {
            if turned {
                facts = [facts[0].take().map(Facts::reversed)];
            }
            let facts = facts[0].as_ref().ok_or("no facts")?;
            for order in ORDERS {
                let (after, said) = in_order(model, deeds, order);
                let mut learned = holder.clone();
                match explains(facts, &after, &said, &real, &mut learned) {
                    Ok(()) => {
                        for (deed, said) in deeds.into_iter().zip(&said) {
                            tally.count(deed, said);
                        }
                        tally.one(
                            "two at once",
                            NAMES[ORDERS.iter().position(|one| *one == order).unwrap_or(0)],
                        );
                        (*holder, *model) = (learned, after);
                        return Ok(());
                    }
                    Err(why) => whys.push(format!("{order:?} {said:?}: {why}")),
                }
            }
        }
        whys.truncate(ORDERS.len());
        Err(format!(
            "{deeds:?} at {now}: no order explains it\n{}",
            whys.join("\n")
        ))
    }

    /// One holder for each deed, with the keys that either needs.
    fn twins(&self, holder: &mut Holder) -> [Holder; 2] {
        for deed in [self.0, self.1] {
            if let Deed::Ask(ask, _) = deed {
                holder.make_keys(ask.keys);
            }
        }
        let (one, mut two) = (holder.clone(), holder.clone());
        two.node += 1;
        [one, two]
    }
}

/// How the orders are called in the counts.
const NAMES: [&str; 6] = [
    "first before second",
    "second before first",
    "begun first, ended first",
    "second within first",
    "begun second, ended second",
    "first within second",
];

fn in_order(model: &Model, deeds: [Deed; 2], order: [usize; 4]) -> (Model, [Said; 2]) {
    let mut model = model.clone();
    let mut halves = deeds.map(|deed| Some(Half::Begun(deed)));
    for which in order {
        halves[which] = halves[which].take().map(|half| half.go_on(&mut model));
    }
    let said = halves.map(|half| half.map_or(Err("not begun"), Half::said));
    (model, said)
}

fn explains(
    facts: &Facts,
    model: &Model,
    said: &[Said; 2],
    real: &[Result<Real, String>; 2],
    holder: &mut Holder,
) -> Result<(), String> {
    facts.check(model, holder)?;
    super::same(&said[0], &real[0], holder)?;
    super::same(&said[1], &real[1], holder)
}
