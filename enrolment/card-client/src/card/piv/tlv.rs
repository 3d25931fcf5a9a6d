//! The tag-length-value form of PIV's data (ISO 7816-4 5.2.2; SP 800-73-4 part 2): one-octet tags, and
//! the two-octet `7F49` of a generated key, which callers strip.

use crate::card::CardError;

/// Writes one element.
pub(super) fn put(tag: u8, value: &[u8]) -> Result<Vec<u8>, CardError> {
    let length = u16::try_from(value.len())
        .map_err(|_| CardError::Unusable("more than a card takes at once"))?;
    let [high, low] = length.to_be_bytes();
    let mut element = vec![tag];
    match length {
        0..=0x7f => element.push(low),
        0x80..=0xff => element.extend([0x81, low]),
        _ => element.extend([0x82, high, low]),
    }
    element.extend_from_slice(value);
    Ok(element)
}

/// The value of the first element with this tag, among elements side by side.
pub(super) fn get(tag: u8, mut elements: &[u8]) -> Option<&[u8]> {
    loop {
        let (found, value, rest) = take(elements)?;
        if found == tag {
            return Some(value);
        }
        elements = rest;
    }
}

/// Tag, value and what follows.
fn take(elements: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = elements.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 => {
            let (low, rest) = rest.split_first()?;
            (usize::from(*low), rest)
        }
        0x82 => {
            let (two, rest) = rest.split_at_checked(2)?;
            (usize::from(u16::from_be_bytes(two.try_into().ok()?)), rest)
        }
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((*tag, value, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_got_at_every_length_form() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 3_000] {
            let value = vec![7; length];
            let mut two = put(0x71, &[0]).expect("an element");
            two.extend(put(0x70, &value).expect("an element"));
            assert_eq!(get(0x70, &two), Some(value.as_slice()), "{length}");
            assert_eq!(get(0x71, &two), Some([0].as_slice()));
            assert_eq!(get(0x72, &two), None);
        }
        assert!(put(0x70, &vec![0; 70_000]).is_err());
    }

    #[test]
    fn a_broken_element_is_none() {
        for broken in [
            &[0x70][..],
            &[0x70, 5, 1],
            &[0x70, 0x82, 1],
            &[0x70, 0x84, 0],
        ] {
            assert_eq!(get(0x70, broken), None, "{broken:?}");
        }
    }
}
