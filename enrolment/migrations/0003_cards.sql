-- Cards, the sets of certificates they hold, and the order of issuance: intend, sign, record.
-- What a constraint can say, it says here again, whatever the code does.

CREATE TABLE card (
    card_number   TEXT   NOT NULL PRIMARY KEY CHECK (length(card_number) = 16),
    user_id       TEXT   NOT NULL REFERENCES person (user_id),
    version       BIGINT NOT NULL CHECK (version >= 1),
    state         TEXT   NOT NULL CHECK (state IN ('requested', 'produced', 'dispatched', 'active', 'locked', 'cancelled')),
    epoch         BIGINT NOT NULL CHECK (epoch >= 1),
    self_renewals BIGINT NOT NULL CHECK (self_renewals BETWEEN 0 AND 2),
    requested_at  BIGINT NOT NULL,
    requested_by  TEXT,
    activated_at  BIGINT,
    cancelled_at  BIGINT,
    cancel_reason TEXT   CHECK (cancel_reason IN ('lost', 'stolen', 'damaged', 'name_change', 'replaced', 'misused',
                                                  'left_healthcare', 'never_arrived', 'identity_closed')),
    CHECK (requested_by IS NULL OR requested_by <> user_id),
    CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)),
    CHECK ((state = 'cancelled') = (cancel_reason IS NOT NULL))
);

-- Invariant I3: at most one live card per person.
CREATE UNIQUE INDEX card_one_live_per_person ON card (user_id) WHERE state <> 'cancelled';

-- One wish for one set of certificates. The set is the unit of renewal: one intent, one counter slot, all or none.
-- `state` uses the words of the certificates in it; `predecessor` is the set that this one follows.
CREATE TABLE intent (
    intent_id       TEXT   NOT NULL PRIMARY KEY,
    card_number     TEXT   NOT NULL REFERENCES card (card_number),
    user_id         TEXT   NOT NULL REFERENCES person (user_id),
    idempotency_key TEXT   NOT NULL,
    request_hash    TEXT   NOT NULL,
    kind            TEXT   NOT NULL CHECK (kind IN ('first', 'self_renewal', 'assisted', 'reissue', 'repair', 'restart')),
    state           TEXT   NOT NULL CHECK (state IN ('reserved', 'signed', 'delivered', 'active', 'superseded', 'revoked', 'burned')),
    actor           TEXT,
    predecessor     TEXT   REFERENCES intent (intent_id),
    epoch           BIGINT NOT NULL CHECK (epoch >= 1),
    person_version  BIGINT NOT NULL,
    card_version    BIGINT NOT NULL,
    decided_at      BIGINT NOT NULL,
    not_before      BIGINT NOT NULL,
    not_after       BIGINT NOT NULL,
    ended_at        BIGINT,
    CHECK (not_before <= not_after),
    CHECK (kind IN ('first', 'self_renewal', 'restart') OR (actor IS NOT NULL AND actor <> user_id)),
    CHECK (kind <> 'self_renewal' OR (actor IS NOT NULL AND actor = user_id)),
    CHECK (kind <> 'first' OR actor IS NULL OR actor <> user_id),
    CHECK ((state IN ('superseded', 'revoked', 'burned')) = (ended_at IS NOT NULL))
);

CREATE UNIQUE INDEX intent_once_per_key ON intent (card_number, idempotency_key) WHERE state <> 'burned';
CREATE INDEX intent_by_request ON intent (card_number, request_hash);
CREATE UNIQUE INDEX intent_one_current_per_card ON intent (card_number) WHERE state = 'active';
CREATE UNIQUE INDEX intent_one_pending_per_card ON intent (card_number) WHERE state IN ('reserved', 'signed', 'delivered');
CREATE UNIQUE INDEX intent_one_live_successor ON intent (predecessor) WHERE state IN ('reserved', 'signed', 'delivered', 'active');

-- The entitlement to renew by oneself: two per epoch, and an epoch begins only with an in-person act (invariant I4).
CREATE TABLE renewal_slot (
    card_number TEXT   NOT NULL REFERENCES card (card_number),
    epoch       BIGINT NOT NULL CHECK (epoch >= 1),
    slot        BIGINT NOT NULL CHECK (slot IN (1, 2)),
    intent_id   TEXT   NOT NULL UNIQUE REFERENCES intent (intent_id),
    PRIMARY KEY (card_number, epoch, slot)
);

-- A serial is a row before it is a signature (invariants I1 and I2); a public key is certified once, ever.
-- A row without a certificate is either waiting for its signature or was burned, and burned ones are on the list.
CREATE TABLE certificate (
    serial            TEXT   NOT NULL PRIMARY KEY,
    intent_id         TEXT   NOT NULL REFERENCES intent (intent_id),
    issuer            TEXT   NOT NULL,
    card_number       TEXT   NOT NULL REFERENCES card (card_number),
    user_id           TEXT   NOT NULL REFERENCES person (user_id),
    key_role          TEXT   NOT NULL CHECK (key_role IN ('authentication', 'signature')),
    state             TEXT   NOT NULL CHECK (state IN ('reserved', 'signed', 'delivered', 'active', 'superseded', 'revoked', 'burned')),
    predecessor       TEXT   REFERENCES certificate (serial),
    shard             BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 127),
    spki_sha256       TEXT   NOT NULL CHECK (length(spki_sha256) = 64),
    tbs               BLOB   NOT NULL,
    tbs_sha256        TEXT   NOT NULL CHECK (length(tbs_sha256) = 64),
    der               BLOB,
    not_before        BIGINT NOT NULL,
    not_after         BIGINT NOT NULL,
    revoked_at        BIGINT,
    revocation_reason TEXT   CHECK (revocation_reason IN ('superseded', 'key_compromise', 'cessation_of_operation',
                                                          'affiliation_changed', 'unspecified')),
    CHECK ((state IN ('reserved', 'burned')) = (der IS NULL)),
    CHECK ((state IN ('superseded', 'revoked', 'burned')) = (revoked_at IS NOT NULL)),
    CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);

CREATE UNIQUE INDEX certificate_key_once ON certificate (spki_sha256) WHERE state <> 'burned';
CREATE UNIQUE INDEX certificate_one_per_role ON certificate (intent_id, key_role) WHERE state <> 'burned';
CREATE UNIQUE INDEX certificate_one_live_successor ON certificate (predecessor)
    WHERE state IN ('reserved', 'signed', 'delivered', 'active');
CREATE INDEX certificate_of_intent ON certificate (intent_id);
CREATE INDEX certificate_revoked_by_shard ON certificate (issuer, shard, not_after) WHERE revoked_at IS NOT NULL;

-- A self-renewal that was begun: its nonce goes into each certificate request (RFC 2985 5.4.1, challengePassword).
CREATE TABLE renewal (
    renewal_id  TEXT   NOT NULL PRIMARY KEY,
    card_number TEXT   NOT NULL REFERENCES card (card_number),
    nonce       TEXT   NOT NULL UNIQUE,
    started_at  BIGINT NOT NULL,
    intent_id   TEXT   UNIQUE REFERENCES intent (intent_id)
);
