//! The `tile` scheme: `tile://localhost/<job>?r=<revision>` answers with the job's newest picture as PNG.
//!
//! The revision only makes the address new, so that the page asks again; what comes is never older.

use crate::startup::Startup;
use raylance_node::Node;
use raylance_protocol::{Digest, SpecHash};
use tauri::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tauri::http::{Request, Response, StatusCode, Uri};
use tauri::{AppHandle, Manager, Runtime, UriSchemeResponder};

/// The scheme's name.
pub const SCHEME: &str = "tile";

/// Hexadecimal digits of a job's id.
const JOB_DIGITS: usize = 64;

/// Answers a request for a picture. Returns at once; the answer follows from a task.
pub fn answer<R: Runtime>(app: &AppHandle<R>, request: &Request<Vec<u8>>, responder: UriSchemeResponder) {
    let Some(job) = job_of(request.uri()) else { return responder.respond(refusal(StatusCode::BAD_REQUEST)) };
    let Some(node) = app.try_state::<Startup>().and_then(|startup| startup.running()) else {
        return responder.respond(refusal(StatusCode::SERVICE_UNAVAILABLE));
    };
    tauri::async_runtime::spawn(async move {
        responder.respond(match picture(&node, job).await {
            Some(bytes) => png(bytes),
            None => refusal(StatusCode::NOT_FOUND),
        });
    });
}

/// The picture of a running job as far as it is there, or of an ended one from its file.
async fn picture(node: &Node, job: String) -> Option<Vec<u8>> {
    let spec = SpecHash(Digest::from_hex(&job)?);
    if let Some((_, png)) = raylance_control::view::picture(node, spec).await {
        return Some(png.to_vec());
    }
    let files = node.files().jobs.file(spec).files;
    let file = files.into_iter().find(|file| file.extension().is_some_and(|end| end == "png"))?;
    tokio::fs::read(file).await.ok()
}

/// The job that an address names: a job's id in lower-case hexadecimal and nothing else.
fn job_of(uri: &Uri) -> Option<String> {
    let job = uri.path().strip_prefix('/')?;
    let hexadecimal = job.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (job.len() == JOB_DIGITS && hexadecimal).then(|| job.to_owned())
}

fn png(bytes: Vec<u8>) -> Response<Vec<u8>> {
    let mut response = Response::new(bytes);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, tauri::http::HeaderValue::from_static("image/png"));
    headers.insert(CACHE_CONTROL, tauri::http::HeaderValue::from_static("no-store"));
    response
}

fn refusal(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_job_id_is_an_address() {
        let check = |path: &str, expected: bool| {
            let uri: Uri = format!("tile://localhost{path}").parse().unwrap();
            assert_eq!(job_of(&uri).is_some(), expected, "{path}");
        };
        let job = "0123456789abcdef".repeat(4);
        check(&format!("/{job}"), true);
        check(&format!("/{job}?r=7"), true);
        check(&format!("/{job}/7"), false);
        check(&format!("/{}", job.to_uppercase()), false);
        check(&format!("/{}", &job[1..]), false);
        check("/../secret", false);
        check("/", false);
    }
}
