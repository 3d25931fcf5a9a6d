//! What the model remembers: plain structs, the words of the database, seconds, and a calendar of
//! its own. Nothing here calls `policies`.

/// A day.
pub(super) const DAY: i64 = 86_400;
/// The first second of every history: 2026-01-05T09:00:00Z.
pub(super) const START: i64 = 1_767_603_600;
/// The last second of the issuing certificate of the test house.
pub(super) const ISSUER_ENDS: i64 = START + 33 * 365 * DAY;
/// The role of the sponsor ends at this second.
pub(super) const SPONSOR_ENDS: i64 = START + 1_200 * DAY;

/// Who acts at a desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Who {
    Manager,
    Agent,
    Admin,
    Sponsor,
    ServiceDesk,
    /// A manager of another registration authority.
    Stranger,
    /// The holder herself.
    Holder,
}

pub(super) const EVERYBODY: [Who; 7] = [
    Who::Manager,
    Who::Agent,
    Who::Admin,
    Who::Sponsor,
    Who::ServiceDesk,
    Who::Stranger,
    Who::Holder,
];

#[derive(Clone, Debug)]
pub(super) struct Card {
    pub(super) state: &'static str,
    pub(super) epoch: i64,
    pub(super) used: i64,
    /// The wish that asked for it: its key, the card that it replaces, the number it named.
    pub(super) wish: Option<Wish>,
    /// It was sent to the holder's organisation.
    pub(super) sent: bool,
    /// The holder told a desk that it arrived.
    pub(super) arrived: bool,
    pub(super) cancelled: Option<i64>,
    /// What cancelling it says on the list.
    pub(super) reason: &'static str,
    /// What the card itself has for unblocking, and for being written.
    pub(super) secrets: [Pair; 2],
}

impl Card {
    pub(super) fn requested(wish: Option<Wish>) -> Self {
        Self {
            state: "requested",
            epoch: 1,
            used: 0,
            wish,
            sent: false,
            arrived: false,
            cancelled: None,
            reason: "",
            secrets: [Pair::default(); 2],
        }
    }
}

/// A wish for a card: the caller's key, the card to be replaced, the number on the plastic.
pub(super) type Wish = (usize, Option<usize>, usize);

/// One kind of secret of a card, each by the order in which it was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) current: Option<usize>,
    pub(super) next: Option<usize>,
}

/// A request for a code that unlocks.
#[derive(Clone, Debug)]
pub(super) struct Unlock {
    /// What was typed: this card's number, or else her own.
    pub(super) named: Option<usize>,
    /// The card that it is about.
    pub(super) card: Option<usize>,
    pub(super) started: i64,
    pub(super) tries: u8,
    pub(super) finished: bool,
    pub(super) confirmed: bool,
    /// The secret that was given out to be written.
    pub(super) next: Option<usize>,
}

/// A code that went out.
#[derive(Clone, Debug)]
pub(super) struct Code {
    pub(super) sent: i64,
    pub(super) used: bool,
}

