//! Which addresses are dialled when: again and again with growing pauses, until somebody of this ring answers there.
//!
//! Pure bookkeeping: the time is given, and dialling itself is the swarm's.

use libp2p::multiaddr::Protocol;
use libp2p::swarm::ConnectionId;
use libp2p::swarm::dial_opts::DialOpts;
use libp2p::{Multiaddr, PeerId};
use std::time::{Duration, Instant};

use crate::limits;

/// All addresses that are worth a call.
#[derive(Debug, Default)]
pub(crate) struct Dials {
    targets: Vec<Target>,
}

#[derive(Debug)]
struct Target {
    source: Source,
    addresses: Vec<Multiaddr>,
    /// Who must answer. `None`: an address without a peer id, where anybody of this ring is welcome.
    named: Option<PeerId>,
    state: State,
    /// The next pause.
    pause: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// Given by a person: kept for ever.
    Configured,
    /// Heard by mDNS: kept until it expires.
    Discovered,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting { due: Instant },
    Dialling { connection: ConnectionId },
    Held { by: PeerId },
}

impl Dials {
    /// Keeps an address given by a person; `false` when there are too many.
    pub(crate) fn configure(&mut self, address: Multiaddr, now: Instant) -> bool {
        if self.targets.iter().any(|target| target.source == Source::Configured && target.addresses.contains(&address)) {
            return true;
        }
        let named = address.iter().find_map(|part| if let Protocol::P2p(peer) = part { Some(peer) } else { None });
        self.add(Source::Configured, address, named, now)
    }

    /// Keeps an address heard by mDNS.
    pub(crate) fn discover(&mut self, peer: PeerId, address: Multiaddr, now: Instant) {
        let known = self.targets.iter_mut().find(|target| target.source == Source::Discovered && target.named == Some(peer));
        let Some(target) = known else {
            self.add(Source::Discovered, address, Some(peer), now);
            return;
        };
        if target.addresses.len() < limits::ADDRESSES_PER_PEER_MAX && !target.addresses.contains(&address) {
            target.addresses.push(address);
        }
    }

    /// Forgets an address heard by mDNS.
    pub(crate) fn expire(&mut self, peer: &PeerId, address: &Multiaddr) {
        self.targets.retain_mut(|target| {
            if target.source == Source::Discovered && target.named == Some(*peer) {
                target.addresses.retain(|known| known != address);
            }
            !target.addresses.is_empty()
        });
    }

    /// What is to be dialled now. Each counts as being dialled until [`Dials::connected`] or [`Dials::failed`].
    pub(crate) fn due(&mut self, now: Instant, is_connected: impl Fn(&PeerId) -> bool) -> Vec<DialOpts> {
        let mut due = Vec::new();
        for target in &mut self.targets {
            if !matches!(target.state, State::Waiting { due } if due <= now) {
                continue;
            }
            if let Some(by) = target.named.filter(&is_connected) {
                target.state = State::Held { by };
                continue;
            }
            let options = match target.named {
                Some(peer) => DialOpts::peer_id(peer).addresses(target.addresses.clone()).build(),
                None => DialOpts::unknown_peer_id().address(target.addresses[0].clone()).build(),
            };
            target.state = State::Dialling { connection: options.connection_id() };
            due.push(options);
        }
        due
    }

    /// When the next call is due.
    pub(crate) fn next_due(&self) -> Option<Instant> {
        let due = |target: &Target| if let State::Waiting { due } = target.state { Some(due) } else { None };
        self.targets.iter().filter_map(due).min()
    }

    /// A call was answered by `peer`.
    pub(crate) fn connected(&mut self, connection: ConnectionId, peer: PeerId) {
        if let Some(target) = self.dialled(connection) {
            target.state = State::Held { by: peer };
        }
    }

    /// `peer` belongs to this ring: after its loss the pauses start small again.
    pub(crate) fn admitted(&mut self, peer: &PeerId) {
        for target in self.held_by(peer) {
            target.pause = limits::REDIAL_FIRST;
        }
    }

    /// A call was not answered.
    pub(crate) fn failed(&mut self, connection: ConnectionId, now: Instant) {
        if let Some(target) = self.dialled(connection) {
            target.wait(now);
        }
    }

    /// A call was answered by ourselves: the address is our own.
    pub(crate) fn forget(&mut self, connection: ConnectionId) {
        self.targets.retain(|target| target.state != State::Dialling { connection });
    }

