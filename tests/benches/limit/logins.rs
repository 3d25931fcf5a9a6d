//! Full logins against the real program: CPU of the server process per operation.

use std::time::Instant;

use crate::calibrate::Calibration;
use crate::support::app::CALLBACK;
use crate::support::{Agent, App, Matron, Options};
use crate::{cpu, ratio};

/// Her card ends in more than a year and she has one role: nothing stands between card and code.
pub(crate) const WHO: &str = "sam";
/// Browsers that work at once.
pub(crate) const AT_ONCE: u32 = 48;

pub(crate) async fn measure(machine: &Calibration, write: f64) {
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

    // One visit of the card, which is a request too; four requests of browser and application; one signature (the
    // access token is opaque); three durable writes.
    let login = machine.card_visit + 4.0 * machine.request + machine.sign + 3.0 * write;
    // Two requests, one signature, two durable writes.
    let flow = 2.0 * machine.request + machine.sign + 2.0 * write;
    println!("\n== CPU of the server for one operation");
    let app = App::new(&matron, "ward7");
    let mut people: Vec<Agent> = (0..AT_ONCE)
        .map(|_| Agent::with_card(&matron, WHO))
        .collect();
    let (fresh, silent) = (
        app.url(&[("prompt", "login")]),
        app.url(&[("prompt", "none")]),
    );
    let cost = per_operation(&matron, 10, &mut people, async |agent| {
        card_login(&app, agent, &fresh).await;
    })
    .await;
    ratio("full card login, warm browser", cost, login, 2.5);
    let cost = per_operation(&matron, 30, &mut people, async |agent| {
        code_flow(&app, agent, &silent).await;
    })
    .await;
    ratio("code flow on a live session", cost, flow, 2.5);
    println!(
        "resident after it all {:>55.1} MB",
        cpu::resident_mb(matron.pid())
    );
}

/// CPU µs of the server per call of `work`, each browser calling `times` after a few to warm up. The browsers call at
/// once, as they do in the morning: writes share their commit.
async fn per_operation(
    matron: &Matron,
    times: u32,
    people: &mut [Agent],
    work: impl AsyncFn(&mut Agent),
) -> f64 {
    let mut before = 0.0;
    for rounds in [2, times] {
        before = cpu::process(matron.pid());
        let everybody = people.iter_mut().map(|agent| {
            let work = &work;
            async move {
                for _ in 0..rounds {
                    work(agent).await;
                }
            }
        });
        crate::support::all(everybody.collect()).await;
    }
    let operations = f64::from(times) * f64::from(u32::try_from(people.len()).expect("few"));
    (cpu::process(matron.pid()) - before) / operations
}

async fn card_login(app: &App<'_>, agent: &mut Agent, url: &str) {
    let page = agent.sign_in(url, CALLBACK, 0).await;
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.status, 200);
}

async fn code_flow(app: &App<'_>, agent: &mut Agent, url: &str) {
    let page = agent.get(url).await;
    let tokens = app.exchange(&page.parameter("code").expect("a code")).await;
    assert_eq!(tokens.status, 200);
}
