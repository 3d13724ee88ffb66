//! How one number is stored in a file of voxels.

/// Types of single numbers that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Datatype {
    /// Unsigned, 8 bits.
    U8,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Unsigned, 16 bits.
    U16,
    /// Signed, 32 bits.
    I32,
    /// Unsigned, 32 bits.
    U32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 64 bits.
    U64,
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
}

impl Datatype {
    /// Bytes of a voxel.
    pub fn width(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// True when `f32` cannot hold every value.
    pub fn loses_in_f32(self) -> bool {
        matches!(self, Self::I32 | Self::U32 | Self::I64 | Self::U64)
    }

    /// The number in the first bytes of `b`; zero when there are too few.
    pub fn value(self, b: &[u8], big_endian: bool) -> f64 {
        let mut raw = [0; 8];
        let width = self.width();
        if let Some(bytes) = b.get(..width) {
            raw[..width].copy_from_slice(bytes);
        }
        if big_endian {
            raw[..width].reverse();
        }
        let [a, b, c, d, ..] = raw;
        match self {
            Self::U8 => f64::from(a),
            Self::I8 => f64::from(a.cast_signed()),
            Self::I16 => f64::from(i16::from_le_bytes([a, b])),
            Self::U16 => f64::from(u16::from_le_bytes([a, b])),
            Self::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::I64 => i64::from_le_bytes(raw) as f64,
            Self::U64 => u64::from_le_bytes(raw) as f64,
            Self::F64 => f64::from_le_bytes(raw),
        }
    }

    /// A number written as text, as little-endian bytes; `None` when the type cannot hold it.
    pub fn bytes_of(self, text: &str) -> Option<Vec<u8>> {
        Some(match self {
            Self::U8 => vec![text.parse::<u8>().ok()?],
            Self::I8 => text.parse::<i8>().ok()?.to_le_bytes().to_vec(),
            Self::I16 => text.parse::<i16>().ok()?.to_le_bytes().to_vec(),
            Self::U16 => text.parse::<u16>().ok()?.to_le_bytes().to_vec(),
            Self::I32 => text.parse::<i32>().ok()?.to_le_bytes().to_vec(),
            Self::U32 => text.parse::<u32>().ok()?.to_le_bytes().to_vec(),
            Self::I64 => text.parse::<i64>().ok()?.to_le_bytes().to_vec(),
            Self::U64 => text.parse::<u64>().ok()?.to_le_bytes().to_vec(),
            Self::F32 => text.parse::<f32>().ok()?.to_le_bytes().to_vec(),
            Self::F64 => text.parse::<f64>().ok()?.to_le_bytes().to_vec(),
        })
    }
}
