//! CPU time of threads and processes, in microseconds, from the kernel's own books (proc(5), schedstat).

use std::fs;

/// CPU time that this thread has used so far, µs.
pub(crate) fn this_thread() -> f64 {
    nanoseconds("/proc/thread-self/schedstat") / 1_000.0
}

/// CPU time of all living threads of a process, µs. Threads that ended are missing: ask of servers whose threads stay.
pub(crate) fn process(pid: u32) -> f64 {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return f64::NAN;
    };
    let all = threads
        .flatten()
        .map(|t| nanoseconds(&format!("{}/schedstat", t.path().display())));
    all.sum::<f64>() / 1_000.0
}

/// Resident memory of a process, MB (10^6 bytes).
pub(crate) fn resident_mb(pid: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status
        .lines()
        .find_map(|l| l.strip_prefix("VmRSS:"))
        .unwrap_or("0 kB");
    let kib: f64 = line
        .trim()
        .trim_end_matches("kB")
        .trim()
        .parse()
        .unwrap_or(f64::NAN);
    kib * 1_024.0 / 1_000_000.0
}

fn nanoseconds(path: &str) -> f64 {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.split_whitespace()
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(f64::NAN)
}
