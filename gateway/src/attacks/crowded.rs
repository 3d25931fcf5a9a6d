//! Whoever opens so many sessions that no list shows them all keeps none by it: ending all ends all, and
//! the one that is used stays in the list.

use enrolment::store::StoreError;
use policies::ids::UserId;

use super::Scene;
use crate::my::sessions::{Which, end};
use crate::signin::session;

/// A hundred and twenty more, begun later and idle for an hour.
const CROWD: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
    INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                         last_active_at, role_id, role_chosen, card_number, serial, version)
    SELECT 'more' || i, 'more' || i, CAST(printf('%032d', i) AS BLOB), user_id, aal, method,
           authenticated_at + 60, last_active_at - 3600, role_id, role_chosen, card_number, serial, 1
    FROM n, session WHERE sid = 'one'";

/// A hundred that were used later and are over by now (AAL3, 16 minutes idle), before one that lives (AAL2,
/// 20 minutes idle).
const OVER: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
    INSERT INTO session (sid, family, key_hash, user_id, aal, method, authenticated_at,
                         last_active_at, role_id, role_chosen, card_number, serial, version)
    SELECT 'over' || i, 'over' || i, CAST(printf('%032d', i) AS BLOB), user_id, 3, method,
           authenticated_at, last_active_at - 960, role_id, role_chosen, card_number, serial, 1
    FROM n, session WHERE sid = 'one'";
const HIDDEN: &str =
    "UPDATE session SET aal = 2, last_active_at = last_active_at - 1200 WHERE sid = 'one'";

/// The names of her sessions that live.
async fn live(scene: &Scene) -> Vec<String> {
    let (now, policy) = (scene.house.now(), scene.house.policy.clone());
    let read = scene
        .house
        .store
        .read::<_, StoreError, _>("test.sessions", move |tx| {
            let policy = policy.clone();
            Box::pin(async move {
                let person = "555000000001".parse().unwrap();
                session::live_of(tx, &person, now, &policy).await
            })
        });
    let live = read.await.unwrap();
    live.iter().map(|one| one.sid.to_string()).collect()
}

#[tokio::test]
async fn a_crowd_of_idle_sessions_hides_none_that_is_used() {
    let person: UserId = "555000000001".parse().unwrap();
    for which in [Which::One("one".parse().unwrap()), Which::All] {
        let scene = Scene::set().await;
        scene.meanwhile(CROWD).await;
        assert_eq!(live(&scene).await, ["one"]);
        let ended = end(&scene.house, &person, which, scene.house.now()).await;
        assert_eq!(ended.unwrap(), 1);
        assert!(live(&scene).await.is_empty());
    }
}

#[tokio::test]
async fn ending_all_ends_what_no_list_shows_and_tells_of_what_lived() {
    let scene = Scene::set().await;
    scene.meanwhile(OVER).await;
    scene.meanwhile(HIDDEN).await;
    assert!(live(&scene).await.is_empty(), "a hundred are before it");
    let person: UserId = "555000000001".parse().unwrap();
    let before = scene.lines().await;
    let ended = end(&scene.house, &person, Which::All, scene.house.now()).await;
    assert_eq!(ended.unwrap(), 1);
    assert_eq!(scene.lines().await, before + 1);
    scene
        .meanwhile("DELETE FROM session WHERE sid <> 'one' AND ended_at IS NOT NULL")
        .await;
    assert!(live(&scene).await.is_empty(), "in fact");
}
