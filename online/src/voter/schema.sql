-- What the voters of one folder know and did. All of it but the votes can be found on the chain again.
CREATE TABLE station (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    network INTEGER NOT NULL
) STRICT;

-- Voters whose tickets were searched for in all blocks below.
CREATE TABLE voters (
    fingerprint BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The last blocks of the main chain that were searched.
CREATE TABLE blocks (
    height INTEGER PRIMARY KEY,
    hash BLOB NOT NULL
) STRICT;

-- Tickets that name a voting key of a voter.
CREATE TABLE tickets (
    id BLOB PRIMARY KEY,
    voter BLOB NOT NULL,
    idx INTEGER NOT NULL,
    raw BLOB NOT NULL,
    height INTEGER NOT NULL,       -- of the block that holds it
    ending INTEGER,                -- 0 voted, 1 missed, 2 expired, 3 not seen; null while it can be called
    ended INTEGER                  -- height of the block that ended it
) STRICT, WITHOUT ROWID;
CREATE INDEX tickets_ended ON tickets (ended);

-- Every vote, written down before it is sent.
CREATE TABLE votes (
    block BLOB NOT NULL,
    ticket BLOB NOT NULL,
    height INTEGER NOT NULL,
    vote BLOB NOT NULL,            -- id of the transaction
    at INTEGER NOT NULL,           -- when it was sent first
    outcome INTEGER NOT NULL,      -- 0 not sent yet, 1 the network has it, 2 refused
    reason TEXT,                   -- why it was refused
    time INTEGER NOT NULL,         -- of the block
    bits INTEGER NOT NULL,         -- the block's target, in compact form
    PRIMARY KEY (block, ticket)
) STRICT, WITHOUT ROWID;
CREATE INDEX votes_height ON votes (height);
