//! The window: UI commands become node commands, node views become UI events.
//!
//! ```text
//! page ── command ──► node            commands.rs, page.rs
//! page ◄── updates ── node            commands.rs: one channel, topics that have changed; topics.rs: what is in them
//! page ◄── pictures ─ node            pictures.rs: the `tile` scheme
//! ```
//!
//! The window opens at once; the peer starts behind it (`startup.rs`). Deliberately absent: rules, SQL, libp2p, money.

mod arguments;
mod commands;
mod folders;
mod page;
mod pictures;
mod presence;
mod startup;
mod topics;

use arguments::Arguments;
use startup::Startup;
use std::process::ExitCode;
use std::time::Duration;
use tauri::{App, Manager, RunEvent, WebviewWindowBuilder};

/// Longest wait for the peer to say good-bye: after it the database is safe anyway, because every turn is one transaction.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens the window and returns when it was closed. Exit code 1 where there is none.
pub fn run() -> ExitCode {
    let filter = tracing_subscriber::EnvFilter::try_from_env("RAYLANCE_LOG").unwrap_or_else(|_| "warn,raylance=info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    if let Some(code) = raylance_device::render_process() {
        return code;
    }
    let arguments = Arguments::get();
    match built(arguments) {
        Some(Ok(app)) => {
            app.run(|app, event| {
                if let RunEvent::Exit = event {
                    tauri::async_runtime::block_on(app.state::<Startup>().stop(STOP_TIMEOUT));
                }
            });
            ExitCode::SUCCESS
        }
        Some(Err(error)) => no_window(&error.to_string()),
        None => no_window("there is no display that it could open on"),
    }
}

fn no_window(why: &str) -> ExitCode {
    eprintln!("error: the window can't be opened: {why}\n  without a window: raylance node run");
    ExitCode::FAILURE
}

/// The application, not running yet; `None` without a display, of which the toolkit complains by a panic.
fn built(arguments: Arguments) -> Option<tauri::Result<App>> {
    if cfg!(target_os = "linux") && ["DISPLAY", "WAYLAND_DISPLAY"].iter().all(|name| std::env::var_os(name).is_none_or(|at| at.is_empty()))
    {
        return None;
    }
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|panic| tracing::debug!(%panic, "no window")));
    let app = std::panic::catch_unwind(|| {
        tauri::Builder::default()
            .plugin(tauri_plugin_dialog::init())
            .register_asynchronous_uri_scheme_protocol(pictures::SCHEME, |context, request, responder| {
                pictures::answer(context.app_handle(), &request, responder);
            })
            .manage(commands::Stream::default())
            .invoke_handler(tauri::generate_handler![commands::command, commands::follow, commands::look_at, commands::default_scene])
            .setup(move |app| Ok(open(app, &arguments)?))
            .build(tauri::generate_context!())
    });
    std::panic::set_hook(hook);
    app.ok()
}

/// Starts the peer and shows the window, whose web view keeps its own files beside the peer's.
fn open(app: &App, arguments: &Arguments) -> tauri::Result<()> {
    let data = folders::data(app, arguments)?;
    let config = folders::node_config(&data, &folders::state(app, arguments)?, arguments.ring.as_deref());
    app.manage(Startup::begin(config));
    presence::watch(app.handle().clone())?;
    for window in &app.config().app.windows {
        WebviewWindowBuilder::from_config(app, window)?.data_directory(data.join("webview")).build()?;
    }
    Ok(())
}
