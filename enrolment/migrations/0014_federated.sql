-- Accounts of other organisations as ways to sign in.

-- The organisations that were ever configured, and whether signing in by way of them is on: in the configuration of
-- the last start, and by the switch of an operator. Both are read with every session that one of them opened.
CREATE TABLE federation (
    federation_id TEXT NOT NULL PRIMARY KEY,
    configured BIGINT NOT NULL CHECK (configured IN (0, 1)),
    switched_off_at BIGINT
);

-- Whose account it is: known by issuer and subject and nothing else, one person each.
CREATE TABLE federated_account (
    authenticator_id TEXT NOT NULL PRIMARY KEY REFERENCES authenticator (authenticator_id),
    federation_id TEXT NOT NULL REFERENCES federation (federation_id),
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    UNIQUE (issuer, subject)
);

CREATE INDEX federated_account_federation ON federated_account (federation_id);

-- Somebody who was sent to another organisation and may come back once, in the same browser, for the same purpose.
CREATE TABLE federated_ceremony (
    state_hash BLOB NOT NULL PRIMARY KEY CHECK (length(state_hash) = 32),
    federation_id TEXT NOT NULL,
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    handle TEXT,
    session TEXT,
    user_id TEXT REFERENCES person (user_id),
    name TEXT,
    begun_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    CHECK (ends_at > begun_at),
    CHECK ((handle IS NULL) = (session IS NOT NULL)),
    CHECK ((session IS NULL) = (user_id IS NULL)),
    CHECK ((session IS NULL) = (name IS NULL))
);

CREATE INDEX federated_ceremony_ends_at ON federated_ceremony (ends_at);
