-- Deputies of wards: who may give temporary access to the people of one workgroup, until when, and
-- by whom she was named (domain 5.7). Nothing is deleted: who could do it at an instant stays known.

CREATE TABLE ward_deputy (
    deputy_id  TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES person (user_id),
    org_code   TEXT   NOT NULL REFERENCES organisation (org_code),
    workgroup  TEXT   NOT NULL CHECK (length(workgroup) BETWEEN 1 AND 64),
    named_by   TEXT REFERENCES person (user_id),
    named_at   BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    ended_at   BIGINT,
    ended_by   TEXT REFERENCES person (user_id),
    CHECK (named_by <> user_id),
    CHECK (ended_by <> user_id),
    CHECK (ends_at >= named_at),
    CHECK (ended_at IS NOT NULL OR ended_by IS NULL)
);

-- At most one naming of a person for a ward at a time.
CREATE UNIQUE INDEX ward_deputy_live ON ward_deputy (user_id, org_code, workgroup)
    WHERE ended_at IS NULL;

-- The people of a workgroup.
CREATE INDEX role_code_by_code ON role_code (kind, code, role_id);
