//! The texts of deputies of wards: naming them, ending that, and what they see at the desk.

/// All of them.
#[derive(Debug)]
pub struct DeputyTexts {
    /// Heading on a person's page.
    pub heading: &'static str,
    /// The ward and its organisation.
    pub of: fn(&str, &str) -> String,
    /// Until then.
    pub until: fn(&str) -> String,
    /// Legend of the wards.
    pub ward: &'static str,
    /// Label of the last day.
    pub last_day: &'static str,
    /// What an empty last day means, and the last that is allowed.
    pub last_day_hint: fn(u32, &str) -> String,
    /// What a deputy sees of finding people, instead of a desk.
    pub find: &'static str,
    /// Below the heading of the list.
    pub find_lead: &'static str,
    /// What can be typed.
    pub find_hint: &'static str,
    /// What to do when nobody is found.
    pub none_next: &'static str,
    /// Nobody works in the ward.
    pub nobody: &'static str,
}
