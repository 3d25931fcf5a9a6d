//! The desk's pages. Each works by keyboard alone and without JavaScript; what is not offered says
//! why, and who may do it.

use askama::Template;
use axum::response::Response;
use http::StatusCode;

use crate::messages::desk::ActText;
use crate::pages::Frame;
use crate::pages::deputy::DeputyLine;
use crate::pages::invitation::DeskWay;
use crate::pages::render::html;

/// One fact: label and value; numbers are set apart.
#[derive(Debug, Clone)]
pub struct Fact {
    /// What it is.
    pub label: &'static str,
    /// What it says.
    pub value: String,
    /// Whether it is a number to be read out.
    pub code: bool,
}

impl Fact {
    /// In words.
    pub fn words(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
            code: false,
        }
    }

    /// A number.
    pub fn number(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            code: true,
            ..Self::words(label, value)
        }
    }
}

/// Who it is about, as she is recognised.
#[derive(Debug, Clone)]
pub struct Whom {
    /// Her name.
    pub name: String,
    /// Where her photo is.
    pub photo: Option<String>,
    /// Initials, where there is none.
    pub initials: String,
}

/// Finding people.
#[derive(Template)]
#[template(path = "desk_find.html")]
pub struct FindPage {
    /// The frame.
    pub frame: Frame,
    /// Who acts, in which role.
    pub acting: String,
    /// What was typed.
    pub typed: String,
    /// Whether it is the deputy of a ward who looks.
    pub for_deputy: bool,
    /// Whether the list of unused ways to sign in is open to this role.
    pub sees_unused: bool,
    /// Whether there is another role to act in.
    pub other_roles: bool,
    /// Who was found; none before anything was typed.
    pub found: Option<Vec<FoundRow>>,
    /// Whether there are more.
    pub more: bool,
}

impl FindPage {
    /// Title and `h1`.
    fn title(&self) -> &'static str {
        if self.for_deputy {
            self.frame.m.deputies.find
        } else {
            self.frame.m.desk.find.title
        }
    }

    /// How many are shown.
    fn count(&self) -> String {
        let shown = self.found.as_ref().map_or(0, Vec::len);
        (self.frame.m.desk.find.count)(shown, self.more)
    }
}

/// Somebody found.
#[derive(Debug, Clone)]
pub struct FoundRow {
    /// Her page.
    pub href: String,
    /// Her name.
    pub name: String,
    /// Her 12 digits.
    pub user_id: String,
    /// Her card in words; none for a deputy, whom it does not concern.
    pub card: Option<&'static str>,
    /// What is particular about her.
    pub note: Option<&'static str>,
}

/// A person and her card.
#[derive(Template)]
#[template(path = "desk_person.html")]
pub struct PersonPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// What has just been done.
    pub done: Option<&'static str>,
    /// Who.
    pub whom: Whom,
    /// What must be known first.
    pub notices: Vec<String>,
    /// About her.
    pub facts: Vec<Fact>,
    /// Where her card stands, and whether that asks for care; none without a card.
    pub state: Option<Vec<(&'static str, bool)>>,
    /// About her card.
    pub card_facts: Vec<Fact>,
    /// Certificates that wait: in words, and the number of the card if they may be begun again.
    pub pending: Option<(String, Option<String>)>,
    /// Her ways to sign in beside the card; none for a desk of another area.
    pub ways: Option<Vec<DeskWay>>,
    /// Her 12 digits.
    pub person: String,
    /// The wards that she is named deputy of.
    pub deputy_of: Vec<DeputyLine>,
    /// Whether this desk may end that.
    pub may_end_deputy: bool,
    /// Whether it is the deputy of her ward who looks: nothing is shown of her card.
    pub for_deputy: bool,
    /// What can be done.
    pub can: Vec<CanDo>,
    /// What cannot.
    pub cannot: Vec<Cannot>,
}

/// Something that can be done.
#[derive(Debug, Clone)]
pub struct CanDo {
    /// Its word.
    pub word: &'static str,
    /// On the button.
    pub label: &'static str,
    /// Where it leads; none where it begins a work.
    pub href: Option<String>,
    /// The card of the work.
    pub card: String,
    /// Whether it is one of the first things to do.
    pub first: bool,
}

/// Something that cannot be done.
#[derive(Debug, Clone)]
pub struct Cannot {
    /// What.
    pub name: &'static str,
    /// Why.
    pub why: &'static str,
    /// From when on it can.
    pub from: Option<String>,
    /// Who may.
    pub who: Option<String>,
}

/// What an act asks before it is done.
#[derive(Debug, Clone)]
pub enum Question {
    /// Nothing but "yes".
    Nothing,
    /// Why: word and text; the answer leads to the confirmation.
    Reasons(Vec<(&'static str, &'static str)>),
    /// Where to: code, name, address.
    Addresses(Vec<(String, String, String)>),
    /// The two tick boxes.
    Attest,
    /// Why, in the same step: word and text; and whether it must be said that it is the last one.
    Why(Vec<(&'static str, &'static str)>, bool),
}

