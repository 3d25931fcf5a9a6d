//! Rows of people and of their professional numbers.

use policies::ids::{CardNumber, OrgCode, UserId};
use policies::time::Time;

use crate::outbox::Channel;
use crate::params;
use crate::register::{Person, ProfessionalBody, ProfessionalNumber};
use crate::store::{Row, StoreError, Tx};

const LEVEL: StoreError = StoreError::Inconsistent {
    table: "person",
    column: "id_assurance_level",
};
const BODY: StoreError = StoreError::Inconsistent {
    table: "professional_number",
    column: "body",
};

/// The person of that number.
pub(crate) async fn find(tx: Tx<'_>, user_id: &UserId) -> Result<Option<Person>, StoreError> {
    let row = tx
        .row(
            "SELECT user_id, version, state, title, given_name, middle_names, family_name, initials, display_name,
                    email, mobile, id_assurance_level, photo_svg, terms_version, registered_at, closed_at
             FROM person WHERE user_id = $1",
            params![user_id],
        )
        .await?;
    row.map(decode).transpose()
}

/// The open person with that address.
pub(crate) async fn find_by_email(tx: Tx<'_>, email: &str) -> Result<Option<Person>, StoreError> {
    let row = tx
        .row(
            "SELECT user_id, version, state, title, given_name, middle_names, family_name, initials, display_name,
                    email, mobile, id_assurance_level, photo_svg, terms_version, registered_at, closed_at
             FROM person WHERE email = $1 AND state = 'open'",
            params![email],
        )
        .await?;
    row.map(decode).transpose()
}

/// The person whose card it is or was.
pub(crate) async fn holder(tx: Tx<'_>, card: &CardNumber) -> Result<Option<Person>, StoreError> {
    let row = tx
        .row(
            "SELECT user_id FROM card WHERE card_number = $1",
            params![card],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let (user_id,) = row.read::<(UserId,)>()?;
    find(tx, &user_id).await
}

fn decode(row: Row) -> Result<Person, StoreError> {
    type Columns = (
        UserId,
        i64,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        Option<String>,
        Option<String>,
        i64,
        Option<String>,
        Option<String>,
        Time,
        Option<Time>,
    );
    let (
        user_id,
        version,
        state,
        title,
        given_name,
        middle_names,
        family_name,
        initials,
        display_name,
        email,
        mobile,
        level,
        photo_svg,
        terms_version,
        registered_at,
        closed_at,
    ) = row.read::<Columns>()?;
    Ok(Person {
        user_id,
        version,
        open: state == "open",
        title,
        given_name,
        middle_names,
        family_name,
        initials,
        display_name,
        email,
        mobile,
        id_assurance_level: u8::try_from(level).map_err(|_| LEVEL)?,
        photo_svg,
        terms_version,
        registered_at,
        closed_at,
    })
}

/// Writes a new person; the hash of the wish makes a repeat recognisable.
pub(crate) async fn insert(
    tx: Tx<'_>,
    person: &Person,
    registered_by: Option<&UserId>,
    request_hash: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO person (user_id, version, state, title, given_name, middle_names, family_name, initials,
                             display_name, email, mobile, id_assurance_level, photo_svg, terms_version,
                             registered_at, registered_by, closed_at, request_hash)
         VALUES ($1, $2, 'open', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, NULL, $16)",
        params![
            &person.user_id,
            person.version,
            &person.title,
            &person.given_name,
            &person.middle_names,
            &person.family_name,
            &person.initials,
            &person.display_name,
            person.email.as_deref(),
            person.mobile.as_deref(),
            i64::from(person.id_assurance_level),
            person.photo_svg.as_deref(),
            person.terms_version.as_deref(),
            person.registered_at,
            registered_by,
            request_hash,
        ],
    )
    .await?;
    Ok(())
}

/// The hash of the wish that registered the person.
pub(crate) async fn request_hash(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Option<String>, StoreError> {
    let row = tx
        .row(
            "SELECT request_hash FROM person WHERE user_id = $1",
            params![user_id],
        )
        .await?;
    Ok(row
        .map(Row::read::<(String,)>)
        .transpose()?
        .map(|(hash,)| hash))
}

/// Writes one professional number.
pub(crate) async fn insert_number(
    tx: Tx<'_>,
    user_id: &UserId,
    number: &ProfessionalNumber,
) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO professional_number (user_id, body, number) VALUES ($1, $2, $3)",
        params![user_id, number.body.as_str(), &number.number],
    )
    .await?;
    Ok(())
}

