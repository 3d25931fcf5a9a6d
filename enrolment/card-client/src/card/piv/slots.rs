//! Where the two sets of keys live on a PIV card.
//!
//! Making a key in a slot destroys the one that was there, and PIV has no way to move a key. So that the
//! current set keeps working until the new one is proven, the two sets take turns: one lives in the
//! slots that PIV names for signing in and for signatures (9A, 9C), the other in the first two slots for
//! retired keys (82, 83). A set is complete when both of its certificates are there; of two complete sets
//! the older one is the current one until its certificates are removed.

use policies::card::KeyRole;
use policies::time::Time;

/// A key and the object that holds its certificate (SP 800-73-4 part 1, tables 3 and 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub(super) key: u8,
    pub(super) object: [u8; 3],
}

/// One of the two sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Set {
    /// 9A and 9C.
    Named,
    /// 82 and 83.
    Retired,
}

impl Set {
    pub(super) const fn other(self) -> Self {
        match self {
            Self::Named => Self::Retired,
            Self::Retired => Self::Named,
        }
    }

    pub(super) const fn slot(self, role: KeyRole) -> Slot {
        let (key, last) = match (self, role) {
            (Self::Named, KeyRole::Authentication) => (0x9a, 0x05),
            (Self::Named, KeyRole::Signature) => (0x9c, 0x0a),
            (Self::Retired, KeyRole::Authentication) => (0x82, 0x0d),
            (Self::Retired, KeyRole::Signature) => (0x83, 0x0e),
        };
        Slot {
            key,
            object: [0x5f, 0xc1, last],
        }
    }
}

/// Which set is the current one, given the first second of each complete set. None on a card that has
/// no complete set; its first set goes to the named slots.
pub(super) fn current(named: Option<Time>, retired: Option<Time>) -> Option<Set> {
    match (named, retired) {
        (None, None) => None,
        (None, Some(_)) => Some(Set::Retired),
        (Some(named), Some(retired)) if retired < named => Some(Set::Retired),
        (Some(_), _) => Some(Set::Named),
    }
}

/// Which set is being filled.
pub(super) fn pending(current: Option<Set>) -> Set {
    current.map_or(Set::Named, Set::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_older_complete_set_is_current() {
        let at = |seconds| Some(Time::from_unix(seconds));
        assert_eq!(current(None, None), None);
        assert_eq!(current(at(1), at(2)), Some(Set::Named));
        assert_eq!(current(at(2), at(1)), Some(Set::Retired));
        assert_eq!(current(None, at(1)), Some(Set::Retired));
        assert_eq!(pending(None), Set::Named);
        assert_eq!(pending(Some(Set::Named)), Set::Retired);
    }

    #[test]
    fn no_two_keys_share_a_slot() {
        let sets = [Set::Named, Set::Retired];
        let slots = sets.map(|set| crate::card::ROLES.map(|role| set.slot(role)));
        let slots = slots.concat();
        for (n, one) in slots.iter().enumerate() {
            assert!(
                !slots[n + 1..]
                    .iter()
                    .any(|two| two.key == one.key || two.object == one.object)
            );
        }
    }
}
