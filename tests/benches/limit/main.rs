//! `cargo bench -p matron-tests`: what a login costs beside what it must cost.
//!
//! One run first measures this machine (cryptography, TLS, an empty request, the disk, a bare batch of inserts), then
//! the real program over real TLS, and prints CPU per operation and its ratio to the sum of its unavoidable parts.
//! Wall time is never judged: machines are shared. docs/performance.md explains the sums. Names of parts after `--`
//! (`cards`, `keys`, `apps`, `federated`, `endings`) choose them; what they are held against is measured
//! each time.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark is a test: it stops at the first surprise"
)]

mod calibrate;
mod cpu;
mod endings;
mod logins;
#[path = "../../it/support/mod.rs"]
#[expect(
    dead_code,
    reason = "shared with the end-to-end tests, which use all of it"
)]
mod support;
mod turns;
mod visits;
mod ways;
mod writes;

#[path = "../../it/serve/folder.rs"]
#[expect(dead_code, reason = "shared with the tests of `matron serve`")]
mod folder;
#[path = "../../it/serve/people.rs"]
mod people;
#[path = "../../it/serve/process.rs"]
#[expect(dead_code, reason = "shared with the tests of `matron serve`")]
mod process;
#[path = "../../it/serve/ward.rs"]
#[expect(dead_code, reason = "shared with the tests of `matron serve`")]
mod ward;

use calibrate::Machine;

/// The binary's own, since this program starts itself again as the server. The hand-written batch has it as well.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    if let Ok(arguments) = std::env::var("MATRON_ARGUMENTS") {
        let arguments: Vec<String> = serde_json::from_str(&arguments).expect("JSON");
        let code = gateway::cli::main_with(std::iter::once("matron".to_owned()).chain(arguments));
        std::process::exit(i32::from(code));
    }
    let machine = Machine::new();
    machine.report();

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let write = runtime.block_on(writes::measure());
    runtime.block_on(async {
        if chosen("cards") {
            logins::measure(&machine, write).await;
        }
        if chosen("keys") {
            ways::keys(&machine, write).await;
        }
        if chosen("apps") {
            ways::apps(&machine, write).await;
        }
        if chosen("federated") {
            ways::federated(&machine, write).await;
        }
        if chosen("endings") {
            endings::measure().await;
        }
    });
}

/// Whether the command line names this part, or none.
fn chosen(part: &str) -> bool {
    let words = std::env::args().skip(1);
    let named: Vec<String> = words.filter(|word| !word.starts_with("--")).collect();
    named.is_empty() || named.iter().any(|word| word == part)
}

fn line(what: &str, microseconds: f64) {
    println!("{what:<64} {microseconds:>9.1} µs");
}
