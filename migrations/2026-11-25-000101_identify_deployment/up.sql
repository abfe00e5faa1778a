-- Which database this is, so that a file store says whose files it holds and none is swept by a stranger.
CREATE TABLE deployment (
    only_one BOOLEAN PRIMARY KEY DEFAULT TRUE CONSTRAINT there_is_one_deployment CHECK (only_one),
    id UUID NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO deployment DEFAULT VALUES;
