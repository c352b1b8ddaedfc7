//! Devices and films: what a peer's graphics card and its folders of films do, modelled.

use crate::film;
use crate::world::World;
use raylance_agent::{Answer, Effect};
use raylance_market::artist::Device;
use raylance_protocol::Task;
use raylance_protocol::row::Job;
use raylance_verify::FilmId;

impl World {
    /// Effects of devices and films.
    pub(crate) fn work(&mut self, who: usize, effect: Effect) {
        let (low_ms, high_ms) = self.peers[who].traits.task_ms;
        let task_ms = self.chance.between(low_ms, high_ms);
        let fails = self.chance.below(1_000) < self.weather.failing_permille || self.peers[who].disk_full;
        let id = self.peers[who].id;
        match effect {
            Effect::Render { id: effect, .. } | Effect::RenderOwn { id: effect, .. } | Effect::Replay { id: effect, .. } if fails => {
                self.answer(who, task_ms, effect, Answer::Failed);
            }
            Effect::Render { id: effect, job, spec, assignment, sealed } => {
                let task = assignment.task();
                let key = self.peers[who].film_key(job, task, sealed);
                let list = match &assignment {
                    raylance_protocol::Assignment::List(addresses) => Some(&addresses[..]),
                    raylance_protocol::Assignment::Unit(_) => None,
                };
                let addresses = spec.addresses(task, list);
                let wrong = self.peers[who].traits.wrong_permille;
                let (bytes, root) = film::render(&FilmId { job, worker: id, task }, &key, &addresses, wrong);
                self.peers[who].disk.films.insert((job, task), bytes);
                self.answer(who, task_ms, effect, Answer::Rendered { root, key });
            }
            Effect::RenderOwn { id: effect, .. } => self.answer(who, task_ms, effect, Answer::Done),
            Effect::Replay { id: effect, spec, device: Device::Any | Device::Cpu | Device::Second, leaves } => {
                let wrong = leaves.into_iter().filter(|leaf| {
                    let held = self.peers[who].held_leaf(spec, leaf);
                    held.is_some_and(|(address, value)| value != film::truth(&address))
                });
                let wrong = wrong.collect();
                self.answer(who, 100, effect, Answer::Differ(wrong));
            }
            Effect::Compare { id: effect, spec, checker, list, origins } => {
                let differing = self.peers[who].compare(spec, checker, Task::List(list), &origins);
                self.answer(who, 20, effect, Answer::DifferAt(differing));
            }
            Effect::Fetch { id: effect, spec, job, worker, task, addresses } => {
                let source = self.who.get(&worker).filter(|source| self.peers[**source].agent.is_some());
                let film = source.and_then(|source| self.peers[*source].disk.films.get(&(job, task)).cloned());
                let Some(bytes) = film.filter(|_| !fails) else { return self.answer(who, 500, effect, Answer::Failed) };
                let Some(job_spec) = self.peers[who].specs.get(&spec) else { return };
                let places = job_spec.addresses(task, addresses.as_deref());
                let root = raylance_verify::root_of(&FilmId { job, worker, task }, places, &bytes).unwrap_or_default();
                self.peers[who].disk.fetched.insert((spec, worker, task), (bytes, addresses));
                let in_ms = self.chance.between(10, 500);
                self.answer(who, in_ms, effect, Answer::Fetched(root));
            }
            Effect::ReadEvidence { id: effect, spec, leaf } => {
                let found = self.peers[who].evidence(spec, &leaf);
                let answer = found.map_or(Answer::Failed, |evidence| Answer::Evidence(Box::new(evidence)));
                self.answer(who, 5, effect, answer);
            }
            Effect::Judge { id: effect, case } => {
                let value = Some(film::truth(&case.address));
                self.answer(who, task_ms, effect, Answer::Judged(value));
            }
            Effect::Show { spec, worker, unit, .. } => _ = self.peers[who].shown.entry(spec).or_default().insert(unit, worker),
            Effect::Withdraw { spec, unit, .. } => _ = self.peers[who].shown.entry(spec).or_default().remove(&unit),
            Effect::Finish(spec) => {
                let units = self.peers[who].shown.get(&spec).map(|shown| shown.keys().copied().collect()).unwrap_or_default();
                self.peers[who].disk.pictures.insert(spec, units);
            }
            Effect::Close { id: effect, spec, .. } => {
                let agent = self.peers[who].agent.as_ref();
                let job = agent.and_then(|agent| agent.own_job(spec)?.1);
                let stands = agent.zip(job).is_some_and(|(agent, job)| agent.chain().state().get::<Job>(&job).is_some());
                assert!(!stands, "peer {who} takes {job:?} for ended, and its ledger still has it");
                self.peers[who].disk.closed.insert(spec);
                self.answer(who, 5, effect, Answer::Done);
                self.peers[who].disk.fetched.retain(|(of, _, _), _| *of != spec);
            }
            Effect::Sweep { parts, jobs } => {
                let disk = &mut self.peers[who].disk;
                disk.films.retain(|(job, _), _| parts.contains(job));
                disk.fetched.retain(|(spec, _, _), _| jobs.contains(spec));
            }
            Effect::ForgetFilm { job, task } => _ = self.peers[who].disk.films.remove(&(job, task)),
            other => unreachable!("{other:?} is done elsewhere"),
        }
    }
}
