//! The peer's start in the background, and how a command waits for it.

use crate::page::CommandError;
use raylance_node::{Node, NodeConfig};
use std::error::Error;
use std::time::Duration;
use tokio::sync::watch;

/// `None` while the peer starts, then the peer or why there is none.
type Outcome = Option<Result<Node, CommandError>>;

/// A peer that is starting, runs, or could not start.
pub struct Startup {
    outcome: watch::Receiver<Outcome>,
}

impl Startup {
    /// Begins to start a peer and returns at once.
    pub fn begin(config: Result<NodeConfig, CommandError>) -> Self {
        let (tell, outcome) = watch::channel(None);
        tauri::async_runtime::spawn(async move {
            let result = match config {
                Ok(config) => start(config).await,
                Err(error) => Err(error),
            };
            if let Err(error) = &result {
                tracing::error!(message = error.message, details = ?error.details, "the peer could not start");
            }
            tell.send_replace(Some(result));
        });
        Self { outcome }
    }

    /// The peer, as soon as it runs. May be dropped half-way.
    ///
    /// # Errors
    /// Why it could not start.
    pub async fn node(&self) -> Result<Node, CommandError> {
        let mut outcome = self.outcome.clone();
        let ended = outcome.wait_for(Option::is_some).await.ok().and_then(|outcome| outcome.clone());
        ended.unwrap_or_else(|| Err(CommandError { message: "the peer ended while it was starting".to_owned(), details: vec![] }))
    }

    /// The peer, if it runs already.
    pub fn running(&self) -> Option<Node> {
        self.outcome.borrow().as_ref().and_then(|result| result.as_ref().ok()).cloned()
    }

    /// Stops a running peer, but waits no longer than `timeout`.
    pub async fn stop(&self, timeout: Duration) {
        let Some(node) = self.running() else { return };
        raylance_control::forget(node.files().folder.path());
        match tokio::time::timeout(timeout, node.stop()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "the peer had ended before"),
            Err(_) => tracing::warn!("the peer did not stop in time; it carries on from its records at the next start"),
        }
    }
}

/// Loading a long chain and trying a graphics card block.
async fn start(config: NodeConfig) -> Result<Node, CommandError> {
    let (runtime, data) = (tokio::runtime::Handle::current(), config.data.clone());
    let started = tauri::async_runtime::spawn_blocking(move || {
        let _guard = runtime.enter();
        raylance_node::start(config)
    });
    let node = started.await.map_err(|error| explain(&error))?.map_err(|error| explain(&error))?;
    // The command line can look at this peer, too. The window does without.
    match raylance_control::serve(&data, node.clone()).await {
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the command line can't look at this peer"),
    }
    Ok(node)
}

/// An error with its causes, one line each.
fn explain(error: &dyn Error) -> CommandError {
    let causes = std::iter::successors(error.source(), |&cause| cause.source());
    CommandError { message: error.to_string(), details: causes.map(ToString::to_string).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cause_becomes_a_line() {
        let cause = std::io::Error::other(std::fmt::Error);
        let error = explain(&cause);
        assert_eq!(error.message, std::fmt::Error.to_string());
        assert!(error.details.is_empty());
    }

    #[test]
    fn a_start_that_vanished_is_an_error_and_not_an_endless_wait() {
        let (tell, outcome) = watch::channel(None);
        drop(tell);
        let startup = Startup { outcome };
        assert!(tauri::async_runtime::block_on(startup.node()).is_err());
        assert!(startup.running().is_none());
    }
}
