-- Each entry of an index that lies apart from its neighbours is a page to be written at each sign-in.
-- What an authenticator opened is found among the sessions of whose it is.
DROP INDEX session_authenticator;
-- Only sign-ins with a proven person name a session.
DROP INDEX sign_in_sid;
CREATE INDEX sign_in_sid ON sign_in (sid) WHERE sid IS NOT NULL;
