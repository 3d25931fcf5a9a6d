-- Sessions, sign-ins under way, and the tickets between card listener and browser.

-- A single sign-on session is a family of rows of which at most one is live: every authentication
-- and every change of role ends one row and begins the next. The secret key is stored hashed.
CREATE TABLE session (
    sid TEXT NOT NULL PRIMARY KEY,
    family TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    user_id TEXT NOT NULL REFERENCES person (user_id),
    aal BIGINT NOT NULL CHECK (aal BETWEEN 1 AND 3),
    method TEXT NOT NULL,
    authenticated_at BIGINT NOT NULL,
    last_active_at BIGINT NOT NULL,
    role_id TEXT,
    role_chosen BIGINT NOT NULL CHECK (role_chosen IN (0, 1)),
    card_number TEXT REFERENCES card (card_number),
    serial TEXT,
    version BIGINT NOT NULL CHECK (version > 0),
    ended_at BIGINT,
    end_reason TEXT CHECK (end_reason IN ('continued', 'signed_out', 'replaced')),
    CHECK ((ended_at IS NULL) = (end_reason IS NULL)),
    CHECK ((card_number IS NULL) = (serial IS NULL)),
    CHECK (role_chosen = 1 OR role_id IS NULL)
);

CREATE UNIQUE INDEX session_live ON session (family) WHERE ended_at IS NULL;
CREATE INDEX session_person ON session (user_id);

-- A sign-in under way: what an application asked for, in which browser, and how far it came.
CREATE TABLE sign_in (
    handle TEXT NOT NULL PRIMARY KEY,
    browser_hash BLOB NOT NULL CHECK (length(browser_hash) = 32),
    request TEXT NOT NULL,
    afresh BIGINT NOT NULL CHECK (afresh IN (0, 1)),
    sid TEXT REFERENCES session (sid),
    card_ends_at BIGINT,
    begun_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    finished_at BIGINT,
    CHECK (ends_at > begun_at)
);

CREATE INDEX sign_in_ends_at ON sign_in (ends_at);

-- What the card listener saw, for the one browser that began the sign-in. Spent by one UPDATE.
CREATE TABLE sign_in_ticket (
    ticket_hash BLOB NOT NULL PRIMARY KEY CHECK (length(ticket_hash) = 32),
    handle TEXT NOT NULL REFERENCES sign_in (handle),
    issuer TEXT NOT NULL,
    serial TEXT NOT NULL,
    handshake_at BIGINT NOT NULL,
    made_at BIGINT NOT NULL,
    ends_at BIGINT NOT NULL,
    redeemed_at BIGINT,
    CHECK (ends_at > made_at)
);

CREATE INDEX sign_in_ticket_handle ON sign_in_ticket (handle);
