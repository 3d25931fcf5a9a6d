//! Full logins against the real program: CPU of the server process per operation.

use std::time::Instant;

use reqwest::Client;

use crate::calibrate::Machine;
use crate::cpu;
use crate::folder::Layout;
use crate::people::{ROLES, colleagues};
use crate::process::Served;
use crate::support::{Agent, Matron, Options};
use crate::turns::Turns;
use crate::ward::{CALLBACK, Opened, authorization_url, browser, exchanged, http, opened_for};

/// Browsers that work at once.
pub(crate) const AT_ONCE: u32 = 48;

pub(crate) async fn measure(machine: &Machine, write: f64) {
    newcomer();
    // Her card ends in three years and she has one role: nothing stands between card and code.
    let opened = opened_for(Layout::OneAddress, &ROLES[..1]).await;
    // As in the morning: everybody is somebody else.
    let cards = colleagues(&opened.production, AT_ONCE).await;
    let served = Served::start(&opened.production);
    println!(
        "\n== matron serve (release build, embedded SQLite): CPU of the server for one operation, medians of rounds in turns"
    );
    let mut people: Vec<Agent> = (cards.iter())
        .map(|card| browser(&opened.production, Some(card)))
        .collect();
    let url = |prompt| authorization_url(&opened.production, &[("prompt", prompt)]);
    let (fresh, silent) = (url("login"), url("none"));
    let app = http(&opened.production).build().expect("a client");
    let login = Turns::take(machine, (served.pid(), 5), &mut people, async |agent| {
        let page = agent.sign_in(&fresh, CALLBACK, 0).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    // One visit of the card, which is a request too; four requests of browser and application; one signature (the
    // access token is opaque); three durable writes.
    login.report("full card login, warm browser", |charges| {
        charges.card_visit + 4.0 * charges.request + charges.sign + 3.0 * write
    });
    let flow = Turns::take(machine, (served.pid(), 15), &mut people, async |agent| {
        let page = agent.get(&silent).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    // Two requests, one signature, two durable writes.
    flow.report("code flow on a live session", |charges| {
        2.0 * charges.request + charges.sign + 2.0 * write
    });
    println!(
        "resident after it all {:>55.1} MB",
        cpu::resident_mb(served.pid())
    );
}

/// What `matron dev` takes to be there, and lying still.
fn newcomer() {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("dev");
    let port = crate::support::matron::free_ports();
    let begun = Instant::now();
    drop(Matron::start_in(&folder, port, Options::default()).expect("ready"));
    println!("\n== matron dev (release build, embedded SQLite)");
    println!(
        "first start, all demo histories issued                           {:>9.0} ms of wall time",
        begun.elapsed().as_secs_f64() * 1e3
    );
    let begun = Instant::now();
    let matron = Matron::start_in(&folder, port, Options::default()).expect("ready");
    let cold = begun.elapsed().as_secs_f64() * 1e3;
    println!(
        "cold start with existing data (goal below 1000)                  {cold:>9.0} ms of wall time"
    );
    println!(
        "resident, idle (goal below 64)                                   {:>9.1} MB",
        cpu::resident_mb(matron.pid())
    );
}

pub(crate) async fn redeem(app: &Client, opened: &Opened, code: Option<String>) {
    let tokens = exchanged(app, opened, &code.expect("a code")).await;
    assert_eq!(tokens.status, 200);
}
