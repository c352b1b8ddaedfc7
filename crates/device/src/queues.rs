//! Which order comes next, and when the running one gives way. Pure: no threads, no clock.

use crate::{Finished, Order, OrderError, OrderId, QueueFull, Urgency};
use std::collections::VecDeque;
use std::time::Duration;

/// Leaves of one call to the renderer: a large card is busy with them for a while, and their sums take 4 MiB.
pub(crate) const SLICE_LEAVES_MAX: usize = 1 << 18;

/// What the device does at this moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeviceState {
    /// The running order's urgency; `None` if no order runs.
    pub doing: Option<Urgency>,
    /// Whether orders other than replays stand still.
    pub paused: bool,
    /// Orders that do not run, interrupted ones included.
    pub waiting: Waiting,
}

/// Orders that wait, by urgency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// [`Urgency::Replay`].
    pub replay: usize,
    /// [`Urgency::Own`].
    pub own: usize,
    /// [`Urgency::Other`].
    pub other: usize,
}

/// Every order that is not answered.
#[derive(Default)]
pub(crate) struct Queues {
    /// By urgency. An interrupted order stands at the front, so that at most one per urgency holds sums. A cancelled one stays until it is
    /// answered: it counts for the bound.
    waiting: [VecDeque<Work>; Urgency::ALL.len()],
    running: Option<Running>,
    paused: bool,
    stopping: bool,
}

struct Running {
    id: OrderId,
    urgency: Urgency,
    cancelled: bool,
}

/// An order and what is finished of it.
pub(crate) struct Work {
    pub(crate) order: Order,
    /// Time on the thread so far.
    pub(crate) spent: Duration,
    /// One per leaf, `None` where it is not rendered yet; empty before the first slice.
    sums: Vec<Option<[f32; 3]>>,
    cancelled: bool,
}

impl Work {
    fn new(order: Order) -> Self {
        Self { order, spent: Duration::ZERO, sums: Vec::new(), cancelled: false }
    }

    /// Places of the leaves that come next.
    pub(crate) fn open(&mut self) -> Vec<usize> {
        self.sums.resize(self.order.leaves.len(), None);
        (0..self.sums.len()).filter(|&at| self.sums[at].is_none()).take(SLICE_LEAVES_MAX).collect()
    }

    /// Takes the sums of leaves at some places, `None` where one was not finished.
    pub(crate) fn keep(&mut self, places: Vec<usize>, sums: Vec<Option<[f32; 3]>>) {
        for (at, sum) in places.into_iter().zip(sums) {
            self.sums[at] = sum;
        }
    }

    fn is_whole(&self) -> bool {
        self.sums.len() == self.order.leaves.len() && self.sums.iter().all(Option::is_some)
    }

    fn answer(self, ended: Result<(), OrderError>) -> Finished {
        let Self { order, spent, sums, .. } = self;
        Finished { id: order.id, result: ended.map(|()| sums.into_iter().flatten().collect()), spent }
    }
}

/// What the thread does next.
pub(crate) enum Next {
    /// Render a slice, then call [`Queues::ended`].
    Render(Work),
    /// Tell an answer.
    Answer(Finished),
    /// Return: every order is answered.
    Stop,
}

impl Queues {
    /// Queues an order unless its id is known.
    pub(crate) fn order(&mut self, order: Order) -> Result<(), QueueFull> {
        let running = self.running.as_ref();
        let known = running.is_some_and(|running| running.id == order.id);
        if known || self.waiting.iter().flatten().any(|work| work.order.id == order.id) {
            return Ok(());
        }
        // The running order counts, since it may come back to its queue.
        let runs = usize::from(running.is_some_and(|running| running.urgency == order.urgency));
        let queue = &mut self.waiting[order.urgency as usize];
        if queue.len() + runs >= order.urgency.orders_max() {
            return Err(QueueFull);
        }
        queue.push_back(Work::new(order));
        Ok(())
    }

    pub(crate) fn cancel(&mut self, id: OrderId) {
        if let Some(running) = self.running.as_mut().filter(|running| running.id == id) {
            running.cancelled = true;
        }
        if let Some(work) = self.waiting.iter_mut().flatten().find(|work| work.order.id == id) {
            work.cancelled = true;
        }
    }

    pub(crate) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// From now on nothing is rendered.
    pub(crate) fn stop(&mut self) {
        self.stopping = true;
    }

    /// Whether the running slice shall end now. Cancelled orders are a reason too: their answers take no time.
    pub(crate) fn must_yield(&self) -> bool {
        let Some(running) = &self.running else { return false };
        let more_urgent = &self.waiting[..running.urgency as usize];
        self.stopping
            || running.cancelled
            || self.paused && running.urgency.pauses()
            || more_urgent.iter().any(|queue| !queue.is_empty())
            || self.waiting.iter().flatten().any(|work| work.cancelled)
    }

