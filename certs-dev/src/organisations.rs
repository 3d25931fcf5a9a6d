//! The demo organisations and the jobs done there, as data.
//!
//! Codes and names are invented and say DEMO. Job and activity codes are the published ones of domain 2.10; the
//! three quoted parts of a role's name are how the national directory writes them (domain 2.5).

/// A demo organisation.
#[derive(Debug)]
pub struct Organisation {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What kind of organisation it is.
    pub kind: &'static str,
    /// Address of the building, for deliveries and letters.
    pub address: &'static str,
    /// The organisation whose registration authority looks after it; none is its own.
    pub hosted_by: Option<&'static str>,
    /// When its desk is open; empty where it has none.
    pub desk_hours: &'static str,
    /// How its desk is reached; empty where it has none.
    pub desk_contact: &'static str,
}

/// The code of the hospital.
const HOSPITAL_CODE: &str = "DEM01";

/// The hospital, whose registration authority hosts all but one (domain F4).
pub const HOSPITAL: &Organisation = &Organisation {
    code: HOSPITAL_CODE,
    name: "DEMO Northmoor General Hospital",
    kind: "hospital",
    address: "1 Example Road, Northmoor",
    hosted_by: None,
    desk_hours: "Monday to Friday 07:30 to 18:00, Saturday 09:00 to 13:00",
    desk_contact: "Level 2, room 214, telephone 01632 960 214",
};
/// A hospital with a registration authority of its own, which looks after nobody else here.
pub const SOUTHMOOR: &Organisation = &Organisation {
    code: "DEM40",
    name: "DEMO Southmoor Hospital",
    kind: "hospital",
    address: "3 Example Hill, Southmoor",
    hosted_by: None,
    desk_hours: "Monday to Friday 08:00 to 16:00",
    desk_contact: "Main reception, telephone 01632 960 640",
};
/// Amara's own surgery.
pub const LARKFIELD: &Organisation = &Organisation {
    code: "DEM02",
    name: "DEMO Larkfield Surgery",
    kind: "surgery",
    address: "22 Example Lane, Larkfield",
    hosted_by: Some(HOSPITAL_CODE),
    desk_hours: "",
    desk_contact: "",
};
/// The surgery where Amara stands in.
pub const HARBOUR: &Organisation = &Organisation {
    code: "DEM03",
    name: "DEMO Harbour Street Surgery",
    kind: "surgery",
    address: "7 Example Quay, Northmoor",
    hosted_by: Some(HOSPITAL_CODE),
    desk_hours: "",
    desk_contact: "",
};

/// Mei's pharmacy.
pub const APPLEGATE: &Organisation = &pharmacy("DEM11", "DEMO Applegate Pharmacy");
/// Kofi's pharmacy.
pub const BRIDGE_END: &Organisation = &pharmacy("DEM12", "DEMO Bridge End Pharmacy");

/// The pharmacies; a locum works at all of them.
pub const PHARMACIES: &[&Organisation] = &[
    APPLEGATE,
    BRIDGE_END,
    &pharmacy("DEM13", "DEMO Castle Walk Pharmacy"),
    &pharmacy("DEM14", "DEMO Dale Road Pharmacy"),
    &pharmacy("DEM15", "DEMO Elm Green Pharmacy"),
    &pharmacy("DEM16", "DEMO Fishergate Pharmacy"),
    &pharmacy("DEM17", "DEMO Garth Lane Pharmacy"),
    &pharmacy("DEM18", "DEMO Highfield Pharmacy"),
    &pharmacy("DEM19", "DEMO Ivy House Pharmacy"),
    &pharmacy("DEM20", "DEMO Jubilee Square Pharmacy"),
    &pharmacy("DEM21", "DEMO Kiln Hill Pharmacy"),
    &pharmacy("DEM22", "DEMO Lower Mill Pharmacy"),
];

