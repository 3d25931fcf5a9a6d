//! Codes and tokens on both engines: single use under a crowd, every binding, every ending.

use std::sync::Arc;

use enrolment::store::trial::on_both_engines;
use enrolment::store::{Key, Store, StoreError};
use policies::time::{Span, Time};
use ring::rand::SystemRandom;

use super::{
    Binding, CodeRefused, Grant, forget_ended, insert_code, insert_token, owner_of_code,
    revoke_tokens_of, running_token, spend_code,
};
use crate::claims::scope::Scope;
use crate::claims::snapshot::{AuthenticationFacts, IdTokenClaims, Mint};
use crate::oidc::client::Client;
use crate::oidc::registration::Registration;
use crate::oidc::secret::{Purpose, Secret, SecretHash};
use crate::store::clients;

const NOW: Time = Time::from_unix(1_800_000_000);
const CALLBACK: &str = "https://app.example/cb";

/// What every test here begins with: the tables, a client, and a code for it.
struct Scene {
    store: Store,
    code: SecretHash,
    binding: Binding,
    grant: Grant,
}

impl Scene {
    async fn set(store: Store) -> Arc<Self> {
        crate::serve::migrate(&store).await.unwrap();
        let registration = Registration {
            client_id: "ward7".to_owned(),
            name: "Ward 7".to_owned(),
            auth_method: "none".to_owned(),
            redirect_uris: vec![CALLBACK.to_owned()],
            origins: vec!["https://app.example".to_owned()],
            ..Registration::default()
        };
        let client = registration
            .check(&SystemRandom::new())
            .unwrap()
            .into_client();
        put(&store, client.clone()).await;
        let scene = Arc::new(Self {
            store,
            code: Secret::presented("code").hash(Purpose::Code),
            binding: Binding {
                client: client.id.clone(),
                redirect_uri: CALLBACK.to_owned(),
                challenge: Some("challenge".to_owned()),
            },
            grant: Grant {
                client: client.id,
                user_id: "000000000001".parse().unwrap(),
                sid: "sid".parse().unwrap(),
                role_id: Some("000000000002".parse().unwrap()),
                scope: vec![Scope::OpenId, Scope::SelectedRole],
                nonce: Some("n".to_owned()),
                facts: AuthenticationFacts {
                    acr: "AAL3_ANY".to_owned(),
                    amr: "N3_SMARTCARD".to_owned(),
                    level: "3".to_owned(),
                    auth_time: NOW.unix(),
                },
            },
        });
        scene.insert().await;
        scene
    }

    async fn insert(self: &Arc<Self>) {
        let scene = self.clone();
        self.store
            .write("test.code", Key::none(), move |tx| {
                let scene = scene.clone();
                Box::pin(async move {
                    let life = (NOW, NOW.plus(Span::seconds(60)));
                    insert_code(tx, &scene.code, &scene.binding, &scene.grant, life).await
                })
            })
            .await
            .unwrap();
    }

    async fn spend(
        &self,
        code: &SecretHash,
        binding: &Binding,
        after: i64,
    ) -> Result<Grant, CodeRefused> {
        let (code, binding) = (code.clone(), binding.clone());
        self.store
            .write("test.spend", Key::none(), move |tx| {
                let (code, binding) = (code.clone(), binding.clone());
                let now = NOW.plus(Span::seconds(after));
                Box::pin(async move { spend_code(tx, &code, &binding, now).await })
            })
            .await
            .unwrap()
    }
}

async fn put(store: &Store, client: Client) {
    store
        .write("test.client", Key::none(), move |tx| {
            let client = client.clone();
            Box::pin(async move { clients::put(tx, &client, NOW).await })
        })
        .await
        .unwrap();
}

#[test]
fn of_sixty_four_at_once_exactly_one_spends_the_code() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        let mut crowd = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let scene = scene.clone();
            crowd.spawn(async move { scene.spend(&scene.code, &scene.binding, 1).await });
        }
        let outcomes = crowd.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
        let spent = outcomes
            .iter()
            .filter(|o| matches!(o, Err(CodeRefused::Spent)))
            .count();
        assert_eq!(spent, 63);
    })
    .unwrap();
}

#[test]
fn every_binding_of_a_code_is_demanded() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        let good = &scene.binding;
        let no_challenge = Binding {
            challenge: None,
            ..good.clone()
        };
        let other_challenge = Binding {
            challenge: Some("other".to_owned()),
            ..good.clone()
        };
        let other_uri = Binding {
            redirect_uri: format!("{CALLBACK}/"),
            ..good.clone()
        };
        let other_client = Binding {
            client: "spa".parse().unwrap(),
            ..good.clone()
        };
        for binding in [no_challenge, other_challenge, other_uri, other_client] {
            let refused = scene.spend(&scene.code, &binding, 1).await.unwrap_err();
            assert_eq!(refused, CodeRefused::Mismatch, "{binding:?}");
        }
        let unknown = Secret::presented("another").hash(Purpose::Code);
        assert_eq!(
            scene.spend(&unknown, good, 1).await.unwrap_err(),
            CodeRefused::Unknown
        );
        assert_eq!(
            scene.spend(&scene.code, good, 61).await.unwrap_err(),
            CodeRefused::Expired
        );
        let grant = scene.spend(&scene.code, good, 60).await.unwrap();
        assert_eq!(grant.scope, scene.grant.scope);
        assert_eq!(grant.facts, scene.grant.facts);
        assert_eq!(
            scene.spend(&scene.code, good, 60).await.unwrap_err(),
            CodeRefused::Spent
        );
    })
    .unwrap();
}

