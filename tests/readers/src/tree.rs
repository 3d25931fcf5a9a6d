//! DER taken apart, so that an alteration leaves the lengths around it right and the reader gets as
//! far as what was altered; strings of octets that hold DER are taken apart as well.

use crate::dice::Dice;

const BITS: u8 = 3;
const OCTETS: u8 = 4;

/// How deep it is taken apart.
const DEEPEST: usize = 24;

/// Tags of X.690 that stand in certificates, and some that do not.
const TAGS: &[u8] = &[
    1, 2, 3, 4, 5, 6, 10, 12, 19, 20, 22, 23, 24, 28, 30, 48, 49, 128, 130, 160,
];

/// One element: its tag, what it holds, and how its length is written.
#[derive(Clone)]
pub struct Element {
    tag: u8,
    /// Octets before the elements inside: the unused bits of a string of bits.
    before: Vec<u8>,
    inside: Inside,
    length: Length,
}

#[derive(Clone)]
enum Inside {
    Octets(Vec<u8>),
    Elements(Vec<Element>),
}

#[derive(Clone, Copy, PartialEq)]
enum Length {
    Shortest,
    /// With an octet that is not needed.
    Long,
    /// To the end of contents, as in BER.
    Open,
}

impl Element {
    /// Takes apart what is one element and nothing else.
    pub fn read(octets: &[u8]) -> Option<Self> {
        let mut all = elements(octets, 0)?;
        let only = all.pop()?;
        all.is_empty().then_some(only)
    }

    /// Put together again.
    pub fn write(&self) -> Vec<u8> {
        let mut content = self.before.clone();
        match &self.inside {
            Inside::Octets(octets) => content.extend(octets),
            Inside::Elements(elements) => elements.iter().for_each(|e| content.extend(e.write())),
        }
        let mut all = vec![self.tag];
        match self.length {
            Length::Open if self.tag & 0x20 != 0 => {
                all.push(0x80);
                all.extend(content);
                all.extend([0, 0]);
                return all;
            }
            Length::Open | Length::Shortest => all.extend(length_of(content.len(), 0)),
            Length::Long => all.extend(length_of(content.len(), 1)),
        }
        all.extend(content);
        all
    }

    /// A string of whole octets as bits.
    pub fn string_of_bits(octets: &[u8]) -> Self {
        Self {
            tag: BITS,
            before: vec![0],
            inside: Inside::Octets(octets.to_vec()),
            length: Length::Shortest,
        }
    }

    /// These elements, as they are written, in a sequence.
    pub fn sequence(elements: &[&[u8]]) -> Vec<u8> {
        let content = elements.concat();
        [vec![0x30], length_of(content.len(), 0), content].concat()
    }

    /// Alters it in so many places; what is put in comes from `others`.
    pub fn alter(&mut self, times: usize, dice: &mut Dice, others: &[Self]) {
        for _ in 0..times {
            let at = dice.below(self.count());
            let other = dice.one_of(others);
            let donor = other.nth(dice.below(other.count()));
            if let Some(element) = self.nth_mut(at) {
                element.alter_here(dice, donor);
            }
        }
    }

    fn count(&self) -> usize {
        1 + self.elements().iter().map(Self::count).sum::<usize>()
    }

    fn elements(&self) -> &[Self] {
        match &self.inside {
            Inside::Octets(_) => &[],
            Inside::Elements(elements) => elements,
        }
    }

    fn nth(&self, at: usize) -> &Self {
        let mut left = at;
        let mut here = self;
        while left > 0 {
            left -= 1;
            for element in here.elements() {
                let count = element.count();
                if left < count {
                    here = element;
                    break;
                }
                left -= count;
            }
        }
        here
    }

    fn nth_mut(&mut self, at: usize) -> Option<&mut Self> {
        if at == 0 {
            return Some(self);
        }
        let mut left = at - 1;
        let Inside::Elements(elements) = &mut self.inside else {
            return None;
        };
        for element in elements {
            let count = element.count();
            if left < count {
                return element.nth_mut(left);
            }
            left -= count;
        }
        None
    }

