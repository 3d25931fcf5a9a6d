-- What has ended is forgotten in small pieces, oldest first; each piece is found by its instant.

CREATE INDEX sign_in_ticket_ends_at ON sign_in_ticket (ends_at);
CREATE INDEX session_authenticated_at ON session (authenticated_at);
-- Deleting a session asks whether a sign-in names it.
CREATE INDEX sign_in_sid ON sign_in (sid);
