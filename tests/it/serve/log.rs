//! The log goes to standard error, and whoever started Matron may have stopped reading it.

use std::time::Duration;

use super::folder::{Layout, Production};
use super::process::Served;
use super::ward::http;

/// A pipe takes 64 KiB (pipe(7)), and each of these leaves a line of more than a hundred bytes.
const REQUESTS: u32 = 1_500;

#[tokio::test]
async fn a_log_that_nobody_reads_stops_nobody() {
    let production = super::ward::opened(Layout::OneAddress).await.production;
    let (served, reads) = Served::start_unread(&production);
    asked(&production).await;
    drop(reads);
    served.terminate();
    let ended = served.ended();
    assert_eq!(ended.code, Some(0), "{}", ended.err);
    let lines = ended.err.matches("route=\"/healthz\"").count();
    assert_eq!(lines, REQUESTS as usize, "all of them were still there");
}

/// Each request is answered at once.
async fn asked(production: &Production) {
    let client = http(production).timeout(Duration::from_secs(20));
    let client = client.build().expect("a client");
    let url = format!("{}/healthz", production.issuer());
    for _ in 0..REQUESTS {
        let answer = client.get(&url).send().await.expect("an answer");
        assert!(answer.status().is_success());
    }
}
