//! Headers that are lines of text, followed by anything.

use super::VoxelFileError;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// The lines of a file from its beginning, with a limit for all of them.
pub struct HeaderLines {
    from: BufReader<File>,
    position: u64,
    limit: u64,
}

impl HeaderLines {
    /// Reads at most `limit` bytes of lines.
    pub fn open(path: &Path, limit: u64) -> std::io::Result<Self> {
        Ok(Self { from: BufReader::new(File::open(path)?), position: 0, limit })
    }

    /// The next line without its end; `None` at the end of the file.
    pub fn next(&mut self) -> Result<Option<String>, VoxelFileError> {
        let left = self.limit.saturating_sub(self.position);
        let mut line = Vec::new();
        let read = self.from.by_ref().take(left).read_until(b'\n', &mut line)? as u64;
        self.position += read;
        if read == left {
            return Err(VoxelFileError::Kind("the header of the file does not end".into()));
        }
        if read == 0 {
            return Ok(None);
        }
        let text = String::from_utf8_lossy(&line);
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    /// First byte after the lines that were read.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// First byte after `count` lines from byte `start` on.
    pub fn after(path: &Path, start: u64, count: u64, limit: u64) -> Result<u64, VoxelFileError> {
        let mut lines = Self::open(path, limit)?;
        lines.from.seek(SeekFrom::Start(start))?;
        for _ in 0..count {
            if lines.next()?.is_none() {
                break;
            }
        }
        Ok(start + lines.position)
    }
}
