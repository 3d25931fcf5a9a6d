-- Password and authenticator app, and what guessing at them costs.

-- One password a person, argon2id (RFC 9106); its costs stand beside it so that they can rise.
CREATE TABLE password (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES person (user_id),
    salt       BLOB   NOT NULL CHECK (length(salt) = 16),
    hash       BLOB   NOT NULL CHECK (length(hash) = 32),
    memory_kib BIGINT NOT NULL,
    passes     BIGINT NOT NULL,
    lanes      BIGINT NOT NULL,
    set_at     BIGINT NOT NULL
);

-- What the app and we both know, sealed under a key that is not in the database, and the last half
-- minute whose code was accepted: each counts once.
CREATE TABLE app_secret (
    authenticator_id TEXT   NOT NULL PRIMARY KEY REFERENCES authenticator (authenticator_id),
    sealed           BLOB   NOT NULL,
    last_step        BIGINT NOT NULL
);

-- An app that is being set up, by one person in one session.
CREATE TABLE app_ceremony (
    ceremony_id TEXT   NOT NULL PRIMARY KEY,
    user_id     TEXT   NOT NULL REFERENCES person (user_id),
    session     TEXT   NOT NULL,
    sealed      BLOB   NOT NULL,
    started_at  BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE INDEX app_ceremony_by_person ON app_ceremony (user_id);
CREATE INDEX app_ceremony_by_instant ON app_ceremony (started_at);

-- A try at a password and code that did not succeed, or is not judged yet. The budget is a hash: of
-- a person, of a person in a browser of hers, or of a name that nobody has.
CREATE TABLE guess (
    guess_id TEXT   NOT NULL PRIMARY KEY,
    budget   BLOB   NOT NULL CHECK (length(budget) = 32),
    tried_at BIGINT NOT NULL
);

CREATE INDEX guess_by_budget ON guess (budget, tried_at);
CREATE INDEX guess_by_instant ON guess (tried_at);

-- The browsers in which a person signed in with password and app.
CREATE TABLE known_browser (
    browser_hash BLOB   NOT NULL CHECK (length(browser_hash) = 32),
    user_id      TEXT   NOT NULL REFERENCES person (user_id),
    used_at      BIGINT NOT NULL,
    PRIMARY KEY (browser_hash, user_id)
);

CREATE INDEX known_browser_by_instant ON known_browser (used_at);
