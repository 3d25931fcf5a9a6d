//! `matron migrate`.

use clap::Args;

use super::{EXIT_CODES, Ended, Where};
use crate::serve;

/// Brings the database's tables up to date, each step in a transaction of its own. Refuses a
/// database that a newer program has migrated.
#[derive(Debug, Args)]
#[command(after_help = format!("Example:\n  matron migrate --config /etc/matron/matron.toml\n\n{EXIT_CODES}"))]
pub(super) struct Migrate {
    #[command(flatten)]
    place: Where,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Ended> {
        let store = self.place.look_up()?.open().await?;
        if serve::is_migrated(&store).await? {
            eprintln!("the tables are up to date");
            return Ok(());
        }
        serve::migrate(&store).await?;
        eprintln!("the tables are up to date now");
        Ok(())
    }
}
