//! How a command tells people how far it is.

use std::io::Write as _;

/// Where progress is shown.
pub trait Show {
    /// A line of progress.
    fn line(&mut self, text: &str);

    /// The n-th of so many certificates is being written to the card.
    fn writing(&mut self, n: usize, of: usize) {
        let warning = if n == of {
            "; do not remove the card"
        } else {
            ""
        };
        self.line(&format!("writing {n} of {of}{warning}"));
    }
}

/// On stderr, a line each: data goes to stdout.
#[derive(Debug, Clone, Copy, Default)]
pub struct Terminal;

impl Show for Terminal {
    fn line(&mut self, text: &str) {
        // Nobody reads it any more: no reason to stop half-way through a card.
        let _ = writeln!(std::io::stderr(), "{text}");
    }
}

/// Kept, for tests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(pub Vec<String>);

impl Show for Kept {
    fn line(&mut self, text: &str) {
        self.0.push(text.to_owned());
    }
}
