//! Tells documents by their content.

use std::fs::File;
use std::io::{BufReader, Read, Result, Seek, SeekFrom};

use alumx_application::ports::{FileStoreError, ResumeInspector, Upload};
use alumx_domain::resume::ResumeKind;
use async_trait::async_trait;
use zip::ZipArchive;

use crate::files::{blocking, io_error};

/// Tells documents by their content; of an archive it reads no more than the directory, so that
/// none can unfold into more.
pub struct ContentInspector;

#[async_trait]
impl ResumeInspector for ContentInspector {
    async fn kind(
        &self,
        upload: &Upload,
    ) -> std::result::Result<Option<ResumeKind>, FileStoreError> {
        let file = upload.file.try_clone().map_err(io_error)?;
        blocking(move || kind(file).map_err(io_error)).await
    }
}

fn kind(mut file: File) -> Result<Option<ResumeKind>> {
    let mut start = [0; 5];
    file.rewind()?;
    let length = file.metadata()?.len();
    if length < 5 {
        return Ok(None);
    }
    file.read_exact(&mut start)?;
    if start == *b"%PDF-" {
        return Ok(ends_as_pdf(&mut file, length)?.then_some(ResumeKind::Pdf));
    }
    if start.starts_with(b"PK\x03\x04") && is_docx(file)? {
        return Ok(Some(ResumeKind::Docx));
    }
    Ok(None)
}

/// Whether the trailer is there: what was cut off on its way is no document.
fn ends_as_pdf(file: &mut File, length: u64) -> Result<bool> {
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(2048)))?;
    file.read_to_end(&mut end)?;
    Ok(end.windows(5).any(|window| window == b"%%EOF"))
}

fn is_docx(file: File) -> Result<bool> {
    let mut file = BufReader::new(file);
    file.rewind()?;
    let Ok(archive) = ZipArchive::new(file) else {
        return Ok(false);
    };
    let parts = ["[Content_Types].xml", "word/document.xml"];
    Ok(parts
        .iter()
        .all(|part| archive.index_for_name(part).is_some()))
}
