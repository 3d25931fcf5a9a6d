//! A Matron with two other organisations whose accounts it takes, and somebody's way through them.

use std::path::Path;

use reqwest::{StatusCode, Url};
use tempfile::TempDir;

use super::agent::Page;
use super::app::CALLBACK;
use super::elsewhere::{Elsewhere, SECRET};
use super::{Agent, App, Matron, Options, Reader, pages};

/// What an application asks that takes any of them.
pub(crate) const ACR: (&str, &str) = ("acr_values", "AAL2_OR_AAL3_ANY");
/// 25 November 2026, 9:00.
pub(crate) const NOW: i64 = 1_795_597_200;

/// A Matron whose clock stands at [`NOW`], with these organisations.
pub(crate) struct Stage {
    pub(crate) matron: Matron,
    pub(crate) nhs: Elsewhere,
    pub(crate) trust: Elsewhere,
    _files: TempDir,
}

impl Stage {
    pub(crate) fn set() -> Self {
        Self::set_with(|_| ())
    }

    pub(crate) fn set_with(change: impl FnOnce(&mut String)) -> Self {
        Self::set_up(change, Vec::new())
    }

    /// The same, with this list of models of keys.
    pub(crate) fn set_with_models(list: &Path) -> Self {
        let list = list.display().to_string();
        Self::set_up(|_| (), vec!["--authenticator-models".into(), list])
    }

    fn set_up(change: impl FnOnce(&mut String), mut arguments: Vec<String>) -> Self {
        let (nhs, trust) = (Elsewhere::open(NOW), Elsewhere::open(NOW));
        let files = TempDir::new().expect("a folder");
        let mut text = nhs.table("nhs", "NHS.net Connect") + &trust.table("trust", "The Trust");
        change(&mut text);
        let config = files.path().join("federation.toml");
        std::fs::write(&config, text).expect("a file");
        std::fs::write(files.path().join("secret"), SECRET).expect("a file");
        arguments.extend(["--federation".into(), config.display().to_string()]);
        let matron = Matron::start(Options {
            clock: Some("2026-11-25T09:00:00Z".into()),
            arguments,
            ..Options::default()
        });
        assert_eq!(matron.now(), NOW);
        Self {
            matron,
            nhs,
            trust,
            _files: files,
        }
    }

    pub(crate) fn agent(&self) -> Agent {
        Agent::new(&self.matron, Reader::Empty)
    }

    /// A browser of somebody who has just signed in with her card.
    pub(crate) async fn by_card(&self, alias: &'static str) -> Agent {
        let mut agent = Agent::with_card(&self.matron, alias);
        App::new(&self.matron, "ward7")
            .code_with(&mut agent, &[])
            .await;
        agent
    }

    /// From the form of the page to the address at the other organisation.
    pub(crate) async fn link_page(&self, agent: &mut Agent) -> Page {
        let url = format!("{}/my/authenticators/federated", self.matron.issuer());
        agent.get(&url).await
    }

    pub(crate) async fn begin_link(&self, agent: &mut Agent) -> Page {
        let page = self.link_page(agent).await;
        self.send_link(agent, &page).await
    }

    pub(crate) async fn send_link(&self, agent: &mut Agent, page: &Page) -> Page {
        let form = pages::forms(&page.body)
            .into_iter()
            .find(|form| form.text.contains("value=\"nhs\""))
            .unwrap_or_else(|| panic!("no form: {}", page.body));
        agent.submit(&form, &[("name", "Work account")]).await
    }

    /// Links the account that the provider speaks of.
    pub(crate) async fn link(&self, agent: &mut Agent) -> Page {
        self.link_as(agent, None).await
    }

    /// Links this account.
    pub(crate) async fn link_as(&self, agent: &mut Agent, subject: Option<&str>) -> Page {
        let sent = self.begin_link(agent).await;
        assert_eq!(sent.status, StatusCode::OK, "{}", sent.body);
        let back = self.nhs.sign_in_as(&address(&sent), subject);
        agent.get(&self.callback("nhs", &back)).await
    }

    pub(crate) fn callback(&self, id: &str, query: &str) -> String {
        format!(
            "{}/signin/federated/{id}/callback?{query}",
            self.matron.issuer()
        )
    }

    /// From an application to the address at the other organisation.
    pub(crate) async fn start(&self, agent: &mut Agent, changed: &[(&str, &str)]) -> Page {
        let app = App::new(&self.matron, "ward7");
        let first = agent.get(&app.url(changed)).await;
        let methods = agent.follow(first, CALLBACK).await;
        let link = link_to(&methods.body, "nhs").unwrap_or_else(|| panic!("{}", methods.body));
        agent.get(&link).await
    }

    /// The whole way: from an application to the answer of the callback.
    pub(crate) async fn sign_in(&self, agent: &mut Agent, changed: &[(&str, &str)]) -> Page {
        self.sign_in_as(agent, changed, None).await
    }

    /// The same with this account.
    pub(crate) async fn sign_in_as(
        &self,
        agent: &mut Agent,
        changed: &[(&str, &str)],
        subject: Option<&str>,
    ) -> Page {
        let sent = self.start(agent, changed).await;
        let there = sent.location.as_ref().expect("sent there");
        let back = self.nhs.sign_in_as(there, subject);
        agent.get(&self.callback("nhs", &back)).await
    }
}

/// From the answer of the callback to the redirect to the application: the first role where she is asked.
pub(crate) async fn on_to_the_application(agent: &mut Agent, page: Page) -> Page {
    let next = page
        .location
        .clone()
        .unwrap_or_else(|| panic!("{}", page.body));
    if next.as_str().starts_with(CALLBACK) {
        return page;
    }
    agent.sign_in(next.as_str(), CALLBACK, 0).await
}

/// Where the page on the way leads; the browser is told the same.
pub(crate) fn address(page: &Page) -> Url {
    let link = pages::tags(&page.body, "a")
        .into_iter()
        .find(|tag| tag.contains("data-choice=\"go-on\""))
        .and_then(|tag| pages::attribute(tag, "href"))
        .unwrap_or_else(|| panic!("no way: {}", page.body));
    assert_eq!(page.headers["refresh"], format!("0; url={link}"));
    Url::parse(&link).expect("a URL")
}

pub(crate) fn link_to(body: &str, id: &str) -> Option<String> {
    pages::tags(body, "a")
        .into_iter()
        .filter_map(|tag| pages::attribute(tag, "href"))
        .find(|href| href.starts_with(&format!("/signin/federated/{id}?")))
}
