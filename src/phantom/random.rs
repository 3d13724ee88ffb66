//! Own small random numbers and lattice noise: the same seed gives the same numbers on every platform, without a
//! dependency whose stream may change between versions.

use glam::Vec3;

/// `SplitMix64` (Steele, Lea, Flood 2014): one 64-bit word of state, passes `BigCrush`, enough for anatomy.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A stream of its own for every (seed, purpose): adding a draw to one structure leaves the others as they were.
    pub fn new(seed: u64, purpose: u64) -> Self {
        Self(mix(seed ^ mix(purpose.wrapping_add(0x9E37_79B9_7F4A_7C15))))
    }

    /// The next word.
    pub fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f32 {
        (self.word() >> 40) as f32 / (1u64 << 24) as f32
    }

    /// Uniform in `low..high`.
    pub fn within(&mut self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.unit()
    }

    /// Uniform in `-size..size`.
    pub fn spread(&mut self, size: f32) -> f32 {
        self.within(-size, size)
    }

    /// Uniform in `0..n`; 0 for an empty range.
    pub fn below(&mut self, n: usize) -> usize {
        ((self.word() >> 32) as usize * n) >> 32
    }

    /// Uniform on the unit sphere.
    pub fn direction(&mut self) -> Vec3 {
        let z = self.spread(1.0);
        let (sin, cos) = self.within(0.0, std::f32::consts::TAU).sin_cos();
        let r = (1.0 - z * z).max(0.0).sqrt();
        Vec3::new(r * cos, r * sin, z)
    }
}

/// The finalizer of `SplitMix64`: turns any word into a well-mixed one.
#[inline]
pub fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

/// Hash of a lattice point to -1..1.
#[inline]
fn lattice(x: i32, y: i32, z: i32, seed: u32) -> f32 {
    let mut h = (x as u32).wrapping_mul(0x8DA6_B343)
        ^ (y as u32).wrapping_mul(0xD816_3841)
        ^ (z as u32).wrapping_mul(0xCB1A_B31F)
        ^ seed;
    h = (h ^ (h >> 15)).wrapping_mul(0x2C1B_3C6D);
    h = (h ^ (h >> 12)).wrapping_mul(0x297A_2D39);
    h ^= h >> 15;
    (h >> 8) as f32 * (2.0 / 16_777_216.0) - 1.0
}

/// The next integer below; without a call into the C library, which older instruction sets need for `f32::floor`.
#[inline]
fn floor(x: f32) -> i32 {
    let t = x as i32;
    t - i32::from(t as f32 > x)
}

/// Value noise: smooth, about -0.8..0.8, features about one unit large.
#[inline]
pub fn noise(p: Vec3, seed: u32) -> f32 {
    let [x, y, z] = [floor(p.x), floor(p.y), floor(p.z)];
    let f = p - Vec3::new(x as f32, y as f32, z as f32);
    let s = f * f * (Vec3::splat(3.0) - 2.0 * f);
    let row = |y: i32, z: i32| {
        let a = lattice(x, y, z, seed);
        a + (lattice(x + 1, y, z, seed) - a) * s.x
    };
    let sheet = |z: i32| {
        let a = row(y, z);
        a + (row(y + 1, z) - a) * s.y
    };
    let a = sheet(z);
    a + (sheet(z + 1) - a) * s.z
}

/// [`noise`] in two octaves.
#[inline]
pub fn noise2(p: Vec3, seed: u32) -> f32 {
    0.67 * noise(p, seed) + 0.33 * noise(p * 2.17, seed ^ 0x5bd1)
}
