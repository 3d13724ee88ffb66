//! What the fuzz targets share: the rooms of Fovea that read files, built in here by path.
//!
//! The program itself is not linked: window, GPU and networks would take most of an hour to build with coverage, and read
//! nothing from strangers. The rooms below are the program's own sources, unchanged; `crate::io` means the same in both.

#[path = "../../src"]
mod rooms {
    #![allow(dead_code, unused_imports, reason = "their other users are not built in")]
    #![allow(missing_docs, reason = "documented where they belong")]

    pub mod codes;
    pub mod findings;
    pub mod geometry;
    pub mod io;
    pub mod jobs;
    pub mod loaded;
    pub mod report;
    pub mod study;
    pub mod volume;
}
pub mod made;
pub mod scratch;
pub mod streams;
pub mod watch;

pub use rooms::{codes, findings, geometry, io, jobs, loaded, report, study, volume};

use io::codec::Expected;

/// Transfer syntaxes with a codec, in the order that inputs of the target `pixel_decode` number them.
pub const SYNTAXES: [&str; 18] = [
    "1.2.840.10008.1.2.5",
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.57",
    "1.2.840.10008.1.2.4.70",
    "1.2.840.10008.1.2.4.80",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.90",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.92",
    "1.2.840.10008.1.2.4.93",
    "1.2.840.10008.1.2.4.110",
    "1.2.840.10008.1.2.4.111",
    "1.2.840.10008.1.2.4.112",
    "1.2.840.10008.1.2.4.201",
    "1.2.840.10008.1.2.4.202",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.52",
];

/// Names that the target `nifti` gives its inputs: the first byte chooses.
pub const VOXEL_FILES: [&str; 7] = ["x.nii", "x.nii.gz", "x.hdr", "x.nrrd", "x.nhdr", "x.mha", "x.mhd"];

/// Names that the target `archive` gives its inputs: the first byte chooses.
pub const ARCHIVES: [&str; 6] = ["x.zip", "x.tar", "x.tar.gz", "x.dcm.gz", "x.tar.bz2", "x.bz2"];

/// First byte of an input of `pixel_decode` that is a whole file.
pub const WHOLE_FILE: u8 = 0x80;

/// A coded frame as an input of `pixel_decode`: what its header says in six bytes, then its stream.
pub fn frame_input(syntax: usize, expected: Expected, stream: &[u8]) -> Vec<u8> {
    let [columns, rows] = [expected.columns as u16, expected.rows as u16].map(u16::to_le_bytes);
    let samples = [1, 3, 4].iter().position(|n| *n == expected.samples).unwrap_or(0) as u8;
    let width = [8, 16, 32, 1].iter().position(|n| *n == expected.bits_allocated).unwrap_or(0) as u8;
    let kind = samples | width << 2 | u8::from(expected.signed) << 4;
    [&[syntax as u8, kind], &columns[..], &rows, stream].concat()
}

/// The opposite of [`frame_input`]: transfer syntax, header, stream.
pub fn frame_of(input: &[u8]) -> Option<(&'static str, Expected, &[u8])> {
    let ([syntax, kind, c0, c1, r0, r1], stream) = input.split_first_chunk::<6>()?;
    let expected = Expected {
        columns: usize::from(u16::from_le_bytes([*c0, *c1])).max(1),
        rows: usize::from(u16::from_le_bytes([*r0, *r1])).max(1),
        samples: [1, 3, 4, 1][usize::from(kind & 3)],
        bits_allocated: [8, 16, 32, 1][usize::from(kind >> 2 & 3)],
        signed: kind & 16 != 0,
    };
    Some((SYNTAXES[usize::from(*syntax) % SYNTAXES.len()], expected, stream))
}

/// The files in an input of `series_assembly`: each begins after a DICM mark.
pub fn files_of(input: &[u8]) -> Vec<Vec<u8>> {
    const MARK: &[u8] = b"DICM";
    let mut marks: Vec<usize> =
        input.windows(MARK.len()).enumerate().filter(|(_, w)| *w == MARK).map(|(n, _)| n).collect();
    marks.push(input.len());
    let whole = |pair: &[usize]| [&[0; 128], &input[pair[0]..pair[1]]].concat();
    marks.windows(2).take(12).map(whole).collect()
}
