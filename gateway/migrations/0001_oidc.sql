-- The OpenID provider's own tables: clients, codes, access tokens, token keys.
-- One text for both engines: BIGINT seconds and flags, TEXT, BLOB. Lists are JSON texts, because
-- nothing asks about a single element; origins are rows, because a preflight does.

CREATE TABLE oidc_client (
    client_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    auth_method TEXT NOT NULL CHECK (auth_method IN ('client_secret_basic', 'client_secret_post', 'none')),
    secret_hash BLOB,
    redirect_uris TEXT NOT NULL,
    post_logout_redirect_uris TEXT NOT NULL,
    id_token_alg TEXT NOT NULL CHECK (id_token_alg IN ('RS256', 'ES256')),
    scopes TEXT NOT NULL,
    settings TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    -- A public client has no secret, every other one has (RFC 6749 2.1).
    CHECK ((auth_method = 'none') = (secret_hash IS NULL))
);

CREATE TABLE oidc_client_origin (
    origin TEXT NOT NULL,
    client_id TEXT NOT NULL REFERENCES oidc_client (client_id),
    PRIMARY KEY (origin, client_id)
);

-- A code is spent by the one UPDATE that fills consumed_at. The spent row stays, so that a second
-- use is recognised and the tokens of the first can be ended (RFC 6749 4.1.2).
CREATE TABLE authorization_code (
    code_hash BLOB NOT NULL PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES oidc_client (client_id),
    redirect_uri TEXT NOT NULL,
    challenge TEXT NOT NULL,
    user_id TEXT NOT NULL,
    sid TEXT NOT NULL,
    role_id TEXT,
    scope TEXT NOT NULL,
    nonce TEXT,
    facts TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    consumed_at BIGINT,
    CHECK (expires_at > issued_at)
);

CREATE INDEX authorization_code_expires_at ON authorization_code (expires_at);

-- An access token is its hash. The claims of the ID token issued with it are frozen here before
-- anything is signed.
CREATE TABLE access_token (
    token_hash BLOB NOT NULL PRIMARY KEY,
    code_hash BLOB NOT NULL REFERENCES authorization_code (code_hash),
    client_id TEXT NOT NULL REFERENCES oidc_client (client_id),
    user_id TEXT NOT NULL,
    sid TEXT NOT NULL,
    role_id TEXT,
    scope TEXT NOT NULL,
    id_token_claims TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    revoked_at BIGINT,
    CHECK (expires_at > issued_at)
);

CREATE UNIQUE INDEX access_token_code ON access_token (code_hash);
CREATE INDEX access_token_expires_at ON access_token (expires_at);

CREATE TABLE token_key (
    algorithm TEXT NOT NULL CHECK (algorithm IN ('RS256', 'ES256')),
    standing TEXT NOT NULL CHECK (standing IN ('next', 'current', 'retired')),
    kid TEXT NOT NULL PRIMARY KEY,
    pkcs8 BLOB NOT NULL,
    made_at BIGINT NOT NULL
);

-- One key signs, one is announced.
CREATE UNIQUE INDEX token_key_standing ON token_key (algorithm, standing) WHERE standing <> 'retired';
