//! The pages of the listener: one question, and two ways to be told no.

use super::Rules;
use crate::failure::Failure;

/// The only style; its hash stands in the policy.
const STYLE: &str = "body{font:1.125rem/1.5 system-ui,sans-serif;max-width:36rem;margin:3rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}button{font:inherit;padding:.75rem 1.5rem;border:0;border-radius:.25rem;color:#fff;background:#00563f}a{color:#00563f}pre{white-space:pre-wrap;font:inherit}@media(prefers-color-scheme:dark){body{color:#eee;background:#161616}button{color:#161616;background:#7fd1b4}a{color:#7fd1b4}}";
/// SHA-256 of the style, as CSP wants it.
pub(super) const STYLE_HASH: &str = "sha256-RcgUU9gxfa/9MM4a75VQEDstdPthTKuzVvaEWL13aOg=";

/// Characters that mean something in HTML.
fn text(words: &str) -> String {
    words
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

fn page(name: &str, title: &str, main: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\
         <body><main data-card-client=\"{name}\"><h1>{title}</h1>{main}</main></body></html>"
    )
}

/// The question.
pub(super) fn ask(rules: &Rules, waiting: &str) -> String {
    let (card, token) = (text(&rules.card), &rules.token);
    page(
        "ask",
        "Renew your smartcard",
        &format!(
            "<p>{card}</p><p>This takes a minute. Leave the card in the reader until the page changes; if it is \
             pulled out all the same, nothing is lost.</p>\
             <form method=\"post\" action=\"/renew{waiting}\"><input type=\"hidden\" name=\"token\" value=\"{token}\">\
             <button type=\"submit\">Renew now</button></form>"
        ),
    )
}

/// It did not end well.
pub(super) fn failed(rules: &Rules, failure: &Failure) -> String {
    let (words, back) = (text(&failure.to_string()), text(&rules.back()));
    page(
        "failed",
        "Your smartcard is not renewed",
        &format!("<pre>{words}</pre><p><a href=\"{back}\">Back to the page about renewing</a></p>"),
    )
}

/// Whoever came in another way.
pub(super) fn lost(rules: &Rules) -> String {
    let back = text(&rules.back());
    page(
        "lost",
        "This is your card program",
        &format!("<p>Begin on <a href=\"{back}\">the page about renewing</a>.</p>"),
    )
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[test]
    fn the_policy_names_the_style() {
        let hash = crate::certificate::digest(STYLE.as_bytes());
        let named = format!("sha256-{}", STANDARD.encode(hash.as_ref()));
        assert_eq!(STYLE_HASH, named);
    }
}