/// A person's professional numbers, by body.
pub(crate) async fn numbers(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Vec<ProfessionalNumber>, StoreError> {
    let rows = tx
        .rows(
            "SELECT body, number FROM professional_number WHERE user_id = $1 ORDER BY body",
            params![user_id],
        )
        .await?;
    rows.into_iter()
        .map(|row| {
            let (body, number) = row.read::<(String, String)>()?;
            let body = ProfessionalBody::parse(&body).ok_or(BODY)?;
            Ok(ProfessionalNumber { body, number })
        })
        .collect()
}

/// Closes the record, if it is still open at that version.
pub(crate) async fn close(
    tx: Tx<'_>,
    user_id: &UserId,
    version: i64,
    at: Time,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE person SET state = 'closed', closed_at = $3, version = version + 1
             WHERE user_id = $1 AND version = $2 AND state = 'open'",
            params![user_id, version, at],
        )
        .await?;
    Ok(changed == 1)
}

/// Writes the address that claims and people see; the history is in `contact`.
pub(crate) async fn set_address(
    tx: Tx<'_>,
    user_id: &UserId,
    channel: Channel,
    address: &str,
) -> Result<(), StoreError> {
    let statement = match channel {
        Channel::Sms => "UPDATE person SET mobile = $2, version = version + 1 WHERE user_id = $1",
        Channel::Mail | Channel::BackChannel => {
            "UPDATE person SET email = $2, version = version + 1 WHERE user_id = $1"
        }
    };
    tx.execute(statement, params![user_id, address]).await?;
    Ok(())
}

/// Writes the version of the terms that the person accepted.
pub(crate) async fn set_terms(
    tx: Tx<'_>,
    user_id: &UserId,
    version: &str,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE person SET terms_version = $2, version = version + 1 WHERE user_id = $1",
        params![user_id, version],
    )
    .await?;
    Ok(())
}

/// Reopens the record, if it is still closed at that version. An address that somebody else has
/// verified since stays with her.
pub(crate) async fn reopen(tx: Tx<'_>, user_id: &UserId, version: i64) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE person SET state = 'open', closed_at = NULL, version = version + 1,
                    email = CASE WHEN EXISTS (SELECT 1 FROM person AS other WHERE other.state = 'open'
                                              AND other.email = person.email) THEN NULL ELSE email END
             WHERE user_id = $1 AND version = $2 AND state = 'closed'",
            params![user_id, version],
        )
        .await?;
    Ok(changed == 1)
}

/// The registration authority that registered the person.
pub(crate) async fn home_ra(tx: Tx<'_>, user_id: &UserId) -> Result<Option<OrgCode>, StoreError> {
    let row = tx
        .row(
            "SELECT home_ra FROM person WHERE user_id = $1",
            params![user_id],
        )
        .await?;
    let found = row.map(Row::read::<(Option<OrgCode>,)>).transpose()?;
    Ok(found.and_then(|(home,)| home))
}

/// Remembers which registration authority registered the person.
pub(crate) async fn set_home_ra(
    tx: Tx<'_>,
    user_id: &UserId,
    authority: &OrgCode,
) -> Result<(), StoreError> {
    tx.execute(
        "UPDATE person SET home_ra = $2 WHERE user_id = $1",
        params![user_id, authority],
    )
    .await?;
    Ok(())
}

/// Open people with an unended role in that organisation and an active card that has not expired,
/// by name: those who could help somebody there. At most 200.
pub(crate) async fn usable_staff_of(
    tx: Tx<'_>,
    org_code: &OrgCode,
    now: Time,
) -> Result<Vec<UserId>, StoreError> {
    let rows = tx
        .rows(
            "SELECT DISTINCT person.user_id, person.family_name, person.given_name
             FROM membership
             JOIN person ON person.user_id = membership.user_id AND person.state = 'open'
             JOIN role ON role.person_orgid = membership.person_orgid AND role.suspended = 0
                      AND role.starts_at <= $2 AND (role.ends_at IS NULL OR role.ends_at > $2)
             JOIN card ON card.user_id = person.user_id AND card.state = 'active'
             JOIN intent ON intent.card_number = card.card_number AND intent.state = 'active'
                        AND intent.not_after >= $2
             WHERE membership.org_code = $1
             ORDER BY person.family_name, person.given_name, person.user_id LIMIT 200",
            params![org_code, now],
        )
        .await?;
    rows.into_iter()
        .map(|row| Ok(row.read::<(UserId, String, String)>()?.0))
        .collect()
}
