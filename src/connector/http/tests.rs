//! The client against a listener that misbehaves.

use super::{Client, Cut, Guard, Options};
use crate::connector::{Answer, Failure, Request, Response};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Answers each connection with those bytes, then closes it or (`stay`) leaves it open.
async fn listener(answer: Vec<u8>, stay: bool) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = vec![0; 4096];
            let read = stream.read(&mut request).await.unwrap_or(0);
            assert!(read > 0, "a request");
            // The client may have gone by then.
            drop(stream.write_all(&answer).await);
            if stay {
                open.push(stream);
            }
        }
    });
    address
}

fn request(url: String) -> Request {
    Request {
        method: "POST",
        url,
        headers: vec![("content-type", "application/json".to_owned())],
        body: b"{}".to_vec(),
        unsafe_to_repeat: false,
    }
}

async fn exchange(url: String, guard: Guard, allow_private: bool) -> Answer {
    let options = Options {
        allow_private,
        ..Options::default()
    };
    let client = Client::new(options).unwrap();
    client.exchange(request(url), guard, Cut::Answer).await
}

async fn answer(bytes: &str, stay: bool) -> Answer {
    let address = listener(bytes.into(), stay).await;
    exchange(format!("http://{address}/"), Guard::Any, false).await
}

fn response(status: u16, retry_after_s: Option<u64>, body: &str) -> Answer {
    Answer::Response(Response {
        status,
        retry_after_s,
        body: body.into(),
    })
}

#[tokio::test]
async fn a_whole_answer_is_read() {
    let bytes = "HTTP/1.1 429 Slow\r\nretry-after: 7\r\ncontent-length: 2\r\n\r\nno";
    assert_eq!(answer(bytes, true).await, response(429, Some(7), "no"));
    let bytes = "HTTP/1.1 503 No\r\nretry-after: Fri, 31 Dec 1999 23:59:59 GMT\r\ncontent-length: 0\r\n\r\n";
    assert_eq!(answer(bytes, true).await, response(503, None, ""));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let target = listener(
        b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".to_vec(),
        true,
    )
    .await;
    let bytes =
        format!("HTTP/1.1 307 There\r\nlocation: http://{target}/\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(answer(&bytes, true).await, response(307, None, ""));
}

#[tokio::test]
async fn an_answer_that_does_not_end_in_time_is_lost() {
    let options = Options {
        exchange: Duration::from_millis(100),
        ..Options::default()
    };
    let client = Client::new(options).unwrap();
    for bytes in ["", "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf"] {
        let address = listener(bytes.into(), true).await;
        let request = request(format!("http://{address}/"));
        let answer = client.exchange(request, Guard::Any, Cut::Answer).await;
        assert_eq!(answer, Answer::Failed(Failure::Lost));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_is_lost() {
    assert_eq!(answer("", false).await, Answer::Failed(Failure::Lost));
    let bytes = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhalf";
    assert_eq!(answer(bytes, false).await, Answer::Failed(Failure::Lost));
    assert_eq!(
        answer("nonsense\r\n\r\n", true).await,
        Answer::Failed(Failure::Lost)
    );
}

#[tokio::test]
async fn a_large_body_is_cut() {
    let size = 1_000_000;
    let bytes = format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {size}\r\n\r\n{}",
        "x".repeat(size)
    );
    let address = listener(bytes.into(), true).await;
    let client = Client::new(Options::default()).unwrap();
    for (cut, expect) in [(Cut::Answer, 16 * 1024), (Cut::Roster, size)] {
        let url = format!("http://{address}/");
        let Answer::Response(response) = client.exchange(request(url), Guard::Any, cut).await
        else {
            panic!("no answer");
        };
        assert_eq!(response.body.len(), expect);
    }
}

#[tokio::test]
async fn nobody_listening_means_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let refused = exchange(format!("http://{address}/"), Guard::Any, false).await;
    assert_eq!(refused, Answer::Failed(Failure::Connect));
}

#[tokio::test]
async fn webhooks_reach_private_addresses_only_where_the_operator_says_so() {
    let address = listener(b"HTTP/1.1 204 Done\r\n\r\n".to_vec(), true).await;
    let port = address.port();
    for host in ["127.0.0.1", "localhost", "0x7f.1", "[::ffff:127.0.0.1]"] {
        let url = format!("http://{host}:{port}/");
        let blocked = exchange(url.clone(), Guard::Public, false).await;
        assert_eq!(blocked, Answer::Failed(Failure::Blocked), "{host}");
    }
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("http://localhost:{port}/"),
    ] {
        assert_eq!(
            exchange(url.clone(), Guard::Public, true).await,
            response(204, None, "")
        );
        assert_eq!(
            exchange(url, Guard::Any, false).await,
            response(204, None, "")
        );
    }
}

#[tokio::test]
async fn what_cannot_be_a_request_is_not_sent() {
    let wrong = exchange("no address".to_owned(), Guard::Any, false).await;
    assert_eq!(wrong, Answer::Failed(Failure::Blocked));
    let client = Client::new(Options::default()).unwrap();
    let mut odd = request("http://127.0.0.1:1/".to_owned());
    odd.headers.push(("authorization", "a\nb".to_owned()));
    let wrong = client.exchange(odd, Guard::Any, Cut::Answer).await;
    assert_eq!(wrong, Answer::Failed(Failure::Blocked));
}
