//! The cast, in the order of contract 3.

use super::LastEvent::{CancelledAsLost, InUse, Locked, RenewalUnconfirmed};
use super::{CardStory, DemoPerson, LastEvent, Name, Profile};
use crate::organisations::{
    APPLEGATE, BRIDGE_END, CARD_ADMINISTRATOR, DOCTOR, EVERY_PHARMACY, HARBOUR, HOSPITAL,
    ID_CHECKER, LARKFIELD, LOCUM_DOCTOR, PHARMACIST, PRIVACY_OFFICER, RA_AGENT, RA_AGENT_ADVANCED,
    RA_MANAGER, SERVICE_DESK, SOUTHMOOR, SPONSOR, SUPPORT, WARD_NURSE,
};
use crate::photos::{Beard, Cover, Glasses, Hair, face};

const fn name(
    title: &'static str,
    given: &'static str,
    middle: &'static str,
    family: &'static str,
) -> Name {
    Name {
        title,
        given,
        middle,
        family,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "the field is an option; the rows read better without Some"
)]
const fn card(ends_in_days: i64, self_renewals: u8, last: LastEvent) -> Option<CardStory> {
    Some(CardStory {
        ends_in_days,
        self_renewals,
        last,
    })
}

/// Every demo person.
pub const PEOPLE: &[DemoPerson] = &[
    DemoPerson {
        alias: "amara",
        number: 1,
        name: name("Dr", "Amara", "Efua", "Osei"),
        profession: "General practitioner",
        why: "Two roles: choose one",
        face: face("#7a4a2b", Hair::Braids, "#20150f").dressed("#1f6f78", "#f3d9b1"),
        profile: Profile::Open,
        card: card(412, 1, InUse),
        roles: &[(LARKFIELD, DOCTOR), (HARBOUR, LOCUM_DOCTOR)],
    },
    DemoPerson {
        alias: "noah",
        number: 2,
        name: name("Mr", "Noah", "", "Whitfield"),
        profession: "Ward nurse",
        why: "Ends in 61 days, never renewed by himself",
        face: face("#f2c9a5", Hair::Wavy, "#8a5a2b")
            .dressed("#3566a8", "#d7e6f5")
            .bearded(Beard::Short),
        profile: Profile::Open,
        card: card(61, 0, InUse),
        roles: &[(HOSPITAL, WARD_NURSE)],
    },
    DemoPerson {
        alias: "hana",
        number: 3,
        name: name("Dr", "Hana", "Yuki", "Sato"),
        profession: "Hospital doctor",
        why: "Ends in 20 days, renewed once by herself",
        face: face("#f0cda8", Hair::Bob, "#1d1a1f")
            .dressed("#6a4c93", "#e9dff2")
            .with(Glasses::Round),
        profile: Profile::Open,
        card: card(20, 1, InUse),
        roles: &[(HOSPITAL, DOCTOR)],
    },
    DemoPerson {
        alias: "mei",
        number: 4,
        name: name("Ms", "Mei", "", "Lin"),
        profession: "Pharmacist",
        why: "Ends in 45 days, both self-renewals used",
        face: face("#edc49b", Hair::Bun, "#241c1c").dressed("#2e7d5b", "#dcefe3"),
        profile: Profile::Open,
        card: card(45, 2, InUse),
        roles: &[(APPLEGATE, PHARMACIST)],
    },
    DemoPerson {
        alias: "tomasz",
        number: 5,
        name: name("Mr", "Tomasz", "Jan", "Zielinski"),
        profession: "Healthcare assistant",
        why: "Expired 10 days ago",
        face: face("#f4d2b6", Hair::Cropped, "#b98d4f")
            .dressed("#4a6fa5", "#e3e7ee")
            .with(Glasses::Square),
        profile: Profile::Open,
        card: card(-10, 0, InUse),
        roles: &[(HOSPITAL, SUPPORT)],
    },
    DemoPerson {
        alias: "grace",
        number: 6,
        name: name("Mrs", "Grace", "Adaeze", "Nwosu"),
        profession: "Community nurse",
        why: "Reported lost and cancelled yesterday",
        face: face("#5c3620", Hair::Natural, "#17110d").dressed("#b0413e", "#f7e0d6"),
        profile: Profile::Open,
        card: card(700, 0, CancelledAsLost),
        roles: &[(HOSPITAL, WARD_NURSE)],
    },
    DemoPerson {
        alias: "iris",
        number: 7,
        name: name("Ms", "Iris", "", "Lindqvist"),
        profession: "Physiotherapist",
        why: "Renewed, the new certificates not yet confirmed",
        face: face("#f7dcc4", Hair::Long, "#d9b36c").dressed("#2f7f9e", "#dbeef4"),
        profile: Profile::Open,
        card: card(30, 0, RenewalUnconfirmed),
        roles: &[(HOSPITAL, SUPPORT)],
    },
    DemoPerson {
        alias: "luca",
        number: 8,
        name: name("Mr", "Luca", "", "Moretti"),
        profession: "Ward nurse",
        why: "Locked",
        face: face("#e2ae82", Hair::Wavy, "#2a1c14")
            .dressed("#5b7f3a", "#e8eed9")
            .bearded(Beard::Full),
        profile: Profile::Open,
        card: card(520, 0, Locked),
        roles: &[(HOSPITAL, WARD_NURSE)],
    },
    DemoPerson {
        alias: "leila",
        number: 9,
        name: name("Ms", "Leila", "Noor", "Rahmani"),
        profession: "Locum pharmacist",
        why: "Twelve roles, with a search box",
        face: face("#d9a273", Hair::Long, "#1f1512")
            .dressed("#4d3a5e", "#f1dfe9")
            .covered(Cover::Headscarf("#8c3f6b")),
        profile: Profile::Open,
        card: card(233, 1, InUse),
        roles: EVERY_PHARMACY,
    },
    DemoPerson {
        alias: "omar",
        number: 10,
        name: name("Mr", "Omar", "", "Haddad"),
        profession: "Between posts",
        why: "No role",
        face: face("#c98f60", Hair::Cropped, "#191412")
            .dressed("#7a6a4f", "#eee6d6")
            .bearded(Beard::Short)
            .with(Glasses::Square),
        profile: Profile::Open,
        card: card(610, 0, InUse),
        roles: &[],
    },
    DemoPerson {
        alias: "paul",
        number: 11,
        name: name("Mr", "Paul", "Henry", "Ashworth"),
        profession: "Charge nurse, on leave",
        why: "On leave: positions suspended",
        face: face("#f1c7a8", Hair::Parted, "#8d8f94")
            .dressed("#5a6b7b", "#e2e8ec")
            .bearded(Beard::Moustache),
        profile: Profile::OnLeave,
        card: card(333, 0, InUse),
        roles: &[(HOSPITAL, WARD_NURSE), (LARKFIELD, SUPPORT)],
    },
    DemoPerson {
        alias: "nina",
        number: 12,
        name: name("Dr", "Nina", "", "Kovacs"),
        profession: "Doctor, left yesterday",
        why: "Left yesterday",
        face: face("#f5d3ba", Hair::Curls, "#7b3f24").dressed("#a8763e", "#f4e8d4"),
        profile: Profile::ClosedYesterday,
        card: card(150, 0, InUse),
        roles: &[(HOSPITAL, DOCTOR)],
    },
    DemoPerson {
        alias: "kofi",
        number: 13,
        name: name("Mr", "Kofi", "", "Mensah"),
        profession: "Pharmacy technician",
        why: "No card",
        face: face("#6b3f24", Hair::Cropped, "#16100c")
            .dressed("#d08c2e", "#fbeccf")
            .with(Glasses::Round),
        profile: Profile::Open,
        card: None,
        roles: &[(BRIDGE_END, SUPPORT)],
    },
    DemoPerson {
        alias: "ben",
        number: 14,
        name: name("Mr", "Ben", "", "Carter"),
        profession: "Starter",
        why: "Applied, identity not verified",
        face: face("#f6d5bd", Hair::Parted, "#c4582c").dressed("#3f8f8b", "#d9efed"),
        profile: Profile::Applied,
        card: None,
        roles: &[],
    },
    DemoPerson {
        alias: "ruth",
        number: 15,
        name: name("Mrs", "Ruth", "Miriam", "Feldman"),
        profession: "RA manager",
        why: "Leads the registration authority",
        face: face("#f0c8a6", Hair::Bob, "#a9a5a2")
            .dressed("#6d2e46", "#f2e1e6")
            .with(Glasses::Square),
        profile: Profile::Open,
        card: card(480, 1, InUse),
        roles: &[(HOSPITAL, RA_MANAGER)],
    },
    DemoPerson {
        alias: "sam",
        number: 16,
        name: name("Mx", "Sam", "", "Okafor"),
        profession: "RA agent",
        why: "Agent of the registration authority",
        face: face("#83512f", Hair::Curls, "#2b1a12").dressed("#345995", "#dde5f3"),
        profile: Profile::Open,
        card: card(365, 0, InUse),
        roles: &[(HOSPITAL, RA_AGENT)],
    },
    DemoPerson {
        alias: "rae",
        number: 17,
        name: name("Ms", "Rae", "", "Campbell"),
        profession: "RA agent, advanced",
        why: "Advanced agent of the registration authority",
        face: face("#f8dcc9", Hair::Wavy, "#a33b20").dressed("#3d7a4f", "#e0efe2"),
        profile: Profile::Open,
        card: card(590, 1, InUse),
        roles: &[(HOSPITAL, RA_AGENT_ADVANCED)],
    },
    DemoPerson {
        alias: "dina",
        number: 18,
        name: name("Mrs", "Dina", "Fatima", "Yusuf"),
        profession: "ID checker",
        why: "Checks identity documents",
        face: face("#8f5a36", Hair::Long, "#1a1310")
            .dressed("#244b6b", "#dce8f0")
            .covered(Cover::Headscarf("#2f6690"))
            .with(Glasses::Round),
        profile: Profile::Open,
        card: card(270, 0, InUse),
        roles: &[(HOSPITAL, ID_CHECKER)],
    },
    DemoPerson {
        alias: "joan",
        number: 19,
        name: name("Mrs", "Joan", "Elizabeth", "Hartley"),
        profession: "Ward manager and sponsor",
        why: "Sponsor and nurse: two roles",
        face: face("#f3cfb4", Hair::Bun, "#d8d4cf")
            .dressed("#8a4f7d", "#efe0ec")
            .with(Glasses::Round),
        profile: Profile::Open,
        card: card(640, 2, InUse),
        roles: &[(HOSPITAL, SPONSOR), (HOSPITAL, WARD_NURSE)],
    },
    DemoPerson {
        alias: "ivan",
        number: 20,
        name: name("Mr", "Ivan", "", "Petrov"),
        profession: "Local smartcard administrator",
        why: "Local smartcard administrator",
        face: face("#f0c9ac", Hair::Bald, "#6b4a2f")
            .dressed("#3c4f76", "#e1e4ee")
            .bearded(Beard::Full),
        profile: Profile::Open,
        card: card(555, 0, InUse),
        roles: &[(HOSPITAL, CARD_ADMINISTRATOR)],
    },
    DemoPerson {
        alias: "theo",
        number: 21,
        name: name("Mr", "Theo", "", "Papadakis"),
        profession: "Service desk",
        why: "Service desk",
        face: face("#ddab80", Hair::Parted, "#2c211b")
            .dressed("#b5532c", "#f7e3d8")
            .with(Glasses::Square),
        profile: Profile::Open,
        card: card(800, 0, InUse),
        roles: &[(HOSPITAL, SERVICE_DESK)],
    },
    DemoPerson {
        alias: "priya",
        number: 22,
        name: name("Ms", "Priya", "", "Sandhu"),
        profession: "Privacy officer",
        why: "Reads the audit trail",
        face: face("#b97c4f", Hair::Bob, "#1b1413").dressed("#7c2d55", "#f3dfe8"),
        profile: Profile::Open,
        card: card(445, 0, InUse),
        roles: &[(HOSPITAL, PRIVACY_OFFICER)],
    },
    DemoPerson {
        alias: "nadia",
        number: 25,
        name: name("Ms", "Nadia", "", "Rezaei"),
        profession: "Nurse in charge at night",
        why: "Named deputy of her ward: gives its people temporary access",
        face: face("#c58d5f", Hair::Bun, "#1a1210").dressed("#27667b", "#e4eef2"),
        profile: Profile::Open,
        card: card(500, 0, InUse),
        roles: &[(HOSPITAL, WARD_NURSE)],
    },
    // Two of another registration authority, so that reach can be shown.
    DemoPerson {
        alias: "wren",
        number: 23,
        name: name("Ms", "Wren", "", "Talbot"),
        profession: "Nurse of another hospital",
        why: "Looked after by another registration authority; ends in 40 days",
        face: face("#f2d0b2", Hair::Curls, "#5a3b22").dressed("#4f6d8f", "#e4ebf2"),
        profile: Profile::Open,
        card: card(40, 0, InUse),
        roles: &[(SOUTHMOOR, WARD_NURSE)],
    },
    DemoPerson {
        alias: "ida",
        number: 24,
        name: name("Mrs", "Ida", "", "Brandt"),
        profession: "RA agent of another hospital",
        why: "Agent of another registration authority",
        face: face("#efc7a3", Hair::Bob, "#8a6b4d").dressed("#2f6f5e", "#dcefe9"),
        profile: Profile::Open,
        card: card(420, 0, InUse),
        roles: &[(SOUTHMOOR, RA_AGENT)],
    },
];
