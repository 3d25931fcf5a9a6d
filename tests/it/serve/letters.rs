//! Letters of a serving house, over real SMTP and HTTP: they wait for a server that is down, are given up where they
//! are refused, and come twice under one name where the house died between sending and settling.

use std::time::Duration;

use enrolment::notices::{Letter, Notice};
use enrolment::outbox::{self, Channel, Message};
use enrolment::store::{Key, Store, StoreError};
use serde_json::Value;

use super::folder::{Layout, Production, now};
use super::process::{Served, matron};
use crate::support::matron::free_ports;
use crate::support::sink::{Kept, Sink};

/// Where the house's two servers are to be.
struct Ways {
    mail: u16,
    texts: u16,
}

/// A house with tables and ways for letters; nobody listens there yet.
fn house() -> (Production, Ways) {
    let production = Production::new(Layout::OneAddress);
    let port = free_ports();
    let ways = Ways {
        mail: port,
        texts: port + 1,
    };
    production.write("sms.token", "a token of the text message service\n");
    let text = format!(
        "{}\n[mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\nfrom = \"Cards <cards@northwell.test>\"\n\n\
         [sms]\nurl = \"http://127.0.0.1:{}/send\"\ntoken_file = \"sms.token\"\n",
        production.text(),
        ways.mail,
        ways.texts,
    );
    production.write("matron.toml", text);
    matron(&["migrate", "--config", &production.config()]).well();
    (production, ways)
}

fn url(production: &Production) -> String {
    format!("sqlite:{}", production.path("matron.db").display())
}

/// Puts letters as acts do, each in a transaction.
async fn put(production: &Production, letters: &[(Channel, &str)]) {
    let store = Store::open(&url(production)).await.expect("the database");
    for (channel, address) in letters {
        let content = serde_json::to_string(&Letter::Notice(Notice::CardLocked)).expect("JSON");
        let message = Message {
            channel: *channel,
            address: (*address).to_owned(),
            content,
        };
        let write = store.write::<_, StoreError, _>("test.put", Key::none(), move |tx| {
            let message = message.clone();
            Box::pin(async move { outbox::put(&tx, now(), &message).await })
        });
        write.await.expect("put");
    }
}

fn file(production: &Production) -> rusqlite::Connection {
    let file = rusqlite::Connection::open(production.path("matron.db")).expect("the database");
    file.busy_timeout(Duration::from_secs(10))
        .expect("patience");
    file
}

fn number(production: &Production, sql: &str) -> i64 {
    let file = file(production);
    file.query_row(sql, [], |row| row.get(0)).expect("a number")
}

/// Lets the pauses pass: whatever waits is due.
fn let_time_pass(production: &Production) {
    let sql = "UPDATE outbox SET due_at = put_at WHERE settled_at IS NULL";
    file(production).execute(sql, []).expect("written");
}

async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..300 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{what}");
}

/// A header of a mail, or of a request in lower case.
fn header(kept: &Kept, name: &str) -> String {
    let line = kept.text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {}", kept.text))
        .trim()
        .to_owned()
}

#[tokio::test]
async fn letters_wait_for_a_server_that_is_down_and_arrive_once() {
    let (production, ways) = house();
    let letters = [
        (Channel::Mail, "asha@northwell.test"),
        (Channel::Sms, "+447700900001"),
    ];
    put(&production, &letters).await;
    let served = Served::start(&production);
    let tried = "SELECT COUNT(*) FROM outbox WHERE attempts >= 1 AND settled_at IS NULL AND due_at > put_at";
    until("both were tried", || number(&production, tried) == 2).await;
    let (mail, texts) = (Sink::mail(ways.mail), Sink::texts(ways.texts));
    let_time_pass(&production);
    let mails = mail.wait_for(1).await;
    let sent = texts.wait_for(1).await;
    let settled =
        "SELECT COUNT(*) FROM outbox WHERE delivered = 1 AND address = '' AND content = ''";
    until("both are settled and blank", || {
        number(&production, settled) == 2
    })
    .await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!((mail.kept().len(), texts.kept().len()), (1, 1), "once");

    assert!(mails[0].to.contains("<asha@northwell.test>"), "{mails:?}");
    assert_eq!(header(&mails[0], "Subject: "), "Your smartcard is locked");
    assert_eq!(header(&mails[0], "From: "), "Cards <cards@northwell.test>");
    assert!(header(&mails[0], "Message-ID: ").ends_with("@northwell.test>"));
    assert_eq!(sent[0].to, "+447700900001");
    let token = "bearer a token of the text message service";
    assert_eq!(header(&sent[0], "authorization: "), token);
    assert!(!header(&sent[0], "idempotency-key: ").is_empty());
    served.terminate();
    let ended = served.ended();
    for told in ["asha@northwell.test", "7700900001", "passcode"] {
        assert!(
            !ended.err.contains(told),
            "the log says neither whom nor what"
        );
    }
}

