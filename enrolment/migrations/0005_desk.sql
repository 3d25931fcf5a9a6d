-- The card desk: which registration authority hosts whom, and work on somebody else's card.

-- The organisation whose registration authority looks after this one; none is its own.
ALTER TABLE organisation ADD COLUMN hosted_by TEXT REFERENCES organisation (org_code);
-- When and how the desk of this organisation is reached; empty where it has none.
ALTER TABLE organisation ADD COLUMN desk_hours TEXT NOT NULL DEFAULT '';
ALTER TABLE organisation ADD COLUMN desk_contact TEXT NOT NULL DEFAULT '';
-- Where cards may be sent.
ALTER TABLE organisation ADD COLUMN address TEXT NOT NULL DEFAULT '';
-- The registration authority that registered the person.
ALTER TABLE person ADD COLUMN home_ra TEXT REFERENCES organisation (org_code);
-- Of a restarted set: the ground of the first decision, which stands.
ALTER TABLE intent ADD COLUMN origin TEXT CHECK (origin IN ('first', 'self_renewal', 'assisted', 'reissue', 'repair'))
    CHECK (origin IS NULL OR origin = 'self_renewal' OR (actor IS NOT NULL AND actor <> user_id));
-- What is between its two transactions is looked for every minute.
CREATE INDEX intent_unfinished ON intent (decided_at) WHERE state = 'reserved';

-- A work at a desk: ten minutes, one actor, one card. Its nonce goes into each certificate request.
CREATE TABLE desk_work (
    work_id      TEXT   NOT NULL PRIMARY KEY,
    card_number  TEXT   NOT NULL REFERENCES card (card_number),
    user_id      TEXT   NOT NULL REFERENCES person (user_id),
    kind         TEXT   NOT NULL CHECK (kind IN ('issue', 'renew', 'reissue', 'repair')),
    actor        TEXT   NOT NULL REFERENCES person (user_id),
    second_actor TEXT   REFERENCES person (user_id),
    nonce        TEXT   NOT NULL UNIQUE,
    started_at   BIGINT NOT NULL,
    intent_id    TEXT   UNIQUE REFERENCES intent (intent_id),
    CHECK (actor <> user_id),
    CHECK (second_actor IS NULL OR (second_actor <> user_id AND second_actor <> actor))
);

CREATE INDEX desk_work_by_instant ON desk_work (started_at);

-- What the desk attested when a set was issued in the holder's presence (invariant I6).
CREATE TABLE desk_act (
    intent_id      TEXT   NOT NULL PRIMARY KEY REFERENCES intent (intent_id),
    user_id        TEXT   NOT NULL REFERENCES person (user_id),
    actor          TEXT   NOT NULL REFERENCES person (user_id),
    second_actor   TEXT   REFERENCES person (user_id),
    holder_present BIGINT NOT NULL CHECK (holder_present = 1),
    photo_compared BIGINT NOT NULL CHECK (photo_compared = 1),
    out_of_area    BIGINT NOT NULL CHECK (out_of_area IN (0, 1)),
    reason         TEXT   CHECK (reason IN ('corrupt_certificates', 'issuing_fault', 'cannot_sign_in')),
    evidence       TEXT   NOT NULL,
    CHECK (actor <> user_id),
    CHECK (second_actor IS NULL OR (second_actor <> user_id AND second_actor <> actor))
);
