//! Full logins against the real program: CPU of the server process per operation.

use std::time::Instant;

use reqwest::Client;

use crate::calibrate::Calibration;
use crate::folder::Layout;
use crate::people::{ROLES, colleagues};
use crate::process::Served;
use crate::support::{Agent, Matron, Options};
use crate::ward::{CALLBACK, Opened, authorization_url, browser, exchanged, http, opened_for};
use crate::{cpu, ratio};

/// Browsers that work at once.
pub(crate) const AT_ONCE: u32 = 48;

pub(crate) async fn measure(machine: &Calibration, write: f64) {
    newcomer();
    // One visit of the card, which is a request too; four requests of browser and application; one signature (the
    // access token is opaque); three durable writes.
    let login = machine.card_visit + 4.0 * machine.request + machine.sign + 3.0 * write;
    // Two requests, one signature, two durable writes.
    let flow = 2.0 * machine.request + machine.sign + 2.0 * write;

    // Her card ends in three years and she has one role: nothing stands between card and code.
    let opened = opened_for(Layout::OneAddress, &ROLES[..1]).await;
    // As in the morning: everybody is somebody else.
    let cards = colleagues(&opened.production, AT_ONCE).await;
    let served = Served::start(&opened.production);
    println!(
        "\n== matron serve (release build, embedded SQLite): CPU of the server for one operation"
    );
    let mut people: Vec<Agent> = (cards.iter())
        .map(|card| browser(&opened.production, Some(card)))
        .collect();
    let url = |prompt| authorization_url(&opened.production, &[("prompt", prompt)]);
    let (fresh, silent) = (url("login"), url("none"));
    let app = http(&opened.production).build().expect("a client");
    let cost = per_operation(served.pid(), 10, &mut people, async |agent| {
        let page = agent.sign_in(&fresh, CALLBACK, 0).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    ratio("full card login, warm browser", cost, login, 2.5);
    let cost = per_operation(served.pid(), 30, &mut people, async |agent| {
        let page = agent.get(&silent).await;
        redeem(&app, &opened, page.parameter("code")).await;
    })
    .await;
    ratio("code flow on a live session", cost, flow, 2.5);
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

/// CPU µs of the server per call of `work`, each browser calling `times` after a few to warm up. The browsers call at
/// once, as they do in the morning: writes share their commit.
pub(crate) async fn per_operation<Person>(
    pid: u32,
    times: u32,
    people: &mut [Person],
    work: impl AsyncFn(&mut Person),
) -> f64 {
    let mut before = 0.0;
    for rounds in [2, times] {
        before = cpu::process(pid);
        let everybody = people.iter_mut().map(|person| {
            let work = &work;
            async move {
                for _ in 0..rounds {
                    work(person).await;
                }
            }
        });
        crate::support::all(everybody.collect()).await;
    }
    let operations = f64::from(times) * f64::from(u32::try_from(people.len()).expect("few"));
    (cpu::process(pid) - before) / operations
}

pub(crate) async fn redeem(app: &Client, opened: &Opened, code: Option<String>) {
    let tokens = exchanged(app, opened, &code.expect("a code")).await;
    assert_eq!(tokens.status, 200);
}
