//! `matron serve` as an operator meets it: an authority of her own, two names, one configuration, and the real
//! program as a process (contract 1 and 2; house decision 17).

mod commands;
mod folder;
mod people;
mod process;
mod refused;
mod signing_in;
mod stopping;

use folder::{Layout, Production};
use process::matron;

/// The application that people sign in to here.
const WARD: &str = "ward";
const CALLBACK: &str = "http://127.0.0.1:9999/callback";
const GOODBYE: &str = "http://127.0.0.1:9999/goodbye";

/// A folder with tables, a doctor with a card, and an application that an operator has registered.
struct Opened {
    production: Production,
    /// Chain and key of the doctor's card, PEM.
    card: Vec<u8>,
    /// The application's secret, as it was shown once.
    secret: String,
}

async fn opened(layout: Layout) -> Opened {
    let production = Production::new(layout);
    let config = production.config();
    matron(&["migrate", "--config", &config]).well();
    let card = people::doctor(&production).await;
    let add = [
        "client",
        "add",
        "--config",
        &config,
        "--operator",
        "ruth.o",
        "--id",
        WARD,
        "--name",
        "Ward",
        "--json",
    ];
    let uris = [
        "--redirect-uri",
        CALLBACK,
        "--post-logout-redirect-uri",
        GOODBYE,
    ];
    let added = matron(&[&add[..], &uris].concat()).well().json();
    assert_eq!(added["client_id"], WARD);
    let secret = added["client_secret"]
        .as_str()
        .expect("a secret, once")
        .to_owned();
    Opened {
        production,
        card,
        secret,
    }
}
