-- Where people are reached. A contact is never overwritten: the old one ends and stays on record.

CREATE TABLE contact (
    contact_id  TEXT   NOT NULL PRIMARY KEY,
    user_id     TEXT   NOT NULL REFERENCES person (user_id),
    channel     TEXT   NOT NULL CHECK (channel IN ('mail', 'sms')),
    address     TEXT   NOT NULL CHECK (length(address) > 0),
    -- 'registered': seen with the person at her registration. 'changed': by herself, with a code.
    origin      TEXT   NOT NULL CHECK (origin IN ('registered', 'changed')),
    verified_at BIGINT NOT NULL,
    ended_at    BIGINT,
    -- Of an ended one: until when it still gets every notice.
    told_until  BIGINT,
    CHECK ((ended_at IS NULL) = (told_until IS NULL))
);

CREATE UNIQUE INDEX contact_one_live ON contact (user_id, channel) WHERE ended_at IS NULL;
CREATE INDEX contact_by_person ON contact (user_id);

INSERT INTO contact (contact_id, user_id, channel, address, origin, verified_at)
SELECT user_id || '-mail', user_id, 'mail', email, 'registered', registered_at FROM person
WHERE email IS NOT NULL AND length(email) > 0;

INSERT INTO contact (contact_id, user_id, channel, address, origin, verified_at)
SELECT user_id || '-sms', user_id, 'sms', mobile, 'registered', registered_at FROM person
WHERE mobile IS NOT NULL AND length(mobile) > 0;
