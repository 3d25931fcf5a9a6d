-- Revocation lists.

-- What the list of one shard must say (`revision` moves with each revocation in it) and the last number given out.
-- Shard 128 is the full list: it has numbers of its own, and its revision is the sum of the others.
CREATE TABLE crl_head (
    issuer      TEXT   NOT NULL,
    shard       BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 128),
    revision    BIGINT NOT NULL CHECK (revision >= 0),
    last_number BIGINT NOT NULL CHECK (last_number >= 0),
    PRIMARY KEY (issuer, shard)
);

-- The newest signed list of each shard. Numbers only rise (RFC 5280 5.2.3).
CREATE TABLE crl (
    issuer      TEXT   NOT NULL,
    shard       BIGINT NOT NULL CHECK (shard BETWEEN 0 AND 128),
    number      BIGINT NOT NULL CHECK (number >= 1),
    revision    BIGINT NOT NULL CHECK (revision >= 0),
    this_update BIGINT NOT NULL,
    next_update BIGINT NOT NULL,
    der         BLOB   NOT NULL,
    PRIMARY KEY (issuer, shard),
    CHECK (this_update < next_update)
);
