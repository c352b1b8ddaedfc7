//! What a device reports besides its answers: loss, lack of memory, refused calls. wgpu would panic on each of them.

use crate::RenderError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A device with a record of what went wrong on it.
pub struct WatchedDevice {
    device: wgpu::Device,
    name: String,
    /// Bytes of the scene, for messages.
    need: u64,
    record: Arc<Record>,
}

#[derive(Default)]
struct Record {
    lost: Mutex<Option<String>>,
    error: Mutex<Option<wgpu::Error>>,
}

/// A slot is written at once, so a panic elsewhere leaves nothing half done.
fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A failure that wgpu tells only as text.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct DriverText(&'static str);

impl WatchedDevice {
    /// Watches a device that was just opened.
    pub fn new(device: wgpu::Device, name: String) -> Self {
        let record = Arc::new(Record::default());
        let (on_loss, on_error) = (Arc::clone(&record), Arc::clone(&record));
        device.set_device_lost_callback(move |reason, text| {
            *lock(&on_loss.lost) = Some(if text.is_empty() { format!("{reason:?}") } else { text });
        });
        device.on_uncaptured_error(Arc::new(move |error| {
            lock(&on_error.error).get_or_insert(error);
        }));
        Self { device, name, need: 0, record }
    }

    /// Sets what a message about too little memory says.
    pub fn set_need(&mut self, bytes: u64) {
        self.need = bytes;
    }

    /// The device itself.
    pub fn device(&self) -> &wgpu::Device {
        &self.device
    }

    /// What the driver calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Makes something on the device and waits for what the driver says of it.
    ///
    /// # Errors
    /// Loss, lack of memory or refusal.
    pub fn try_make<T>(&self, make: impl FnOnce(&wgpu::Device) -> Result<T, RenderError>) -> Result<T, RenderError> {
        let filters = [wgpu::ErrorFilter::Internal, wgpu::ErrorFilter::Validation, wgpu::ErrorFilter::OutOfMemory];
        let scopes = filters.map(|filter| self.device.push_error_scope(filter));
        let made = make(&self.device);
        // Scopes end in the reverse order of their beginning.
        let errors = scopes.into_iter().rev().filter_map(|scope| pollster::block_on(scope.pop())).collect::<Vec<_>>();
        self.check()?;
        errors.into_iter().next().map_or(made, |error| Err(self.failure(error)))
    }

    /// Waits until everything that was submitted is done.
    ///
    /// # Errors
    /// Loss, lack of memory or refusal, of the wait or of anything before it.
    pub fn wait(&self) -> Result<(), RenderError> {
        // wgpu panics here when the driver loses the device during the wait; nothing of ours is half done then.
        match catch_unwind(AssertUnwindSafe(|| self.device.poll(wgpu::PollType::wait_indefinitely()))) {
            Ok(Ok(_)) => self.check(),
            Ok(Err(error)) => Err(self.driver(error)),
            Err(_) => Err(self.lost("the driver gave up during a wait".to_owned())),
        }
    }

    /// Whether all went well so far.
    ///
    /// # Errors
    /// What went wrong first; a loss before all else, because it explains the rest.
    pub fn check(&self) -> Result<(), RenderError> {
        if let Some(reason) = lock(&self.record.lost).clone() {
            return Err(self.lost(reason));
        }
        lock(&self.record.error).take().map_or(Ok(()), |error| Err(self.failure(error)))
    }

    /// The driver's refusal of something without a type of its own.
    pub fn refused(&self, what: &'static str) -> RenderError {
        self.driver(DriverText(what))
    }

    /// A failure of the driver.
    pub fn driver(&self, error: impl std::error::Error + Send + Sync + 'static) -> RenderError {
        RenderError::Driver { device: self.name.clone(), source: Box::new(error) }
    }

    fn lost(&self, reason: String) -> RenderError {
        RenderError::DeviceLost { device: self.name.clone(), times: 1, reason }
    }

    fn failure(&self, error: wgpu::Error) -> RenderError {
        match error {
            wgpu::Error::OutOfMemory { .. } => RenderError::OutOfMemory { need: self.need, device: self.name.clone() },
            error => self.driver(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::adapter::adapters;

    fn device() -> (WatchedDevice, wgpu::Queue) {
        let adapter = adapters().into_iter().next().expect("a graphics adapter is there");
        let required_limits = adapter.limits();
        let descriptor = wgpu::DeviceDescriptor { required_limits, ..Default::default() };
        let (device, queue) = pollster::block_on(adapter.request_device(&descriptor)).unwrap();
        (WatchedDevice::new(device, "card".to_owned()), queue)
    }

    fn buffer(size: u64, usage: wgpu::BufferUsages) -> wgpu::BufferDescriptor<'static> {
        wgpu::BufferDescriptor { label: None, size, usage, mapped_at_creation: false }
    }

    #[test]
    fn a_refused_allocation_is_an_error_and_not_a_panic() {
        let (device, _queue) = device();
        let too_large = device.device().limits().max_buffer_size + 4;
        let made = device.try_make(|device| Ok(device.create_buffer(&buffer(too_large, wgpu::BufferUsages::STORAGE))));
        assert!(matches!(made, Err(RenderError::Driver { .. } | RenderError::OutOfMemory { .. })), "{made:?}");
        assert!(device.try_make(|device| Ok(device.create_buffer(&buffer(64, wgpu::BufferUsages::STORAGE)))).is_ok());
    }

    #[test]
    fn an_error_outside_of_a_scope_is_recorded() {
        let (device, queue) = device();
        let no_target = device.device().create_buffer(&buffer(64, wgpu::BufferUsages::STORAGE));
        queue.write_buffer(&no_target, 0, &[0; 16]);
        assert!(matches!(device.check(), Err(RenderError::Driver { .. })));
        assert!(device.check().is_ok(), "it is told once");
    }

    #[test]
    fn a_destroyed_device_is_lost() {
        let (device, _queue) = device();
        device.device().destroy();
        assert!(matches!(device.wait(), Err(RenderError::DeviceLost { .. })));
        assert!(matches!(device.try_make(|_| Ok(())), Err(RenderError::DeviceLost { .. })));
    }
}