const fn pharmacy(code: &'static str, name: &'static str) -> Organisation {
    Organisation {
        code,
        name,
        kind: "pharmacy",
        address: "Example Parade, Northmoor",
        hosted_by: Some(HOSPITAL_CODE),
        desk_hours: "",
        desk_contact: "",
    }
}

/// Every demo organisation.
pub fn organisations() -> impl Iterator<Item = &'static Organisation> {
    [HOSPITAL, SOUTHMOOR, LARKFIELD, HARBOUR]
        .into_iter()
        .chain(PHARMACIES.iter().copied())
}

/// A job: the role code, its printed name and what comes with it beyond the baseline of the role.
#[derive(Debug)]
pub struct Job {
    /// `S…:G…:R…`.
    pub code: &'static str,
    /// Three quoted parts, as the directory prints it.
    pub name: &'static str,
    /// Extra activities: code and name.
    pub activities: &'static [(&'static str, &'static str)],
    /// Areas of work: code and name.
    pub areas_of_work: &'static [(&'static str, &'static str)],
    /// Workgroups: code and name.
    pub workgroups: &'static [(&'static str, &'static str)],
}

const PRESCRIBES: (&str, &str) = ("B0420", "Independent Prescribing");
const SEES_MEDICATION: (&str, &str) = ("B0401", "View Patient Medication");
const SEES_RECORDS: (&str, &str) = ("B0360", "View Detailed Health Records");
const AMENDS_DEMOGRAPHICS: (&str, &str) = ("B0825", "Amend Patient Demographics");
const SEES_DEMOGRAPHICS: (&str, &str) = ("B0820", "View Patient Demographics");
const PHARMACY_ACTIVITIES: (&str, &str) = ("B0570", "Perform Pharmacy Activities");
const VERIFIES_PRESCRIPTIONS: (&str, &str) = ("B0068", "Verify Prescription");

