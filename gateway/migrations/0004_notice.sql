-- The role that was chosen in a sign-in, while the notice about the card stands between choice and end.
ALTER TABLE sign_in ADD COLUMN role_id TEXT;
