//! The code streams of this folder: the end of the transfer syntax's UID, bits allocated, samples, a valid stream of 12 × 12
//! pixels. Tests and fuzzing include this file.

/// All that are decoded.
pub const STREAMS: [(&str, u16, usize, &[u8]); 15] = [
    ("4.50", 8, 1, include_bytes!("gray8.jpg")),
    ("4.50", 8, 3, include_bytes!("rgb8.jpg")),
    ("4.51", 16, 1, include_bytes!("gray12-extended.jpg")),
    ("4.70", 16, 1, include_bytes!("gray12-lossless.jpg")),
    ("4.80", 16, 1, include_bytes!("gray12.jls")),
    ("4.80", 8, 3, include_bytes!("rgb8.jls")),
    ("4.81", 8, 1, include_bytes!("gray8-near.jls")),
    ("4.90", 16, 1, include_bytes!("gray12.j2k")),
    ("4.91", 8, 3, include_bytes!("rgb8-lossy.j2k")),
    ("4.110", 16, 1, include_bytes!("gray12.jxl")),
    ("4.110", 8, 3, include_bytes!("rgb8.jxl")),
    ("4.112", 8, 3, include_bytes!("rgb8-lossy.jxl")),
    ("4.201", 16, 1, include_bytes!("gray12.jph")),
    ("4.201", 8, 1, include_bytes!("gray8.jph")),
    ("4.203", 8, 3, include_bytes!("rgb8.jph")),
];
