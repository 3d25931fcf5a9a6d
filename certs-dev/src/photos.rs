//! Portraits of the demo people, drawn as SVG in a friendly flat style.
//!
//! Nobody is shown: every face is put together from a table of features. The drawings hold no script, no style sheet
//! and no reference to anything outside, so that they can be served under the strictest policy. Each carries its
//! words for people who do not see it, and the mark DEMO for those who do.

mod cover;
mod hair;

use std::fmt::Write as _;

pub use cover::{Beard, Cover, Glasses};
pub use hair::Hair;

/// The features of a portrait. Colours are `#rrggbb`.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Colour of the skin.
    pub skin: &'static str,
    /// Style of the hair.
    pub hair: Hair,
    /// Colour of hair, brows and beard.
    pub hair_colour: &'static str,
    /// Headscarf or turban.
    pub cover: Cover,
    /// Beard or none.
    pub beard: Beard,
    /// Glasses or none.
    pub glasses: Glasses,
    /// Colour of the clothes.
    pub clothes: &'static str,
    /// Colour behind the person.
    pub backdrop: &'static str,
}

/// A bare face in grey: the beginning of every portrait.
pub(crate) const fn face(skin: &'static str, hair: Hair, hair_colour: &'static str) -> Face {
    Face {
        skin,
        hair,
        hair_colour,
        cover: Cover::None,
        beard: Beard::None,
        glasses: Glasses::None,
        clothes: "#777777",
        backdrop: "#eeeeee",
    }
}

impl Face {
    /// With clothes, in front of a backdrop.
    pub(crate) const fn dressed(mut self, clothes: &'static str, backdrop: &'static str) -> Self {
        (self.clothes, self.backdrop) = (clothes, backdrop);
        self
    }

    /// With headscarf or turban.
    pub(crate) const fn covered(mut self, cover: Cover) -> Self {
        self.cover = cover;
        self
    }

    /// With a beard.
    pub(crate) const fn bearded(mut self, beard: Beard) -> Self {
        self.beard = beard;
        self
    }

    /// With glasses.
    pub(crate) const fn with(mut self, glasses: Glasses) -> Self {
        self.glasses = glasses;
        self
    }
}

const INK: &str = "#2b2024";

/// The portrait as a complete SVG document; `words` describe it.
pub fn draw(face: &Face, words: &str) -> String {
    let mut svg = String::with_capacity(4_096);
    let words = escape(words);
    let _ = write!(
        svg,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 300" width="240" height="300" role="img" aria-label="{words}"><title>{words}</title><rect width="240" height="300" fill="{}"/><circle cx="120" cy="132" r="104" fill="#ffffff" fill-opacity=".35"/>"##,
        face.backdrop
    );
    svg.push_str(&hair::behind(face));
    svg.push_str(&cover::behind(face));
    svg.push_str(&body(face));
    svg.push_str(&head(face));
    svg.push_str(&cover::beard(face));
    svg.push_str(&features(face));
    svg.push_str(&hair::in_front(face));
    svg.push_str(&cover::in_front(face));
    svg.push_str(&cover::glasses(face));
    svg.push_str(DEMO_BAND);
    svg.push_str("</svg>");
    svg
}

/// The mark: white on dark, readable at thumbnail size.
const DEMO_BAND: &str = r##"<rect y="268" width="240" height="32" fill="#1f1a2e"/><text x="120" y="290" text-anchor="middle" font-family="sans-serif" font-size="18" font-weight="700" letter-spacing="6" fill="#ffffff">DEMO</text>"##;

fn body(face: &Face) -> String {
    format!(
        r##"<path d="M26 300c2-58 36-84 94-84s92 26 94 84z" fill="{}"/><path d="M86 220q34 40 68 0l-8-6h-52z" fill="#ffffff" fill-opacity=".55"/><path d="M98 178h44v38q-22 26-44 0z" fill="{}"/><path d="M98 196q22 16 44 0v8q-22 18-44 0z" fill="{INK}" fill-opacity=".16"/>"##,
        face.clothes, face.skin
    )
}

fn head(face: &Face) -> String {
    let skin = face.skin;
    format!(
        r#"<ellipse cx="66" cy="138" rx="10" ry="15" fill="{skin}"/><ellipse cx="174" cy="138" rx="10" ry="15" fill="{skin}"/><path d="M68 122c0-42 22-62 52-62s52 20 52 62c0 44-24 76-52 76s-52-32-52-76z" fill="{skin}"/>"#
    )
}

fn features(face: &Face) -> String {
    format!(
        r##"<g fill="none" stroke="{}" stroke-width="5" stroke-linecap="round"><path d="M86 116q12-8 24-2"/><path d="M130 114q12-6 24 2"/></g><g fill="{INK}"><ellipse cx="99" cy="132" rx="5.5" ry="6.5"/><ellipse cx="141" cy="132" rx="5.5" ry="6.5"/></g><g fill="#ffffff"><circle cx="101" cy="130" r="1.8"/><circle cx="143" cy="130" r="1.8"/></g><g fill="none" stroke="{INK}" stroke-linecap="round"><path d="M120 136q-7 16 3 17" stroke-width="3" stroke-opacity=".45"/><path d="M102 168q18 14 36 0" stroke-width="4"/></g><g fill="#d9576b" fill-opacity=".18"><circle cx="86" cy="154" r="11"/><circle cx="154" cy="154" r="11"/></g>"##,
        face.hair_colour
    )
}

fn escape(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::people::PEOPLE;

    #[test]
    fn every_portrait_is_marked_described_and_its_own() {
        let drawn: HashSet<String> = PEOPLE
            .iter()
            .map(|person| draw(&person.face, "somebody"))
            .collect();
        assert_eq!(drawn.len(), PEOPLE.len());
        for svg in drawn {
            assert!(svg.contains(">DEMO<") && svg.contains("<title>somebody</title>"));
            assert!(svg.len() < 8_192, "a portrait is small: {}", svg.len());
        }
    }

    #[test]
    fn portraits_hold_nothing_active_and_nothing_from_outside() {
        for person in PEOPLE {
            let svg = draw(&person.face, person.alias);
            for forbidden in ["<script", "<style", "style=", "href", "onload", "url("] {
                assert!(!svg.contains(forbidden), "{} has {forbidden}", person.alias);
            }
        }
    }

    #[test]
    fn words_cannot_break_out_of_the_drawing() {
        let svg = draw(&PEOPLE[0].face, r#"<b a="x">&"#);
        assert!(svg.contains("<title>&lt;b a=&quot;x&quot;>&amp;</title>"));
    }
}
