//! Rows of a CSV file, with as much of it in memory as one row has.

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;

use csv::{ByteRecord, Error, ErrorKind};

use super::ImportError;
use super::columns::{self, Column};
use super::row::{self, Person, Refused};

/// The most bytes of one row; what is longer is a quotation mark that nothing closes.
const MAX_ROW: u64 = 8 * 1024 * 1024;

/// The most bytes of one cell, far above what any column takes.
const MAX_CELL: usize = 256 * 1024;

/// How much is read at once.
const BUFFER: usize = 64 * 1024;

fn unreadable(path: &Path, error: &io::Error) -> ImportError {
    ImportError::File(format!("can't read {}: {error}", path.display()))
}

/// Reads the whole file once, before anything is done: in the wrong encoding, none of it can be
/// trusted. Answers its size.
pub(super) fn check_encoding(path: &Path) -> Result<u64, ImportError> {
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    let (mut buffer, mut held, mut line, mut size) = (vec![0; BUFFER], 0, 1_u64, 0_u64);
    loop {
        let read = file
            .read(&mut buffer[held..])
            .map_err(|error| unreadable(path, &error))?;
        size += read as u64;
        let bytes = &buffer[..held + read];
        let (good, wrong) = match std::str::from_utf8(bytes) {
            Ok(_) => (bytes.len(), false),
            // A letter may go on in the next piece, but not after the end.
            Err(error) => (
                error.valid_up_to(),
                error.error_len().is_some() || read == 0,
            ),
        };
        line += bytes[..good].split(|byte| *byte == b'\n').skip(1).count() as u64;
        if wrong {
            return Err(ImportError::File(format!(
                "line {line}: not UTF-8; the file may be Latin-1, Windows-1252 or UTF-16: \
                 save it as UTF-8. Nothing was imported"
            )));
        }
        if read == 0 {
            return Ok(size);
        }
        let end = bytes.len();
        buffer.copy_within(good..end, 0);
        held = end - good;
    }
}

/// Reads no more than one row may have until it is told that a row has ended.
struct Limited {
    file: File,
    left: Rc<Cell<u64>>,
}

impl Read for Limited {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        match self.left.get().checked_sub(read as u64) {
            Some(left) => self.left.set(left),
            None => return Err(io::Error::other("the row is too long")),
        }
        Ok(read)
    }
}

/// Reads rows one after the other.
pub(super) struct Reader {
    csv: csv::Reader<Limited>,
    left: Rc<Cell<u64>>,
    columns: Vec<Column>,
    record: ByteRecord,
}

impl Reader {
    /// Opens the file and reads its header.
    pub fn open(path: &Path) -> Result<Self, ImportError> {
        let file = File::open(path).map_err(|error| unreadable(path, &error))?;
        let left = Rc::new(Cell::new(MAX_ROW));
        let limited = Limited {
            file,
            left: left.clone(),
        };
        let mut csv = csv::ReaderBuilder::new()
            .flexible(true)
            .buffer_capacity(BUFFER)
            .from_reader(limited);
        let header = csv.byte_headers().map_err(|error| broken(1, &error))?;
        let names: Vec<_> = header.iter().map(String::from_utf8_lossy).collect();
        // A byte-order mark may begin the file; the parser takes it off or leaves it.
        let names = names.iter().map(|name| name.trim_start_matches('\u{feff}'));
        let columns = columns::of_header(names)?;
        Ok(Self {
            csv,
            left,
            columns,
            record: ByteRecord::new(),
        })
    }

    /// The next row, if there is one: a person, or why it is none.
    pub fn next(&mut self) -> Result<Option<Result<Person, Refused>>, ImportError> {
        self.left.set(MAX_ROW);
        let begins = self.csv.position().line();
        let more = self.csv.read_byte_record(&mut self.record);
        if !more.map_err(|error| broken(begins, &error))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(begins, csv::Position::line);
        let mut cells = Vec::with_capacity(self.columns.len());
        for cell in &self.record {
            // Its encoding was checked before; who changes the file meanwhile is told here.
            let text = std::str::from_utf8(cell)
                .map_err(|_| ImportError::File(format!("line {line}: not UTF-8")))?;
            cells.push(columns::with_formula(text.trim()));
        }
        if let Some(long) = cells.iter().find(|cell| cell.len() > MAX_CELL) {
            let reason = format!("a cell has {} bytes, far too many", long.len());
            return Ok(Some(Err(Refused {
                line,
                email: String::new(),
                reason,
            })));
        }
        Ok(Some(row::person(line, &self.columns, &cells)))
    }

    /// How many bytes of the file are done.
    pub fn position(&self) -> u64 {
        self.csv.position().byte()
    }
}

fn broken(line: u64, error: &Error) -> ImportError {
    let why = match error.kind() {
        ErrorKind::Io(error) => error.to_string(),
        _ => error.to_string(),
    };
    ImportError::File(format!(
        "the row that begins in line {line} can't be read: {why}; a quotation mark may be missing \
         at its end"
    ))
}
