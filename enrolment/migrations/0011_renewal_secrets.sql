-- The management key that a self-renewal gave out to be written to its card; it becomes current when the card's
-- client says that the set is on the card.
ALTER TABLE renewal ADD COLUMN next_management TEXT;
