//! The texts of security keys, Windows Hello and passkeys.

/// What a role asks of a device.
#[derive(Debug)]
pub struct AskedByRole<'a> {
    /// The job.
    pub job: &'a str,
    /// Where.
    pub organisation: &'a str,
    /// The only models that open it, by name; none: any.
    pub only: Option<&'a [String]>,
    /// Those that do not.
    pub never: &'a [String],
    /// Whether the device's maker must vouch for it.
    pub vouched: bool,
}

/// All of them.
#[derive(Debug)]
pub struct Keys {
    /// `h1` of the sign-in, with the way.
    pub sign_in: fn(&str) -> String,
    /// Below the heading, with the application.
    pub sign_in_lead: fn(&str) -> String,
    /// The button.
    pub sign_in_button: &'static str,
    /// While the device is asked.
    pub waiting: &'static str,
    /// Without JavaScript.
    pub noscript: &'static str,
    /// What can go wrong in the browser: the script's word, heading, and next step.
    pub troubles: &'static [(&'static str, &'static str, &'static str)],

    /// Title, `h1` and link of adding.
    pub add: &'static str,
    /// What it will open in a session of AAL2, with her way of signing in.
    pub opens_at_aal2: fn(&str) -> String,
    /// The same in one of AAL3.
    pub opens_at_aal3: fn(&str) -> String,
    /// What a role asks of a device.
    pub asked_by_role: fn(&AskedByRole<'_>) -> String,
    /// What else is to be known.
    pub add_lines: &'static [&'static str],
    /// What is also to be known of one that is not for one shift only.
    pub add_lasts: &'static str,
    /// What the name is for.
    pub name_hint: &'static str,
    /// What is in the name field at first.
    pub name_default: &'static str,
    /// Before the kinds.
    pub kind: &'static str,
    /// Button: held to the computer.
    pub roaming: &'static str,
    /// Button: part of the computer.
    pub platform: &'static str,
    /// This computer has nothing that checks a person.
    pub no_platform: &'static str,

    /// Title and `h1` of the trial.
    pub try_it: &'static str,
    /// Below the heading.
    pub try_lead: &'static str,
    /// Label: name.
    pub name_label: &'static str,
    /// Label: kind.
    pub kind_label: &'static str,
    /// Its level, where it could count for more.
    pub bound_at_aal2: &'static str,
    /// The button.
    pub try_button: &'static str,
    /// Link: not now.
    pub later: &'static str,
}
