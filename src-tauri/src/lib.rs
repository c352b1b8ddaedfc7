//! The window: UI commands become node commands, node views become UI events.
//!
//! ```text
//! page ── command ──► node            commands.rs, page.rs
//! page ◄── views ──── node            commands.rs: one channel, newest view only; page.rs: what is in it
//! page ◄── pictures ─ node            pictures.rs: the `tile` scheme
//! ```
//!
//! The window opens at once; the peer starts behind it (`startup.rs`). Deliberately absent: rules, SQL, libp2p, money.

mod commands;
mod folders;
mod page;
mod pictures;
mod startup;

use startup::Startup;
use std::process::ExitCode;
use std::time::Duration;
use tauri::{App, Manager, RunEvent, WebviewWindowBuilder};

/// Longest wait for the peer to say good-bye: after it the database is safe anyway, because every turn is one transaction.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the window and returns when it was closed.
pub fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn,raylance=info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();

    let app = tauri::Builder::default()
        .plugin(tauri_plugin_dialog::init())
        .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, |context, request, responder| {
            pictures::answer(context.app_handle(), &request, responder);
        })
        .manage(commands::Stream::default())
        .invoke_handler(tauri::generate_handler![commands::command, commands::view, commands::view_stream, commands::default_scene])
        .setup(|app| Ok(open(app)?))
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Startup>().stop(STOP_TIMEOUT));
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not be opened");
            ExitCode::FAILURE
        }
    }
}

/// Starts the peer and shows the window, whose web view keeps its own files beside the peer's.
fn open(app: &App) -> tauri::Result<()> {
    let data = folders::data(app)?;
    app.manage(Startup::begin(folders::node_config(&data, &folders::state(app)?)));
    for window in &app.config().app.windows {
        WebviewWindowBuilder::from_config(app, window)?.data_directory(data.join("webview")).build()?;
    }
    Ok(())
}
