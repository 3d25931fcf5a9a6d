-- The authenticator that signed in, where it was no card: it ends what it opened.
ALTER TABLE session ADD COLUMN authenticator_id TEXT REFERENCES authenticator (authenticator_id);
