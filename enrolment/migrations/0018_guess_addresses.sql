-- Where a try came from, unless it was made in a browser of hers or on a visit: one address may not try
-- a password with every name. Gone with the try, within an hour or two.
ALTER TABLE guess ADD COLUMN address TEXT;

CREATE INDEX guess_by_address ON guess (address, tried_at) WHERE address IS NOT NULL;
