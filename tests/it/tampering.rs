//! Every parameter of every step of a sign-in, changed one at a time by the browser that makes it: left
//! out, emptied, garbled, or taken from another person's sign-in. Whatever comes of it, it is never
//! another person, another level, or a role that she does not hold (attack table 17 and 52).

use std::sync::{Arc, Mutex};

use reqwest::{StatusCode, Url};
use serde_json::{Value, json};

use crate::keys::allowing;
use crate::support::agent::{Page, role_ids, smartcard_link};
use crate::support::app::CALLBACK;
use crate::support::ceremony::add_by_api;
use crate::support::key::{Batch, Make, SoftKey};
use crate::support::phone::{self, ACR};
use crate::support::soft::Api;
use crate::support::{Agent, App, Matron, Options, Reader, pages};

/// One request of a sign-in: where to, and its parameters.
type Sent = (String, Vec<(String, String)>);

/// How a parameter is changed: which step, which name, what it says instead; `None` leaves it out.
#[derive(Debug, Clone)]
struct Change {
    step: usize,
    name: String,
    to: Option<String>,
}

/// Who signs in, and with what: a card, what is typed with an app, or a security key.
#[derive(Clone)]
enum With {
    Card(&'static str),
    App([(&'static str, String); 3]),
    Key(Arc<Mutex<SoftKey>>),
}

impl With {
    /// Its way in the list of ways.
    const fn method(&self) -> &'static str {
        match self {
            Self::Card(_) => "smartcard",
            Self::App(_) => "authenticator-app",
            Self::Key(_) => "security-key",
        }
    }
}

/// A browser that writes down what it sends and changes one thing.
struct Tamperer {
    agent: Agent,
    sent: Vec<Sent>,
    change: Option<Change>,
}

impl Tamperer {
    fn new(agent: Agent, change: Option<Change>) -> Self {
        Self {
            agent,
            sent: Vec::new(),
            change,
        }
    }

    /// The parameters as they leave, written down.
    fn changed(
        &mut self,
        to: &str,
        mut parameters: Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        let step = self.sent.len();
        self.sent.push((to.to_owned(), parameters.clone()));
        let Some(change) = self.change.clone().filter(|change| change.step == step) else {
            return parameters;
        };
        match change.to {
            None => parameters.retain(|(name, _)| *name != change.name),
            Some(value) => {
                for (_, old) in parameters
                    .iter_mut()
                    .filter(|(name, _)| *name == change.name)
                {
                    old.clone_from(&value);
                }
            }
        }
        parameters
    }

    async fn get(&mut self, url: &str) -> Page {
        let mut url = match &self.agent.last {
            Some(last) => last.join(url).expect("a URL"),
            None => Url::parse(url).expect("a URL"),
        };
        let parameters = url.query_pairs().into_owned().collect();
        let parameters = self.changed(url.path(), parameters);
        if parameters.is_empty() {
            url.set_query(None);
        } else {
            url.query_pairs_mut().clear().extend_pairs(parameters);
        }
        self.agent.get(url.as_str()).await
    }

    async fn submit(&mut self, form: &pages::Form, added: &[(&str, &str)]) -> Page {
        let mut fields = form.hidden.clone();
        fields.extend(
            added
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
        );
        let fields = self.changed(&form.action, fields);
        self.agent.post(&form.action, &fields).await
    }

    /// The whole way to the application, as far as it goes.
    async fn sign_in(&mut self, url: &str, with: &With) -> Page {
        let mut page = self.get(url).await;
        for _ in 0..12 {
            page = match &page.location {
                Some(next) if next.as_str().starts_with(CALLBACK) => return page,
                Some(next) => {
                    let next = next.clone();
                    self.get(next.as_str()).await
                }
                None => match self.answer(&page, with).await {
                    Some(next) => next,
                    None => return page,
                },
            };
        }
        page
    }

    /// What a person does on a page; `None` where there is nothing to do.
    async fn answer(&mut self, page: &Page, with: &With) -> Option<Page> {
        let forms = pages::forms(&page.body);
        let form = |text: &str| forms.iter().find(|form| form.text.contains(text)).cloned();
        if let Some(form) = form("name=\"role_id\"") {
            let role = role_ids(&page.body).into_iter().next()?;
            return Some(self.submit(&form, &[("role_id", &role)]).await);
        }
        if let Some(form) = form("data-choice=\"not-now\"") {
            return Some(self.submit(&form, &[]).await);
        }
        if page.refusal().is_some() {
            return None;
        }
        match with {
            With::Card(_) => {
                let link = smartcard_link(&page.body)?;
                Some(self.get(&link).await)
            }
            With::App(typed) => {
                if let Some(form) = form("name=\"code\"") {
                    let typed: Vec<_> = typed.iter().map(|(n, v)| (*n, v.as_str())).collect();
                    return Some(self.submit(&form, &typed).await);
                }
                self.take_way(page, with.method()).await
            }
            With::Key(key) => {
                let Some(mut form) = form("data-ceremony") else {
                    return self.take_way(page, with.method()).await;
                };
                // As the script of the page does: asks, lets the device sign, sends.
                let start = pages::attribute(&form.text, "data-start")?;
                form.hidden
                    .retain(|(name, _)| name != "ceremony" && name != "answer");
                let send = std::mem::replace(&mut form.action, start);
                let begun = self.submit(&form, &[]).await;
                let asked: Value = serde_json::from_str(&begun.body).ok()?;
                let ceremony = asked["ceremony"].as_str()?;
                let answer = key.lock().expect("a key").get(&asked["publicKey"]);
                form.action = send;
                let signed = [("ceremony", ceremony), ("answer", &answer.to_string())];
                Some(self.submit(&form, &signed).await)
            }
        }
    }

    async fn take_way(&mut self, page: &Page, method: &str) -> Option<Page> {
        let ways = pages::tags(&page.body, "a").into_iter();
        let mut hers =
            ways.filter(|tag| pages::attribute(tag, "data-method").as_deref() == Some(method));
        let link = hers.next().and_then(|tag| pages::attribute(tag, "href"))?;
        Some(self.get(&link).await)
    }
}

fn agent(matron: &Matron, with: &With) -> Agent {
    match with {
        With::Card(alias) => Agent::with_card(matron, alias),
        With::App(_) | With::Key(_) => Agent::new(matron, Reader::Empty),
    }
}

/// Every change of every parameter that `hers` sent: left out, empty, garbled, and what `theirs` sent there.
fn changes(hers: &[Sent], theirs: &[Sent]) -> Vec<Change> {
    let mut all = Vec::new();
    for (step, (_, parameters)) in hers.iter().enumerate() {
        for (name, value) in parameters {
            let foreign = theirs.get(step).and_then(|(_, parameters)| {
                let same = parameters.iter().find(|(other, _)| other == name);
                same.map(|(_, value)| value.clone())
                    .filter(|other| other != value)
            });
            let garbled = format!("{value}'\u{0}");
            let variants = [None, Some(String::new()), Some(garbled)];
            let variants = variants.into_iter().chain(foreign.map(Some));
            all.extend(variants.map(|to| Change {
                step,
                name: name.clone(),
                to,
            }));
        }
    }
    all
}

/// What must hold of a code that came out all the same.
fn is_hers(claims: &Value, alias: &str, matron: &Matron, truth: &Value) {
    let hers = matron.text(&format!("/people/{alias}/user_id"));
    assert_eq!(claims["sub"], json!(hers));
    for claim in ["acr", "amr", "authentication_assurance_level"] {
        assert_eq!(claims[claim], truth[claim], "{claim}");
    }
    let role = &claims["matron_session_role"];
    assert!(
        role.is_null() || *role == truth["matron_session_role"],
        "{role}"
    );
}

/// What proves a person, or names her sign-in: changed, it opens nothing at all.
const PROOFS: [&str; 8] = [
    "t",
    "form_token",
    "ticket",
    "username",
    "password",
    "code",
    "ceremony",
    "answer",
];

/// Signs in once for every change, each in a browser of its own, as `ready` prepares it.
async fn tamper(matron: &Matron, alias: &str, theirs: &[Sent], ready: impl Fn(i64) -> With) {
    let app = App::new(matron, "ward7");
    let url = app.url(&[ACR]);
    let with = ready(0);
    let mut honest = Tamperer::new(agent(matron, &with), None);
    let page = honest.sign_in(&url, &with).await;
    let code = page
        .parameter("code")
        .unwrap_or_else(|| panic!("{}", page.body));
    let truth = app.exchange(&code).await.claims();
    let all = changes(&honest.sent, theirs);
    assert!(all.len() > 40, "{}: {:?}", all.len(), honest.sent);
    let mut through = 0;
    for (change, number) in all.iter().zip(1..) {
        let with = ready(number);
        let mut browser = Tamperer::new(agent(matron, &with), Some(change.clone()));
        let page = browser.sign_in(&url, &with).await;
        assert_ne!(page.status, StatusCode::INTERNAL_SERVER_ERROR, "{change:?}");
        let Some(code) = page.parameter("code") else {
            continue;
        };
        assert!(!PROOFS.contains(&change.name.as_str()), "{change:?} opens");
        let answer = app.exchange(&code).await;
        if answer.status == StatusCode::OK && !answer.text("id_token").is_empty() {
            is_hers(&answer.claims(), alias, matron, &truth);
            through += 1;
        }
    }
    assert!(through > 0, "what nothing depends on may change");
}

/// What another person's sign-in sends, which must have everything in it that is to be tried.
async fn recorded(matron: &Matron, with: &With, names: &[&str]) -> Vec<Sent> {
    let app = App::new(matron, "ward7");
    let mut other = Tamperer::new(agent(matron, with), None);
    let page = other.sign_in(&app.url(&[ACR]), with).await;
    assert!(page.parameter("code").is_some(), "{}", page.body);
    let sent = other.sent.iter().flat_map(|(_, parameters)| parameters);
    let sent: Vec<_> = sent.map(|(name, _)| name.as_str()).collect();
    assert!(names.iter().all(|name| sent.contains(name)), "{sent:?}");
    other.sent
}

#[tokio::test]
async fn a_card_sign_in_with_any_parameter_changed_is_never_another_person_level_or_role() {
    let matron = Matron::start(Options::default());
    // Joan is asked for her role as well.
    let theirs = recorded(&matron, &With::Card("joan"), &["ticket", "role_id"]).await;
    tamper(&matron, "amara", &theirs, |_| With::Card("amara")).await;
}

#[tokio::test]
async fn an_app_sign_in_with_any_parameter_changed_is_never_another_person_level_or_role() {
    let matron = Matron::start(Options {
        clock: Some("2026-11-25T08:50:00Z".into()),
        ..Options::default()
    });
    // Noah has set an app up, and signs in with it.
    let api = Api::of(&matron, "noah").await;
    let (app, _) = phone::set_up(&matron, &api).await;
    matron.set_clock("2026-11-25T08:55:00Z");
    let noah = With::App([
        ("username", matron.text("/people/noah/user_id")),
        ("password", "tea at the window".to_owned()),
        ("code", phone::code(&matron, &app)),
    ]);
    let theirs = recorded(&matron, &noah, &["username", "password", "code"]).await;
    let secret = phone::secret(&matron.text("/people/kofi/totp_secret"));
    let name = matron.text("/people/kofi/user_id");
    let password = matron.text("/people/kofi/password");
    // A code counts once and a wrong try costs budget, so every try has its own ten minutes.
    tamper(&matron, "kofi", &theirs, |number| {
        let (hours, minutes) = (number * 10 / 60, number * 10 % 60);
        let (day, hour) = (25 + (9 + hours) / 24, (9 + hours) % 24);
        matron.set_clock(&format!("2026-11-{day}T{hour:02}:{minutes:02}:00Z"));
        With::App([
            ("username", name.clone()),
            ("password", password.clone()),
            ("code", phone::code(&matron, &secret)),
        ])
    })
    .await;
}

/// A key of hers, added with her card.
async fn key_of(matron: &Matron, alias: &'static str, batch: &Arc<Batch>) -> With {
    let mut key = SoftKey::new(&matron.issuer(), Make::of(batch));
    let api = Api::of(matron, alias).await;
    add_by_api(&api, &mut key, "Key").await;
    With::Key(Arc::new(Mutex::new(key)))
}

#[tokio::test]
async fn a_sign_in_by_key_with_any_parameter_changed_is_never_another_person_level_or_role() {
    let batch = Batch::of(*b"matron-test-key!");
    let matron = allowing(&batch);
    let joan = key_of(&matron, "joan", &batch).await;
    let hers = key_of(&matron, "amara", &batch).await;
    let theirs = recorded(&matron, &joan, &["ceremony", "answer", "role_id"]).await;
    tamper(&matron, "amara", &theirs, |_| hers.clone()).await;
}
