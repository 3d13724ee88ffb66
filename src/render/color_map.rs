//! Color maps: from gray levels to colors. Sources: the well-known palettes of PS3.6 Annex B (Hot Iron, PET, Hot Metal Blue,
//! PET 20 Step), viridis and cividis (of matplotlib, CC0; perceptually even and safe for color-blind readers), and turbo
//! (A. Mikhailov, Google, 2019; a rainbow whose lightness rises and falls once).
//!
//! A map has 256 entries; between two of them colors change linearly, so that two renderers that differ by a rounding in
//! gray differ by no more in color.

/// Which colors gray levels become. Black to white is the order of `Gray`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ColorMap {
    /// As it is.
    #[default]
    Gray,
    /// Low levels bright.
    InvertedGray,
    /// PS3.6 B.1.1.
    HotIron,
    /// PS3.6 B.1.2.
    Pet,
    /// PS3.6 B.1.3.
    HotMetalBlue,
    /// PS3.6 B.1.4.
    Pet20Step,
    /// A rainbow.
    Turbo,
    /// Safe for color-blind readers.
    Viridis,
    /// Safe for color-blind readers, blue to yellow.
    Cividis,
}

/// Control points of one channel: entry and level; linear between, rounded half up.
type Points = &'static [(u8, u8)];

const HOT_IRON: [Points; 3] = [
    &[(0, 0), (127, 254), (129, 255), (255, 255)],
    &[(0, 0), (128, 0), (254, 252), (255, 255)],
    &[(0, 0), (191, 0), (254, 252), (255, 255)],
];
const PET: [Points; 3] = [
    &[(0, 0), (63, 0), (64, 1), (149, 170), (150, 171), (192, 255), (255, 255)],
    &[(0, 0), (31, 62), (33, 67), (62, 125), (63, 128), (95, 64), (97, 61), (127, 1), (128, 0), (254, 252), (255, 255)],
    &[(0, 0), (1, 1), (128, 255), (130, 248), (192, 0), (233, 165), (235, 174), (254, 250), (255, 255)],
];
const HOT_METAL_BLUE: [Points; 3] = [
    &[(0, 0), (85, 0), (102, 50), (119, 90), (153, 190), (170, 255), (255, 255)],
    &[(0, 0), (119, 0), (238, 224), (255, 255)],
    &[
        (0, 0),
        (17, 33),
        (42, 83),
        (43, 84),
        (76, 149),
        (93, 183),
        (94, 184),
        (102, 200),
        (119, 150),
        (136, 50),
        (153, 0),
        (170, 0),
        (238, 200),
        (255, 255),
    ],
];
/// First entry of each step and its color.
const PET_20_STEP: [(u8, u32); 20] = [
    (0, 0x00_0000),
    (13, 0x60_0050),
    (26, 0x30_3050),
    (39, 0x30_3070),
    (51, 0x50_5080),
    (64, 0x60_60b0),
    (77, 0x70_70c0),
    (90, 0x80_80e0),
    (102, 0x30_6030),
    (115, 0x30_9030),
    (128, 0x50_c050),
    (141, 0x40_e040),
    (153, 0xe0_e050),
    (166, 0xd0_d060),
    (179, 0xd0_b040),
    (192, 0xd0_9000),
    (204, 0xc0_6000),
    (217, 0xb0_3000),
    (230, 0xff_0000),
    (243, 0xff_ffff),
];
/// Every 17th entry of the originals; linear between.
const TURBO: [u32; 16] = [
    0x30_123b, 0x41_43a7, 0x47_71e9, 0x3e_9bfe, 0x22_c5e2, 0x1a_e4b6, 0x46_f884, 0x88_ff4e, 0xb9_f635, 0xe1_dd37,
    0xfa_ba39, 0xfd_8d27, 0xf0_5b12, 0xd6_3506, 0xaf_1801, 0x7a_0403,
];
const VIRIDIS: [u32; 16] = [
    0x44_0154, 0x48_1a6c, 0x47_2f7d, 0x41_4487, 0x39_568c, 0x31_688e, 0x2a_788e, 0x23_888e, 0x1f_988b, 0x22_a884,
    0x35_b779, 0x54_c568, 0x7a_d151, 0xa5_db36, 0xd2_e21b, 0xfd_e725,
];
const CIVIDIS: [u32; 16] = [
    0x00_224e, 0x00_2e6c, 0x1e_3a6f, 0x35_456c, 0x47_516c, 0x57_5d6d, 0x66_6970, 0x75_7575, 0x84_8279, 0x94_8e77,
    0xa5_9c74, 0xb7_a96e, 0xc8_b866, 0xdb_c75a, 0xee_d649, 0xfe_e838,
];

