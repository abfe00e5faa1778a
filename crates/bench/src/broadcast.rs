//! What the library that carries the sockets can do at best: the same bytes to all of them, with
//! nothing around it. A process of its own, as the service is.

use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

use actix_web::web::{Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_ws::{Message, Session};
use alumx_api::cli::Failure;
use bytestring::ByteString;
use futures_util::StreamExt as _;

struct Sockets {
    all: Mutex<Vec<Session>>,
    text: ByteString,
}

/// Sends the text that is the second argument to all sockets, for every request that isn't one.
pub fn run() -> Result<(), Failure> {
    let text = std::env::args().nth(2).ok_or("a text is needed")?;
    let sockets = Data::new(Sockets {
        all: Mutex::default(),
        text: text.into(),
    });
    actix_web::rt::System::new().block_on(async {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(sockets.clone())
                .route("/api/v1/ws", web::get().to(open))
                .default_service(web::to(send))
        });
        let server = server.backlog(8192).bind((Ipv4Addr::LOCALHOST, 0))?;
        for address in server.addrs() {
            println!("{address}");
        }
        Ok(server.run().await?)
    })
}

async fn open(
    request: HttpRequest,
    body: Payload,
    sockets: Data<Sockets>,
) -> Result<HttpResponse, actix_web::Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    // As the service does.
    let _ = session.text(r#"{"type":"ready"}"#).await;
    let all = &sockets.all;
    all.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .push(session.clone());
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            if matches!(message, Message::Close(_)) {
                break;
            }
        }
        drop(session);
    });
    Ok(response)
}

async fn send(sockets: Data<Sockets>) -> HttpResponse {
    let mut all = sockets
        .all
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    for session in &mut all {
        // Who has gone needs nothing.
        let _ = session.text(sockets.text.clone()).await;
    }
    HttpResponse::Ok().finish()
}

/// A running one; ended when dropped.
pub struct Broadcast {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Broadcast {
    /// Starts it.
    pub fn start(text: &str) -> Result<Self, Failure> {
        let mut child = Command::new(std::env::current_exe()?)
            .args([crate::BROADCAST, text])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().ok_or("it has no output")?;
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line)?;
        let address = line.trim().parse()?;
        Ok(Self { child, address })
    }
}

impl Drop for Broadcast {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
