//! `[[federation]]`: other organisations whose sign-in is accepted here.

use std::path::Path;

use policies::federation::Terms;
use policies::ids::FederationId;
use policies::time::Span;
use url::Url;
use zeroize::Zeroizing;

use super::problem::{Fault, Problems};
use super::section::{Found, Section};
use crate::federation::{Prompt, Setting, is_allowed};

/// How long ago she may have proven herself there, in seconds, unless the operator says otherwise.
const MAX_AGE: u32 = 300;
/// The longest name, in characters.
const LONGEST_NAME: usize = 40;

const ISSUER: &str = "the https issuer of one tenant, exactly as its own description names it";

/// Parts of issuers that stand for more than one organisation: whoever signs in there may be anybody.
const OF_NOBODY: [&str; 4] = ["/common", "/organizations", "/consumers", "{tenantid}"];

/// All of them; ids and issuers are each used once.
pub(super) fn all(
    top: &mut Section<'_>,
    folder: &Path,
    on_loopback: bool,
    problems: &mut Problems,
) -> Vec<Setting> {
    let mut settings: Vec<Setting> = Vec::new();
    for section in top.tables("federation", problems) {
        let at = section.at();
        let Some(setting) = one(section, folder, on_loopback, problems) else {
            continue;
        };
        if settings.iter().any(|known| known.id == setting.id) {
            unusable(at, "id", "a name that no other organisation has", problems);
        }
        if settings.iter().any(|known| known.issuer == setting.issuer) {
            let wanted = "an issuer that no other organisation has";
            unusable(at, "issuer", wanted, problems);
        }
        settings.push(setting);
    }
    settings
}

fn one(
    mut section: Section<'_>,
    folder: &Path,
    on_loopback: bool,
    problems: &mut Problems,
) -> Option<Setting> {
    let at = section.at();
    let id: Option<Found<FederationId>> =
        section.parsed("id", "1 to 32 lower-case letters, digits and '-'", problems);
    let name = name(&mut section, problems);
    let issuer = issuer(&mut section, on_loopback, problems);
    let client_id = section.required("client_id", "who this house is there", problems);
    let secret = section.file("client_secret_file", folder, problems);
    let enabled = section.switch("enabled", problems).unwrap_or(true);
    let acr = section.texts("required_acr", problems).unwrap_or_default();
    let amr = section.texts("required_amr", problems).unwrap_or_default();
    let max_age = section.count("max_age", problems).unwrap_or(MAX_AGE);
    let tenant = section.text("tenant", "the tenant's id, as in the claim tid", problems);
    let prompt = prompt(&mut section, problems);
    section.done(problems);
    if acr.is_empty() && amr.is_empty() {
        const WANTED: &str = "the values that mean a second factor there, here or in required_amr";
        let fault = Fault::Missing {
            key: "required_acr",
            wanted: WANTED,
        };
        problems.note(at, fault);
    }
    let secret = secret?;
    let text = String::from_utf8_lossy(&secret.value.bytes)
        .trim()
        .to_owned();
    if text.is_empty() {
        unusable(
            secret.at,
            "client_secret_file",
            "a file with the secret",
            problems,
        );
    }
    Some(Setting {
        id: id?.value,
        name: name?,
        issuer: issuer?,
        client_id: client_id?.value.to_owned(),
        client_secret: Zeroizing::new(text),
        enabled,
        terms: Terms {
            acr,
            amr,
            max_age: Span::seconds(i64::from(max_age)),
            tenant: tenant.map(|tenant| tenant.value.to_owned()),
        },
        prompt: prompt?,
        on_loopback,
    })
}

fn name(section: &mut Section<'_>, problems: &mut Problems) -> Option<String> {
    const WANTED: &str = "what people know it as, 1 to 40 characters";
    let found = section.required("name", WANTED, problems)?;
    let name = found.value.trim();
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        unusable(found.at, "name", WANTED, problems);
        return None;
    }
    Some(name.to_owned())
}

fn issuer(section: &mut Section<'_>, on_loopback: bool, problems: &mut Problems) -> Option<String> {
    let found = section.required("issuer", ISSUER, problems)?;
    let url = Url::parse(found.value).ok();
    let url = url.filter(|url| is_allowed(url, on_loopback));
    let plain = url.filter(|url| url.query().is_none() && url.fragment().is_none());
    let of_one = |text: &str| !OF_NOBODY.iter().any(|part| text.contains(part));
    if plain.is_none() || !of_one(found.value) {
        unusable(found.at, "issuer", ISSUER, problems);
        return None;
    }
    Some(found.value.to_owned())
}

fn prompt(section: &mut Section<'_>, problems: &mut Problems) -> Option<Prompt> {
    const WANTED: &str = "\"login\" (the default), \"select_account\" or \"none\"";
    let Some(found) = section.text("prompt", WANTED, problems) else {
        return Some(Prompt::Login);
    };
    match found.value {
        "login" => Some(Prompt::Login),
        "select_account" => Some(Prompt::SelectAccount),
        "none" => Some(Prompt::Unsaid),
        _ => {
            unusable(found.at, "prompt", WANTED, problems);
            None
        }
    }
}

fn unusable(at: usize, key: &'static str, wanted: &'static str, problems: &mut Problems) {
    problems.note(at, Fault::Unusable { key, wanted });
}
