//! CPU time of threads and processes, in microseconds, from the kernel's own books (proc(5), schedstat).

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;

/// CPU time that this thread has used so far, µs.
pub(crate) fn this_thread() -> f64 {
    nanoseconds("/proc/thread-self/schedstat") / 1_000.0
}

/// What each living thread of a process has used so far, by its number.
pub(crate) struct Process(HashMap<OsString, f64>);

impl Process {
    /// Asks the kernel.
    pub(crate) fn now(pid: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{pid}/task")).expect("a process");
        let each = threads.flatten().map(|thread| {
            let used = nanoseconds(&format!("{}/schedstat", thread.path().display()));
            (thread.file_name(), used)
        });
        Self(each.collect())
    }

    /// CPU time since `before`, µs. What a thread used that has ended meanwhile is missing.
    pub(crate) fn since(&self, before: &Self) -> f64 {
        let each = self.0.iter();
        let used = each.map(|(thread, now)| now - before.0.get(thread).unwrap_or(&0.0));
        used.sum::<f64>() / 1_000.0
    }
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
