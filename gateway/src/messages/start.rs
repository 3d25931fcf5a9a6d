//! The texts of the start page and of signing out.

/// The start page.
#[derive(Debug)]
pub struct Start {
    /// Title and `h1` when nobody is signed in.
    pub title: &'static str,
    /// How to sign in from here.
    pub lead: &'static str,
    /// For patients, who want another service.
    pub patients: &'static str,
    /// Link to the demo application.
    pub demo_app: &'static str,
    /// Title and `h1` when somebody is.
    pub signed_in: fn(&str) -> String,
    /// Labels of the facts.
    pub user_id: &'static str,
    /// Label.
    pub role: &'static str,
    /// Label.
    pub level: &'static str,
    /// Label.
    pub since: &'static str,
    /// Label.
    pub until: &'static str,
    /// Label.
    pub card: &'static str,
    /// Link to the holder's own pages.
    pub my_card: &'static str,
    /// Link to the desk, for who has a part there.
    pub desk: &'static str,
    /// The role has not been chosen yet.
    pub role_open: &'static str,
    /// The level in words: number, then method.
    pub level_words: fn(u8, &str) -> String,
    /// What idleness does.
    pub idle: fn(i64) -> String,
    /// The button.
    pub sign_out: &'static str,
}

/// Signing out.
#[derive(Debug)]
pub struct SignOut {
    /// Title and `h1` of the question.
    pub title: &'static str,
    /// Which application asked.
    pub asked_by: fn(&str) -> String,
    /// What signing out does.
    pub lead: &'static str,
    /// The button.
    pub button: &'static str,
    /// The way back.
    pub stay: &'static str,
    /// Title and `h1` afterwards.
    pub done: &'static str,
    /// What remains to do.
    pub done_lead: &'static str,
    /// Link back to the application.
    pub back: &'static str,
    /// Link to the start page.
    pub start: &'static str,
}
