//! The `matron-card` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    card_client::cli::main()
}
