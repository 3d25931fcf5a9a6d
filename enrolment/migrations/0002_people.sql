-- People, organisations and the roles people hold in them (contract.md 3, domain words of docs/glossary.md).
-- Instants are whole UTC seconds; flags are 0 or 1; identifiers are text, because leading zeros count.

CREATE TABLE person (
    user_id            TEXT   NOT NULL PRIMARY KEY CHECK (length(user_id) = 12),
    version            BIGINT NOT NULL CHECK (version >= 1),
    state              TEXT   NOT NULL CHECK (state IN ('open', 'closed')),
    title              TEXT   NOT NULL,
    given_name         TEXT   NOT NULL,
    middle_names       TEXT   NOT NULL,
    family_name        TEXT   NOT NULL CHECK (length(family_name) > 0),
    initials           TEXT   NOT NULL,
    display_name       TEXT   NOT NULL CHECK (length(display_name) > 0),
    email              TEXT,
    mobile             TEXT,
    id_assurance_level BIGINT NOT NULL CHECK (id_assurance_level BETWEEN 0 AND 3),
    photo_svg          TEXT,
    terms_version      TEXT,
    registered_at      BIGINT NOT NULL,
    registered_by      TEXT,
    closed_at          BIGINT,
    request_hash       TEXT   NOT NULL,
    CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
    CHECK (registered_by IS NULL OR registered_by <> user_id)
);

CREATE UNIQUE INDEX person_email ON person (email) WHERE state = 'open' AND email IS NOT NULL;

-- GMC, NMC and the other professional bodies' numbers, as the `associatedorgs` claims name them.
CREATE TABLE professional_number (
    user_id TEXT NOT NULL REFERENCES person (user_id),
    body    TEXT NOT NULL CHECK (body IN ('gmc', 'nmc', 'gphc', 'gdc', 'gmp', 'gdp', 'rcn', 'consultant')),
    number  TEXT NOT NULL CHECK (length(number) > 0),
    PRIMARY KEY (user_id, body)
);

CREATE TABLE organisation (
    org_code      TEXT   NOT NULL PRIMARY KEY CHECK (length(org_code) BETWEEN 1 AND 12),
    name          TEXT   NOT NULL CHECK (length(name) > 0),
    registered_at BIGINT NOT NULL
);

-- One person in one organisation: the `person_orgid` of the claims.
CREATE TABLE membership (
    person_orgid TEXT NOT NULL PRIMARY KEY CHECK (length(person_orgid) = 12),
    user_id      TEXT NOT NULL REFERENCES person (user_id),
    org_code     TEXT NOT NULL REFERENCES organisation (org_code),
    UNIQUE (user_id, org_code)
);

-- `ends_at` is the first instant without access. Nobody grants a role to herself (invariant I11).
CREATE TABLE role (
    role_id      TEXT   NOT NULL PRIMARY KEY CHECK (length(role_id) = 12),
    user_id      TEXT   NOT NULL REFERENCES person (user_id),
    person_orgid TEXT   NOT NULL REFERENCES membership (person_orgid),
    job_role     TEXT   NOT NULL,
    role_name    TEXT   NOT NULL,
    starts_at    BIGINT NOT NULL,
    ends_at      BIGINT,
    suspended    BIGINT NOT NULL CHECK (suspended IN (0, 1)),
    granted_at   BIGINT NOT NULL,
    granted_by   TEXT,
    request_hash TEXT   NOT NULL,
    CHECK (granted_by IS NULL OR granted_by <> user_id)
);

CREATE INDEX role_of_person ON role (user_id);

CREATE TABLE role_code (
    role_id  TEXT   NOT NULL REFERENCES role (role_id),
    kind     TEXT   NOT NULL CHECK (kind IN ('activity', 'area_of_work', 'workgroup')),
    position BIGINT NOT NULL,
    code     TEXT   NOT NULL,
    name     TEXT   NOT NULL,
    PRIMARY KEY (role_id, kind, code)
);
