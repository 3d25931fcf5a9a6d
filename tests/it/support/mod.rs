//! What the tests stand on: the real program as a process, a browser without a window, and people.

pub(crate) mod agent;
pub(crate) mod app;
pub(crate) mod ceremony;
pub(crate) mod desk;
pub(crate) mod elsewhere;
pub(crate) mod engine;
pub(crate) mod key;
pub(crate) mod letters;
pub(crate) mod matron;
pub(crate) mod pages;
pub(crate) mod phone;
pub(crate) mod sink;
pub(crate) mod soft;
pub(crate) mod stage;
pub(crate) mod tls;
pub(crate) mod tpm;

pub(crate) use agent::{Agent, Reader};
pub(crate) use app::App;
pub(crate) use engine::postgres;
pub(crate) use matron::{Matron, Options};

use serde_json::Value;

/// An HTTP client that trusts the dev TLS root and nobody else, and follows no redirect.
pub(crate) fn http(matron: &Matron) -> reqwest::ClientBuilder {
    http_trusting(&matron.file("/tls_root_certificate"))
}

/// The same with another root, PEM.
pub(crate) fn http_trusting(root: &[u8]) -> reqwest::ClientBuilder {
    static PROVIDER: std::sync::Once = std::sync::Once::new();
    PROVIDER.call_once(|| drop(rustls::crypto::ring::default_provider().install_default()));
    let root = reqwest::Certificate::from_pem(root).expect("a TLS root");
    reqwest::Client::builder()
        .tls_certs_only([root])
        .redirect(reqwest::redirect::Policy::none())
        // Given up before the listeners do (5 s), so that no request goes into a closing connection.
        .pool_idle_timeout(std::time::Duration::from_secs(2))
        .timeout(std::time::Duration::from_secs(20))
}

/// Runs all at once and gives back the answers.
pub(crate) async fn all<F: Future>(futures: Vec<F>) -> Vec<F::Output> {
    futures_util::future::join_all(futures).await
}

/// Posts a form to the gateway with no authentication but what the form holds.
pub(crate) async fn post_form(matron: &Matron, path: &str, form: &[(&str, &str)]) -> app::Answer {
    let client = http(matron).build().expect("a client");
    let sent = client
        .post(format!("{}{path}", matron.issuer()))
        .form(&form.to_vec())
        .send()
        .await;
    let answer = sent.expect("an answer");
    app::Answer {
        status: answer.status(),
        body: answer.json().await.unwrap_or(Value::Null),
    }
}

/// Cancels a person's card through the database, as another node of the same installation would.
pub(crate) async fn cancel_card(database: &str, matron: &Matron, alias: &str) {
    use enrolment::journeys::cancel_card::{Cancellation, CancelledBy, cancel_card};
    let store = enrolment::store::Store::open(database)
        .await
        .expect("the same database");
    let wanted = Cancellation {
        card: matron
            .text(&format!("/people/{alias}/card/number"))
            .parse()
            .expect("a card number"),
        reason: Some(policies::card::CancelReason::Lost),
        by: CancelledBy::Holder,
    };
    let policy = std::sync::Arc::new(policies::values::Policy::default_file());
    let now = policies::time::Time::from_unix(matron.now());
    cancel_card(&store, &policy, wanted, now)
        .await
        .expect("cancelled");
}
