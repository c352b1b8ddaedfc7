//! What the page can call. Each command is one line to the peer; the page's words are checked there.

use crate::folders;
use crate::page::{self, Answer, Command, CommandError};
use crate::startup::Startup;
use crate::topics::{self, Now, Topic, Update};
use raylance_node::Node;
use raylance_protocol::SpecHash;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, State};
use tokio::sync::watch;

/// Between two looks at what has changed: ten a second look live, and a channel has no back-pressure.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);
/// Between two looks at what changes without a record: the device, peers, a folder, notices.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// What the page is told, and which job's units it looks at. There is one page, so there is one task: a reloaded page replaces it.
#[derive(Default)]
pub struct Stream {
    task: Mutex<Option<JoinHandle<()>>>,
    looked_at: watch::Sender<Option<SpecHash>>,
}

/// Hands a person's wish to the peer.
///
/// # Errors
/// What the peer refuses, in words for a person.
#[tauri::command]
pub async fn command(startup: State<'_, Startup>, command: Command) -> Result<Answer, CommandError> {
    page::command(&startup.node().await?, command).await
}

/// Sends the present state of each topic, and then that of each which has changed.
///
/// # Errors
/// Why the peer could not start.
#[tauri::command]
pub async fn follow(startup: State<'_, Startup>, stream: State<'_, Stream>, updates: Channel) -> Result<(), CommandError> {
    let node = startup.node().await?;
    let task = tauri::async_runtime::spawn(feed(node, updates, stream.looked_at.subscribe()));
    let replaced = stream.task.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
    if let Some(replaced) = replaced {
        replaced.abort();
    }
    Ok(())
}

/// From now on the units of this job are told, or of none.
#[tauri::command]
pub fn look_at(stream: State<'_, Stream>, job: Option<String>) {
    stream.looked_at.send_replace(job.and_then(|job| page::named(&job).ok()));
}

/// Path of a small scene that came with the application.
#[tauri::command]
pub fn default_scene(app: AppHandle) -> Option<String> {
    folders::sample_scene(&app).map(|path| path.display().to_string())
}

/// Ends with the peer or when the page is gone. May be dropped half-way.
async fn feed(node: Node, page: Channel, mut looked_at: watch::Receiver<Option<SpecHash>>) {
    let mut changed = node.changed();
    let mut told: BTreeMap<Topic, ((u64, Option<SpecHash>), Now)> = BTreeMap::new();
    let (mut revision, mut looked) = (0, None);
    loop {
        let recorded = changed.borrow_and_update().0.clone();
        let job = *looked_at.borrow_and_update();
        let is_time = looked.is_none_or(|at: Instant| at.elapsed() >= LOOK_INTERVAL);
        if is_time {
            looked = Some(Instant::now());
        }
        for topic in Topic::ALL {
            let stamp = (topic.stamp(&recorded), job.filter(|_| topic == Topic::Units));
            if !is_time && told.get(&topic).is_some_and(|(known, _)| *known == stamp) {
                continue;
            }
            let Some(now) = topics::now(&node, topic, job).await else { return };
            let is_new = told.insert(topic, (stamp, now.clone())).is_none_or(|(_, known)| known != now);
            if is_new {
                revision += 1;
                let Ok(text) = serde_json::to_string(&Update { revision, now }) else { return };
                if page.send(InvokeResponseBody::Json(text)).is_err() {
                    return;
                }
            }
        }
        tokio::time::sleep(VIEW_INTERVAL).await;
        let news = async {
            tokio::select! {
                recorded = changed.changed() => recorded.is_ok(),
                // The sender lives as long as the application.
                looks = looked_at.changed() => looks.is_ok(),
            }
        };
        if let Ok(false) = tokio::time::timeout(LOOK_INTERVAL, news).await {
            return;
        }
    }
}
