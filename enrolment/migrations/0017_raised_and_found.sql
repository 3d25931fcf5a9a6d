-- When an authenticator was raised, and when it was last found again. Those of before say nothing: as if never.

-- From then on, not from its adding, it waits before it opens a desk.
ALTER TABLE authenticator ADD COLUMN raised_at BIGINT;
-- No session of before lives on once it is found: whoever held it meanwhile may have begun one.
ALTER TABLE authenticator ADD COLUMN resumed_at BIGINT;
