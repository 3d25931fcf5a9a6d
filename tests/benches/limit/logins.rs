//! Full logins against the real program: CPU of the server process per operation.

use std::time::Instant;

use crate::calibrate::Calibration;
use crate::support::app::CALLBACK;
use crate::support::{Agent, App, Matron, Options};
use crate::{cpu, ratio};

/// Accept of a TCP connection and TLS records of one request: estimates of docs/performance.md, µs.
const ACCEPT: f64 = 25.0;
const RECORDS: f64 = 2.0;

pub(crate) async fn measure(machine: &Calibration, write: f64) {
    let home = tempfile::tempdir().expect("a folder");
    let folder = home.path().join("dev");
    let port = crate::support::matron::free_ports();
    let begun = Instant::now();
    drop(Matron::start_in(&folder, port, Options::default()).expect("ready"));
    println!("\n== matron dev (release build, embedded SQLite)");
    println!("first start, all demo histories issued                           {:>9.0} ms of wall time", begun.elapsed().as_secs_f64() * 1e3);
    let begun = Instant::now();
    let matron = Matron::start_in(&folder, port, Options::default()).expect("ready");
    let cold = begun.elapsed().as_secs_f64() * 1e3;
    println!("cold start with existing data (goal below 1000)                  {cold:>9.0} ms of wall time");
    println!("resident, idle (goal below 64)                                   {:>9.1} MB", cpu::resident_mb(matron.pid()));

    let request = machine.request + RECORDS;
    // One mutual handshake and accept; five requests; one signature (the access token is opaque); three durable writes.
    let login = machine.mutual_handshake + ACCEPT + 5.0 * request + machine.sign + 3.0 * write;
    // Two requests, one signature, two durable writes.
    let flow = 2.0 * request + machine.sign + 2.0 * write;
    println!("\n== CPU of the server for one operation");
    let app = App::new(&matron, "ward7");
    let mut agent = Agent::with_card(&matron, "noah");
    let url = app.url(&[("prompt", "login")]);
    ratio("full card login, warm browser", per_operation(&matron, 300, async || card_login(&app, &mut agent, &url).await).await, login, 2.5);
    let silent = app.url(&[("prompt", "none")]);
    ratio("code flow on a live session", per_operation(&matron, 600, async || code_flow(&app, &mut agent, &silent).await).await, flow, 2.5);
    println!("resident after {} logins {:>9.1} MB", 330 + 660, cpu::resident_mb(matron.pid()));
}

/// CPU µs of the server per call of `work`, after a tenth as many to warm up.
async fn per_operation(matron: &Matron, times: u32, mut work: impl AsyncFnMut()) -> f64 {
    for _ in 0..times / 10 {
        work().await;
    }
    let before = cpu::process(matron.pid());
    for _ in 0..times {
        work().await;
    }
    (cpu::process(matron.pid()) - before) / f64::from(times)
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
