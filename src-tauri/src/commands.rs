//! What the page can call. Each command is one line to the peer; the page's words are checked there.

use crate::folders;
use crate::startup::Startup;
use raylance_v1_node::runtime::NodeHandle;
use raylance_v1_node::view::{Answer, Command, CommandError, View};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tauri::async_runtime::JoinHandle;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{AppHandle, State};

/// Views go to the page no closer together: ten a second look live, and a channel has no back-pressure.
const VIEW_INTERVAL: Duration = Duration::from_millis(100);

/// The task that feeds the page's channel. There is one page, so there is one: a reloaded page replaces it.
#[derive(Default)]
pub struct Stream(Mutex<Option<JoinHandle<()>>>);

/// Hands a person's wish to the peer.
///
/// # Errors
/// What the peer refuses, in words for a person.
#[tauri::command]
pub async fn command(startup: State<'_, Startup>, command: Command) -> Result<Answer, CommandError> {
    startup.node().await?.command(command).await
}

/// The present view.
///
/// # Errors
/// Why the peer could not start.
#[tauri::command]
pub async fn view(startup: State<'_, Startup>) -> Result<View, CommandError> {
    let view = startup.node().await?.views().borrow().clone();
    Ok(Arc::unwrap_or_clone(view))
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
async fn feed(node: NodeHandle, page: Channel) {
    let mut views = node.views();
    loop {
        let view = views.borrow_and_update().clone();
        let Ok(text) = serde_json::to_string(&*view) else { return };
        if page.send(InvokeResponseBody::Json(text)).is_err() {
            return;
        }
        tokio::time::sleep(VIEW_INTERVAL).await;
        if views.changed().await.is_err() {
            return;
        }
    }
}
