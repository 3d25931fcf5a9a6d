//! The texts of accounts of other organisations.

use crate::federation::Trouble;

/// All of them.
#[derive(Debug)]
pub struct FederationTexts {
    /// Below the name of an organisation among the ways to sign in.
    pub hint: &'static str,
    /// Why an organisation cannot be used right now.
    pub down: fn(&str, Trouble) -> String,
    /// It is switched off.
    pub off: fn(&str) -> String,
    /// None is set up, in dev.
    pub none_in_dev: &'static str,
    /// Link: ask it again.
    pub ask_again: &'static str,
    /// Link on the list of ways to sign in.
    pub add: &'static str,
    /// Title and `h1`.
    pub title: &'static str,
    /// What it will open, and what not.
    pub lines: &'static [&'static str],
    /// Heading of one organisation.
    pub of: fn(&str) -> String,
    /// Label: name.
    pub name: &'static str,
    /// The button that leads there.
    pub go: fn(&str) -> String,
    /// The name does not fit.
    pub name_wrong: &'static str,
    /// Title of the page on the way there.
    pub on_the_way: fn(&str) -> String,
    /// What happens there.
    pub on_the_way_lead: &'static str,
}
