-- What an authenticator opened, found by it: when it was lost and is found again, and when the other
-- organisation whose account it is has been switched off.
-- What was found again before this: until now such sessions were told by comparing two instants.
UPDATE session SET ended_at = COALESCE(ended_at, last_active_at), end_reason = 'signed_out',
                   version = version + 1
WHERE (ended_at IS NULL OR end_reason = 'continued') AND EXISTS
    (SELECT 1 FROM authenticator a WHERE a.authenticator_id = session.authenticator_id
                                     AND a.resumed_at > session.authenticated_at);

CREATE INDEX session_authenticator ON session (authenticator_id) WHERE authenticator_id IS NOT NULL;
