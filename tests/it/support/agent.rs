//! A browser without a window: cookies by host (not by port, as browsers do), forms, redirects, and a
//! card in its reader for whichever server asks. Real TLS through rustls.

use reqwest::header::{CONTENT_TYPE, LOCATION, ORIGIN};
use reqwest::{Client, Identity, Method, Response, StatusCode, Url};

use super::matron::Matron;
use super::pages::{self, Form};

/// What a request brought back.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) url: Url,
    pub(crate) location: Option<Url>,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Page {
    /// The refusal code that the page carries.
    pub(crate) fn refusal(&self) -> Option<String> {
        pages::refusal(&self.body)
    }

    /// A parameter of the redirect's query.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let (_, value) = self
            .location
            .as_ref()?
            .query_pairs()
            .find(|(n, _)| n == name)?;
        Some(value.into_owned())
    }
}

/// Which certificate lies in the reader.
#[derive(Debug, Clone)]
pub(crate) enum Reader {
    Empty,
    /// A person's card by alias, and which of its certificates: `authentication`, `signature`, `pending`.
    Card(&'static str, &'static str),
    /// Certificate chain and PKCS#8 key, PEM.
    Foreign(Vec<u8>),
}

pub(crate) struct Agent {
    client: Client,
    pub(crate) last: Option<Url>,
}

impl Agent {
    pub(crate) fn with_card(matron: &Matron, alias: &'static str) -> Self {
        Self::new(matron, Reader::Card(alias, "authentication"))
    }

    pub(crate) fn new(matron: &Matron, reader: Reader) -> Self {
        let builder = super::http(matron).cookie_store(true);
        let identity = match reader {
            Reader::Empty => None,
            Reader::Card(alias, which) => {
                let mut pem = matron.file(&format!("/people/{alias}/card/{which}/certificate"));
                pem.extend(matron.file(&format!("/people/{alias}/card/{which}/key")));
                Some(pem)
            }
            Reader::Foreign(pem) => Some(pem),
        };
        let builder = match identity {
            Some(pem) => builder.identity(Identity::from_pem(&pem).expect("certificate and key")),
            None => builder,
        };
        Self::of(builder.build().expect("a client"))
    }

    /// Over a client of another making; it has a cookie store and follows no redirect.
    pub(crate) fn of(client: Client) -> Self {
        Self { client, last: None }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Page {
        let url = self.resolve(url);
        let answer = self
            .client
            .get(url.clone())
            .send()
            .await
            .expect("an answer");
        self.take(url, answer).await
    }

    /// Sends what a form would send, with the Origin of the last page.
    pub(crate) async fn post(&mut self, url: &str, fields: &[(String, String)]) -> Page {
        let url = self.resolve(url);
        let origin = self
            .last
            .as_ref()
            .unwrap_or(&url)
            .origin()
            .ascii_serialization();
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(fields);
        let request = self
            .client
            .request(Method::POST, url.clone())
            .header(ORIGIN, origin);
        let request = request
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.finish());
        let answer = request.send().await.expect("an answer");
        self.take(url, answer).await
    }

    /// Posts a form of the last page with its hidden fields and what is added.
    pub(crate) async fn submit(&mut self, form: &Form, added: &[(&str, &str)]) -> Page {
        let mut fields = form.hidden.clone();
        fields.extend(
            added
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned())),
        );
        self.post(&form.action, &fields).await
    }

    /// Follows redirects until a page, or until a location that begins with `stop`.
    pub(crate) async fn follow(&mut self, mut page: Page, stop: &str) -> Page {
        for _ in 0..20 {
            match &page.location {
                Some(next) if !next.as_str().starts_with(stop) => {
                    page = self.get(next.clone().as_str()).await;
                }
                _ => return page,
            }
        }
        panic!("more than 20 redirects, last {}", page.url);
    }

    /// From an authorization URL to the ways to sign in, and on to the card listener's answer.
    pub(crate) async fn present_card(&mut self, url: &str) -> Page {
        let first = self.get(url).await;
        let methods = self.follow(first, "none").await;
        let link = smartcard_link(&methods.body)
            .unwrap_or_else(|| panic!("no smartcard at {}: {}", methods.url, methods.body));
        self.get(&link).await
    }

    /// The whole way: card, role picker if shown (the n-th role), the notice about the card if shown, until the redirect to `stop`.
    pub(crate) async fn sign_in(&mut self, url: &str, stop: &str, role: usize) -> Page {
        let first = self.get(url).await;
        let mut page = self.follow(first, stop).await;
        for _ in 0..6 {
            if page
                .location
                .as_ref()
                .is_some_and(|l| l.as_str().starts_with(stop))
            {
                return page;
            }
            let forms = pages::forms(&page.body);
            let next =
                if let Some(form) = forms.iter().find(|f| f.text.contains("name=\"role_id\"")) {
                    let ids = role_ids(&page.body);
                    self.submit(form, &[("role_id", &ids[role])]).await
                } else if let Some(form) = forms
                    .iter()
                    .find(|f| f.text.contains("data-choice=\"continue\""))
                {
                    self.submit(form, &[]).await
                } else if let Some(form) = forms
                    .iter()
                    .find(|f| f.text.contains("data-choice=\"not-now\""))
                {
                    self.submit(form, &[]).await
                } else if let Some(link) = smartcard_link(&page.body) {
                    self.get(&link).await
                } else {
                    return page;
                };
            page = self.follow(next, stop).await;
        }
        page
    }

    /// The client beneath, with its cookies and its card, for many requests at once.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    fn resolve(&self, url: &str) -> Url {
        match &self.last {
            Some(last) => last.join(url).expect("a URL"),
            None => Url::parse(url).expect("a URL"),
        }
    }

    async fn take(&mut self, url: Url, answer: Response) -> Page {
        let status = answer.status();
        let headers = answer.headers().clone();
        let location = headers
            .get(LOCATION)
            .map(|l| url.join(l.to_str().expect("ASCII")).expect("a URL"));
        self.last = Some(url.clone());
        let body = answer.text().await.expect("a body");
        Page {
            status,
            url,
            location,
            headers,
            body,
        }
    }
}

/// Where the smartcard way leads, on a page that shows it.
pub(crate) fn smartcard_link(page: &str) -> Option<String> {
    pages::tags(page, "a")
        .into_iter()
        .find(|tag| pages::attribute(tag, "data-method").as_deref() == Some("smartcard"))
        .and_then(|tag| pages::attribute(tag, "href"))
}

/// The role ids that a picker offers, in its order.
pub(crate) fn role_ids(page: &str) -> Vec<String> {
    let inputs = pages::tags(page, "input")
        .into_iter()
        .chain(pages::tags(page, "button"));
    inputs
        .filter(|tag| pages::attribute(tag, "name").as_deref() == Some("role_id"))
        .filter_map(|tag| pages::attribute(tag, "value"))
        .collect()
}
