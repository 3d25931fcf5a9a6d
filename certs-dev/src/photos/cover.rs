//! What people wear on head and face: headscarf, turban, glasses, and beards.

use super::Face;

/// What covers the hair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// Nothing.
    None,
    /// A headscarf of this colour.
    Headscarf(&'static str),
    /// A turban of this colour.
    Turban(&'static str),
}

/// Beards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beard {
    /// None.
    None,
    /// Short.
    Short,
    /// Full.
    Full,
    /// A moustache.
    Moustache,
}

/// Glasses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Glasses {
    /// None.
    None,
    /// Round.
    Round,
    /// Square.
    Square,
}

/// The part of a headscarf behind the head.
pub(super) fn behind(face: &Face) -> String {
    match face.cover {
        Cover::Headscarf(colour) => {
            format!(
                r#"<path d="M46 130c0-58 30-90 74-90s74 32 74 90c0 50 6 76 12 100H34c6-24 12-50 12-100z" fill="{colour}"/>"#
            )
        }
        Cover::None | Cover::Turban(_) => String::new(),
    }
}

/// What lies over the head.
pub(super) fn in_front(face: &Face) -> String {
    match face.cover {
        Cover::None => String::new(),
        Cover::Headscarf(colour) => format!(
            r##"<path fill-rule="evenodd" d="M46 134c0-60 30-92 74-92s74 32 74 92c0 40-10 74-30 92-28 16-60 16-88 0-20-18-30-52-30-92zm26 0c0 42 18 66 48 66s48-24 48-66c0-40-18-60-48-60s-48 20-48 60z" fill="{colour}"/><path d="M70 208q50 34 98-8" fill="none" stroke="#000000" stroke-opacity=".16" stroke-width="4"/>"##
        ),
        Cover::Turban(colour) => format!(
            r##"<path d="M58 112c-10-52 24-84 62-84s72 32 62 84q-30-34-62-40-32 6-62 40z" fill="{colour}"/><g fill="none" stroke="#000000" stroke-opacity=".2" stroke-width="4"><path d="M62 96q32-44 88-58"/><path d="M178 96q-32-44-88-58"/><path d="M66 84q24-30 54-40"/></g>"##
        ),
    }
}

/// A beard in the colour of the hair.
pub(super) fn beard(face: &Face) -> String {
    let colour = face.hair_colour;
    match face.beard {
        Beard::None => String::new(),
        Beard::Short => format!(
            r#"<path d="M69 136q4 34 14 30 14-20 37-14 23-6 37 14 10 4 14-30c0 42-22 66-51 66s-51-24-51-66z" fill="{colour}" fill-opacity=".8"/>"#
        ),
        Beard::Full => format!(
            r#"<path d="M66 132q6 34 18 28 12-18 36-10 24-8 36 10 12 6 18-28c4 56-16 92-54 92s-58-36-54-92z" fill="{colour}"/><path d="M104 169q16 10 32 0" fill="none" stroke="{}" stroke-width="7" stroke-linecap="round"/>"#,
            face.skin
        ),
        Beard::Moustache => format!(
            r#"<path d="M94 166q12-14 26-8 14-6 26 8-14 2-26-4-12 6-26 4z" fill="{colour}"/>"#
        ),
    }
}

/// Glasses.
pub(super) fn glasses(face: &Face) -> String {
    let frames = match face.glasses {
        Glasses::None => return String::new(),
        Glasses::Round => r#"<circle cx="98" cy="132" r="17"/><circle cx="142" cy="132" r="17"/>"#,
        Glasses::Square => {
            r#"<rect x="80" y="119" width="36" height="27" rx="6"/><rect x="124" y="119" width="36" height="27" rx="6"/>"#
        }
    };
    format!(
        r##"<g fill="#ffffff" fill-opacity=".16" stroke="#22202b" stroke-width="3.5">{frames}<path d="M115 130q5-4 10 0M68 128l12 2M172 128l-12 2" fill="none"/></g>"##
    )
}