/// A doctor.
pub const DOCTOR: &Job = &Job {
    code: "S8000:G8000:R8000",
    name: r#""Clinical":"Clinical Provision":"Clinical Practitioner Access Role""#,
    activities: &[PRESCRIBES, SEES_RECORDS, AMENDS_DEMOGRAPHICS],
    areas_of_work: &[],
    workgroups: &[],
};
/// A doctor standing in: sees and prescribes, does not amend.
pub const LOCUM_DOCTOR: &Job = &Job {
    code: "S8000:G8000:R8000",
    name: r#""Clinical":"Clinical Provision":"Clinical Practitioner Access Role""#,
    activities: &[PRESCRIBES, SEES_MEDICATION],
    areas_of_work: &[],
    workgroups: &[],
};
/// A nurse on the demo ward.
pub const WARD_NURSE: &Job = &Job {
    code: "S8000:G8000:R8001",
    name: r#""Clinical":"Clinical Provision":"Nurse Access Role""#,
    activities: &[SEES_MEDICATION, SEES_DEMOGRAPHICS],
    areas_of_work: &[(
        "P0010:Q0050:T0210",
        r#""Medicine":"Respiratory Medicine":"Respiratory Medicine""#,
    )],
    workgroups: &[("555653110100", "DEMO Ward 7 team")],
};
/// A pharmacist.
pub const PHARMACIST: &Job = &Job {
    code: "S8000:G8000:R8003",
    name: r#""Clinical":"Clinical Provision":"Health Professional Access Role""#,
    activities: &[PHARMACY_ACTIVITIES, VERIFIES_PRESCRIPTIONS, SEES_MEDICATION],
    areas_of_work: &[],
    workgroups: &[],
};
/// A healthcare assistant, office and support staff.
pub const SUPPORT: &Job = &Job {
    code: "S8001:G8002:R8008",
    name: r#""Support":"Admin and Clerical":"Admin/Clinical Support Access Role""#,
    activities: &[SEES_DEMOGRAPHICS],
    areas_of_work: &[],
    workgroups: &[],
};
/// Manager of the registration authority.
pub const RA_MANAGER: &Job = &Job {
    code: "S0080:G0450:R5080",
    name: r#""Admin and Clerical":"Management - A and C":"Registration Authority Manager""#,
    activities: &[],
    areas_of_work: &[],
    workgroups: &[],
};
/// Agent of the registration authority.
pub const RA_AGENT: &Job = &Job {
    code: "S0080:G0450:R5090",
    name: r#""Admin and Clerical":"Management - A and C":"Registration Authority Agent""#,
    activities: &[],
    areas_of_work: &[],
    workgroups: &[],
};
/// Agent with the advanced rights. Its national code could not be confirmed (domain 2.10): a demo activity marks it.
pub const RA_AGENT_ADVANCED: &Job = &Job {
    code: "S0080:G0450:R5090",
    name: r#""Admin and Clerical":"Management - A and C":"Registration Authority Agent""#,
    activities: &[("B9801", "DEMO Registration Authority Agent (Advanced)")],
    areas_of_work: &[],
    workgroups: &[],
};
/// Checks identity documents.
pub const ID_CHECKER: &Job = &Job {
    code: "S8001:G8002:R8008",
    name: r#""Support":"Admin and Clerical":"Admin/Clinical Support Access Role""#,
    activities: &[("B0267", "Verify Identity (RA ID Checker)")],
    areas_of_work: &[],
    workgroups: &[],
};
/// Vouches for the need and assigns positions.
pub const SPONSOR: &Job = &Job {
    code: "S8001:G8002:R8008",
    name: r#""Support":"Admin and Clerical":"Admin/Clinical Support Access Role""#,
    activities: &[("B1300", "Approve RA Requests (Sponsor)")],
    areas_of_work: &[],
    workgroups: &[],
};
/// Unlocks and renews cards on the ward. Its national code could not be confirmed: a demo activity marks it.
pub const CARD_ADMINISTRATOR: &Job = &Job {
    code: "S8001:G8002:R8008",
    name: r#""Support":"Admin and Clerical":"Admin/Clinical Support Access Role""#,
    activities: &[("B9802", "DEMO Local Smartcard Administration")],
    areas_of_work: &[],
    workgroups: &[],
};
/// First call for everything.
pub const SERVICE_DESK: &Job = &Job {
    code: "S8001:G8005:R8015",
    name: r#""Support":"Systems Support":"Systems Support Access Role""#,
    activities: &[("B9803", "DEMO IT Service Desk")],
    areas_of_work: &[],
    workgroups: &[],
};
/// Reads the trail.
pub const PRIVACY_OFFICER: &Job = &Job {
    code: "S0080:G0450:R0001",
    name: r#""Admin and Clerical":"Management - A and C":"Privacy Officer""#,
    activities: &[("B0015", "Receive Legal Override and Emergency View Alerts")],
    areas_of_work: &[],
    workgroups: &[],
};

/// A locum's positions: pharmacist in every pharmacy.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler runs it, and would not compile a wrong index"
)]
pub const EVERY_PHARMACY: &[(&Organisation, &Job)] = &{
    let mut positions = [(APPLEGATE, PHARMACIST); PHARMACIES.len()];
    let mut nth = 0;
    while nth < PHARMACIES.len() {
        positions[nth] = (PHARMACIES[nth], PHARMACIST);
        nth += 1;
    }
    positions
};

#[cfg(test)]
mod tests {
    use policies::rbac::Rbac;
    use policies::role::JobRole;

    use crate::people::PEOPLE;

    #[test]
    fn the_access_database_knows_every_job_and_activity_by_the_same_name() {
        let rbac = Rbac::default_file();
        for (_, job) in PEOPLE.iter().flat_map(|person| person.roles) {
            let role: JobRole = job.code.parse().unwrap();
            assert_eq!(rbac.role_name(&role), Some(job.name));
            for (code, name) in job.activities {
                assert_eq!(rbac.activity_name(&code.parse().unwrap()), Some(*name));
            }
        }
    }
}
