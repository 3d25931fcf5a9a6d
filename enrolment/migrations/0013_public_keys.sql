-- Public-key credentials (WebAuthn): security keys, Windows Hello, passkeys. The credential id is
-- unique over everybody, also after it was taken away: a device answers for one person.

CREATE TABLE public_key_credential (
    authenticator_id TEXT   NOT NULL PRIMARY KEY REFERENCES authenticator (authenticator_id),
    credential_id    BLOB   NOT NULL UNIQUE CHECK (length(credential_id) BETWEEN 1 AND 1023),
    user_handle      BLOB   NOT NULL CHECK (length(user_handle) BETWEEN 1 AND 64),
    stored_key       TEXT   NOT NULL,
    aaguid           BLOB   CHECK (aaguid IS NULL OR length(aaguid) = 16),
    model            TEXT,
    attestation      TEXT   NOT NULL CHECK (attestation IN ('none', 'known', 'allowed')),
    tpm              BIGINT NOT NULL CHECK (tpm IN (0, 1)),
    platform         BIGINT NOT NULL CHECK (platform IN (0, 1)),
    backup_eligible  BIGINT NOT NULL CHECK (backup_eligible IN (0, 1)),
    backed_up        BIGINT NOT NULL CHECK (backed_up IN (0, 1)),
    counter          BIGINT NOT NULL CHECK (counter BETWEEN 0 AND 4294967295),
    transports       TEXT   NOT NULL,
    CHECK (backed_up = 0 OR backup_eligible = 1)
);
