//! A data set under construction: explicit VR little endian, byte by byte.

use std::path::Path;

/// Elements in the order in which they are added.
#[derive(Clone, Default)]
pub struct Elements(Vec<u8>);

impl Elements {
    pub fn put(mut self, tag: (u16, u16), vr: &str, value: &[u8]) -> Self {
        self.0.extend([tag.0.to_le_bytes(), tag.1.to_le_bytes()].concat());
        self.0.extend(vr.as_bytes());
        let padded = value.len() + value.len() % 2;
        if matches!(vr, "OB" | "OW" | "SQ" | "UN" | "UT") {
            self.0.extend([0, 0]);
            self.0.extend((padded as u32).to_le_bytes());
        } else {
            self.0.extend((padded as u16).to_le_bytes());
        }
        self.0.extend(value);
        if value.len() % 2 == 1 {
            self.0.push(if matches!(vr, "UI" | "OB" | "UN") { 0 } else { b' ' });
        }
        self
    }

    pub fn text(self, tag: (u16, u16), vr: &str, value: &str) -> Self {
        self.put(tag, vr, value.as_bytes())
    }

    pub fn items(self, tag: (u16, u16), items: &[Elements]) -> Self {
        let item =
            |item: &Elements| [&[0xFE, 0xFF, 0x00, 0xE0], &(item.0.len() as u32).to_le_bytes(), &*item.0].concat();
        let value: Vec<u8> = items.iter().flat_map(item).collect();
        self.put(tag, "SQ", &value)
    }

    /// With preamble and meta group.
    pub fn write(&self, path: &Path) {
        let meta = Self::default().text((2, 3), "UI", "1.2.3.100").text((2, 0x10), "UI", "1.2.840.10008.1.2.1").0;
        let rubbish = b"JANE ROE WAS HERE".iter().copied().cycle().take(128).collect::<Vec<u8>>();
        std::fs::write(path, [rubbish, b"DICM".to_vec(), meta, self.0.clone()].concat()).unwrap();
    }
}

/// What a CT slice says before its patient, with identities to follow.
pub fn head(sop: &str) -> Elements {
    Elements::default()
        .text((8, 5), "CS", "ISO_IR 100")
        .text((8, 8), "CS", "ORIGINAL\\PRIMARY\\AXIAL")
        .text((8, 0x12), "DA", "20240305")
        .text((8, 0x16), "UI", "1.2.840.10008.5.1.4.1.1.2")
        .text((8, 0x18), "UI", sop)
        .text((8, 0x20), "DA", "20240305")
        .text((8, 0x22), "DA", "20240305")
        .text((8, 0x30), "TM", "101112.5")
        .text((8, 0x50), "SH", "ACC-778899")
        .text((8, 0x60), "CS", "CT")
        .text((8, 0x70), "LO", "X-ray Works")
        .text((8, 0x80), "LO", "General Hospital")
        .text((8, 0x90), "PN", "Refer^Rita")
        .text((8, 0x1010), "SH", "CT-ROOM-1")
        .text((8, 0x103E), "LO", "Chest axial 5mm Roe follow-up")
        .items(
            (8, 0x1140),
            &[Elements::default().text((8, 0x1150), "UI", "1.2.840.10008.5.1.4.1.1.2").text(
                (8, 0x1155),
                "UI",
                "1.2.3.100",
            )],
        )
        .put((9, 0x10), "LO", b"ACME 1.1")
        .put((9, 0x1001), "LO", b"Roe^Jane")
}

/// The patient of [`head`].
pub fn patient(before: Elements) -> Elements {
    before
        .text((0x10, 0x10), "PN", "Roe^Jane^Q")
        .text((0x10, 0x20), "LO", "PID-4711")
        .text((0x10, 0x30), "DA", "19700102")
        .text((0x10, 0x40), "CS", "F")
        .text((0x10, 0x1010), "AS", "054Y")
        .items((0x10, 0x1002), &[Elements::default().text((0x10, 0x20), "LO", "OTHER-99")])
        .text((0x10, 0x4000), "LT", "Mrs Roe called twice")
        .text((0x18, 0x15), "CS", "CHEST")
        .text((0x18, 0x1000), "LO", "SERIAL-1234")
        .text((0x18, 0x1210), "SH", "B30f Roe")
}

/// What follows: study, series, pixels, and things that must not survive.
pub fn tail(before: Elements) -> Elements {
    before
        .text((0x20, 0xD), "UI", "1.2.3.4")
        .text((0x20, 0xE), "UI", "1.2.3.5")
        .text((0x20, 0x10), "SH", "STUDY-55")
        .text((0x20, 0x11), "IS", "3")
        .text((0x20, 0x13), "IS", "7")
        .text((0x20, 0x52), "UI", "1.2.3.6")
        .put((0x28, 2), "US", &[1, 0])
        .text((0x28, 4), "CS", "MONOCHROME2")
        .put((0x28, 0x10), "US", &[2, 0])
        .put((0x28, 0x11), "US", &[2, 0])
        .put((0x28, 0x100), "US", &[16, 0])
        .put((0x28, 0x101), "US", &[16, 0])
        .put((0x28, 0x102), "US", &[15, 0])
        .put((0x28, 0x103), "US", &[0, 0])
        .items((0x40, 0x275), &[Elements::default().text((0x40, 7), "LO", "CT for Jane Roe")])
        .text((0x2010, 0x10), "ST", "ask Jane")
        .put((0x6000, 0x10), "US", &[2, 0])
        .put((0x6000, 0x3000), "OW", &[1, 0])
        .put((0x7053, 0x10), "LO", b"Philips PET Private Group")
        .put((0x7053, 0x1000), "DS", b"0.5")
        .put((0x7053, 0x1003), "ST", b"Jane Roe")
        .put((0x7FE0, 0x10), "OW", &[1, 0, 2, 0, 3, 0, 4, 0])
        .put((0xFFFC, 0xFFFC), "OB", b"Jane Roe in the padding")
}

/// A whole slice.
pub fn slice(sop: &str) -> Elements {
    tail(patient(head(sop)))
}
