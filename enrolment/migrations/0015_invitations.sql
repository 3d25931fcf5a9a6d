-- Links that a desk gives in a meeting, each for adding one authenticator (domain 5.7). Of the link
-- only the hash is kept; whose browser opened it first, too.

CREATE TABLE authenticator_invitation (
    invitation_id    TEXT   NOT NULL PRIMARY KEY,
    secret_hash      BLOB   NOT NULL UNIQUE CHECK (length(secret_hash) = 32),
    user_id          TEXT   NOT NULL REFERENCES person (user_id),
    kind             TEXT   NOT NULL CHECK (kind IN ('lasting', 'temporary')),
    invited_by       TEXT   NOT NULL REFERENCES person (user_id),
    invited_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    ends_at          BIGINT,
    browser_hash     BLOB UNIQUE CHECK (length(browser_hash) = 32),
    opened_at        BIGINT,
    spent_at         BIGINT,
    authenticator_id TEXT,
    withdrawn_at     BIGINT,
    CHECK (invited_by <> user_id),
    CHECK ((kind = 'temporary') = (ends_at IS NOT NULL)),
    CHECK ((opened_at IS NULL) = (browser_hash IS NULL)),
    CHECK ((spent_at IS NULL) = (authenticator_id IS NULL)),
    CHECK (spent_at IS NULL OR opened_at IS NOT NULL)
);

CREATE INDEX authenticator_invitation_by_person ON authenticator_invitation (user_id, kind);
CREATE INDEX authenticator_invitation_by_instant ON authenticator_invitation (invited_at);

-- Those that nobody has used for long, the longest first.
CREATE INDEX authenticator_by_use ON authenticator (COALESCE(used_at, added_at), authenticator_id)
    WHERE state <> 'removed';
