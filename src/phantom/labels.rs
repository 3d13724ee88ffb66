//! What the labels of the phantoms mean: names, codes (SNOMED CT, as in PS3.16 CID 7155 and 7603), sides, colors.

#![allow(clippy::unreadable_literal, reason = "colors are written as on the web")]

use crate::codes::{ANATOMICAL_STRUCTURE, Code, LEFT, MORPHOLOGICALLY_ABNORMAL, RIGHT};
use crate::volume::{AlgorithmKind, Segment};

macro_rules! labels {
    ($($name:ident = $number:literal, $text:literal, $code:literal, $meaning:literal, $side:literal, $hu:literal, $color:literal;)*) => {
        $(#[doc = $text] pub const $name: u8 = $number;)*
        /// Every structure of the thorax phantom but vertebrae, ribs and lesions.
        const THORAX: &[Row] = &[$(Row { number: $number, label: $text, code: $code, meaning: $meaning, side: $side,
            hu: $hu, color: $color }),*];
    };
}

/// One structure: its nominal value is that of its middle, before blur and noise.
struct Row {
    number: u8,
    label: &'static str,
    code: &'static str,
    meaning: &'static str,
    side: char,
    hu: i16,
    color: u32,
}

labels! {
    SKIN = 1, "Skin", "39937001", "Skin", ' ', 30, 0xE8C2A0;
    FAT = 2, "Subcutaneous fat", "67769009", "Subcutaneous fatty tissue", ' ', -102, 0xE6DC8C;
    MUSCLE = 3, "Muscle", "71616004", "Skeletal muscle", ' ', 56, 0xB4503C;
    MEDIASTINUM = 4, "Mediastinal fat", "72410000", "Mediastinum", ' ', -92, 0xD9C878;
    VISCERAL_FAT = 5, "Abdominal fat", "725274000", "Visceral fat", ' ', -100, 0xC8B464;
    RUL = 6, "Right upper lobe", "45653009", "Upper lobe of lung", 'R', -855, 0x78B4E6;
    RML = 7, "Right middle lobe", "72481006", "Middle lobe of right lung", 'R', -855, 0x64D2C8;
    RLL = 8, "Right lower lobe", "90572001", "Lower lobe of lung", 'R', -845, 0x5A82DC;
    LUL = 9, "Left upper lobe", "45653009", "Upper lobe of lung", 'L', -855, 0xA0C8F0;
    LLL = 10, "Left lower lobe", "90572001", "Lower lobe of lung", 'L', -845, 0x7896E6;
    AIRWAY = 11, "Trachea and bronchi", "44567001", "Trachea", ' ', -985, 0x50F0F0;
    AIRWAY_WALL = 12, "Airway wall", "", "", ' ', 20, 0x32A0A0;
    PULMONARY_ARTERY = 13, "Pulmonary arteries", "81040000", "Pulmonary artery", ' ', 160, 0x4664F0;
    PULMONARY_VEIN = 14, "Pulmonary veins", "122972007", "Pulmonary vein", ' ', 152, 0xF05A64;
    AORTA = 15, "Aorta", "15825003", "Aorta", ' ', 158, 0xE63232;
    ARCH_ARTERIES = 16, "Arteries of the aortic arch", "", "", ' ', 158, 0xFA6E50;
    SVC = 17, "Superior vena cava and its veins", "48345005", "Superior vena cava", ' ', 148, 0x3C5AC8;
    IVC = 18, "Inferior vena cava", "64131007", "Inferior vena cava", ' ', 138, 0x32469B;
    AZYGOS = 19, "Azygos vein", "72107004", "Azygos vein", ' ', 140, 0x5A78DC;
    MYOCARDIUM = 20, "Myocardium", "74281007", "Myocardium", ' ', 98, 0xC83C50;
    LEFT_VENTRICLE = 21, "Left ventricle", "87878005", "Left ventricle", ' ', 156, 0xFA3C3C;
    RIGHT_VENTRICLE = 22, "Right ventricle", "53085002", "Right ventricle", ' ', 150, 0x5A5AFA;
    LEFT_ATRIUM = 23, "Left atrium", "82471001", "Left atrium", ' ', 154, 0xFA8C78;
    RIGHT_ATRIUM = 24, "Right atrium", "73829009", "Right atrium", ' ', 148, 0x8CA0FA;
    ESOPHAGUS = 25, "Esophagus", "32849002", "Esophagus", ' ', 45, 0xD2AA50;
    THYROID = 26, "Thyroid gland", "69748006", "Thyroid gland", ' ', 115, 0xC86EC8;
    LIVER = 27, "Liver", "10200004", "Liver", ' ', 106, 0xA0523C;
    LIVER_VESSELS = 28, "Hepatic and portal veins", "32764006", "Portal vein", ' ', 150, 0x5046B4;
    GALLBLADDER = 29, "Gallbladder", "28231008", "Gallbladder", ' ', 8, 0x50B450;
    SPLEEN = 30, "Spleen", "78961009", "Spleen", 'L', 118, 0x8C3C78;
    STOMACH = 31, "Stomach", "69695003", "Stomach", ' ', 38, 0xD28C64;
    STOMACH_GAS = 32, "Gas in the stomach", "", "", ' ', -980, 0xF0E6C8;
    RIGHT_KIDNEY = 33, "Right kidney", "64033007", "Kidney", 'R', 165, 0xDC7832;
    LEFT_KIDNEY = 34, "Left kidney", "64033007", "Kidney", 'L', 165, 0xE69632;
    RIGHT_ADRENAL = 35, "Right adrenal gland", "23451007", "Adrenal gland", 'R', 60, 0xF0C832;
    LEFT_ADRENAL = 36, "Left adrenal gland", "23451007", "Adrenal gland", 'L', 60, 0xF0D25A;
    PANCREAS = 37, "Pancreas", "15776009", "Pancreas", ' ', 92, 0xF0B48C;
    COLON = 38, "Colon", "71854001", "Colon", ' ', 30, 0x966E46;
    DIAPHRAGM = 39, "Diaphragm", "5798000", "Diaphragm", ' ', 58, 0x963C32;
    SPINAL_CANAL = 40, "Spinal canal", "", "", ' ', 12, 0xB4DCF0;
    SPINAL_CORD = 41, "Spinal cord", "2748008", "Spinal cord", ' ', 42, 0xF0F08C;
    DISCS = 42, "Intervertebral discs", "360499006", "Intervertebral disc", ' ', 85, 0x78C88C;
    STERNUM = 43, "Sternum", "56873002", "Sternum", ' ', 230, 0xE6E6D2;
    RIGHT_CLAVICLE = 44, "Right clavicle", "51299004", "Clavicle", 'R', 320, 0xD2D2BE;
    LEFT_CLAVICLE = 45, "Left clavicle", "51299004", "Clavicle", 'L', 320, 0xD2D2BE;
    RIGHT_SCAPULA = 46, "Right scapula", "79601000", "Scapula", 'R', 330, 0xC8C8AA;
    LEFT_SCAPULA = 47, "Left scapula", "79601000", "Scapula", 'L', 330, 0xC8C8AA;
    RIGHT_HUMERUS = 48, "Right humerus", "85050009", "Humerus", 'R', 280, 0xBEBEA0;
    LEFT_HUMERUS = 49, "Left humerus", "85050009", "Humerus", 'L', 280, 0xBEBEA0;
    CARTILAGE = 50, "Costal cartilage", "50016007", "Costal cartilage", ' ', 105, 0x8CC8C8;
}

/// Label of vertebra `n`: 0 = C6, 1 = C7, 2–13 = T1–T12, 14 = L1, 15 = L2.
pub const VERTEBRA_0: u8 = 60;
/// Label of the first right rib; the twelfth follows eleven later.
pub const RIGHT_RIB_1: u8 = 80;
/// Label of the first left rib.
pub const LEFT_RIB_1: u8 = 100;
/// Label of the first planted lesion.
pub const LESION_1: u8 = 120;

/// Name and SNOMED CT code of the vertebrae from [`VERTEBRA_0`] on.
const VERTEBRAE: [(&str, &str); 16] = [
    ("C6 vertebra", "36054005"),
    ("C7 vertebra", "87391001"),
    ("T1 vertebra", "64864005"),
    ("T2 vertebra", "53733008"),
    ("T3 vertebra", "1626008"),
    ("T4 vertebra", "73071006"),
    ("T5 vertebra", "56401006"),
    ("T6 vertebra", "45296009"),
    ("T7 vertebra", "62487009"),
    ("T8 vertebra", "11068009"),
    ("T9 vertebra", "82687006"),
    ("T10 vertebra", "7610001"),
    ("T11 vertebra", "12989004"),
    ("T12 vertebra", "23215003"),
    ("L1 vertebra", "66794005"),
    ("L2 vertebra", "14293000"),
];

/// Ordinal and SNOMED CT code of the ribs.
const RIBS: [(&str, &str, &str); 12] = [
    ("first", "48535007", "First rib"),
    ("second", "78247007", "Second rib"),
    ("third", "25888004", "Third rib"),
    ("fourth", "25523003", "Fourth rib"),
    ("fifth", "15339008", "Fifth rib"),
    ("sixth", "59558009", "Sixth rib"),
    ("seventh", "24915002", "Seventh rib"),
    ("eighth", "5953002", "Eighth rib"),
    ("ninth", "22565002", "Ninth rib"),
    ("tenth", "77644006", "Tenth rib"),
    ("eleventh", "58830002", "Eleventh rib"),
    ("twelfth", "43993008", "Twelfth rib"),
];

/// True for the five lobes.
#[inline]
pub fn is_lobe(label: u8) -> bool {
    (RUL..=LLL).contains(&label)
}

/// The value that a structure has in its middle, where it is one value (HU); `None` for bones with cortex and marrow.
pub fn nominal_hu(label: u8) -> Option<i16> {
    let bony = (STERNUM..=LEFT_HUMERUS).contains(&label);
    THORAX.iter().find(|r| r.number == label && !bony).map(|r| r.hu)
}

/// [`nominal_hu`] as a number to paint with; bones get their marrow.
pub(super) fn hu(label: u8) -> f32 {
    THORAX.iter().find(|r| r.number == label).map_or(220.0, |r| f32::from(r.hu))
}

/// All segments of the thorax but lesions, ascending.
pub(super) fn thorax_segments() -> Vec<Segment> {
    let rows = THORAX.iter().map(|r| {
        let code = (!r.code.is_empty()).then(|| Code::sct(r.code, r.meaning));
        segment(r.number, r.label.into(), code, side(r.side), r.color)
    });
    let vertebrae = (VERTEBRA_0..).zip(VERTEBRAE).map(|(n, (name, code))| {
        let color = if n % 2 == 0 { 0xF0E6C8 } else { 0xD2BE96 };
        segment(n, name.into(), Some(Code::sct(code, name)), None, color)
    });
    let ribs = |first: u8, word: &'static str, letter: char| {
        (first..).zip(RIBS).map(move |(n, (ordinal, code, meaning))| {
            let color = if n % 2 == 0 { 0xEBE1D2 } else { 0xC8B9A0 };
            segment(n, format!("{word} {ordinal} rib"), Some(Code::sct(code, meaning)), side(letter), color)
        })
    };
    rows.chain(vertebrae).chain(ribs(RIGHT_RIB_1, "Right", 'R')).chain(ribs(LEFT_RIB_1, "Left", 'L')).collect()
}

/// The segment of a planted lesion.
pub(super) fn lesion_segment(number: u8, label: String, code: Code, laterality: Option<Code>) -> Segment {
    Segment { category: MORPHOLOGICALLY_ABNORMAL, ..segment(number, label, Some(code), laterality, 0xFFD23C) }
}

fn side(letter: char) -> Option<Code> {
    match letter {
        'R' => Some(RIGHT),
        'L' => Some(LEFT),
        _ => None,
    }
}

pub(super) fn segment(
    number: u8,
    label: String,
    property: Option<Code>,
    laterality: Option<Code>,
    color: u32,
) -> Segment {
    let [_, r, g, b] = color.to_be_bytes();
    Segment {
        number,
        label,
        category: ANATOMICAL_STRUCTURE,
        property,
        laterality,
        color_rgb: [r, g, b],
        algorithm: AlgorithmKind::Automatic,
        algorithm_name: "Fovea phantom 1".into(),
        tracking_uid: String::new(),
    }
}