    fn alter_here(&mut self, dice: &mut Dice, donor: &Self) {
        match dice.below(12) {
            0 => self.tag ^= 1 << dice.below(8),
            1 => self.tag = *dice.one_of(TAGS),
            2 => self.length = Length::Long,
            3 => self.length = Length::Open,
            4 => *self = donor.clone(),
            _ => match &mut self.inside {
                Inside::Octets(octets) => alter_octets(octets, &mut self.before, dice),
                Inside::Elements(elements) => alter_elements(elements, dice, donor),
            },
        }
    }
}

fn alter_octets(octets: &mut Vec<u8>, before: &mut [u8], dice: &mut Dice) {
    let at = dice.below(octets.len());
    match dice.below(9) {
        0 if !octets.is_empty() => octets[at] ^= 1 << dice.below(8),
        1 if !octets.is_empty() => octets[at] = *dice.one_of(b"\x00\x01\x7f\x80\xff *@Z+-.9"),
        2 => octets.insert(at, *dice.one_of(b"\x00\x00\xff\x80a0")),
        3 if !octets.is_empty() => drop(octets.remove(at)),
        4 => octets.insert(0, 0),
        5 => octets.clear(),
        6 => octets.extend_from_within(at..),
        7 => octets.iter_mut().take(1).for_each(|first| *first ^= 0x80),
        _ => before
            .iter_mut()
            .for_each(|unused| *unused = dice.below(9) as u8),
    }
}

fn alter_elements(elements: &mut Vec<Element>, dice: &mut Dice, donor: &Element) {
    let at = dice.below(elements.len());
    match dice.below(5) {
        0 if !elements.is_empty() => drop(elements.remove(at)),
        1 if !elements.is_empty() => elements.insert(at, elements[at].clone()),
        2 if !elements.is_empty() => {
            let other = dice.below(elements.len());
            elements.swap(at, other);
        }
        3 => elements.insert(at, donor.clone()),
        _ => elements.push(donor.clone()),
    }
}

fn elements(mut octets: &[u8], depth: usize) -> Option<Vec<Element>> {
    let mut all = Vec::new();
    while let [tag, rest @ ..] = octets {
        let (length, rest) = read_length(rest)?;
        if tag & 0x1f == 0x1f || length > rest.len() || depth > DEEPEST {
            return None;
        }
        let (content, rest) = rest.split_at(length);
        all.push(element(*tag, content, depth)?);
        octets = rest;
    }
    Some(all)
}

fn element(tag: u8, content: &[u8], depth: usize) -> Option<Element> {
    let (before, within) = match (tag, content) {
        (BITS, [unused, rest @ ..]) => (vec![*unused], rest),
        _ => (Vec::new(), content),
    };
    let parts = || elements(within, depth + 1).filter(|parts| !parts.is_empty());
    let inside = if tag & 0x20 != 0 {
        Inside::Elements(elements(within, depth + 1)?)
    } else if matches!(tag, OCTETS | BITS) {
        parts().map_or_else(|| Inside::Octets(within.to_vec()), Inside::Elements)
    } else {
        Inside::Octets(within.to_vec())
    };
    Some(Element {
        tag,
        before,
        inside,
        length: Length::Shortest,
    })
}

fn read_length(octets: &[u8]) -> Option<(usize, &[u8])> {
    match octets {
        [short @ ..=0x7f, rest @ ..] => Some((usize::from(*short), rest)),
        [0x81, one, rest @ ..] => Some((usize::from(*one), rest)),
        [0x82, high, low, rest @ ..] => Some((usize::from(*high) * 256 + usize::from(*low), rest)),
        _ => None,
    }
}

fn length_of(length: usize, spare: usize) -> Vec<u8> {
    if length < 0x80 && spare == 0 {
        return vec![length as u8];
    }
    let octets = length.to_be_bytes();
    let needed = octets
        .iter()
        .skip_while(|octet| **octet == 0)
        .count()
        .max(1);
    let written = &octets[octets.len() - needed - spare..];
    let mut all = vec![0x80 | written.len() as u8];
    all.extend(written);
    all
}
