//! The job as its artist shows it, until nothing more will happen.

use super::swarm::Swarm;
use super::{DemoConfig, DemoError, Step, cheating};
use raylance_control::view::{JobState, JobView};
use std::time::{Duration, Instant};

/// How often the artist is asked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// The same before the picture begins: its first pixels are timed.
const LOOK_EARLY: Duration = Duration::from_millis(25);
/// How long a job may stand still, only against hanging for ever: a worker that is not paid claims after a minute and a half, and its
/// claim waits for a window and perhaps a court.
const STANDSTILL_PATIENCE: Duration = Duration::from_secs(300);
/// How long the artist's own device waits for a cheat that may never come.
const CHEAT_PATIENCE: Duration = Duration::from_secs(60);

/// What was seen.
pub struct Watched {
    /// The last look.
    pub view: JobView,
    /// From submission until something of the picture was there.
    pub first_pixel: Option<Duration>,
    /// From submission until all of it was there.
    pub picture: Duration,
    /// From submission to the end.
    pub end: Duration,
}

/// Tells the job's progress until it has ended, or until its artist has cheated in vain.
pub async fn watch(
    config: &DemoConfig,
    swarm: &mut Swarm,
    job: &str,
    started: Instant,
    told: &mut impl FnMut(Step<'_>),
) -> Result<Watched, DemoError> {
    let cheater = config.cheat.map(|cheat| (cheat, swarm.account(config.cheater(cheat)).to_hex()));
    let (mut first_pixel, mut picture, mut waits) = (None, None, cheater.is_some());
    let (mut last, mut moved_at) = (None, Instant::now());
    loop {
        swarm.check_alive()?;
        let view = swarm.job(job).await?;
        told(Step::Rendering { shown: view.line.shown, units: view.line.units, state: view.line.state });
        let is_over = view.line.state == JobState::Ended;
        if is_over || view.picture_revision > 0 {
            first_pixel.get_or_insert_with(|| started.elapsed());
        }
        if is_over || view.line.shown == view.line.units {
            picture.get_or_insert_with(|| started.elapsed());
        }
        if is_over || config.cheat.is_some_and(|cheat| cheating::is_in_vain(cheat, &view)) {
            let end = started.elapsed();
            return Ok(Watched { view, first_pixel, picture: picture.unwrap_or(end), end });
        }
        if let Some((cheat, cheater)) = &cheater
            && waits
            && (cheating::has_happened(*cheat, cheater, &view) || started.elapsed() > CHEAT_PATIENCE)
        {
            waits = false;
            swarm.pause_artist(false).await?;
        }
        let (line, pause) = (view.line.clone(), if first_pixel.is_none() { LOOK_EARLY } else { LOOK_EVERY });
        if last.as_ref() != Some(&view) {
            (last, moved_at) = (Some(view), Instant::now());
        }
        if moved_at.elapsed() > STANDSTILL_PATIENCE {
            return Err(DemoError::StandsStill { shown: line.shown, units: line.units });
        }
        tokio::time::sleep(pause).await;
    }
}
