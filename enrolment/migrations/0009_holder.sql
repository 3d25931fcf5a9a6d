-- What the holder sees: her own lines of the trail, and reminders before her card ends.

-- Whom a line is about, beside the hashed text that says so. Lines from before have none.
ALTER TABLE audit ADD COLUMN person TEXT;
CREATE INDEX audit_of_person ON audit (person, at, lane, seq) WHERE person IS NOT NULL;

-- Current sets by their end: a reminder finds its own among them.
CREATE INDEX intent_current_by_end ON intent (not_after) WHERE state = 'active';

-- One reminder of each kind for each set; the key decides.
CREATE TABLE reminder (
    intent_id   TEXT   NOT NULL REFERENCES intent (intent_id),
    days_before BIGINT NOT NULL CHECK (days_before > 0),
    reminded_at BIGINT NOT NULL,
    PRIMARY KEY (intent_id, days_before)
);

-- How far each kind of reminder has come: everything due until then has been looked at.
CREATE TABLE reminder_mark (
    days_before BIGINT NOT NULL PRIMARY KEY CHECK (days_before > 0),
    until       BIGINT NOT NULL
);

-- The last warning to the managers of a registration authority that too few can help.
CREATE TABLE desk_warning (
    org_code  TEXT   NOT NULL PRIMARY KEY REFERENCES organisation (org_code),
    warned_at BIGINT NOT NULL
);

CREATE INDEX renewal_of_card ON renewal (card_number, started_at);
