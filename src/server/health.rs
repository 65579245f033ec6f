//! What watches the daemon asks here: is it alive, is it ready, how much is there.

use super::{Doors, views};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use std::sync::Arc;

/// `/healthz`: the process answers.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// `/readyz`: events are taken. While the journal has no room they are not, and a restart would not
/// help: that is what `/healthz` is apart for.
pub(super) async fn ready(State(doors): State<Arc<Doors>>) -> Response {
    let status = doors.handle.status();
    if status.ready && !status.journal_full {
        return "ready\n".into_response();
    }
    let problem = views::problem(&status).unwrap_or("not ready");
    (StatusCode::SERVICE_UNAVAILABLE, format!("{problem}\n")).into_response()
}

/// `/`: what runs, and where to look.
pub(super) async fn home() -> Html<&'static str> {
    Html(HOME)
}

const HOME: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Steward</title>
<h1>Steward · 群管家</h1>
<p>The daemon runs. It answers here:</p>
<ul>
<li><a href=\"readyz\">/readyz</a> – whether it takes events
<li><a href=\"metrics\">/metrics</a> – counters for Prometheus
<li><code>/api/v1</code> – the admin API, with the admin token; described by <code>/api/v1/openapi.json</code>
<li><code>/hooks/&lt;connector&gt;</code> – where platforms send their webhooks
</ul>
<p>On the command line: <code>steward groups</code>, <code>steward members</code>, <code>steward runs</code>, <code>steward outbox</code>, <code>steward --help</code>.</p>
</html>
";
