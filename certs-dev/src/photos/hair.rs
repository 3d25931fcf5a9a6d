//! Hair: what hangs behind the head and what lies over the forehead.

use std::fmt::Write as _;

use super::{Cover, Face};

/// Styles of hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hair {
    /// None.
    Bald,
    /// Cropped close.
    Cropped,
    /// Short, parted at the side.
    Parted,
    /// Short and wavy.
    Wavy,
    /// Chin-length bob with a fringe.
    Bob,
    /// Long and straight.
    Long,
    /// Long and curly.
    Curls,
    /// Rounded natural hair.
    Natural,
    /// Tied up in a bun.
    Bun,
    /// Braids.
    Braids,
}

/// What is drawn before the head.
pub(super) fn behind(face: &Face) -> String {
    if face.cover != Cover::None {
        return String::new();
    }
    let colour = face.hair_colour;
    match face.hair {
        Hair::Bald | Hair::Cropped | Hair::Parted | Hair::Wavy => String::new(),
        Hair::Bob => format!(
            r#"<path d="M56 120c0-50 28-72 64-72s64 22 64 72v62q-14 14-30 8H86q-16 6-30-8z" fill="{colour}"/>"#
        ),
        Hair::Long => format!(
            r#"<path d="M54 122c0-54 30-76 66-76s66 22 66 76v110q-20 16-40 8H94q-20 8-40-8z" fill="{colour}"/>"#
        ),
        Hair::Curls => circles(
            colour,
            &[
                (62, 100, 24),
                (54, 134, 24),
                (52, 168, 25),
                (60, 200, 24),
                (178, 100, 24),
                (186, 134, 24),
                (188, 168, 25),
                (180, 200, 24),
                (90, 68, 28),
                (120, 60, 30),
                (150, 68, 28),
            ],
        ),
        Hair::Natural => format!(r#"<circle cx="120" cy="104" r="74" fill="{colour}"/>"#),
        Hair::Bun => format!(
            r#"<circle cx="120" cy="42" r="24" fill="{colour}"/><path d="M60 124c0-50 26-72 60-72s60 22 60 72z" fill="{colour}"/>"#
        ),
        Hair::Braids => format!(
            r#"<path d="M60 124c0-50 26-74 60-74s60 24 60 74z" fill="{colour}"/><g fill="none" stroke="{colour}" stroke-width="12" stroke-linecap="round" stroke-dasharray="1 13"><path d="M62 118v116"/><path d="M76 160v82"/><path d="M178 118v116"/><path d="M164 160v82"/></g>"#
        ),
    }
}

/// What is drawn over the head.
pub(super) fn in_front(face: &Face) -> String {
    if face.cover != Cover::None {
        return String::new();
    }
    let colour = face.hair_colour;
    match face.hair {
        Hair::Bald => {
            r##"<ellipse cx="104" cy="82" rx="16" ry="7" fill="#ffffff" fill-opacity=".25"/>"##
                .to_owned()
        }
        Hair::Cropped | Hair::Natural => format!(
            r#"<path d="M67 120c-1-46 22-64 53-64s54 18 53 64q-6-30-20-38-33-10-66 0-14 8-20 38z" fill="{colour}"/>"#
        ),
        Hair::Parted => format!(
            r#"<path d="M64 124c-4-56 26-74 58-74 34 0 58 20 54 74q-6-26-16-36-40 6-66-14-20 16-30 50z" fill="{colour}"/>"#
        ),
        Hair::Wavy => format!(
            r#"<path d="M66 120q-6-40 16-54 14-20 40-18 30-6 44 18 18 16 8 54-8-16-12-32-16-2-26-12-20 16-40 10-20 8-30 34z" fill="{colour}"/>"#
        ),
        Hair::Bob => format!(
            r#"<path d="M66 118c2-44 22-62 54-62s52 18 54 62q-8-8-12-22-42 8-84 0-4 14-12 22z" fill="{colour}"/>"#
        ),
        Hair::Long | Hair::Bun => format!(
            r#"<path d="M66 126c-2-50 20-70 54-70s56 20 54 70q-10-36-54-56-34 20-54 56z" fill="{colour}"/>"#
        ),
        Hair::Curls => circles(
            colour,
            &[
                (84, 84, 17),
                (104, 72, 18),
                (126, 70, 18),
                (148, 78, 17),
                (164, 94, 14),
                (74, 102, 13),
            ],
        ),
        Hair::Braids => format!(
            r##"<path d="M66 122c-2-48 20-66 54-66s56 18 54 66q-12-34-54-42-42 8-54 42z" fill="{colour}"/><g fill="none" stroke="#ffffff" stroke-opacity=".22" stroke-width="2"><path d="M96 62q-14 14-18 38"/><path d="M120 58v22"/><path d="M144 62q14 14 18 38"/></g>"##
        ),
    }
}

fn circles(colour: &str, spots: &[(u16, u16, u16)]) -> String {
    let mut svg = format!(r#"<g fill="{colour}">"#);
    for (x, y, radius) in spots {
        let _ = write!(svg, r#"<circle cx="{x}" cy="{y}" r="{radius}"/>"#);
    }
    svg + "</g>"
}
