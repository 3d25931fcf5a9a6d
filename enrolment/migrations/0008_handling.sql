-- What is done to a card besides its certificates: asked for, sent, arrived, its plastic back.

-- The key and the hash of the wish that asked for the card, so that a repeat is answered as before.
ALTER TABLE card ADD COLUMN request_key TEXT;
ALTER TABLE card ADD COLUMN request_hash TEXT;
ALTER TABLE card ADD COLUMN dispatched_to TEXT REFERENCES organisation (org_code);
ALTER TABLE card ADD COLUMN dispatched_at BIGINT;
-- When the desk recorded that the holder has the card in her hands.
ALTER TABLE card ADD COLUMN receipt_confirmed_at BIGINT;

CREATE UNIQUE INDEX card_once_per_request ON card (user_id, request_key) WHERE request_key IS NOT NULL;

-- What became of the plastic; none is where it belongs: with its holder, or in the post.
CREATE TABLE plastic (
    card_number TEXT   NOT NULL PRIMARY KEY REFERENCES card (card_number),
    state       TEXT   NOT NULL CHECK (state IN ('returned', 'destroyed', 'cleared', 'unaccounted')),
    recorded_at BIGINT NOT NULL,
    recorded_by TEXT
);

-- A desk looks for the people of its own registration authority.
CREATE INDEX membership_by_organisation ON membership (org_code);
CREATE INDEX person_by_home_ra ON person (home_ra) WHERE home_ra IS NOT NULL;
