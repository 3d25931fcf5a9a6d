//! A browser with a security key in software: what the pages' script does, without the script.

use serde_json::Value;

use super::agent::Page;
use super::app::CALLBACK;
use super::key::SoftKey;
use super::pages::{self, Form};
use super::soft::{Api, Said};
use super::{Agent, Matron};

/// What a page's script was given: the name of the ceremony, and the options.
#[derive(Clone)]
pub(crate) struct Asked {
    pub(crate) ceremony: String,
    pub(crate) options: Value,
}

/// From an authorization URL to the page of that way.
pub(crate) async fn way(agent: &mut Agent, url: &str, method: &str) -> Page {
    let first = agent.get(url).await;
    let methods = agent.follow(first, CALLBACK).await;
    let link = pages::tags(&methods.body, "a")
        .into_iter()
        .find(|tag| pages::attribute(tag, "data-method").as_deref() == Some(method))
        .and_then(|tag| pages::attribute(tag, "href"))
        .unwrap_or_else(|| panic!("no {method}: {}", methods.body));
    agent.get(&link).await
}

/// The form of a page with the script.
pub(crate) fn form(page: &Page) -> Form {
    pages::form_with(&page.body, "data-ceremony=")
}

/// What the script asks first.
pub(crate) async fn asked(agent: &mut Agent, form: &Form, added: &[(&str, &str)]) -> Asked {
    let page = start(agent, form, added).await;
    let body: Value =
        serde_json::from_str(&page.body).unwrap_or_else(|_| panic!("no JSON: {}", page.body));
    Asked {
        ceremony: body["ceremony"].as_str().expect("a name").to_owned(),
        options: body["publicKey"].clone(),
    }
}

/// The same, whatever comes back.
pub(crate) async fn start(agent: &mut Agent, form: &Form, added: &[(&str, &str)]) -> Page {
    let url = pages::attribute(&form.text, "data-start").expect("where to ask");
    let mut fields = filled(form, "", "");
    fields.extend(
        added
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
    );
    agent.post(&url, &fields).await
}

/// Sends the form with an answer in it.
pub(crate) async fn send(
    agent: &mut Agent,
    form: &Form,
    (ceremony, answer): (&str, &str),
    added: &[(&str, &str)],
) -> Page {
    let mut fields = filled(form, ceremony, answer);
    fields.extend(
        added
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
    );
    agent.post(&form.action, &fields).await
}

fn filled(form: &Form, ceremony: &str, answer: &str) -> Vec<(String, String)> {
    let kept = form
        .hidden
        .iter()
        .filter(|(name, _)| name != "ceremony" && name != "answer");
    let mut fields: Vec<(String, String)> = kept.cloned().collect();
    fields.push(("ceremony".to_owned(), ceremony.to_owned()));
    fields.push(("answer".to_owned(), answer.to_owned()));
    fields
}

/// The whole page: asks, lets the device sign, sends.
pub(crate) async fn use_key(agent: &mut Agent, page: &Page, key: &mut SoftKey) -> Page {
    let form = form(page);
    let asked = asked(agent, &form, &[]).await;
    let answer = key.get(&asked.options).to_string();
    send(agent, &form, (&asked.ceremony, &answer), &[]).await
}

/// Signs in with a key as far as the answer to its page.
pub(crate) async fn sign_in(agent: &mut Agent, url: &str, method: &str, key: &mut SoftKey) -> Page {
    let page = way(agent, url, method).await;
    use_key(agent, &page, key).await
}

/// Adds a key through the page of a browser that is signed in; the answer to the form.
pub(crate) async fn add(agent: &mut Agent, matron: &Matron, key: &mut SoftKey, name: &str) -> Page {
    let page = agent
        .get(&format!("{}/my/authenticators/key", matron.issuer()))
        .await;
    let form = form(&page);
    let kind = if key.make.platform {
        "platform"
    } else {
        "roaming"
    };
    let asked = asked(agent, &form, &[("name", name), ("kind", kind)]).await;
    let answer = key.create(&asked.options).to_string();
    let answer = (asked.ceremony.as_str(), answer.as_str());
    send(agent, &form, answer, &[("name", name)]).await
}

/// Adds a key by the API; its `authenticator_id`.
pub(crate) async fn add_by_api(api: &Api<'_>, key: &mut SoftKey, name: &str) -> Value {
    offer_by_api(api, key, name).await.good().body
}

/// The same, whatever is answered.
pub(crate) async fn offer_by_api(api: &Api<'_>, key: &mut SoftKey, name: &str) -> Said {
    let path = "/api/v1/my/authenticators/key";
    let begun = api.post(path, &serde_json::json!({})).await.good();
    let body = serde_json::json!({
        "ceremony_id": begun.text("ceremony_id"),
        "name": name,
        "credential": key.create(&begun.body["public_key"]),
    });
    api.post(&format!("{path}/finish"), &body).await
}