/// One act, before it is done.
#[derive(Template)]
#[template(path = "desk_act.html")]
pub struct ActPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Its word.
    pub word: String,
    /// Where its form leads.
    pub action: String,
    /// Its texts.
    pub text: &'static ActText,
    /// To whom.
    pub whom: Whom,
    /// What is about to be changed.
    pub facts: Vec<Fact>,
    /// Hidden fields.
    pub hidden: Vec<(&'static str, String)>,
    /// What is asked.
    pub question: Question,
    /// The way back.
    pub back: String,
}

/// A work.
#[derive(Template)]
#[template(path = "desk_work.html")]
pub struct WorkPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// Title and `h1`.
    pub title: String,
    /// Whose card.
    pub whom: Whom,
    /// Number, card, until when.
    pub facts: Vec<Fact>,
    /// Where it stands.
    pub stage: Stage,
    /// The number of the work.
    pub work_id: String,
    /// The card.
    pub card: String,
    /// Its word.
    pub kind: &'static str,
    /// Whether a pending set is begun again.
    pub restart: bool,
    /// The way back.
    pub back: String,
}

impl ActPage {
    /// Whether it ends something for ever.
    fn is_final(&self) -> bool {
        matches!(
            self.word.as_str(),
            "cancel" | "replace" | "close" | "remove"
        )
    }

    /// The first tick box: what the holder has with her.
    fn present(&self) -> &'static str {
        match self.word.as_str() {
            "invite" | "temporary" | "raise" => self.frame.m.invitations.present,
            _ => self.frame.m.desk.work.present,
        }
    }

    /// The link back.
    fn back_words(&self) -> &'static str {
        match self.word.as_str() {
            "invite" | "temporary" | "suspend" | "remove" | "raise" => {
                self.frame.m.invitations.back
            }
            _ => self.frame.m.desk.work.to_card,
        }
    }
}

impl WorkPage {
    /// Whether the holder must be there: for all but the first set of a card.
    fn attests(&self) -> bool {
        self.kind != "issue" || self.restart
    }
}

/// How far a work has come.
#[derive(Debug, Clone)]
pub enum Stage {
    /// Its time is over.
    Over,
    /// It waits for requests.
    Open(Open),
    /// It has issued: key word, serial, PEM.
    Issued(Vec<(&'static str, String, String)>),
}

/// A work that waits for its requests.
#[derive(Debug, Clone)]
pub struct Open {
    /// What the requests must carry.
    pub nonce: String,
    /// The command of the card client.
    pub command: String,
    /// Reasons of a repair: word and text; empty for everything else.
    pub reasons: Vec<(&'static str, &'static str)>,
    /// Whether a second person is still missing.
    pub second_missing: bool,
    /// Who stands behind it.
    pub seconded: Option<String>,
}

/// The receipt of a work.
#[derive(Template)]
#[template(path = "desk_receipt.html")]
pub struct ReceiptPage {
    /// The frame.
    pub frame: Frame,
    /// What was done.
    pub lead: &'static str,
    /// Everything worth keeping.
    pub facts: Vec<Fact>,
    /// Back to her card.
    pub back: String,
    /// Where to send the card next, for a new one.
    pub next: Option<(&'static str, String)>,
}

/// Standing behind a colleague's work.
#[derive(Template)]
#[template(path = "desk_second.html")]
pub struct SecondPage {
    /// The frame.
    pub frame: Frame,
    /// The form token.
    pub token: String,
    /// The work, once its number is known.
    pub work: Option<SecondWork>,
    /// Whether it has just been done.
    pub done: bool,
}

/// A colleague's work.
pub struct SecondWork {
    /// Its number.
    pub work_id: String,
    /// What it is.
    pub title: String,
    /// Whose card.
    pub whom: Whom,
    /// Who began it, and when.
    pub begun: String,
}

/// No desk role.
#[derive(Template)]
#[template(path = "desk_none.html")]
pub struct NonePage {
    /// The frame.
    pub frame: Frame,
    /// Title and `h1`.
    pub title: &'static str,
    /// What the session has.
    pub lead: String,
    /// Who gives roles, for somebody who has none.
    pub gives: Option<&'static str>,
    /// The roles that have work at the desk.
    pub roles: Vec<&'static str>,
    /// Whether there is another role to sign in with.
    pub again: bool,
}

/// Each page as a response.
macro_rules! responds {
    ($($page:ident => $status:expr),+ $(,)?) => { $(
        impl $page {
            /// The page as a response.
            pub fn respond(&self) -> Response {
                html($status, &self.frame, self)
            }
        }
    )+ };
}

responds!(
    FindPage => StatusCode::OK,
    PersonPage => StatusCode::OK,
    ActPage => StatusCode::OK,
    WorkPage => StatusCode::OK,
    ReceiptPage => StatusCode::OK,
    SecondPage => StatusCode::OK,
    NonePage => StatusCode::FORBIDDEN,
);
