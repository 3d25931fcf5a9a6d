//! What the process says of itself on standard error. A thread of its own writes the lines, so that no request waits
//! for whoever reads them: a pipe that nobody empties costs lines, and not logins. How many it cost is said as soon as
//! somebody reads again.

use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, OnceLock};
use std::thread::sleep;
use std::time::Duration;

use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;

/// How long the first line waits for others, so that a busy house writes once for many. An abort gives the log more
/// than that.
const GATHERING: Duration = Duration::from_millis(20);
/// Lines that wait while nobody reads, about a megabyte; later ones are lost.
const WAITING: usize = 8_192;
/// So many bytes are written without waiting for more.
const ENOUGH: usize = 64 * 1024;

/// Begins the log. Dropping the answer writes what still waits, for a second at most.
pub(super) fn begin(filter: EnvFilter) -> WorkerGuard {
    let (writer, guard) = beside(io::stderr(), WAITING);
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(io::stderr().is_terminal())
        .init();
    guard
}

/// A writer that waits for nobody, before the thread that writes to `out`; at most so many lines wait between them.
fn beside(out: impl Write + Send + 'static, waiting: usize) -> (NonBlocking, WorkerGuard) {
    let lost = Arc::new(OnceLock::new());
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(waiting)
        .thread_name("log")
        .finish(Gathered::new(out, lost.clone()));
    // Set here and nowhere else.
    let _ = lost.set(writer.error_counter());
    (writer, guard)
}

/// Lines on their way out, many at a time.
struct Gathered<W> {
    out: W,
    lines: Vec<u8>,
    lost: Arc<OnceLock<ErrorCounter>>,
    /// How many lost lines have been told of.
    told: usize,
}

impl<W: Write> Gathered<W> {
    const fn new(out: W, lost: Arc<OnceLock<ErrorCounter>>) -> Self {
        Self {
            out,
            lines: Vec::new(),
            lost,
            told: 0,
        }
    }

    fn newly_lost(&mut self) -> usize {
        let all = self.lost.get().map_or(0, ErrorCounter::dropped_lines);
        let new = all.saturating_sub(self.told);
        self.told = all;
        new
    }
}

impl<W: Write> Write for Gathered<W> {
    #[expect(
        clippy::disallowed_methods,
        reason = "waits on the log's own thread for lines that nobody announces"
    )]
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if self.lines.is_empty() {
            sleep(GATHERING);
        }
        self.lines.extend_from_slice(line);
        if self.lines.len() >= ENOUGH {
            self.flush()?;
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        // Gone even when it cannot be written: the log is not what the house waits for.
        let lines = std::mem::take(&mut self.lines);
        self.out.write_all(&lines)?;
        let lost = self.newly_lost();
        if lost > 0 {
            writeln!(
                self.out,
                "{lost} lines of the log were lost: nobody read them"
            )?;
        }
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    #[test]
    fn lines_leave_together_and_in_order() {
        let mut out = Vec::new();
        let mut gathered = Gathered::new(&mut out, Arc::default());
        gathered.write_all(b"one\n").unwrap();
        gathered.write_all(b"two\n").unwrap();
        assert_eq!(
            gathered.lines, b"one\ntwo\n",
            "nothing left before its time"
        );
        gathered.flush().unwrap();
        assert_eq!(out, b"one\ntwo\n");
    }

    /// A pipe that takes nothing before somebody reads.
    struct Pipe {
        read: Receiver<()>,
        through: Sender<Vec<u8>>,
    }

    impl Write for Pipe {
        fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
            self.read.recv().ok();
            self.through.send(lines.to_vec()).ok();
            Ok(lines.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_pipe_stops_nobody_and_what_it_cost_is_told() {
        let (reads, read) = channel();
        let (through, came) = channel();
        let (mut writer, guard) = beside(Pipe { read, through }, 4);
        for _ in 0..1_000 {
            writer.write_all(b"a line\n").unwrap();
        }
        drop(reads);
        writer.write_all(b"the last\n").ok();
        drop((writer, guard));
        let all = String::from_utf8(came.iter().flatten().collect()).unwrap();
        assert!(all.starts_with("a line\n"), "{all}");
        assert!(all.contains(" lines of the log were lost"), "{all}");
    }

    #[test]
    fn much_leaves_at_once() {
        let mut out = Vec::new();
        let mut gathered = Gathered::new(&mut out, Arc::default());
        gathered.write_all(&vec![b'a'; ENOUGH]).unwrap();
        assert!(gathered.lines.is_empty());
        assert_eq!(out.len(), ENOUGH);
    }
}
