#![doc = include_str!("../README.md")]

mod chip;
mod dispatch;
mod system;

use std::fs::{File, create_dir_all};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Parser;

use crate::chip::{Chip, Counter};

/// A PIV card in pcscd's virtual reader. Ends when the reader goes away, or when it is pulled out (killed).
#[derive(Debug, Parser)]
#[command(
    name = "matron-virtual-card",
    after_help = "Example:\n  unshare --net --mount sh -c 'ip link set lo up; pcscd; matron-virtual-card --memory card'"
)]
struct Options {
    /// The folder that is the card's memory; made if it is not there. A card is inserted by a start and pulled out by
    /// the end of this process.
    #[arg(long, value_name = "FOLDER")]
    memory: PathBuf,
    /// Where vpcd listens; 35964 is the second reader.
    #[arg(long, value_name = "PORT", default_value_t = vpicc::DEFAULT_PORT)]
    port: u16,
    /// The card is pulled out after it has carried out its N-th APDU and before it answers.
    #[arg(long, value_name = "N")]
    die_after: Option<u64>,
    /// The card is pulled out when its N-th certificate is about to be written.
    #[arg(long, value_name = "N")]
    die_before_certificate: Option<u64>,
    /// The card is pulled out when its N-th object is about to be emptied.
    #[arg(long, value_name = "N")]
    die_before_emptying: Option<u64>,
    /// Writes instruction, parameters and status of each APDU there, never data.
    #[arg(long, value_name = "FILE")]
    log: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    create_dir_all(&options.memory).context("the card's memory")?;
    let mut counter = Counter {
        seen: 0,
        dies_at: options.die_after,
        certificates: options.die_before_certificate.map(|n| n.saturating_sub(1)),
        emptied: options.die_before_emptying.map(|n| n.saturating_sub(1)),
        log: options
            .log
            .map(File::create)
            .transpose()
            .context("the log")?,
    };
    let address = format!("127.0.0.1:{}", options.port);
    let mut reader = vpicc::connect_socket(&address)
        .with_context(|| format!("no virtual reader at {address}"))?;
    loop {
        system::powered(&options.memory, |piv| -> Result<()> {
            let mut chip = Chip::new(piv, &mut counter);
            while !chip.is_off {
                reader.poll(&mut chip).context("the reader went away")?;
            }
            Ok(())
        })?;
    }
}
