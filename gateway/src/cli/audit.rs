//! `matron audit verify`.

use clap::{Args, Subcommand};
use enrolment::audit::checkpoint::CheckpointKey;
use enrolment::audit::{self, Report};
use serde::Serialize;

use super::{EXIT_CODES, Ended, Faults, Where, output};

/// The audit trail.
#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Walks the whole trail and names every line that is not as it was written.
    Verify(Verify),
}

/// Walks the whole trail, line by line and checkpoint by checkpoint, beside a running server. With
/// `--config` the checkpoints' signatures are verified too.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron audit verify --config /etc/matron/matron.toml\n\n{EXIT_CODES}"))]
pub(super) struct Verify {
    #[command(flatten)]
    place: Where,
    /// Reports as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Findings {
    lines: u64,
    lanes: u64,
    checkpoints: u64,
    signatures_verified: bool,
    last_checkpoint: Option<i64>,
    faults: Vec<String>,
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Ended> {
        match self {
            Self::Verify(verify) => verify.run().await,
        }
    }
}

impl Verify {
    async fn run(self) -> Result<(), Ended> {
        let place = self.place.look_up()?;
        let store = place.open_to_read().await?;
        let key = place
            .checkpoint_key
            .as_deref()
            .map(|der| CheckpointKey::from_pkcs8(der));
        let key = key
            .transpose()
            .map_err(|error| Ended::Trail(error.into()))?;
        let report = audit::verify(&store, key.as_ref().map(CheckpointKey::public_key)).await?;
        if self.json {
            output::json(&Findings::of(&report, key.is_some()))?;
        } else {
            tell(&report)?;
        }
        if report.is_whole() {
            Ok(())
        } else {
            Err(Ended::Faults(Faults(report.faults.len())))
        }
    }
}

impl Findings {
    fn of(report: &Report, signatures_verified: bool) -> Self {
        Self {
            lines: report.lines,
            lanes: report.lanes,
            checkpoints: report.checkpoints,
            signatures_verified,
            last_checkpoint: report.last.as_ref().map(|seal| seal.number),
            faults: report.faults.iter().map(ToString::to_string).collect(),
        }
    }
}

fn tell(report: &Report) -> std::io::Result<()> {
    let Report {
        lines,
        lanes,
        checkpoints,
        ..
    } = report;
    output::line(format_args!(
        "{lines} lines in {lanes} lanes, {checkpoints} checkpoints"
    ))?;
    for fault in &report.faults {
        output::line(fault)?;
    }
    if report.is_whole() {
        output::line("the trail is whole")?;
    }
    Ok(())
}