    /// The last connection to `peer` ended.
    pub(crate) fn lost(&mut self, peer: &PeerId, now: Instant) {
        for target in self.held_by(peer) {
            target.wait(now);
        }
    }

    fn add(&mut self, source: Source, address: Multiaddr, named: Option<PeerId>, now: Instant) -> bool {
        if self.targets.iter().filter(|target| target.source == source).count() >= limits::DIAL_TARGETS_MAX {
            return false;
        }
        let state = State::Waiting { due: now };
        self.targets.push(Target { source, addresses: vec![address], named, state, pause: limits::REDIAL_FIRST });
        true
    }

    fn dialled(&mut self, connection: ConnectionId) -> Option<&mut Target> {
        self.targets.iter_mut().find(|target| target.state == State::Dialling { connection })
    }

    fn held_by<'a>(&'a mut self, peer: &'a PeerId) -> impl Iterator<Item = &'a mut Target> {
        self.targets.iter_mut().filter(move |target| target.state == State::Held { by: *peer })
    }
}

impl Target {
    fn wait(&mut self, now: Instant) {
        self.state = State::Waiting { due: now + self.pause };
        self.pause = (self.pause * 2).min(limits::REDIAL_LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> Multiaddr {
        "/ip4/127.0.0.1/tcp/4001".parse().expect("an address")
    }

    fn dial_one(dials: &mut Dials, now: Instant) -> Option<ConnectionId> {
        dials.due(now, |_| false).first().map(DialOpts::connection_id)
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_never_end() {
        let mut dials = Dials::default();
        let mut now = Instant::now();
        assert!(dials.configure(address(), now));
        let mut pause = limits::REDIAL_FIRST;
        for _ in 0..20 {
            let connection = dial_one(&mut dials, now).expect("due");
            assert_eq!(dial_one(&mut dials, now), None, "one call at a time");
            assert_eq!(dials.next_due(), None);
            dials.failed(connection, now);
            assert_eq!(dial_one(&mut dials, now + pause - Duration::from_millis(1)), None);
            assert_eq!(dials.next_due(), Some(now + pause));
            now += pause;
            pause = (pause * 2).min(limits::REDIAL_LONGEST);
        }
    }

    #[test]
    fn a_lost_peer_is_called_again_soon_when_it_was_of_this_ring() {
        let mut dials = Dials::default();
        let now = Instant::now();
        let peer = PeerId::random();
        dials.configure(address(), now);
        let connection = dial_one(&mut dials, now).expect("due");
        dials.connected(connection, peer);
        assert_eq!(dial_one(&mut dials, now + limits::REDIAL_LONGEST), None, "held");
        dials.admitted(&peer);
        dials.lost(&peer, now);
        let again = dial_one(&mut dials, now + limits::REDIAL_FIRST).expect("due again");
        // A stranger answers there and is sent away each time: the pauses grow.
        dials.connected(again, peer);
        dials.lost(&peer, now);
        assert_eq!(dial_one(&mut dials, now + limits::REDIAL_FIRST), None);
    }

    #[test]
    fn a_discovered_peer_is_called_unless_connected_and_forgotten_when_it_expires() {
        let mut dials = Dials::default();
        let now = Instant::now();
        let peer = PeerId::random();
        dials.discover(peer, address(), now);
        assert!(dials.due(now, |connected| *connected == peer).is_empty());
        dials.lost(&peer, now);
        assert_eq!(dials.due(now + limits::REDIAL_FIRST, |_| false).len(), 1);
        dials.expire(&peer, &address());
        assert!(dials.targets.is_empty());
    }

    #[test]
    fn the_own_address_is_called_once() {
        let mut dials = Dials::default();
        let now = Instant::now();
        dials.configure(address(), now);
        let connection = dial_one(&mut dials, now).expect("due");
        dials.forget(connection);
        assert_eq!(dial_one(&mut dials, now + limits::REDIAL_LONGEST), None);
    }

    #[test]
    fn kept_addresses_are_bounded() {
        let mut dials = Dials::default();
        let now = Instant::now();
        for port in 0..limits::DIAL_TARGETS_MAX {
            assert!(dials.configure(format!("/ip4/127.0.0.1/tcp/{port}").parse().expect("an address"), now));
        }
        assert!(!dials.configure(address(), now));
        assert!(dials.configure("/ip4/127.0.0.1/tcp/3".parse().expect("an address"), now), "already kept");
    }
}