    /// Takes out what comes next; `None` = nothing until the queues change.
    pub(crate) fn next(&mut self) -> Option<Next> {
        if let Some(work) = self.take_cancelled() {
            return Some(Next::Answer(work.answer(Err(OrderError::Cancelled))));
        }
        if self.stopping {
            return Some(Next::Stop);
        }
        let may_run = |urgency: &Urgency| !(self.paused && urgency.pauses());
        let work = Urgency::ALL.into_iter().filter(may_run).find_map(|urgency| self.waiting[urgency as usize].pop_front())?;
        self.running = Some(Running { id: work.order.id, urgency: work.order.urgency, cancelled: false });
        Some(Next::Render(work))
    }

    /// Takes the running order back after a slice. `Some` = its answer; `None` = it goes on later.
    pub(crate) fn ended(&mut self, work: Work, ended: Result<(), OrderError>) -> Option<Finished> {
        let cancelled = self.running.take().is_some_and(|running| running.cancelled);
        if cancelled {
            return Some(work.answer(Err(OrderError::Cancelled)));
        }
        if ended.is_err() || work.is_whole() {
            return Some(work.answer(ended));
        }
        self.waiting[work.order.urgency as usize].push_front(work);
        None
    }

    pub(crate) fn state(&self) -> DeviceState {
        let [replay, own, other] = Urgency::ALL.map(|urgency| self.waiting[urgency as usize].iter().filter(|work| !work.cancelled).count());
        DeviceState {
            doing: self.running.as_ref().map(|running| running.urgency),
            paused: self.paused,
            waiting: Waiting { replay, own, other },
        }
    }

