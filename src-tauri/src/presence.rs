//! Does somebody sit at the machine? Then pieces of work on the card are so short that the desktop's own frames fit between them.

use raylance_device::Pace;
use std::time::Duration;
use tauri::{AppHandle, Manager};
use user_idle3::UserIdle;

use crate::startup::Startup;

/// Between two looks: whoever comes back sees a jerk for so long at most.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// Nobody who reads or watches moves the mouse all the time.
const AWAY_AFTER: Duration = Duration::from_secs(120);

/// Looks for as long as the application runs.
///
/// # Errors
/// The system has no thread to spare.
pub fn watch(app: AppHandle) -> std::io::Result<()> {
    let look = move || {
        let mut known = None;
        loop {
            std::thread::sleep(LOOK_EVERY);
            let Some(node) = app.state::<Startup>().running() else { continue };
            let pace = pace(UserIdle::get_time().ok().map(|idle| idle.duration()));
            if known.replace(pace) != Some(pace) {
                tracing::info!(?pace, "the card's pace");
                node.card().set_pace(pace);
            }
        }
    };
    std::thread::Builder::new().name("presence".into()).spawn(look).map(|_| ())
}

/// A system that does not say since when nobody has touched it has somebody.
fn pace(idle: Option<Duration>) -> Pace {
    if idle.is_some_and(|idle| idle > AWAY_AFTER) { Pace::Idle } else { Pace::OwnerPresent }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_is_known_to_be_away_is_away() {
        assert_eq!(pace(Some(Duration::from_secs(5))), Pace::OwnerPresent);
        assert_eq!(pace(Some(Duration::from_secs(500))), Pace::Idle);
        assert_eq!(pace(None), Pace::OwnerPresent);
    }
}
