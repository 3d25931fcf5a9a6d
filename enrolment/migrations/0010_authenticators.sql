-- Ways to sign in beside the card. What each kind needs for its ceremony has a table of its own;
-- here is what they share: whose, how strong, and where it stands (domain 5.7).

CREATE TABLE authenticator (
    authenticator_id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES person (user_id),
    method TEXT NOT NULL CHECK (method IN ('security-key', 'windows-hello', 'passkey', 'ios',
                                           'authenticator-app', 'federated')),
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('registered', 'active', 'suspended', 'locked', 'removed')),
    evidence BIGINT NOT NULL CHECK (evidence IN (2, 3)),
    bound_at BIGINT NOT NULL CHECK (bound_at IN (2, 3)),
    added_by TEXT NOT NULL CHECK (added_by IN ('holder', 'desk', 'temporary')),
    added_at BIGINT NOT NULL,
    used_at BIGINT,
    ends_at BIGINT,
    changed_at BIGINT NOT NULL,
    version BIGINT NOT NULL CHECK (version > 0),
    CHECK ((added_by = 'temporary') = (ends_at IS NOT NULL)),
    CHECK (added_by <> 'temporary' OR bound_at = 2)
);

CREATE INDEX authenticator_person ON authenticator (user_id);