/// What names a wish; `None` where the keys could not be read, which equals nothing.
pub(super) type Print = Option<(&'static str, usize, usize)>;

#[derive(Clone, Debug)]
pub(super) struct Set {
    pub(super) card: usize,
    pub(super) kind: &'static str,
    pub(super) origin: Option<&'static str>,
    pub(super) state: &'static str,
    pub(super) decided: i64,
    pub(super) ends: i64,
    pub(super) epoch: i64,
    pub(super) slot: bool,
    pub(super) keys: usize,
    pub(super) idem: usize,
    pub(super) print: Print,
    /// It left the house as good.
    pub(super) released: bool,
    /// When and why its certificates went onto the list.
    pub(super) ended: Option<(i64, &'static str)>,
}

impl Set {
    pub(super) fn ground(&self) -> &'static str {
        self.origin.unwrap_or(self.kind)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Renewal {
    pub(super) card: usize,
    pub(super) started: i64,
    pub(super) set: Option<usize>,
}

#[derive(Clone, Debug)]
pub(super) struct Work {
    pub(super) card: usize,
    pub(super) kind: &'static str,
    pub(super) by: Who,
    pub(super) second: Option<Who>,
    pub(super) started: i64,
    pub(super) set: Option<usize>,
    /// The secrets that it gave out.
    pub(super) secrets: Option<[usize; 2]>,
}

/// What a step gave, when it was not refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gave {
    Nothing,
    Set(usize),
    Stage(&'static str),
    Card(usize),
    /// Whether a code went out.
    Code(bool),
    /// What is on the card and what is to be written, of one kind or of both.
    Secrets(Pair, Option<Pair>),
}

pub(super) type Said = Result<Gave, &'static str>;

/// One person and her cards.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) now: i64,
    /// The highest time at which something was signed, or that a beat has put on record.
    pub(super) mark: i64,
    /// When her profile was closed; nothing while it is open.
    pub(super) closed: Option<i64>,
    /// Her identity is verified.
    pub(super) verified: bool,
    /// She has accepted the terms.
    pub(super) terms: bool,
    /// She has a role of the registration authority herself.
    pub(super) staff: bool,
    /// When her own role ends: with the first closing of her profile.
    pub(super) role_ends: i64,
    /// The issuing key never signs the same way twice.
    pub(super) forgetful: bool,
    /// Other processes may be working on the same database.
    pub(super) shared: bool,
    pub(super) cards: Vec<Card>,
    pub(super) sets: Vec<Set>,
    pub(super) renewals: Vec<Renewal>,
    pub(super) works: Vec<Work>,
    pub(super) unlocks: Vec<Unlock>,
    pub(super) codes: Vec<Code>,
    /// So many secrets have been made.
    pub(super) secrets: usize,
}

/// Who the holder of a history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    pub(super) staff: bool,
    pub(super) verified: bool,
    pub(super) terms: bool,
}

impl Model {
    pub(super) fn new(kind: Kind, forgetful: bool, shared: bool) -> Self {
        Self {
            now: START,
            mark: START,
            closed: None,
            verified: kind.verified,
            terms: kind.terms,
            staff: kind.staff,
            role_ends: if kind.verified { i64::MAX } else { i64::MIN },
            forgetful,
            shared,
            cards: Vec::new(),
            sets: Vec::new(),
            renewals: Vec::new(),
            works: Vec::new(),
            unlocks: Vec::new(),
            codes: Vec::new(),
            secrets: 0,
        }
    }

    pub(super) fn open(&self) -> bool {
        self.closed.is_none()
    }

    pub(super) fn set_in(&self, card: usize, states: &[&str]) -> Option<usize> {
        let found = |set: &Set| set.card == card && states.contains(&set.state);
        self.sets.iter().position(found)
    }

    pub(super) fn current(&self, card: usize) -> Option<usize> {
        self.set_in(card, &["active"])
    }

    /// The pending set, signed or not.
    pub(super) fn pending(&self, card: usize) -> Option<usize> {
        self.set_in(card, &["reserved", "delivered"])
    }

    pub(super) fn delivered(&self, card: usize) -> Option<usize> {
        self.set_in(card, &["delivered"])
    }

    pub(super) fn newest_card(&self) -> Option<usize> {
        self.cards.len().checked_sub(1)
    }

    pub(super) fn has_live_card(&self) -> bool {
        self.cards.iter().any(|card| card.state != "cancelled")
    }

    /// The card was requested and nothing of it is left: it may be issued (again).
    pub(super) fn is_begun(&self, card: usize) -> bool {
        let unused = matches!(
            self.cards[card].state,
            "requested" | "produced" | "dispatched"
        );
        unused && self.pending(card).is_none()
    }

    /// A set comes to its end, and its certificates go onto the list.
    pub(super) fn end_set(&mut self, set: usize, state: &'static str, reason: &'static str) {
        self.sets[set].state = state;
        self.sets[set].ended = Some((self.now, reason));
    }

    /// The slot and the count go back.
    pub(super) fn give_back(&mut self, set: usize) {
        if self.sets[set].slot {
            self.sets[set].slot = false;
            let card = self.sets[set].card;
            self.cards[card].used -= 1;
        }
    }
}

/// 36 calendar months later, the day clamped to the month, less one second.
pub(super) fn three_years_after(begins: i64) -> i64 {
    years_after(3, begins) - 1
}

/// So many calendar years later, the day clamped to the month.
pub(super) fn years_after(years: i64, begins: i64) -> i64 {
    let (day, second) = (begins.div_euclid(DAY), begins.rem_euclid(DAY));
    let (year, month, day) = civil(day);
    let leaps = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let day = if month == 2 && day == 29 && !leaps(year + years) {
        28
    } else {
        day
    };
    days(year + years, month, day) * DAY + second
}

/// Days since 1970-01-01, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let whole: i64 = (1970..year).map(length).sum();
    let months: i64 = (1..month).map(|month| month_length(year, month)).sum();
    whole + months + day - 1
}

fn civil(mut days: i64) -> (i64, i64, i64) {
    let (mut year, mut month) = (1970, 1);
    while days >= length(year) {
        days -= length(year);
        year += 1;
    }
    while days >= month_length(year, month) {
        days -= month_length(year, month);
        month += 1;
    }
    (year, month, days + 1)
}

fn length(year: i64) -> i64 {
    (1..=12).map(|month| month_length(year, month)).sum()
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
