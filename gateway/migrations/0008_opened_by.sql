-- What an authenticator opened, found by it: when it was lost and is found again, and when the other
-- organisation whose account it is has been switched off.
CREATE INDEX session_authenticator ON session (authenticator_id) WHERE authenticator_id IS NOT NULL;
