//! SNOMED CT codes of the brain structures that published models name, as DICOM uses them (PS3.16 CID 7153 and L.1).
//! Structures whose code is not certain have none.

use crate::codes::Code;

/// Names (lower case, letters and digits only), code, meaning.
const STRUCTURES: &[(&[&str], Code)] = &[
    (&["brain"], Code::sct("12738006", "Brain")),
    (&["cerebralwhitematter"], Code::sct("68523003", "Cerebral White Matter")),
    (&["cerebralcortex"], Code::sct("40146001", "Cerebral cortex")),
    (&["cerebellumwhitematter", "cerebellarwhitematter"], Code::sct("33060004", "Cerebellar white matter")),
    (&["lateralventricle"], Code::sct("66720007", "Lateral Ventricle")),
    (&["3rdventricle", "thirdventricle"], Code::sct("49841001", "Third ventricle")),
    (&["4thventricle", "fourthventricle"], Code::sct("35918002", "Fourth ventricle")),
    (&["thalamus", "thalamusproper"], Code::sct("42695009", "Thalamus")),
    (&["caudate", "caudatenucleus"], Code::sct("11000004", "Caudate nucleus")),
    (&["putamen"], Code::sct("89278009", "Putamen")),
    (&["pallidum", "globuspallidus"], Code::sct("14738005", "Globus pallidus")),
    (&["brainstem"], Code::sct("15926001", "Brain stem")),
    (&["hippocampus"], Code::sct("5366008", "Hippocampus")),
    (&["amygdala"], Code::sct("4958002", "Amygdala")),
    (&["accumbens", "accumbensarea", "nucleusaccumbens"], Code::sct("427667007", "Nucleus accumbens")),
];

/// The code of a structure by the name that a model gives it ("Brain-Stem", "3rd-Ventricle"); `None` when not certain.
pub fn code_of_structure(name: &str) -> Option<Code> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    STRUCTURES.iter().find(|(names, _)| names.contains(&plain.as_str())).map(|(_, code)| code.clone())
}
