-- Everything that a peer records, in one table; and the ledger's state, so that a start executes no older blocks again.
-- What the rows mean is written in the rooms whose rows they are: the first byte of a key names the table there.

CREATE TABLE rows (
    key   BLOB PRIMARY KEY CHECK (length(key) > 0),
    value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Nodes of the state tree by their hashes (raylance_ledger::tree).
CREATE TABLE nodes (
    hash  BLOB PRIMARY KEY CHECK (length(hash) = 32),
    bytes BLOB NOT NULL CHECK (length(bytes) > 0)
) STRICT, WITHOUT ROWID;

-- The state that was kept last: the nodes are this one's and no other's.
CREATE TABLE state (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    -- Header and certificate in borsh.
    tip      BLOB NOT NULL CHECK (length(tip) > 0),
    root     BLOB NOT NULL CHECK (length(root) = 32),
    rows     INTEGER NOT NULL CHECK (rows >= 0)
) STRICT;

-- "RayL": tells this file from other programs' before SQLite opens it.
PRAGMA application_id = 0x5261794C;
