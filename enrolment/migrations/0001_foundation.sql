-- What every other table rests on: the audit chain, the outbox, the clock's high-water mark.

-- Facts about this installation, by name.
CREATE TABLE meta (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The lanes of the audit chain that have ever been written to.
CREATE TABLE audit_lane (
    lane BIGINT NOT NULL PRIMARY KEY CHECK (lane > 0)
);

-- One line per act, in the transaction of the act. hash covers everything else in the line.
CREATE TABLE audit (
    lane BIGINT NOT NULL,
    seq BIGINT NOT NULL CHECK (seq > 0),
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (lane, seq)
);

CREATE INDEX audit_by_instant ON audit (at);

-- The ends of all lanes at one instant, chained and signed.
CREATE TABLE audit_checkpoint (
    number BIGINT NOT NULL PRIMARY KEY CHECK (number > 0),
    at BIGINT NOT NULL,
    heads TEXT NOT NULL,
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    key_sha256 BLOB NOT NULL CHECK (length(key_sha256) = 32),
    signature BLOB NOT NULL
);

-- Messages that leave after commit. Delivered ones keep their place and lose their text.
CREATE TABLE outbox (
    number BIGSERIAL PRIMARY KEY,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'sms', 'back_channel')),
    address TEXT NOT NULL,
    content TEXT NOT NULL,
    put_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL CHECK (attempts >= 0),
    settled_at BIGINT,
    delivered BIGINT NOT NULL CHECK (delivered IN (0, 1))
);

CREATE INDEX outbox_due ON outbox (due_at) WHERE settled_at IS NULL;

-- The latest instant certificates and lists were dated with (one row).
CREATE TABLE clock_mark (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    mark BIGINT NOT NULL
);
