//! English: deputies of wards.

use crate::messages::deputies::DeputyTexts;

pub(super) const DEPUTIES: DeputyTexts = DeputyTexts {
    heading: "Ward deputy",
    of: |ward, organisation| format!("{ward}, {organisation}"),
    until: |stamp| format!("Until {stamp}"),
    ward: "Which ward?",
    last_day: "Last day (optional)",
    last_day_hint: |days, day| {
        format!(
            "Left empty, it lasts {days} days, which is the longest. The latest last day is {day}."
        )
    },
    find: "The people of your ward",
    find_lead: "You are the named deputy of this ward. When somebody has left the card at home, you can \
                give temporary access for one shift: choose the person, look at the face, and give the \
                link.",
    find_hint: "Type the 12 digits under the photo or the beginning of a name.",
    none_next: "Check the number or try fewer letters. You see the people who work in your ward now; \
                for anybody else, ask the registration authority.",
    nobody: "Nobody else works in your ward now.",
};