#[tokio::test]
async fn a_letter_that_is_refused_for_good_is_given_up_with_a_line_in_the_trail() {
    let (production, ways) = house();
    let (mail, texts) = (Sink::mail(ways.mail), Sink::texts(ways.texts));
    let letters = [
        (Channel::Mail, "nobody@northwell.test"),
        (Channel::Sms, "+447700900004"),
        (Channel::Sms, "+447700900005"),
        (Channel::Mail, "asha@northwell.test"),
    ];
    put(&production, &letters).await;
    let served = Served::start(&production);
    assert_eq!(
        mail.wait_for(1).await.len(),
        1,
        "one behind the refused one"
    );
    let given_up = "SELECT COUNT(*) FROM outbox WHERE delivered = 0 AND settled_at IS NOT NULL AND address = ''";
    until("two are given up", || number(&production, given_up) == 2).await;
    // The one that the service could not take today is tried until its twelfth time.
    let waits = "SELECT COUNT(*) FROM outbox WHERE settled_at IS NULL";
    assert_eq!(number(&production, waits), 1);
    let attempts = "UPDATE outbox SET attempts = 11, due_at = put_at WHERE settled_at IS NULL";
    file(&production).execute(attempts, []).expect("written");
    until("the third is given up", || number(&production, waits) == 0).await;
    served.terminate();
    served.ended();
    let lines = lines(&production);
    let found: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| {
            let word = |name: &str| line[name].as_str().expect("a word");
            (word("channel"), word("reason"))
        })
        .collect();
    assert_eq!(
        found,
        [
            ("mail", "refused"),
            ("sms", "refused"),
            ("sms", "tried_too_often")
        ]
    );
    assert!(texts.kept().is_empty());
    let verified = matron(&["audit", "verify", "--config", &production.config()]);
    verified.well();
}

/// The trail's lines about letters that were given up.
fn lines(production: &Production) -> Vec<Value> {
    let file = file(production);
    let sql = "SELECT event FROM audit WHERE event LIKE '%letter_given_up%' ORDER BY lane, seq";
    let mut all = file.prepare(sql).expect("a statement");
    let rows = all
        .query_map([], |row| row.get::<_, String>(0))
        .expect("rows");
    rows.map(|row| serde_json::from_str(&row.expect("a line")).expect("JSON"))
        .collect()
}

#[tokio::test]
async fn a_kill_between_sending_and_settling_sends_again_under_the_same_name() {
    let (production, ways) = house();
    let mail = Sink::mail(ways.mail);
    let letters = [(Channel::Mail, "asha@northwell.test")];
    put(&production, &letters).await;
    Served::start_and_die(&production, "post.before_mark");
    assert_eq!(mail.kept().len(), 1, "it had left");
    let served = Served::start(&production);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(
        mail.kept().len(),
        1,
        "somebody may still be at it: a minute"
    );
    let_time_pass(&production);
    let kept = mail.wait_for(2).await;
    assert_eq!(
        header(&kept[0], "Message-ID: "),
        header(&kept[1], "Message-ID: ")
    );
    let settled = "SELECT COUNT(*) FROM outbox WHERE delivered = 1";
    until("it is settled", || number(&production, settled) == 1).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(mail.kept().len(), 2, "and never a third time");
    served.terminate();
    served.ended();
}
