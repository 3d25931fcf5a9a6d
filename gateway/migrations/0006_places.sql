-- Where a session was begun, as its person is shown it: the address of the other end, the network
-- that it belongs to, and the browser in words. And whether she was told that she was seen in two
-- places at once. Gone with the session, a week after it.
ALTER TABLE session ADD COLUMN address TEXT;
ALTER TABLE session ADD COLUMN network TEXT;
ALTER TABLE session ADD COLUMN browser TEXT;
ALTER TABLE session ADD COLUMN told_elsewhere BIGINT NOT NULL DEFAULT 0 CHECK (told_elsewhere IN (0, 1));
