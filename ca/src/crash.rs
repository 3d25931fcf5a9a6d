//! Crash points: named places where a test may kill the process, to prove that what is already
//! durable is enough to finish the work. Without the feature `crash-points` they expand to nothing.
//!
//! A test starts a real process with `MATRON_CRASH=issue.after_sign` or, for the third passage,
//! `MATRON_CRASH=issue.after_sign:3`. The process then kills itself with SIGKILL: no
//! destructor runs and no buffer is flushed.

/// Marks a place where a test may end the process. The name is dotted: journey, then place.
///
/// ```
/// ca::crash_point!("issue.after_sign");
/// ```
#[macro_export]
macro_rules! crash_point {
    ($name:literal) => {
        $crate::crash::reached($name)
    };
}

/// The environment variable that names the place, and optionally the passage, to crash at.
pub const VARIABLE: &str = "MATRON_CRASH";

/// Every crash point on the path of issuance, in the order in which they are passed.
pub const ISSUANCE: [&str; 9] = [
    "issue.before_intend",
    "issue.after_intend",
    "issue.before_sign",
    "issue.after_first_signature",
    "issue.after_sign",
    "issue.after_verify",
    "issue.before_record",
    "issue.after_record",
    "issue.before_release",
];

/// Every crash point on the path of recovery.
pub const RECOVERY: [&str; 5] = [
    "recover.before_sign",
    "recover.before_record",
    "recover.after_record",
    "recover.before_burn",
    "recover.after_burn",
];

/// Nothing: this build has no crash points.
#[cfg(not(any(test, feature = "crash-points")))]
#[inline(always)]
pub const fn reached(_name: &'static str) {}

/// Aborts the process if the environment asks for a crash at this passage of `name`.
#[cfg(all(feature = "crash-points", not(test)))]
pub fn reached(name: &'static str) {
    if armed::wanted_here(name) {
        armed::kill();
    }
}

/// Inside this room's own tests: a simulated stop, see [`simulated`].
#[cfg(test)]
pub fn reached(name: &'static str) {
    simulated::reached(name);
}

#[cfg(test)]
pub(crate) mod simulated {
    //! A stop without a process: the thread unwinds out of the journey at the armed place, and
    //! whatever the books had made durable by then is all that is left.

    use std::cell::Cell;
    use std::panic::{self, AssertUnwindSafe};

    thread_local! {
        static ARMED: Cell<Option<&'static str>> = const { Cell::new(None) };
    }

    struct Stopped;

    pub(super) fn reached(name: &'static str) {
        if ARMED.get() == Some(name) {
            ARMED.set(None);
            // No message on stderr: nothing went wrong.
            panic::resume_unwind(Box::new(Stopped));
        }
    }

    /// Runs `work`; `None` means that it was stopped at `place`.
    pub(crate) fn stop_at<T>(place: &'static str, work: impl FnOnce() -> T) -> Option<T> {
        ARMED.set(Some(place));
        let outcome = panic::catch_unwind(AssertUnwindSafe(work));
        ARMED.set(None);
        match outcome {
            Ok(done) => Some(done),
            Err(payload) if payload.is::<Stopped>() => None,
            Err(payload) => panic::resume_unwind(payload),
        }
    }
}

#[cfg(all(feature = "crash-points", not(test)))]
mod armed {
    //! Reads the wish once and counts passages.

    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};

    /// Where to crash: the name, and how many passages are still survived.
    struct Wish {
        name: String,
        passages_left: AtomicU32,
    }

    static WISH: OnceLock<Option<Wish>> = OnceLock::new();

    /// Ends the process with SIGKILL, which nothing in it can see coming.
    pub(super) fn kill() -> ! {
        let pid = std::process::id().to_string();
        let _ = std::process::Command::new("kill")
            .args(["-KILL", &pid])
            .status();
        std::process::abort()
    }

    /// Whether this passage of `name` is the one that was asked for.
    pub(super) fn wanted_here(name: &str) -> bool {
        let Some(wish) = WISH.get_or_init(from_environment) else {
            return false;
        };
        wish.name == name && wish.passages_left.fetch_sub(1, Ordering::SeqCst) == 1
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a crash point must not depend on the configuration it interrupts"
    )]
    fn from_environment() -> Option<Wish> {
        let text = std::env::var(super::VARIABLE).ok()?;
        let (name, passage) = text.split_once(':').unwrap_or((text.as_str(), "1"));
        let passage = passage.parse().ok().filter(|passage| *passage > 0)?;
        Some(Wish {
            name: name.to_owned(),
            passages_left: AtomicU32::new(passage),
        })
    }
}
