//! Standardized uptake values (`clinical.md` rule 7; the order of tests is that of QIBA's vendor-neutral rules):
//! SUVbw = value (Bq/mL) · weight (g) / dose decayed to the reference time (Bq); `SUVlbm` with lean body mass (Janmahasatian et
//! al. 2005) and `SUVbsa` with body surface area (Du Bois 1916) in place of weight.
//!
//! Refused, with the attribute's name, unless the images are corrected for attenuation and decay, the decay rule is START or
//! ADMIN, and weight, dose, half-life and times are there and plausible.

use crate::io::dicom::DataSet;
use crate::study::{Uptake, UptakeBasis};
use crate::volume::{SuvFactors, ValueUnit};
use dicom_core::Tag;
use dicom_dictionary_std::tags;

const SECONDS_PER_DAY: f64 = 86_400.0;
/// An injection longer ago than this is a wrong date, not a late scan.
const MAX_UPTAKE_SECONDS: f64 = SECONDS_PER_DAY;
/// Philips PET: value times this is SUVbw, and is Bq/mL; written where Units is CNTS.
const PHILIPS_SUV_FACTOR: Tag = Tag(0x7053, 0x1000);
const PHILIPS_ACTIVITY_FACTOR: Tag = Tag(0x7053, 0x1009);
/// GE PET: date and time of the scan, where the series is younger than its acquisition.
const GE_SCAN_START: Tag = Tag(0x0009, 0x100D);
/// Start of the injection, time of day only.
const RADIOPHARMACEUTICAL_START_TIME: Tag = Tag(0x0018, 0x1072);

/// What one file says. Files of one series may differ in their times: [`earliest`] joins them.
pub fn uptake(data: &DataSet) -> Uptake {
    if data.text(tags::MODALITY) != "PT" {
        return Uptake::NotPet;
    }
    match basis(data) {
        Ok(basis) => Uptake::Known(basis),
        Err(reason) => Uptake::Refused(reason),
    }
}

/// The uptake of a series from those of its files: the earliest acquisition counts, and one refusal refuses all.
pub fn earliest<'a>(files: impl Iterator<Item = &'a Uptake>) -> Uptake {
    let mut found = Uptake::NotPet;
    for uptake in files {
        match (&found, uptake) {
            (Uptake::Refused(_), _) | (_, Uptake::NotPet) => {}
            (Uptake::Known(known), Uptake::Known(other)) if known.uptake_secs <= other.uptake_secs => {}
            _ => found = uptake.clone(),
        }
    }
    found
}

/// The factors of an uptake, for a volume.
pub fn factors(uptake: &Uptake) -> Option<SuvFactors> {
    match uptake {
        Uptake::Known(UptakeBasis { bw_per_value: Some(bw), lbm_per_value, bsa_per_value, .. }) => {
            Some(SuvFactors { bw: *bw, lbm: *lbm_per_value, bsa: *bsa_per_value })
        }
        _ => None,
    }
}

/// What the values themselves are.
pub fn unit(data: &DataSet) -> ValueUnit {
    let kind = data.text(tags::SUV_TYPE);
    match (data.text(tags::UNITS).as_str(), kind.as_str()) {
        ("GML", "" | "BW") => ValueUnit::SuvBw,
        ("GML", kind) if kind.starts_with("LBM") => ValueUnit::Other("SUVlbm".into()),
        ("GML", kind) => ValueUnit::Other(format!("SUV ({kind})")),
        ("CM2ML", _) => ValueUnit::Other("SUVbsa".into()),
        ("", _) => ValueUnit::Arbitrary,
        (units, _) => ValueUnit::Other(units.to_owned()),
    }
}

fn basis(data: &DataSet) -> Result<UptakeBasis, String> {
    let units = data.text(tags::UNITS);
    let own = UptakeBasis { units: units.clone(), ..UptakeBasis::default() };
    match units.as_str() {
        // The unit of the values says which SUV they are; no other can be made of it safely.
        "GML" | "CM2ML" => Ok(own),
        "BQML" => from_activity(data, own, 1.0),
        "CNTS" => {
            let factor = |tag| data.number(tag).filter(|f| f.is_finite() && *f > 0.0);
            if let Some(bw) = factor(PHILIPS_SUV_FACTOR) {
                return Ok(UptakeBasis { bw_per_value: Some(bw), decay: data.text(tags::DECAY_CORRECTION), ..own });
            }
            let activity = factor(PHILIPS_ACTIVITY_FACTOR);
            from_activity(data, own, activity.ok_or("no SUV: Units (0054,1001) is CNTS without a factor to Bq/mL")?)
        }
        "" => Err("no SUV: Units (0054,1001) is missing".into()),
        other => Err(format!("no SUV: Units (0054,1001) is {other}, expected BQML, GML or CNTS")),
    }
}

