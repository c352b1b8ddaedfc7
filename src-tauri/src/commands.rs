//! What the page can call. Each command is one line to the peer; the page's words are checked there.

use crate::folders;
use crate::page::{self, Answer, Command, CommandError, View};
use crate::startup::Startup;
use raylance_node::Node;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, State};

/// Views go to the page no closer together: ten a second look live, and a channel has no back-pressure.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);

/// Without a change the page is looked after this often.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);

/// The task that feeds the page's channel. There is one page, so there is one: a reloaded page replaces it.
#[derive(Default)]
pub struct Stream(Mutex<Option<JoinHandle<()>>>);

/// Hands a person's wish to the peer.
///
/// # Errors
/// What the peer refuses, in words for a person.
#[tauri::command]
pub async fn command(startup: State<'_, Startup>, command: Command) -> Result<Answer, CommandError> {
    page::command(&startup.node().await?, command).await
}

/// The present view.
///
/// # Errors
/// Why the peer could not start.
#[tauri::command]
pub async fn view(startup: State<'_, Startup>) -> Result<View, CommandError> {
    page::view(&startup.node().await?).await.ok_or_else(page::stopped)
}

/// Sends the present view and then the newest one after each change.
///
/// # Errors
/// Why the peer could not start.
#[tauri::command]
pub async fn view_stream(startup: State<'_, Startup>, stream: State<'_, Stream>, views: Channel) -> Result<(), CommandError> {
    let node = startup.node().await?;
    let task = tauri::async_runtime::spawn(feed(node, views));
    let replaced = stream.0.lock().unwrap_or_else(PoisonError::into_inner).replace(task);
    if let Some(replaced) = replaced {
        replaced.abort();
    }
    Ok(())
}

/// Path of a small scene that came with the application.
#[tauri::command]
pub fn default_scene(app: AppHandle) -> Option<String> {
    folders::sample_scene(&app).map(|path| path.display().to_string())
}

/// Ends with the peer or when the page is gone. May be dropped half-way.
async fn feed(node: Node, page: Channel) {
    let mut changed = node.changed();
    let mut last = None;
    loop {
        changed.borrow_and_update();
        let Some(view) = page::view(&node).await else { return };
        if last.as_ref() != Some(&view) {
            let Ok(text) = serde_json::to_string(&view) else { return };
            if page.send(InvokeResponseBody::Json(text)).is_err() {
                return;
            }
            last = Some(view);
        }
        tokio::time::sleep(VIEW_INTERVAL).await;
        // What the device does and who is connected changes without a record.
        if let Ok(Err(_)) = tokio::time::timeout(LOOK_INTERVAL, changed.changed()).await {
            return;
        }
    }
}