impl ColorMap {
    /// All of them, in the order of menus.
    pub const ALL: [Self; 9] = [
        Self::Gray,
        Self::InvertedGray,
        Self::HotIron,
        Self::Pet,
        Self::HotMetalBlue,
        Self::Pet20Step,
        Self::Turbo,
        Self::Viridis,
        Self::Cividis,
    ];

    /// The word for command lines and settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Gray => "gray",
            Self::InvertedGray => "inverted-gray",
            Self::HotIron => "hot-iron",
            Self::Pet => "pet",
            Self::HotMetalBlue => "hot-metal-blue",
            Self::Pet20Step => "pet-20-step",
            Self::Turbo => "turbo",
            Self::Viridis => "viridis",
            Self::Cividis => "cividis",
        }
    }

    /// The map of a name; `None` for an unknown one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|map| map.name() == name)
    }

    /// Red, green, blue of each of the 256 levels.
    pub fn table(self) -> [[u8; 3]; 256] {
        let of = |channels: [Points; 3]| std::array::from_fn(|n| channels.map(|points| along(points, n)));
        match self {
            Self::Gray => std::array::from_fn(|n| [n as u8; 3]),
            Self::InvertedGray => std::array::from_fn(|n| [255 - n as u8; 3]),
            Self::HotIron => of(HOT_IRON),
            Self::Pet => of(PET),
            Self::HotMetalBlue => of(HOT_METAL_BLUE),
            Self::Pet20Step => std::array::from_fn(|n| {
                let step = PET_20_STEP.iter().rev().find(|(first, _)| usize::from(*first) <= n);
                step.map_or([0; 3], |(_, color)| rgb(*color))
            }),
            Self::Turbo => evenly(&TURBO),
            Self::Viridis => evenly(&VIRIDIS),
            Self::Cividis => evenly(&CIVIDIS),
        }
    }

    /// The table in 0–1, as renderers use it.
    pub fn colors(self) -> ColorTable {
        ColorTable(self.table().map(|color| color.map(|byte| f32::from(byte) / 255.0)))
    }
}

/// Red, green, blue in 0–1 of 256 levels.
#[derive(Debug, Clone, PartialEq)]
pub struct ColorTable(pub [[f32; 3]; 256]);

impl ColorTable {
    /// Color of a gray level in 0–1, linear between entries. Twin of `color_of` in `shaders/view.wgsl`.
    #[inline]
    pub fn color_of(&self, gray: f32) -> [f32; 3] {
        let at = gray.clamp(0.0, 1.0) * 255.0;
        let low = at as usize;
        let (a, b, w) = (self.0[low], self.0[(low + 1).min(255)], at - low as f32);
        std::array::from_fn(|c| a[c] + (b[c] - a[c]) * w)
    }
}

fn rgb(color: u32) -> [u8; 3] {
    let [_, r, g, b] = color.to_be_bytes();
    [r, g, b]
}

/// Colors at every 17th level, linear between.
fn evenly(colors: &[u32; 16]) -> [[u8; 3]; 256] {
    std::array::from_fn(|n| {
        let (low, part) = (n / 17, n % 17);
        let (a, b) = (rgb(colors[low]), rgb(colors[(low + 1).min(15)]));
        std::array::from_fn(|c| between(usize::from(a[c]), usize::from(b[c]), part, 17))
    })
}

/// The level of entry `n` on the line through control points.
fn along(points: Points, n: usize) -> u8 {
    let at = |k: usize| (usize::from(points[k].0), usize::from(points[k].1));
    let right = (1..points.len() - 1).find(|&k| at(k).0 >= n).unwrap_or(points.len() - 1);
    let ((x0, y0), (x1, y1)) = (at(right - 1), at(right));
    between(y0, y1, n - x0, x1 - x0)
}

/// `a` to `b`, `part` of `whole` of the way, rounded half up.
fn between(a: usize, b: usize, part: usize, whole: usize) -> u8 {
    ((2 * (a * (whole - part) + b * part) + whole) / (2 * whole)) as u8
}
