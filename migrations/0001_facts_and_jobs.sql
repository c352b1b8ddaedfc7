-- The first schema: the ring's chain as this peer checked it, what it means for the wallet, own transactions, and jobs.
-- Amounts are whole microlux, times are milliseconds since 1970, ids are 32 raw bytes, `encoded` columns hold borsh.
-- Facts are append-only by trigger. `recursive_triggers` is on, so `INSERT OR REPLACE` can't go round them.

CREATE TABLE genesis (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    chain    BLOB NOT NULL CHECK (length(chain) = 32),
    encoded  BLOB NOT NULL CHECK (length(encoded) > 0)
) STRICT;

CREATE TRIGGER genesis_is_never_changed BEFORE UPDATE ON genesis
BEGIN SELECT RAISE(ABORT, 'genesis is append-only'); END;
CREATE TRIGGER genesis_is_never_removed BEFORE DELETE ON genesis
BEGIN SELECT RAISE(ABORT, 'genesis is append-only'); END;

CREATE TABLE blocks (
    height  INTEGER PRIMARY KEY CHECK (height >= 1),
    hash    BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
    encoded BLOB NOT NULL CHECK (length(encoded) > 0)
) STRICT;

CREATE TRIGGER blocks_follow_each_other BEFORE INSERT ON blocks
WHEN NEW.height <> (SELECT coalesce(max(height), 0) + 1 FROM blocks)
BEGIN SELECT RAISE(ABORT, 'blocks follow each other without a gap'); END;
CREATE TRIGGER blocks_are_never_changed BEFORE UPDATE ON blocks
BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;
CREATE TRIGGER blocks_are_never_removed BEFORE DELETE ON blocks
BEGIN SELECT RAISE(ABORT, 'blocks is append-only'); END;

-- Height 0 holds what the genesis gave.
CREATE TABLE movements (
    height          INTEGER NOT NULL CHECK (height >= 0),
    tx_index        INTEGER NOT NULL CHECK (tx_index >= 0),
    event_index     INTEGER NOT NULL CHECK (event_index >= 0),
    account         BLOB NOT NULL CHECK (length(account) = 32),
    change_microlux INTEGER NOT NULL CHECK (change_microlux <> 0),
    reason          BLOB NOT NULL CHECK (length(reason) > 0),
    job             BLOB CHECK (length(job) = 32),
    PRIMARY KEY (height, tx_index, event_index, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX movements_by_account ON movements (account, height, tx_index, event_index);

CREATE TRIGGER movements_belong_to_a_block BEFORE INSERT ON movements
WHEN NEW.height > 0 AND NOT EXISTS (SELECT 1 FROM blocks WHERE height = NEW.height)
BEGIN SELECT RAISE(ABORT, 'a movement needs its block'); END;
CREATE TRIGGER movements_are_never_changed BEFORE UPDATE ON movements
BEGIN SELECT RAISE(ABORT, 'movements is append-only'); END;
CREATE TRIGGER movements_are_never_removed BEFORE DELETE ON movements
BEGIN SELECT RAISE(ABORT, 'movements is append-only'); END;

-- The last balance that was proven by certificate, header and path.
CREATE TABLE wallet (
    account          BLOB PRIMARY KEY CHECK (length(account) = 32),
    balance_microlux INTEGER NOT NULL CHECK (balance_microlux >= 0),
    proven_height    INTEGER NOT NULL CHECK (proven_height >= 0),
    proof            BLOB NOT NULL CHECK (length(proof) > 0)
) STRICT;

CREATE TRIGGER wallet_never_goes_back BEFORE UPDATE ON wallet
WHEN NEW.proven_height < OLD.proven_height
BEGIN SELECT RAISE(ABORT, 'a proven balance is never replaced by an older one'); END;

-- Own transactions, recorded before they are sent and sent again until they are final.
CREATE TABLE outgoing_txs (
    tx           BLOB PRIMARY KEY CHECK (length(tx) = 32),
    nonce        INTEGER NOT NULL CHECK (nonce >= 0),
    encoded      BLOB NOT NULL CHECK (length(encoded) > 0),
    created_ms   INTEGER NOT NULL CHECK (created_ms >= 0),
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'final', 'abandoned')),
    final_height INTEGER REFERENCES blocks (height),
    CHECK ((state = 'final') = (final_height IS NOT NULL))
) STRICT;

CREATE UNIQUE INDEX outgoing_txs_use_a_nonce_once ON outgoing_txs (nonce) WHERE state <> 'abandoned';

CREATE TRIGGER outgoing_txs_are_never_rewritten BEFORE UPDATE OF tx, nonce, encoded, created_ms ON outgoing_txs
BEGIN SELECT RAISE(ABORT, 'a signed transaction is never rewritten'); END;
CREATE TRIGGER outgoing_txs_stay_final BEFORE UPDATE ON outgoing_txs WHEN OLD.state = 'final'
BEGIN SELECT RAISE(ABORT, 'a final transaction stays final'); END;
CREATE TRIGGER outgoing_txs_are_never_removed BEFORE DELETE ON outgoing_txs
BEGIN SELECT RAISE(ABORT, 'outgoing_txs is append-only'); END;

-- Jobs in which this peer has a part. `snapshot` is the pure machine's own encoding, `options` its caller's JSON.
CREATE TABLE jobs (
    job        BLOB NOT NULL CHECK (length(job) = 32),
    role       TEXT NOT NULL CHECK (role IN ('artist', 'worker')),
    name       TEXT NOT NULL CHECK (length(name) <= 1000),
    state      TEXT NOT NULL CHECK (length(state) BETWEEN 1 AND 100),
    snapshot   BLOB NOT NULL,
    options    TEXT NOT NULL CHECK (json_valid(options)),
    created_ms INTEGER NOT NULL CHECK (created_ms >= 0),
    updated_ms INTEGER NOT NULL CHECK (updated_ms >= created_ms),
    PRIMARY KEY (job, role)
) STRICT;

-- Small settings of this peer that are no facts, e.g. whether the GPU is rented out.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 100),
    value BLOB NOT NULL
) STRICT;
