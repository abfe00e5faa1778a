//! A client of the WebSocket.

use std::time::Duration;

use alumx_tests::{App, User, or_panic};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::openapi::schema::errors;

/// What never comes must not hold up a test for ever.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open socket.
pub struct Socket {
    pub stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    document: Value,
}

impl Socket {
    /// A socket of nobody yet.
    pub async fn connect(app: &App, token: Option<&str>) -> Result<Self, Error> {
        let url = format!("{}/api/v1/ws", app.root.replacen("http", "ws", 1));
        let mut request = url.into_client_request()?;
        if let Some(token) = token {
            let header = or_panic(format!("Bearer {token}").parse());
            request.headers_mut().insert("authorization", header);
        }
        let (stream, _) = connect_async(request).await?;
        let document = app.get("/asyncapi.json").await.body;
        Ok(Self { stream, document })
    }

    /// A socket of a user on the user's instance, ready; and what `ready` said.
    pub async fn open(user: &User<'_>) -> (Self, Value) {
        Self::open_on(user.app, user).await
    }

    /// The same on another instance.
    pub async fn open_on(app: &App, user: &User<'_>) -> (Self, Value) {
        let mut socket = or_panic(Self::connect(app, Some(&user.access_token)).await);
        let ready = socket.next().await;
        assert_eq!(
            (&ready["type"], &ready["userId"]),
            (&json!("ready"), &json!(user.id))
        );
        (socket, ready)
    }

    async fn message(&mut self) -> Option<Result<Message, Error>> {
        or_panic(timeout(PATIENCE, self.stream.next()).await)
    }

    /// The next frame, or the code that the server closed with.
    pub async fn next_or_close(&mut self) -> Result<Value, u16> {
        loop {
            match self.message().await {
                Some(Ok(Message::Text(text))) => {
                    let frame = or_panic(serde_json::from_str(&text));
                    self.assert_documented(&frame);
                    return Ok(frame);
                }
                Some(Ok(Message::Close(Some(frame)))) => return Err(frame.code.into()),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                other => panic!("neither a frame nor a close with a code: {other:?}"),
            }
        }
    }

    /// Checks that a frame is as the AsyncAPI document says.
    fn assert_documented(&self, frame: &Value) {
        let kind = frame["type"].as_str().unwrap_or_default();
        let payload = &self.document["components"]["messages"][kind]["payload"];
        assert!(payload.is_object(), "not documented: {frame}");
        let errors = errors(&self.document, payload, frame);
        assert!(errors.is_empty(), "{errors:?}: {frame}");
    }

    /// The next frame.
    pub async fn next(&mut self) -> Value {
        match self.next_or_close().await {
            Ok(frame) => frame,
            Err(code) => panic!("closed with {code}"),
        }
    }

    /// The next frame, which must be of this type.
    pub async fn expect(&mut self, kind: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["type"], kind, "{frame}");
        frame
    }

    /// The next frame of this type, whatever comes before it.
    pub async fn until(&mut self, kind: &str) -> Value {
        loop {
            let frame = self.next().await;
            if frame["type"] == kind {
                return frame;
            }
        }
    }

    /// The code that the server closes with, whatever comes before it.
    pub async fn closed(&mut self) -> u16 {
        loop {
            if let Err(code) = self.next_or_close().await {
                return code;
            }
        }
    }

    /// Whether the connection ends, after the close frames.
    pub async fn ends(mut self) -> bool {
        loop {
            match self.message().await {
                None | Some(Err(_)) => return true,
                Some(Ok(_)) => {}
            }
        }
    }

    /// Sends a frame.
    pub async fn send(&mut self, frame: &Value) {
        self.send_text(&frame.to_string()).await;
    }

    /// Sends a text.
    pub async fn send_text(&mut self, text: &str) {
        or_panic(self.stream.send(Message::text(text)).await);
    }

    /// Says that the user is writing.
    pub async fn typing(&mut self, kind: &str, id: i64) {
        let conversation = json!({"kind": kind, "id": id});
        self.send(&json!({"type": "typing", "conversation": conversation}))
            .await;
    }

    /// Checks that nothing was told that has not been read: what is refused now is answered after
    /// everything that happened before.
    pub async fn assert_quiet(&mut self) {
        self.typing("CHAT", i64::MAX).await;
        let frame = self.next().await;
        assert_eq!(frame, json!({"type": "error", "code": "not_found"}));
    }
}
