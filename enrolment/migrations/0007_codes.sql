-- One-time codes, the card's own secrets, and links that cancel a card.

-- A request for a code, of known and unknown people alike. Its name is random and proves nothing by itself.
CREATE TABLE code_request (
    request_id    TEXT   NOT NULL PRIMARY KEY,
    purpose       TEXT   NOT NULL CHECK (purpose IN ('unlock', 'activate', 'cancel', 'contact')),
    -- SHA-256 of purpose and whatever was typed, for the count within the hour.
    asked_for     BLOB   NOT NULL CHECK (length(asked_for) = 32),
    user_id       TEXT   REFERENCES person (user_id),
    card_number   TEXT   REFERENCES card (card_number),
    -- To which the secrets of the card are sealed.
    transport_key BLOB,
    -- Of an activation: what the card signs.
    nonce         TEXT,
    -- Of a change of address: the new one.
    channel       TEXT   CHECK (channel IN ('mail', 'sms')),
    address       TEXT,
    started_at    BIGINT NOT NULL,
    tries         BIGINT NOT NULL CHECK (tries >= 0),
    finished_at   BIGINT,
    confirmed_at  BIGINT,
    -- Of an unlock: the unblock key that was released as the next one.
    next_secret   TEXT
);

CREATE INDEX code_request_by_asked ON code_request (asked_for, started_at);
CREATE INDEX code_request_by_instant ON code_request (started_at);

-- A code is stored under a key that is not in the database, and works once.
CREATE TABLE code (
    code_id    TEXT   NOT NULL PRIMARY KEY,
    request_id TEXT   NOT NULL REFERENCES code_request (request_id) ON DELETE CASCADE,
    purpose    TEXT   NOT NULL,
    user_id    TEXT   REFERENCES person (user_id),
    digest     BLOB   NOT NULL CHECK (length(digest) = 32),
    sent_at    BIGINT NOT NULL,
    used_at    BIGINT
);

CREATE INDEX code_by_person ON code (user_id, sent_at);
CREATE INDEX code_by_request ON code (request_id);

-- What only the card and its issuer know, sealed under a key that is not in the database.
CREATE TABLE card_secret (
    secret_id   TEXT   NOT NULL PRIMARY KEY,
    card_number TEXT   NOT NULL REFERENCES card (card_number),
    kind        TEXT   NOT NULL CHECK (kind IN ('unblock', 'management')),
    -- 'current': on the card for certain. 'next': given out to be written there.
    standing    TEXT   NOT NULL CHECK (standing IN ('current', 'next')),
    sealed      BLOB   NOT NULL,
    made_at     BIGINT NOT NULL
);

CREATE UNIQUE INDEX card_secret_one_each ON card_secret (card_number, kind, standing);

-- What a desk work gave out; it becomes current when the work is confirmed.
ALTER TABLE desk_work ADD COLUMN next_unblock TEXT;
ALTER TABLE desk_work ADD COLUMN next_management TEXT;

-- A link in a notice that cancels a card, once.
CREATE TABLE cancel_link (
    token_hash  BLOB   NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    card_number TEXT   NOT NULL REFERENCES card (card_number),
    user_id     TEXT   NOT NULL REFERENCES person (user_id),
    made_at     BIGINT NOT NULL,
    ends_at     BIGINT NOT NULL,
    used_at     BIGINT
);

CREATE INDEX cancel_link_by_instant ON cancel_link (ends_at);
