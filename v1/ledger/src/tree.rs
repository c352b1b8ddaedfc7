//! The state tree: a Jellyfish Merkle tree (Diem; Gao, Hu, Wu 2021) over every row, of which only the latest version is kept.

use crate::proof;
use crate::rows::{Account, Rows};
use jmt::storage::{LeafNode, Node, NodeKey, TreeReader, TreeUpdateBatch};
use jmt::{KeyHash, OwnedValue, Sha256Jmt, Version};
use raylance_v1_protocol::{AccountId, Digest, JobId, UnitIndex, encode};
use std::collections::BTreeMap;

/// The nodes of the latest version. Values are not kept here: the rows are.
#[derive(Debug, Default)]
pub(crate) struct StateTree {
    nodes: Nodes,
    /// Version of the next update; the latest is one less.
    version: Version,
    root: Digest,
}

/// New nodes and the nodes they replace.
#[derive(Debug)]
pub(crate) struct TreeUpdate {
    version: Version,
    root: Digest,
    batch: TreeUpdateBatch,
}

impl TreeUpdate {
    pub(crate) fn root(&self) -> Digest {
        self.root
    }
}

impl StateTree {
    pub(crate) fn version(&self) -> Version {
        self.version
    }

    pub(crate) fn root(&self) -> Digest {
        self.root
    }

    /// What writing `changed` would do. There must be at least one row.
    pub(crate) fn update(&self, changed: &Rows) -> TreeUpdate {
        let (root, batch) = Sha256Jmt::new(&self.nodes)
            .put_value_set(values(changed), self.version)
            .expect("the tree keeps every node that its latest version refers to");
        TreeUpdate { version: self.version, root: Digest(root.0), batch }
    }

    /// Writes an update of this version and drops the nodes that it replaced, so that memory follows the number of rows.
    pub(crate) fn commit(&mut self, update: TreeUpdate) {
        assert_eq!(update.version, self.version, "an update belongs to the version it was computed on");
        self.nodes.0.extend(update.batch.node_batch.nodes().iter().map(|(key, node)| (key.clone(), node.clone())));
        for stale in &update.batch.stale_node_index_batch {
            self.nodes.0.remove(&stale.node_key);
        }
        self.root = update.root;
        self.version += 1;
    }

    /// The encoded row (empty when there is none) with the encoded path.
    pub(crate) fn prove_account(&self, id: AccountId, row: Option<&Account>) -> (Vec<u8>, Vec<u8>) {
        let value = row.map(encode).unwrap_or_default();
        let reader = OneValue { nodes: &self.nodes, value: &value };
        let (_, path) = Sha256Jmt::new(&reader)
            .get_with_proof(account_key(id), self.version - 1)
            .expect("the tree keeps every node that its latest version refers to");
        (value, proof::encode_path(&path))
    }
}

/// Where an account's row stands in the tree.
pub(crate) fn account_key(id: AccountId) -> KeyHash {
    KeyHash(Digest::of("raylance state account 1", &[&id.0]).0)
}

fn job_key(id: JobId) -> KeyHash {
    KeyHash(Digest::of("raylance state job 1", &[&id.0.0]).0)
}

fn unit_key(job: JobId, unit: UnitIndex) -> KeyHash {
    KeyHash(Digest::of("raylance state unit 1", &[&job.0.0, &unit.0.to_le_bytes()]).0)
}

fn supply_key() -> KeyHash {
    KeyHash(Digest::of("raylance state supply 1", &[]).0)
}

fn values(rows: &Rows) -> Vec<(KeyHash, Option<OwnedValue>)> {
    let supply = rows.supply.iter().map(|row| (supply_key(), Some(encode(row))));
    let accounts = rows.accounts.iter().map(|(id, row)| (account_key(*id), Some(encode(row))));
    let jobs = rows.jobs.iter().map(|(id, row)| (job_key(*id), Some(encode(row))));
    let units = rows.units.iter().map(|((job, unit), row)| (unit_key(*job, *unit), Some(encode(row))));
    supply.chain(accounts).chain(jobs).chain(units).collect()
}

#[derive(Debug, Default)]
struct Nodes(BTreeMap<NodeKey, Node>);

impl TreeReader for Nodes {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        Ok(self.0.get(key).cloned())
    }

    /// Updates never ask for values.
    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(None)
    }

    /// Only a restore from a snapshot asks for it.
    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

/// The nodes with the one value that a proof asks for.
struct OneValue<'a> {
    nodes: &'a Nodes,
    value: &'a [u8],
}

impl TreeReader for OneValue<'_> {
    fn get_node_option(&self, key: &NodeKey) -> anyhow::Result<Option<Node>> {
        self.nodes.get_node_option(key)
    }

    fn get_value_option(&self, _: Version, _: KeyHash) -> anyhow::Result<Option<OwnedValue>> {
        Ok(Some(self.value.to_vec()))
    }

    fn get_rightmost_leaf(&self) -> anyhow::Result<Option<(NodeKey, LeafNode)>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use raylance_v1_protocol::Microlux;

    #[test]
    fn the_tree_keeps_only_nodes_of_its_latest_version() {
        let mut tree = StateTree::default();
        let rows = |nonce: u64| Rows {
            accounts: (0..50).map(|n| (AccountId([n; 32]), Account { balance_microlux: Microlux(1), nonce })).collect(),
            ..Rows::default()
        };
        tree.commit(tree.update(&rows(0)));
        let (nodes, root) = (tree.nodes.0.len(), tree.root());
        for nonce in 1..20 {
            tree.commit(tree.update(&rows(nonce)));
            assert_eq!(tree.nodes.0.len(), nodes);
            assert_ne!(tree.root(), root);
        }
        tree.commit(tree.update(&rows(0)));
        assert_eq!(tree.root(), root, "the root follows from the rows alone");
    }
}
