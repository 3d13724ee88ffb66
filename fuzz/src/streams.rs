//! A small valid code stream of every codec, and the header that is true of it.

use crate::SYNTAXES;
use crate::io::codec::Expected;

const SIDE: usize = 12;

#[path = "../../tests/data/streams/list.rs"]
mod list;

macro_rules! stream {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/data/streams/", $name))
    };
}

/// The same streams under other syntaxes: some read alike, some refused.
const RENAMED: [(&str, u16, usize, &[u8]); 4] = [
    ("4.57", 16, 1, stream!("gray12-lossless.jpg")),
    ("4.92", 16, 1, stream!("gray12.j2k")),
    ("4.93", 8, 3, stream!("rgb8-lossy.j2k")),
    ("4.202", 8, 3, stream!("rgb8.jph")),
];

/// All of them, with the number of their syntax in [`SYNTAXES`].
pub fn all() -> Vec<(usize, Expected, Vec<u8>)> {
    let number = |tail: &str| SYNTAXES.iter().position(|uid| uid.ends_with(&format!(".2.{tail}"))).expect("a syntax");
    let expected =
        |bits_allocated, samples| Expected { columns: SIDE, rows: SIDE, samples, bits_allocated, signed: false };
    let streams = list::STREAMS.into_iter().chain(RENAMED);
    let coded = streams.map(|(tail, bits, samples, stream)| (number(tail), expected(bits, samples), stream.to_vec()));
    coded.chain([(number("5"), expected(8, 1), rle())]).collect()
}

/// RLE (PS3.5 Annex G): one segment of literal runs, one of them repeated.
fn rle() -> Vec<u8> {
    let mut stream = vec![0; 64];
    (stream[0], stream[4]) = (1, 64);
    for row in 0..SIDE as u8 {
        if row % 2 == 0 {
            stream.extend([245, row * 20]);
        } else {
            stream.push(11);
            stream.extend((0..SIDE as u8).map(|column| column * row));
        }
    }
    stream
}