#[test]
fn a_verifier_answers_no_code_without_a_challenge() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        let code = Secret::presented("bare").hash(Purpose::Code);
        let bare = Binding {
            challenge: None,
            ..scene.binding.clone()
        };
        let bare_scene = Arc::new(Scene {
            store: scene.store.clone(),
            code: code.clone(),
            binding: bare.clone(),
            grant: scene.grant.clone(),
        });
        bare_scene.insert().await;
        let refused = bare_scene
            .spend(&code, &scene.binding, 1)
            .await
            .unwrap_err();
        assert_eq!(refused, CodeRefused::Mismatch);
        assert!(bare_scene.spend(&code, &bare, 1).await.is_ok());
    })
    .unwrap();
}

#[test]
fn a_token_runs_until_it_ends_or_its_code_is_replayed() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        let token = Secret::presented("token").hash(Purpose::AccessToken);
        mint(&scene, &token).await;
        assert!(runs(&scene.store, &token, 3_599).await);
        assert!(!runs(&scene.store, &token, 3_600).await);
        let other = Secret::presented("toke").hash(Purpose::AccessToken);
        assert!(!runs(&scene.store, &other, 1).await);
        let code = scene.code.clone();
        let ended = scene
            .store
            .write("test.revoke", Key::none(), move |tx| {
                let code = code.clone();
                Box::pin(async move {
                    let owner = owner_of_code(tx, &code).await?;
                    let ended = revoke_tokens_of(tx, &code, NOW).await?;
                    Ok::<_, StoreError>((owner, ended))
                })
            })
            .await
            .unwrap();
        assert_eq!(ended.1, 1);
        assert_eq!(ended.0.unwrap().1.as_str(), "sid");
        assert!(!runs(&scene.store, &token, 1).await);
    })
    .unwrap();
}

#[test]
fn what_ended_a_week_ago_is_forgotten() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        mint(
            &scene,
            &Secret::presented("token").hash(Purpose::AccessToken),
        )
        .await;
        for (days, gone) in [(6, 0), (8, 2), (9, 0)] {
            let forgotten = scene
                .store
                .write("test.forget", Key::none(), move |tx| {
                    Box::pin(async move { forget_ended(tx, NOW.plus(Span::days(days))).await })
                })
                .await
                .unwrap();
            assert_eq!(forgotten, gone, "after {days} days");
        }
    })
    .unwrap();
}

#[test]
fn a_client_reads_back_as_it_was_written() {
    on_both_engines(async |store| {
        let scene = Scene::set(store).await;
        let id = scene.binding.client.clone();
        let (client, known, unknown) = scene
            .store
            .read("test.client", move |tx| {
                let id = id.clone();
                Box::pin(async move {
                    let client = clients::find(tx, &id).await?;
                    let known = clients::knows_origin(tx, "https://app.example").await?;
                    let unknown = clients::knows_origin(tx, "https://app.example/").await?;
                    Ok::<_, StoreError>((client.unwrap(), known, unknown))
                })
            })
            .await
            .unwrap();
        assert_eq!(client.redirect_uris, [CALLBACK]);
        assert!(known && !unknown);
        put(
            &scene.store,
            Client {
                origins: Vec::new(),
                ..client.clone()
            },
        )
        .await;
        put(&scene.store, client).await;
    })
    .unwrap();
}

async fn mint(scene: &Scene, token: &SecretHash) {
    let rbac = policies::rbac::Rbac::default_file();
    let mint = Mint {
        issuer: "https://id.example",
        now: NOW,
        at_hash: "hash",
        id_assurance_level: 3,
        role: None,
        rbac: &rbac,
    };
    let claims = IdTokenClaims::freeze(&scene.grant, &mint);
    let (token, code, grant) = (token.clone(), scene.code.clone(), scene.grant.clone());
    scene
        .store
        .write("test.token", Key::none(), move |tx| {
            let (token, code) = (token.clone(), code.clone());
            let (grant, claims) = (grant.clone(), claims.clone());
            Box::pin(async move {
                let life = (NOW, NOW.plus(Span::minutes(60)));
                insert_token(tx, (&token, &code), &grant, &claims, life).await
            })
        })
        .await
        .unwrap();
}

async fn runs(store: &Store, token: &SecretHash, after: i64) -> bool {
    let token = token.clone();
    store
        .read("test.running", move |tx| {
            let token = token.clone();
            let now = NOW.plus(Span::seconds(after));
            Box::pin(async move { running_token(tx, &token, now).await })
        })
        .await
        .unwrap()
        .is_some()
}
