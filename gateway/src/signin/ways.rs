//! Which ways to sign in a page offers, and in which order: the one that this browser used last, then
//! the strongest against phishing first. One that cannot give what the application asks is shown as
//! unavailable, with the reason, so that nobody looks for it (contract 4.1). A way that this house
//! does not have is not shown.

use http::HeaderMap;
use policies::signin::Method;
use policies::time::Span;

use crate::door::cookies::Cookie;
use crate::federation::Look;
use crate::house::{Names, Shared};
use crate::messages::Messages;
use crate::pages::sign_in::{Way, WayLine};
use crate::signin::key;
use crate::signin::transaction::SignIn;

/// How long a browser keeps which way it used last.
pub(super) const REMEMBERED: Span = Span::days(90);

/// The ways of a sign-in.
pub(super) fn of(
    house: &Shared,
    sign_in: &SignIn,
    m: &Messages,
    last: Option<Method>,
) -> Vec<WayLine> {
    let handle = sign_in.handle.as_str();
    let card_url = &house.names.card_url;
    let mut all = vec![(Method::Smartcard, format!("{card_url}/login?t={handle}"))];
    if house.keys.is_some() {
        for method in key::WAYS {
            let url = format!("/signin/key?t={handle}&way={}", method.as_str());
            all.push((method, url));
        }
    }
    if house.vault.is_some() {
        all.push((Method::Totp, format!("/signin/app?t={handle}")));
    }
    let mut lines: Vec<WayLine> = all
        .into_iter()
        .map(|(method, url)| line(sign_in, m, method, url))
        .collect();
    lines.extend(elsewhere(house, sign_in, m));
    if house.dev.is_some() && house.federation.is_empty() {
        lines.push(none_elsewhere(sign_in, m));
    }
    // Of several organisations nobody knows which one it was.
    let one_elsewhere = house.federation.all().len() == 1;
    for line in &mut lines {
        let known = line.method != Method::Federated || one_elsewhere;
        line.last = known && last == Some(line.method) && matches!(line.way, Way::Open(_));
    }
    lines.sort_by_key(|line| !line.last);
    lines
}

/// The way that this browser used last.
pub(super) fn last_of(headers: &HeaderMap, names: &Names) -> Option<Method> {
    Cookie::LastWay.read(headers, names)?.parse().ok()
}

/// The other organisations, as far as is known without asking anybody now.
fn elsewhere(house: &Shared, sign_in: &SignIn, m: &Messages) -> Vec<WayLine> {
    let handle = sign_in.handle.as_str();
    let all = house.federation.all().iter().map(|one| {
        let setting = one.setting();
        let url = format!("/signin/federated/{}?t={handle}", setting.id);
        let line = line(sign_in, m, Method::Federated, url.clone());
        let down = |reason, again| Way::Down { reason, again };
        let way = match (line.way, house.federation.look(one)) {
            (Way::Open(_), Look::Down(trouble)) => {
                down((m.federation.down)(&setting.name, trouble), Some(url))
            }
            (Way::Open(_), Look::Off) => down((m.federation.off)(&setting.name), None),
            (way, _) => way,
        };
        WayLine {
            name: setting.name.clone(),
            hint: m.federation.hint,
            way,
            ..line
        }
    });
    all.collect()
}

/// In dev every way of the contract has its line; this one says what would open it.
fn none_elsewhere(sign_in: &SignIn, m: &Messages) -> WayLine {
    let line = line(sign_in, m, Method::Federated, String::new());
    let way = match line.way {
        Way::Open(_) => Way::Down {
            reason: m.federation.none_in_dev.to_owned(),
            again: None,
        },
        way => way,
    };
    WayLine { way, ..line }
}

fn line(sign_in: &SignIn, m: &Messages, method: Method, url: String) -> WayLine {
    let text = (m.methods.way)(method);
    let way = if sign_in.request.demand().can_be_met_by(method) {
        Way::Open(url)
    } else {
        Way::NotEnough
    };
    WayLine {
        method,
        name: text.name.to_owned(),
        hint: text.hint,
        way,
        last: false,
    }
}