    /// A waiting order that shall not run any more; after [`Queues::stop`], any.
    fn take_cancelled(&mut self) -> Option<Work> {
        let stopping = self.stopping;
        self.waiting.iter_mut().find_map(|queue| {
            let at = queue.iter().position(|work| work.cancelled || stopping)?;
            queue.remove(at)
        })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that finds nothing has failed")]
mod tests {
    use super::*;
    use crate::{Backend, Origin, SceneId};
    use Urgency::{Other, Own, Replay};
    use raylance_tracer::{LeafRequest, Settings};

    fn order(id: u64, urgency: Urgency, leaves: usize) -> Order {
        Order {
            id: OrderId(id),
            urgency,
            origin: Origin::Own,
            scene: SceneId([0; 32]),
            settings: Settings { width_px: 1, height_px: 1, depth_max: 1, seed: 0 },
            leaves: vec![LeafRequest { x_px: 0, y_px: 0, first_sample: 0, samples: 1 }; leaves].into(),
            backend: Backend::Usual,
        }
    }

    fn queues(orders: &[(u64, Urgency)]) -> Queues {
        let mut queues = Queues::default();
        orders.iter().for_each(|&(id, urgency)| queues.order(order(id, urgency, 2)).unwrap());
        queues
    }

    /// Takes the next order to render.
    fn begin(queues: &mut Queues) -> Work {
        let Some(Next::Render(work)) = queues.next() else { panic!("no order to render") };
        work
    }

    /// Renders orders one after the other until nothing is left to do; the ids in the order of their answers, cancelled ones negative.
    fn drain(queues: &mut Queues) -> Vec<i64> {
        let mut answers = Vec::new();
        loop {
            let finished = match queues.next() {
                Some(Next::Render(mut work)) => {
                    let open = work.open();
                    let sums = vec![Some([0.0; 3]); open.len()];
                    work.keep(open, sums);
                    queues.ended(work, Ok(()))
                }
                Some(Next::Answer(finished)) => Some(finished),
                Some(Next::Stop) | None => return answers,
            };
            answers.extend(finished.map(|finished| finished.id.0 as i64 * if finished.result.is_ok() { 1 } else { -1 }));
        }
    }

    #[test]
    fn orders_run_by_urgency_and_then_by_arrival() {
        let mut queues = queues(&[(1, Other), (2, Own), (3, Other), (4, Replay), (5, Own), (6, Replay)]);
        assert_eq!(queues.state().waiting, Waiting { replay: 2, own: 2, other: 2 });
        assert_eq!(drain(&mut queues), [4, 6, 2, 5, 1, 3]);
    }

    #[test]
    fn a_running_order_gives_way_to_more_urgent_ones_only() {
        for running in Urgency::ALL {
            for new in Urgency::ALL {
                let mut queues = queues(&[(1, running)]);
                let work = begin(&mut queues);
                assert!(!queues.must_yield());
                queues.order(order(2, new, 2)).unwrap();
                assert_eq!(queues.must_yield(), new < running, "{new:?} while {running:?} runs");
                assert!(queues.ended(work, Ok(())).is_none());
                assert_eq!(drain(&mut queues), if new < running { [2, 1] } else { [1, 2] });
            }
        }
    }

    #[test]
    fn a_pause_stops_all_but_replays() {
        for urgency in Urgency::ALL {
            let mut queues = queues(&[(1, urgency)]);
            let work = begin(&mut queues);
            queues.pause(true);
            assert_eq!(queues.must_yield(), urgency != Replay, "{urgency:?}");
            assert!(queues.ended(work, Ok(())).is_none());
            assert_eq!(drain(&mut queues).is_empty(), urgency != Replay, "{urgency:?}");
            queues.pause(false);
            assert_eq!(drain(&mut queues).is_empty(), urgency == Replay, "{urgency:?}");
        }
    }

    #[test]
    fn an_interrupted_order_keeps_what_is_finished_and_goes_on_before_its_equals() {
        let mut queues = queues(&[(1, Other), (2, Other)]);
        let mut work = begin(&mut queues);
        let open = work.open();
        assert_eq!(open, [0, 1]);
        work.keep(open, vec![None, Some([1.0, 2.0, 3.0])]);
        assert!(queues.ended(work, Ok(())).is_none());
        let mut work = begin(&mut queues);
        let open = work.open();
        assert_eq!((work.order.id, open.as_slice()), (OrderId(1), [0].as_slice()));
        work.keep(open, vec![Some([4.0, 5.0, 6.0])]);
        let finished = queues.ended(work, Ok(())).unwrap();
        assert_eq!(finished.result.unwrap(), [[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]);
    }

    #[test]
    fn a_large_order_is_rendered_in_slices() {
        let mut work = Work::new(order(1, Own, SLICE_LEAVES_MAX + 1));
        let open = work.open();
        assert_eq!(open.len(), SLICE_LEAVES_MAX);
        work.keep(open, vec![Some([0.0; 3]); SLICE_LEAVES_MAX]);
        assert!(!work.is_whole());
        assert_eq!(work.open(), [SLICE_LEAVES_MAX]);
    }

    #[test]
    fn cancelled_orders_are_answered_first_and_once_even_while_paused() {
        let mut queues = queues(&[(1, Other), (2, Other), (3, Replay)]);
        queues.pause(true);
        let work = begin(&mut queues);
        queues.cancel(OrderId(9));
        assert!(!queues.must_yield());
        queues.cancel(OrderId(2));
        queues.cancel(OrderId(2));
        assert!(queues.must_yield());
        assert_eq!(queues.state().waiting.other, 1);
        assert!(queues.ended(work, Ok(())).is_none());
        assert_eq!(drain(&mut queues), [-2, 3]);
    }

    #[test]
    fn a_cancelled_running_order_is_answered_so_even_if_it_was_finished_or_failed_meanwhile() {
        for ended in [Ok(()), Err(OrderError::Panicked)] {
            let mut queues = queues(&[(1, Replay)]);
            let mut work = begin(&mut queues);
            queues.cancel(OrderId(1));
            assert!(queues.must_yield());
            let open = work.open();
            work.keep(open, vec![Some([0.0; 3]); 2]);
            assert!(matches!(queues.ended(work, ended).unwrap().result, Err(OrderError::Cancelled)));
            assert!(queues.next().is_none());
        }
    }

    #[test]
    fn an_order_of_a_known_id_is_the_same_order() {
        let mut queues = queues(&[(1, Own), (2, Own), (2, Own)]);
        let work = begin(&mut queues);
        queues.order(order(1, Replay, 2)).unwrap();
        assert!(!queues.must_yield());
        assert!(queues.ended(work, Ok(())).is_none());
        assert_eq!(drain(&mut queues), [1, 2]);
    }

    #[test]
    fn each_urgency_has_its_own_bound_and_the_running_order_and_cancelled_ones_count() {
        for urgency in Urgency::ALL {
            let max = urgency.orders_max() as u64;
            let mut queues = queues(&(0..max).map(|id| (id, urgency)).collect::<Vec<_>>());
            assert_eq!(queues.order(order(max, urgency, 1)), Err(QueueFull), "{urgency:?}");
            queues.order(order(0, urgency, 1)).unwrap();
            let work = begin(&mut queues);
            queues.cancel(OrderId(max - 1));
            assert_eq!(queues.order(order(max, urgency, 1)), Err(QueueFull), "{urgency:?}");
            assert!(queues.ended(work, Err(OrderError::Panicked)).is_some());
            queues.order(order(max, urgency, 1)).unwrap();
            for other in Urgency::ALL.into_iter().filter(|&other| other != urgency) {
                queues.order(order(max + 1 + other as u64, other, 1)).unwrap();
            }
        }
    }

    #[test]
    fn after_a_stop_everything_is_answered_and_nothing_is_rendered() {
        let mut queues = queues(&[(1, Other), (2, Own), (3, Replay)]);
        let work = begin(&mut queues);
        queues.stop();
        assert!(queues.must_yield());
        assert!(queues.ended(work, Ok(())).is_none());
        assert_eq!(drain(&mut queues), [-3, -2, -1]);
        assert!(matches!(queues.next(), Some(Next::Stop)));
    }
}
