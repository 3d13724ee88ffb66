//! Marker segments of JPEG and JPEG-LS streams (T.81 B.1, T.87 C.1): one walk for all who look at them.

/// A marker with its parameters, and where they end.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    /// Second byte of the marker.
    pub marker: u8,
    /// What follows its length.
    pub body: &'a [u8],
    /// Position of the byte after it.
    pub next: usize,
}

/// The position behind the start-of-image marker; stray bytes may come first.
pub fn start(stream: &[u8]) -> Option<usize> {
    stream.windows(2).position(|w| w == [0xFF, 0xD8]).map(|at| at + 2)
}

/// The next marker from `at` that has parameters, or the end of the image.
pub fn segment(stream: &[u8], mut at: usize) -> Option<Segment<'_>> {
    loop {
        while *stream.get(at)? != 0xFF {
            at += 1;
        }
        while *stream.get(at)? == 0xFF {
            at += 1;
        }
        let marker = stream[at];
        at += 1;
        match marker {
            0x00 | 0x01 | 0xD0..=0xD8 => {}
            0xD9 => return Some(Segment { marker, body: &[], next: at }),
            _ => {
                let length = usize::from(u16::from_be_bytes([*stream.get(at)?, *stream.get(at + 1)?])).max(2);
                return Some(Segment { marker, body: stream.get(at + 2..at + length)?, next: at + length });
            }
        }
    }
}

/// The frame header of a JPEG or JPEG-LS stream (T.81 B.2.2).
#[derive(Debug, Clone, Copy)]
pub struct FrameHeader {
    /// Second byte of the SOF marker: which process (T.81 table B.1).
    pub marker: u8,
    /// Bits of a sample.
    pub precision: u8,
    /// Lines.
    pub rows: usize,
    /// Samples of a line.
    pub columns: usize,
    /// Components.
    pub components: usize,
}

/// Finds the frame header.
pub fn frame_header(stream: &[u8]) -> Option<FrameHeader> {
    let mut at = start(stream)?;
    loop {
        let Segment { marker, body, next } = segment(stream, at)?;
        match marker {
            0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | 0xF7 => {
                let body: &[u8; 6] = body.first_chunk()?;
                return Some(FrameHeader {
                    marker,
                    precision: body[0],
                    rows: usize::from(u16::from_be_bytes([body[1], body[2]])),
                    columns: usize::from(u16::from_be_bytes([body[3], body[4]])),
                    components: usize::from(body[5]),
                });
            }
            0xD9 | 0xDA => return None,
            _ => at = next,
        }
    }
}
