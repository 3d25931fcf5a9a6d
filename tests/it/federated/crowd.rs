//! Many colleagues at once, as at the beginning of a shift.

use crate::support::Agent;
use crate::support::app::CALLBACK;
use crate::support::elsewhere::Manner;
use crate::support::stage::{ACR, Stage, on_to_the_application};

const PEOPLE: [&str; 6] = ["noah", "hana", "ruth", "sam", "rae", "dina"];

/// So many browsers of people with an account each.
async fn browsers(stage: &Stage, many: usize) -> Vec<(Agent, &'static str)> {
    for alias in PEOPLE {
        let mut agent = stage.by_card(alias).await;
        stage.link_as(&mut agent, Some(alias)).await;
    }
    let owners = PEOPLE.iter().cycle().take(many);
    owners.map(|alias| (stage.agent(), *alias)).collect()
}

/// More than are let on their way at once wait for their turn, and all get in. Nobody gets an answer
/// before as many are there as may be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forty_eight_at_once_get_in() {
    let stage = Stage::set();
    let mut people = browsers(&stage, 48).await;
    stage.nhs.change(|says| says.token = Manner::After(32));
    let all = people.iter_mut().map(async |(agent, subject)| {
        let page = stage.sign_in_as(agent, &[ACR], Some(*subject)).await;
        let page = on_to_the_application(agent, page).await;
        page.location
            .is_some_and(|to| to.as_str().starts_with(CALLBACK))
    });
    let got_in = crate::support::all(all.collect()).await;
    assert_eq!(got_in.iter().filter(|got_in| **got_in).count(), 48);
}
