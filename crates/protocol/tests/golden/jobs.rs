//! Ids, amounts, jobs, tasks and leaves.

use crate::record::{Record, variants};
use crate::values::{address, addresses, artist, chain, digest, list, part, spec, spec_hash, unit, work, worker};
use raylance_protocol::job::{Manifest, list_hash};
use raylance_protocol::{CaseId, Digest, Height, JobId, Leaf, LeafIndex, Microlux, RingTime, Round, Task, UnitIndex, Work, limits};

variants! { Task: Task::Unit(_) => "unit", Task::List(_) => "list" }
variants! { Work: Work::Render(_) => "render" }

pub fn record() -> Record {
    let mut record = Record::new("Ids, amounts, jobs, tasks and leaves.");
    record.value(&digest(1));
    record.value(&worker());
    record.value(&Height(0x0102_0304_0506_0708));
    record.value(&Round(0x0102_0304));
    record.value(&CaseId(0x0102_0304_0506_0708));
    record.value(&UnitIndex(0x0102_0304));
    record.value(&LeafIndex(0x0102_0304));
    record.value(&RingTime(0x0102_0304_0506_0708));
    record.value(&Microlux(0x0102_0304_0506_0708));
    record.value(&Leaf::from_sums([1.0, -2.5, 3e-5]));
    record.value(&address());
    record.variants(&[unit(), list()]);
    record.value(&work());
    record.variants(&[Work::Render(work())]);
    record.value(&spec());
    record.value(&part(7));
    let manifest = Manifest { parts: vec![part(7), part(8)] };
    record.value(&manifest);

    record.hash("parts under a domain", Digest::of("raylance test", &[b"a", b"bc"]));
    record.hash("job opened", JobId::opened(chain(), artist(), 7, spec_hash()).0);
    record.hash("job given away", JobId::free(artist(), spec_hash()).0);
    record.hash("specification", spec().hash().0);
    record.hash("list of two addresses", list_hash(&addresses(2)).0);
    record.hash("manifest of two parts", manifest.root().0);
    record
}

#[test]
fn the_sample_is_a_job_that_could_be_offered() {
    assert_eq!(spec().check(), Ok(()));
    assert!(spec().work.unit_count() <= limits::UNITS_MAX);
}
