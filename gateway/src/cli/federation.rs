//! `matron federation list`, `disable` and `enable`: the switch of each other organisation. It acts on
//! a running server within a second: by the database where that is PostgreSQL, by an order in a folder
//! beside the embedded one.

use std::time::Duration;

use clap::{Args, Subcommand};
use enrolment::audit::{Actor, OperatorName};
use enrolment::journeys::federated::{self, Switch};
use enrolment::store::StoreError;
use policies::ids::FederationId;
use policies::time::Clock as _;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::Serialize;

use super::{EXIT_CODES, Ended, Place, Where, output};
use crate::door::clock::MachineClock;
use crate::federation::orders::{self, Order};
use crate::federation::switch::{self, Turned};

/// How long a running server may take to carry out an order, in seconds.
const TAKEN_WITHIN: u64 = 5;

/// Other organisations whose sign-in is accepted here.
#[derive(Debug, Subcommand)]
pub(super) enum Federations {
    /// Lists every organisation that was ever configured, and whether it is on.
    List(List),
    /// Switches one off: nobody signs in by way of it, and every session that it opened ends, within
    /// a second and without a restart.
    Disable(Disable),
    /// Switches one on again. Sessions that ended stay ended.
    Enable(Enable),
}

/// May run beside the server.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron federation list --config matron.toml --json\n\n{EXIT_CODES}"))]
pub(super) struct List {
    #[command(flatten)]
    place: Where,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Whose switch, and who turns it.
#[derive(Debug, Args)]
struct Which {
    #[command(flatten)]
    place: Where,
    /// Your name in the audit trail.
    #[arg(long, value_name = "NAME")]
    operator: OperatorName,
    /// The organisation, as the configuration names it.
    #[arg(long, value_name = "ID")]
    id: FederationId,
}

/// May run beside the server.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron federation disable --config matron.toml --operator ruth.o --id nhs-net\n\n{EXIT_CODES}"))]
pub(super) struct Disable {
    #[command(flatten)]
    which: Which,
}

/// May run beside the server.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron federation enable --config matron.toml --operator ruth.o --id nhs-net\n\n{EXIT_CODES}"))]
pub(super) struct Enable {
    #[command(flatten)]
    which: Which,
}

#[derive(Serialize)]
struct Row {
    id: String,
    state: &'static str,
    switched_off_at: Option<policies::time::Time>,
}

impl From<Switch> for Row {
    fn from(switch: Switch) -> Self {
        Self {
            state: match (switch.configured, switch.off_since) {
                (_, Some(_)) => "switched_off",
                (true, None) => "on",
                (false, None) => "not_configured",
            },
            id: switch.federation.to_string(),
            switched_off_at: switch.off_since,
        }
    }
}

impl Federations {
    pub(super) async fn run(self) -> Result<(), Ended> {
        match self {
            Self::List(command) => command.run().await,
            Self::Disable(command) => command.which.turn(false).await,
            Self::Enable(command) => command.which.turn(true).await,
        }
    }
}

impl List {
    async fn run(self) -> Result<(), Ended> {
        let store = self.place.look_up()?.open_to_read().await?;
        let switches = federated::switches(&store).await?;
        let rows: Vec<Row> = switches.into_iter().map(Row::from).collect();
        if self.json {
            return output::json(&rows);
        }
        for row in rows {
            output::line(format_args!("{:<34}{}", row.id, row.state))?;
        }
        Ok(())
    }
}

impl Which {
    async fn turn(self, on: bool) -> Result<(), Ended> {
        let place = self.place.look_up()?;
        let store = match place.open().await {
            Err(StoreError::Held(_)) => return order(&place, self.id, on, self.operator).await,
            store => store?,
        };
        let stamp = (MachineClock.now(), Actor::Operator(self.operator));
        match switch::turn(&store, self.id.clone(), on, stamp).await? {
            Turned::Unknown => Err(Ended::NoSuchFederation(self.id)),
            Turned::AsBefore | Turned::Done(_) => Ok(()),
        }
    }
}

/// Leaves an order to the running server and waits until it is carried out.
async fn order(
    place: &Place,
    federation: FederationId,
    on: bool,
    operator: OperatorName,
) -> Result<(), Ended> {
    let beside = place.open_to_read().await?;
    let known = federated::switches(&beside).await?;
    if !known.iter().any(|switch| switch.federation == federation) {
        return Err(Ended::NoSuchFederation(federation));
    }
    let folder = orders::folder_of(&place.database).ok_or(StoreError::Address)?;
    let mut name = [0_u8; 8];
    SystemRandom::new()
        .fill(&mut name)
        .map_err(|_| StoreError::NoChance)?;
    let order = Order {
        federation,
        on,
        operator,
    };
    let path = orders::leave(&folder, &hex::encode(name), &order).map_err(Ended::NoOrders)?;
    let taken = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(20));
        while path.exists() {
            ticks.tick().await;
        }
    };
    let within = Duration::from_secs(TAKEN_WITHIN);
    if tokio::time::timeout(within, taken).await.is_err() {
        // Nobody is to carry it out later, when nobody thinks of it any more.
        std::fs::remove_file(&path).map_err(Ended::NoOrders)?;
        return Err(Ended::OrderNotTaken(TAKEN_WITHIN));
    }
    Ok(())
}
