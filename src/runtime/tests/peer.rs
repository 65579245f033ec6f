//! A peer on loopback that notes what it is sent and answers as it is told.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the peer does with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    Answer,
    /// It takes the request and says nothing.
    Hang,
}

/// Requests that came, as (the `webhook-id` header, the body).
#[derive(Clone)]
pub(super) struct Peer {
    pub(super) address: String,
    manner: Arc<Mutex<Manner>>,
    came: Arc<Mutex<Vec<(String, String)>>>,
}

impl Peer {
    pub(super) async fn new(manner: Manner, answer: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let peer = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            manner: Arc::new(Mutex::new(manner)),
            came: Arc::default(),
        };
        let serving = peer.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let peer = serving.clone();
                tokio::spawn(async move { peer.serve(stream, answer).await });
            }
        });
        peer
    }

    pub(super) fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    pub(super) fn came(&self) -> Vec<(String, String)> {
        self.came.lock().unwrap().clone()
    }

    async fn serve(&self, mut stream: TcpStream, answer: &str) {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let field = |name: &str| {
                    let line = head.lines().find_map(|line| {
                        let (known, value) = line.split_once(':')?;
                        known
                            .eq_ignore_ascii_case(name)
                            .then(|| value.trim().to_owned())
                    });
                    line.unwrap_or_default()
                };
                if body.len() >= field("content-length").parse::<usize>().unwrap_or(0) {
                    let path = head.split(' ').nth(1).unwrap_or_default();
                    // Not what the shell asks for itself.
                    if path == "/" || path.contains("send_") {
                        let came = (field("webhook-id"), body.to_owned());
                        self.came.lock().unwrap().push(came);
                    }
                    break;
                }
            }
            let mut part = [0; 4096];
            match stream.read(&mut part).await {
                Ok(0) | Err(_) => return,
                Ok(count) => bytes.extend_from_slice(&part[..count]),
            }
        }
        if *self.manner.lock().unwrap() == Manner::Hang {
            std::future::pending::<()>().await;
        }
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json";
        let whole = format!("{head}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len());
        stream.write_all(whole.as_bytes()).await.unwrap();
    }
}
