//! The texts of password and authenticator app, and of the list of ways to sign in.

use policies::authenticator::AuthenticatorState;
use policies::refusal::RefusalCode;
use policies::signin::Aal;

/// All of them.
#[derive(Debug)]
pub struct Apps {
    /// Title and `h1` of the sign-in.
    pub sign_in: &'static str,
    /// Below the heading, with the application.
    pub sign_in_lead: fn(&str) -> String,
    /// Label.
    pub username: &'static str,
    /// What it may be.
    pub username_hint: &'static str,
    /// Label.
    pub password: &'static str,
    /// Label.
    pub code: &'static str,
    /// Where it stands.
    pub code_hint: &'static str,
    /// The button.
    pub sign_in_button: &'static str,
    /// Nothing was typed into the first field.
    pub username_missing: &'static str,
    /// Nor into the second.
    pub password_missing: &'static str,
    /// Nor into the third.
    pub code_missing: &'static str,
    /// Something was wrong; nobody is told what.
    pub wrong: &'static str,
    /// Too many tries, with the seconds until the next one is looked at.
    pub too_many: fn(i64) -> String,

    /// Title, `h1` and link of the list.
    pub list: &'static str,
    /// Below the heading.
    pub list_lead: &'static str,
    /// There are none.
    pub none: &'static str,
    /// Label: level.
    pub level: &'static str,
    /// The level in words; then what its evidence proves and what its kind could reach, and when it opens
    /// the desk, where it does not yet.
    pub level_words: fn(Aal, (Aal, Aal), Option<&str>) -> String,
    /// Label: added.
    pub added: &'static str,
    /// Label: used last.
    pub used: &'static str,
    /// Beside the state of one that was added lately.
    pub is_new: &'static str,
    /// Never.
    pub never: &'static str,
    /// Label: state.
    pub state: &'static str,
    /// The state in words.
    pub state_words: fn(AuthenticatorState) -> &'static str,
    /// The state of a temporary one that has ended.
    pub ended: &'static str,
    /// Button: it is lost.
    pub lost: &'static str,
    /// Button: it was found.
    pub found: &'static str,
    /// Button: take it away.
    pub remove: &'static str,
    /// Title and `h1` of the question before, with its name.
    pub remove_title: fn(&str) -> String,
    /// What ends with it.
    pub remove_ends: &'static str,
    /// She is signed in with it here.
    pub remove_signs_out: &'static str,
    /// The way back.
    pub remove_not: &'static str,
    /// What has been done, by its word; `None` for every other word.
    pub done: fn(&str) -> Option<&'static str>,
    /// Link: add an app.
    pub add: &'static str,
    /// Why nothing can be added now, and the way that does work; `None` for what this page does not
    /// say.
    pub hindrance: fn(RefusalCode) -> Option<&'static str>,
    /// Link: sign in again.
    pub sign_in_again: &'static str,

    /// Title and `h1` of setting up.
    pub set_up: &'static str,
    /// What it will open, and what not.
    pub set_up_lines: &'static [&'static str],
    /// The button that begins.
    pub begin: &'static str,
    /// Heading of the picture and the secret.
    pub scan: &'static str,
    /// What to do with the picture.
    pub scan_lead: &'static str,
    /// Name of the picture for screen readers.
    pub picture: &'static str,
    /// Before the secret in letters.
    pub by_hand: &'static str,
    /// Heading of the form.
    pub choose: &'static str,
    /// Label: name.
    pub name: &'static str,
    /// What is in the name field at first.
    pub name_default: &'static str,
    /// Before the last form, where she goes on with the password that she has.
    pub prove: &'static str,
    /// Label: the password that she has.
    pub own_password: &'static str,
    /// Why it is asked for.
    pub own_password_hint: &'static str,
    /// It is another one.
    pub own_password_wrong: &'static str,
    /// Label: new password.
    pub new_password: &'static str,
    /// What a password may be.
    pub new_password_hint: &'static str,
    /// The button that finishes.
    pub finish: &'static str,
    /// The name does not fit.
    pub name_wrong: &'static str,
    /// The code does not match.
    pub code_wrong: &'static str,
}
