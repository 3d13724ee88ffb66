//! How strongly water weakens X-rays.
//!
//! Source: J. H. Hubbell and S. M. Seltzer, Tables of X-Ray Mass Attenuation Coefficients, NISTIR 5632, table 4 (water,
//! liquid), with coherent scattering, as XCOM computes them. Between its energies the logarithms are interpolated linearly,
//! as the tables themselves were.

/// Photon energy in keV, and the mass attenuation coefficient of water in cm²/g.
const WATER: [(f64, f64); 11] = [
    (10.0, 5.329),
    (15.0, 1.673),
    (20.0, 0.8096),
    (30.0, 0.3756),
    (40.0, 0.2683),
    (50.0, 0.2269),
    (60.0, 0.2059),
    (80.0, 0.1837),
    (100.0, 0.1707),
    (150.0, 0.1505),
    (200.0, 0.1370),
];

/// Lowest and highest energy of the table.
pub const ENERGIES_KEV: [f64; 2] = [WATER[0].0, WATER[WATER.len() - 1].0];

/// Linear attenuation coefficient of water (1 g/cm³) per mm; `None` outside of the table.
pub fn water_attenuation_per_mm(energy_kev: f64) -> Option<f64> {
    let above = WATER.iter().position(|(energy, _)| *energy >= energy_kev)?.max(1);
    let ((e0, c0), (e1, c1)) = (WATER[above - 1], WATER[above]);
    let part = (energy_kev / e0).ln() / (e1 / e0).ln();
    // One gram of water fills one cubic centimeter: cm²/g are 1/cm.
    (energy_kev >= e0).then(|| c0 * (c1 / c0).powf(part) / 10.0)
}
