//! Rows of public-key credentials (WebAuthn): what this kind of authenticator needs beside its row
//! in `authenticator`.

use policies::authenticator::{Attestation, KeyEvidence};
use policies::ids::{AuthenticatorId, UserId};

use crate::params;
use crate::public_keys::Credential;
use crate::store::{Row, StoreError, Tx};

const COUNTER: StoreError = StoreError::Inconsistent {
    table: "public_key_credential",
    column: "counter",
};

/// The credential of that id, wherever it stands.
pub(crate) async fn find(
    tx: Tx<'_>,
    credential_id: &[u8],
) -> Result<Option<Credential>, StoreError> {
    let row = tx
        .row(
            "SELECT authenticator_id, credential_id, user_handle, stored_key, aaguid, model,
                    attestation, tpm, platform, backup_eligible, backed_up, counter, transports
             FROM public_key_credential WHERE credential_id = $1",
            params![credential_id],
        )
        .await?;
    row.map(decode).transpose()
}

/// The credential of that authenticator.
pub(crate) async fn of_authenticator(
    tx: Tx<'_>,
    id: &AuthenticatorId,
) -> Result<Option<Credential>, StoreError> {
    let row = tx
        .row(
            "SELECT authenticator_id, credential_id, user_handle, stored_key, aaguid, model,
                    attestation, tpm, platform, backup_eligible, backed_up, counter, transports
             FROM public_key_credential WHERE authenticator_id = $1",
            params![id],
        )
        .await?;
    row.map(decode).transpose()
}

fn decode(row: Row) -> Result<Credential, StoreError> {
    type Columns = (
        AuthenticatorId,
        Vec<u8>,
        Vec<u8>,
        String,
        Option<[u8; 16]>,
        Option<String>,
        Attestation,
        bool,
        bool,
        bool,
        bool,
        i64,
        String,
    );
    let (
        authenticator,
        credential_id,
        user_handle,
        stored_key,
        aaguid,
        model,
        attestation,
        tpm,
        platform,
        backup_eligible,
        backed_up,
        counter,
        transports,
    ) = row.read::<Columns>()?;
    Ok(Credential {
        authenticator,
        credential_id,
        user_handle,
        stored_key,
        aaguid,
        model,
        evidence: KeyEvidence {
            attestation,
            tpm,
            platform,
            backup_eligible,
            user_verified: true,
        },
        backed_up,
        counter: u32::try_from(counter).map_err(|_| COUNTER)?,
        transports: transports.split_whitespace().map(str::to_owned).collect(),
    })
}

/// A person's credential ids, each with her user handle and whether it is still hers to use.
pub(crate) async fn of_person(
    tx: Tx<'_>,
    user_id: &UserId,
) -> Result<Vec<(Vec<u8>, Vec<u8>, bool)>, StoreError> {
    let rows = tx
        .rows(
            "SELECT k.credential_id, k.user_handle, CASE a.state WHEN 'removed' THEN 0 ELSE 1 END
             FROM public_key_credential k
             JOIN authenticator a ON a.authenticator_id = k.authenticator_id
             WHERE a.user_id = $1 ORDER BY a.added_at, k.authenticator_id",
            params![user_id],
        )
        .await?;
    rows.into_iter().map(Row::read).collect()
}

/// Writes a new one.
pub(crate) async fn insert(tx: Tx<'_>, new: &Credential) -> Result<(), StoreError> {
    tx.execute(
        "INSERT INTO public_key_credential
            (authenticator_id, credential_id, user_handle, stored_key, aaguid, model, attestation,
             tpm, platform, backup_eligible, backed_up, counter, transports)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        params![
            &new.authenticator,
            new.credential_id.as_slice(),
            new.user_handle.as_slice(),
            new.stored_key.as_str(),
            new.aaguid.map(|aaguid| aaguid.to_vec()).as_deref(),
            new.model.as_deref(),
            new.evidence.attestation.as_str(),
            new.evidence.tpm,
            new.evidence.platform,
            new.evidence.backup_eligible,
            new.backed_up,
            i64::from(new.counter),
            new.transports.join(" "),
        ],
    )
    .await?;
    Ok(())
}

/// What an answer of the device moves on.
pub(crate) struct Moved<'a> {
    /// The signatures that the device counts.
    pub(crate) counter: u32,
    /// Whether its key may leave it (flag BE).
    pub(crate) backup_eligible: bool,
    /// Whether a copy is kept elsewhere (flag BS).
    pub(crate) backed_up: bool,
    /// The key with what its verifier keeps beside it.
    pub(crate) stored_key: &'a str,
}

/// Notes an answer, if its counter has moved on and its key may leave the device no more and no
/// less than before (WebAuthn 6.1.1, 7.2 steps 21 and 22): of equal answers at once, one finds the
/// row as it was. A device that does not count says 0 for ever.
pub(crate) async fn move_on(
    tx: Tx<'_>,
    id: &AuthenticatorId,
    moved: &Moved<'_>,
) -> Result<bool, StoreError> {
    let changed = tx
        .execute(
            "UPDATE public_key_credential SET counter = $2, backed_up = $4, stored_key = $5
             WHERE authenticator_id = $1 AND backup_eligible = $3
               AND (counter < $2 OR (counter = 0 AND $2 = 0))",
            params![
                id,
                i64::from(moved.counter),
                moved.backup_eligible,
                moved.backed_up,
                moved.stored_key,
            ],
        )
        .await?;
    Ok(changed == 1)
}