fn from_activity(data: &DataSet, own: UptakeBasis, bqml_per_value: f64) -> Result<UptakeBasis, String> {
    let missing = |what: &str| format!("no SUV: {what} is missing or not plausible");
    let corrected = data.texts(tags::CORRECTED_IMAGE);
    if let Some(need) = ["ATTN", "DECY"].into_iter().find(|need| !corrected.iter().any(|c| c == need)) {
        return Err(format!("no SUV: Corrected Image (0028,0051) does not name {need}"));
    }
    let weight_kg = data.number(tags::PATIENT_WEIGHT).filter(|kg| (0.5..500.0).contains(kg));
    let weight_kg = weight_kg.ok_or_else(|| missing("Patient's Weight (0010,1030)"))?;
    let tracer = data.item(tags::RADIOPHARMACEUTICAL_INFORMATION_SEQUENCE);
    let tracer = tracer.ok_or_else(|| missing("Radiopharmaceutical Information Sequence (0054,0016)"))?;
    // Some writers give MBq; no dose in Bq is this small.
    let dose_bq = tracer.number(tags::RADIONUCLIDE_TOTAL_DOSE).filter(|bq| (1e5..1e12).contains(bq));
    let dose_bq = dose_bq.ok_or_else(|| missing("Radionuclide Total Dose (0018,1074)"))?;
    let half_life = tracer.number(tags::RADIONUCLIDE_HALF_LIFE).filter(|s| *s > 0.0);
    let half_life = half_life.ok_or_else(|| missing("Radionuclide Half Life (0018,1075)"))?;
    let decay = data.text(tags::DECAY_CORRECTION);
    let uptake = uptake_seconds(data, tracer);
    let decayed_bq = match decay.as_str() {
        // Values are corrected to the injection: the dose as it was given.
        "ADMIN" => dose_bq,
        "START" => dose_bq * 2f64.powf(-uptake.clone()? / half_life),
        "" => return Err("no SUV: Decay Correction (0054,1102) is missing".into()),
        other => return Err(format!("no SUV: Decay Correction (0054,1102) is {other}, expected START or ADMIN")),
    };
    let height_m = data.number(tags::PATIENT_SIZE).filter(|m| (0.3..2.6).contains(m));
    let per = |body: f64| Some(body * bqml_per_value / decayed_bq).filter(|f| f.is_finite() && *f > 0.0);
    let lean_g = height_m.and_then(|m| lean_body_mass_g(weight_kg, m, &data.text(tags::PATIENT_SEX)));
    let surface_cm2 = height_m.map(|m| 71.84 * weight_kg.powf(0.425) * (m * 100.0).powf(0.725));
    Ok(UptakeBasis {
        decay,
        weight_kg: Some(weight_kg),
        height_m,
        dose_mbq: Some(dose_bq / 1e6),
        half_life_secs: Some(half_life),
        uptake_secs: uptake.ok(),
        bw_per_value: per(weight_kg * 1000.0),
        lbm_per_value: lean_g.and_then(per),
        bsa_per_value: surface_cm2.and_then(per),
        ..own
    })
}

/// Janmahasatian et al. 2005, in grams; only for the two sexes that it was fitted to.
fn lean_body_mass_g(weight_kg: f64, height_m: f64, sex: &str) -> Option<f64> {
    let bmi = weight_kg / (height_m * height_m);
    let kg = match sex {
        "M" => 9270.0 * weight_kg / (6680.0 + 216.0 * bmi),
        "F" => 9270.0 * weight_kg / (8780.0 + 244.0 * bmi),
        _ => return None,
    };
    Some(kg * 1000.0)
}

/// Seconds from injection to the time that decay was corrected to: the start of the series, or of its acquisition where the
/// series is younger (derived images).
fn uptake_seconds(data: &DataSet, tracer: &DataSet) -> Result<f64, String> {
    let series = moment(&data.text(tags::SERIES_DATE), &data.text(tags::SERIES_TIME));
    let acquired = moment(&data.text(tags::ACQUISITION_DATE), &data.text(tags::ACQUISITION_TIME));
    let start = match (series, acquired) {
        (Some(s), Some(a)) if s > a => date_time(&data.text(GE_SCAN_START)).unwrap_or(a),
        (Some(s), _) => s,
        (None, a) => a.ok_or("no SUV: Series Date (0008,0021) and Series Time (0008,0031) are missing")?,
    };
    let seconds = if let Some(injected) = date_time(&tracer.text(tags::RADIOPHARMACEUTICAL_START_DATE_TIME)) {
        start - injected
    } else {
        let injected = seconds_of_day(&tracer.text(RADIOPHARMACEUTICAL_START_TIME));
        let injected = injected.ok_or("no SUV: Radiopharmaceutical Start Time (0018,1072) is missing")?;
        // Only the time of day is known: the injection is the last such time before the scan, across midnight too.
        (start - injected).rem_euclid(SECONDS_PER_DAY)
    };
    let plausible = (0.0..MAX_UPTAKE_SECONDS).contains(&seconds);
    plausible.then_some(seconds).ok_or_else(|| {
        format!("no SUV: the injection (0018,1078) lies {seconds:.0} s before the scan, expected 0 s to one day")
    })
}

/// `YYYYMMDDHHMMSS.FFFFFF±ZZZZ`; the zone is that of the other times.
fn date_time(text: &str) -> Option<f64> {
    let zone = text.find(['+', '-']).unwrap_or(text.len());
    if zone < 12 {
        return None;
    }
    moment(text.get(..8)?, text.get(8..zone)?)
}

/// Seconds on a scale on which days can be subtracted.
fn moment(date: &str, time: &str) -> Option<f64> {
    let digits = |range: std::ops::Range<usize>| date.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (digits(0..4)?, digits(4..6)?, digits(6..8)?);
    let date =
        jiff::civil::Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()?;
    let days = (date - jiff::civil::date(1970, 1, 1)).get_days();
    Some(f64::from(days) * SECONDS_PER_DAY + seconds_of_day(time)?)
}

/// HHMMSS.FFFFFF, shortened forms and old colons included.
fn seconds_of_day(time: &str) -> Option<f64> {
    let plain: String = time.trim().chars().filter(|c| *c != ':').collect();
    let part = |range: std::ops::Range<usize>| plain.get(range).and_then(|p| p.parse::<f64>().ok());
    let seconds = plain.get(4..).filter(|s| !s.is_empty()).map_or(Some(0.0), |s| s.parse().ok())?;
    let total = part(0..2)? * 3600.0 + part(2..4).unwrap_or(0.0) * 60.0 + seconds;
    (0.0..=SECONDS_PER_DAY).contains(&total).then_some(total)
}
