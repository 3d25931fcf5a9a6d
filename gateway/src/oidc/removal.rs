//! Takes an application off the list (contract 1). What it held dies with it.

use enrolment::audit::{Actor, Event};
use enrolment::store::{Key, Store, StoreError};
use policies::ids::ClientId;
use policies::time::Time;

use crate::store::clients;

/// Takes a client off the list; its codes and tokens die in the same transaction. False where
/// there was none.
///
/// # Errors
/// What the store says.
pub async fn remove(
    store: &Store,
    id: ClientId,
    (now, actor): (Time, Actor),
) -> Result<bool, StoreError> {
    store
        .write(
            "oidc.client.remove",
            Key::of("client", id.clone().as_str()),
            move |tx| {
                let (id, actor) = (id.clone(), actor.clone());
                Box::pin(async move {
                    let removed = clients::remove(tx, &id).await?;
                    if removed {
                        let event = Event::ClientRemoved { actor, client: id };
                        tx.audit(now, &event).await?;
                    }
                    Ok(removed)
                })
            },
        )
        .await
}

#[cfg(test)]
mod tests {
    use enrolment::store::trial::on_both_engines;
    use ring::rand::SystemRandom;

    use super::*;
    use crate::oidc::registration::{self, Registration};

    #[test]
    fn a_removed_client_is_gone_and_removing_it_again_says_so() {
        on_both_engines(async |store| {
            let rooms = [
                (enrolment::schema::ROOM, enrolment::schema::MIGRATIONS),
                (crate::store::ROOM, crate::store::MIGRATIONS),
            ];
            for (room, migrations) in rooms {
                store.migrate(room, migrations).await.unwrap();
            }
            let stamp = || (Time::from_unix(1_800_000_000), Actor::System);
            let wanted = Registration {
                client_id: "ward7".into(),
                name: "Ward 7".into(),
                redirect_uris: vec!["https://ward7.example/callback".into()],
                origins: vec!["https://ward7.example".into()],
                ..Registration::default()
            };
            let chance = SystemRandom::new();
            let checked = wanted.check(&chance).unwrap();
            checked
                .register(&store, &chance, stamp(), None)
                .await
                .unwrap();
            let id: ClientId = "ward7".parse().unwrap();
            assert!(remove(&store, id.clone(), stamp()).await.unwrap());
            assert!(registration::list(&store).await.unwrap().is_empty());
            assert!(!remove(&store, id, stamp()).await.unwrap());
        })
        .unwrap();
    }
}
