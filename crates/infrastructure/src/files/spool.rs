//! Where uploads wait until they are whole.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;

use alumx_application::ports::{FileStoreError, Upload};
use alumx_domain::file::Sha256;
use aws_lc_rs::digest::{Context, SHA256};

use super::{blocking, io_error};

/// Receives uploads on disk. The files have no names: whatever happens to the
/// service, nothing of them is left behind.
pub struct Spool {
    folder: PathBuf,
}

impl Spool {
    /// A spool in this folder, which must be there.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// A new, empty file.
    pub async fn start(&self) -> Result<SpoolWriter, FileStoreError> {
        let folder = self.folder.clone();
        let file = blocking(move || tempfile::tempfile_in(folder).map_err(io_error)).await?;
        Ok(SpoolWriter(State {
            file,
            size: 0,
            hash: Context::new(&SHA256),
            waiting: Vec::new(),
        }))
    }
}

/// A file that is being received.
pub struct SpoolWriter(State);

struct State {
    file: File,
    size: u64,
    hash: Context,
    /// What is not written yet: small pieces are not worth a way to another thread each.
    waiting: Vec<u8>,
}

impl State {
    fn flush(&mut self) -> Result<(), FileStoreError> {
        self.hash.update(&self.waiting);
        self.file.write_all(&self.waiting).map_err(io_error)?;
        self.waiting.clear();
        Ok(())
    }
}

impl SpoolWriter {
    const BUFFER: usize = 128 * 1024;

    /// How many bytes have come.
    pub const fn size(&self) -> u64 {
        self.0.size
    }

    /// Adds bytes.
    pub async fn write(self, bytes: &[u8]) -> Result<Self, FileStoreError> {
        let mut state = self.0;
        state.size += bytes.len() as u64;
        state.waiting.extend_from_slice(bytes);
        if state.waiting.len() < Self::BUFFER {
            return Ok(Self(state));
        }
        blocking(move || {
            state.flush()?;
            Ok(Self(state))
        })
        .await
    }

    /// All that came.
    pub async fn finish(self) -> Result<Upload, FileStoreError> {
        let mut state = self.0;
        blocking(move || {
            state.flush()?;
            let mut sha256 = [0; 32];
            sha256.copy_from_slice(state.hash.finish().as_ref());
            Ok(Upload {
                file: state.file,
                size: state.size,
                sha256: Sha256(sha256),
            })
        })
        .await
    }
}
