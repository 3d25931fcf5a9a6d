-- What a browser was asked to sign with a public key, until its answer is judged: taken out once, by
-- the purpose, the session or sign-in, and the person that it was made for (attack table 30, 35).
CREATE TABLE ceremony (
    ceremony_hash BLOB   NOT NULL PRIMARY KEY CHECK (length(ceremony_hash) = 32),
    purpose       TEXT   NOT NULL CHECK (purpose IN ('register', 'try', 'sign-in')),
    bound_to      TEXT   NOT NULL,
    browser_hash  BLOB   CHECK (browser_hash IS NULL OR length(browser_hash) = 32),
    user_id       TEXT   REFERENCES person (user_id),
    state         TEXT   NOT NULL,
    begun_at      BIGINT NOT NULL,
    ends_at       BIGINT NOT NULL,
    CHECK (ends_at > begun_at),
    CHECK ((purpose = 'sign-in') = (user_id IS NULL))
);

CREATE INDEX ceremony_bound_to ON ceremony (bound_to);
CREATE INDEX ceremony_ends_at ON ceremony (ends_at);
