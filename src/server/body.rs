//! A request's body, taken with bounds on size, time and nesting.

use super::{Doors, Error};
use crate::model::limits;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, header};
use std::future::poll_fn;
use std::pin::Pin;

/// Reads a body whole: at most [`limits::PAYLOAD_BYTES_MAX`] bytes, within [`super::Limits::body`].
pub(super) async fn read(doors: &Doors, headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Error> {
    let encoding = headers.get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Error::Encoded);
    }
    match tokio::time::timeout(doors.limits.body, collect(body)).await {
        Ok(collected) => collected,
        Err(_elapsed) => Err(Error::TooSlow),
    }
}

async fn collect(mut body: Body) -> Result<Vec<u8>, Error> {
    // Told beforehand, it need not be read at all.
    if body.size_hint().lower() > limits::PAYLOAD_BYTES_MAX as u64 {
        return Err(Error::TooLarge);
    }
    let mut bytes = Vec::new();
    loop {
        match poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
            None => return Ok(bytes),
            Some(Err(_broken)) => return Err(Error::BrokenOff),
            Some(Ok(frame)) => {
                if let Some(data) = frame.data_ref() {
                    if bytes.len().saturating_add(data.len()) > limits::PAYLOAD_BYTES_MAX {
                        return Err(Error::TooLarge);
                    }
                    bytes.extend_from_slice(data);
                }
            }
        }
    }
}

/// Refuses JSON that is nested too deep, by its brackets alone, before anything decodes it. What is
/// no JSON passes: its decoder says so better.
pub(super) fn check_depth(body: &[u8]) -> Result<(), Error> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut escaped = false;
    for byte in body {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                depth = depth.saturating_add(1);
                if depth > limits::PAYLOAD_DEPTH_MAX {
                    return Err(Error::TooDeep);
                }
            }
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(
            "{{\"a\\\"[[[\": \"{}\", \"b\": {open}{close}}}",
            "[{".repeat(500)
        )
        .into_bytes()
    }

    #[test]
    fn brackets_count_outside_of_strings_only() {
        assert!(check_depth(&nested(limits::PAYLOAD_DEPTH_MAX - 1)).is_ok());
        assert!(matches!(
            check_depth(&nested(limits::PAYLOAD_DEPTH_MAX)),
            Err(Error::TooDeep)
        ));
    }

    #[test]
    fn many_small_things_side_by_side_are_not_deep() {
        let body = format!("[{}[]]", "[],{},".repeat(1_000));
        assert!(check_depth(body.as_bytes()).is_ok());
    }

    #[test]
    fn what_is_no_json_passes() {
        for body in [&b""[..], b"]]]]", b"\xff\xfe", b"\"\\"] {
            assert!(check_depth(body).is_ok());
        }
    }
}
