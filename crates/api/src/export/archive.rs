//! A ZIP that is sent piece by piece, so that no more of it is in memory than the client has yet
//! to take.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Duration;

use actix_web::web::Bytes;
use alumx_application::export::{ExportError, ExportService};
use alumx_application::ports::FileStream;
use alumx_domain::account::Caller;
use alumx_domain::page::Page;
use futures_util::TryStreamExt as _;
use serde::Serialize;
use tokio::sync::mpsc::Sender;
use tokio::time::error::Elapsed;
use zip::CompressionMethod;
use zip::result::ZipError;
use zip::write::{SimpleFileOptions, StreamWriter, ZipWriter};

/// What is sent, in order; an error breaks the connection off, so that half an archive isn't taken
/// for a whole one.
pub(super) type Piece = Result<Bytes, io::Error>;

/// How long a client may take for a piece.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why an archive wasn't written to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Stopped {
    /// The client has gone, or takes nothing any more.
    #[error("the client doesn't read on")]
    ClientGone,
    /// What was to be written couldn't be read.
    #[error(transparent)]
    Read(#[from] ExportError),
    /// A stored file couldn't be read.
    #[error(transparent)]
    File(#[from] alumx_application::ports::FileStoreError),
    /// The archive couldn't be made.
    #[error("the archive can't be made: {0}")]
    Zip(#[from] ZipError),
    /// As above.
    #[error("the archive can't be made: {0}")]
    Write(#[from] io::Error),
    /// As above.
    #[error("the archive can't be made: {0}")]
    Json(#[from] serde_json::Error),
}

/// What was written and not yet sent.
#[derive(Clone, Default)]
struct Written(Rc<RefCell<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An archive on its way.
pub(super) struct Archive<'a> {
    service: &'a ExportService,
    caller: Caller,
    zip: ZipWriter<StreamWriter<Written>>,
    written: Written,
    sender: Sender<Piece>,
}

impl<'a> Archive<'a> {
    pub fn new(service: &'a ExportService, caller: Caller, sender: Sender<Piece>) -> Self {
        let written = Written::default();
        Self {
            service,
            caller,
            zip: ZipWriter::new_stream(written.clone()),
            written,
            sender,
        }
    }

    /// Adds a file of one value.
    pub async fn value(&mut self, name: &str, value: &impl Serialize) -> Result<(), Stopped> {
        self.begin(name)?;
        serde_json::to_writer_pretty(&mut self.zip, value)?;
        self.zip.write_all(b"\n")?;
        self.send().await
    }

    /// Adds a file of a list that is read in pages.
    pub async fn list<T: Serialize, K: Copy, E>(
        &mut self,
        name: &str,
        page_after: impl AsyncFnMut(Option<K>) -> Result<Page<T, K>, E>,
    ) -> Result<(), Stopped>
    where
        Stopped: From<E>,
    {
        self.begin(name)?;
        self.items(page_after).await?;
        self.zip.write_all(b"\n")?;
        self.send().await
    }

    /// Adds a file of an object: what `head` says, and a list that is read in pages.
    pub async fn headed_list<T: Serialize, K: Copy, E>(
        &mut self,
        name: &str,
        head: &impl Serialize,
        list: &str,
        page_after: impl AsyncFnMut(Option<K>) -> Result<Page<T, K>, E>,
    ) -> Result<(), Stopped>
    where
        Stopped: From<E>,
    {
        self.begin(name)?;
        let head = serde_json::to_string(head)?;
        let open = head.strip_suffix('}').unwrap_or(&head);
        write!(self.zip, "{open},\"{list}\":")?;
        self.items(page_after).await?;
        self.zip.write_all(b"}\n")?;
        self.send().await
    }

    /// Adds a stored file, as it is.
    pub async fn file(&mut self, name: &str, mut bytes: FileStream) -> Result<(), Stopped> {
        // Documents and images are compressed already.
        self.begin_as(name, CompressionMethod::Stored)?;
        while let Some(piece) = bytes.try_next().await? {
            self.zip.write_all(&piece)?;
            self.send().await?;
        }
        Ok(())
    }

    /// Writes the end of the archive.
    pub async fn finish(self) -> Result<(), Stopped> {
        self.service.check(self.caller).await?;
        let Self {
            zip,
            written,
            sender,
            ..
        } = self;
        zip.finish()?;
        send(&written, &sender).await
    }

    fn begin(&mut self, name: &str) -> Result<(), Stopped> {
        self.begin_as(name, CompressionMethod::Deflated)
    }

    fn begin_as(&mut self, name: &str, method: CompressionMethod) -> Result<(), Stopped> {
        let level = (method == CompressionMethod::Deflated).then_some(1);
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .compression_level(level)
            .unix_permissions(0o600);
        Ok(self.zip.start_file(name, options)?)
    }

    async fn items<T: Serialize, K: Copy, E>(
        &mut self,
        mut page_after: impl AsyncFnMut(Option<K>) -> Result<Page<T, K>, E>,
    ) -> Result<(), Stopped>
    where
        Stopped: From<E>,
    {
        let mut separator = "[\n";
        let mut after = None;
        loop {
            let page = page_after(after).await?;
            for item in page.items {
                self.zip.write_all(separator.as_bytes())?;
                serde_json::to_writer(&mut self.zip, &item)?;
                separator = ",\n";
            }
            self.send().await?;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let end: &[u8] = if separator == "[\n" { b"[]" } else { b"\n]" };
        Ok(self.zip.write_all(end)?)
    }

    /// Goes on to the next part, unless the caller isn't signed in any more.
    async fn send(&mut self) -> Result<(), Stopped> {
        self.service.check(self.caller).await?;
        send(&self.written, &self.sender).await
    }
}

/// Hands on what was written, as soon as the client has room for it.
async fn send(written: &Written, sender: &Sender<Piece>) -> Result<(), Stopped> {
    let piece = std::mem::take(&mut *written.0.borrow_mut());
    if piece.is_empty() {
        return Ok(());
    }
    let sent = sender.send_timeout(Ok(piece.into()), PATIENCE).await;
    sent.map_err(|_| Stopped::ClientGone)
}

/// Breaks the connection off if the archive wasn't written to its end.
pub(super) async fn finish(ended: Result<Result<(), Stopped>, Elapsed>, sender: &Sender<Piece>) {
    let why = match ended {
        Ok(Ok(())) => return,
        Ok(Err(stopped)) => stopped.to_string(),
        Err(_) => "it took too long".to_owned(),
    };
    tracing::warn!("an export was broken off: {why}");
    let broken = io::Error::other("the export was broken off");
    // The client may have gone by itself.
    drop(sender.send_timeout(Err(broken), PATIENCE).await);
}
