//! Ctrl-C and SIGTERM end the program cleanly: no new connections, open requests answered within
//! ten seconds (fault F13).

use tokio::signal::unix::{SignalKind, signal};

use crate::door::accept::Stop;

/// A stop that is pulled by Ctrl-C or SIGTERM.
///
/// # Errors
/// What the system says when it cannot watch for signals.
pub fn on_signal() -> std::io::Result<Stop> {
    let (pull, stop) = Stop::new();
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tracing::info!("stopping");
        // Nobody may be left to listen; then there is nothing to stop.
        let _ = pull.send(true);
    });
    Ok(stop)
}
