//! Pure operations on masks against brute force, and the label map's deltas.

use fovea::geometry::{DMat3, DVec3, VolumeGeometry};
use fovea::volume::ops::{
    Links, Mask, Parts, blur_slices, close_ball, coarse_mask, dilate_ball, dilate_discs, erode_ball, erode_discs,
    fill_holes, fine_mask, holes_in_slices, open_ball, part_labels, spread,
};
use fovea::volume::{Connectivity, Labelmap, components};
use proptest::prelude::*;

const DIMS: [usize; 3] = [9, 8, 6];
const SPACING: [f64; 3] = [0.8, 1.1, 2.0];

fn mask(bits: &[u8], one_in: u8) -> Mask {
    Mask::from_flags(DIMS, bits.iter().map(|b| b % one_in == 0).collect()).unwrap()
}

fn ijk(n: usize) -> [usize; 3] {
    [n % DIMS[0], n / DIMS[0] % DIMS[1], n / (DIMS[0] * DIMS[1])]
}

fn distance_mm(a: usize, b: usize) -> f64 {
    let (a, b) = (ijk(a), ijk(b));
    (0..3).map(|n| ((a[n] as f64 - b[n] as f64) * SPACING[n]).powi(2)).sum::<f64>().sqrt()
}

fn brute_dilation(mask: &Mask, radius_mm: f64, same_slice: bool) -> Vec<bool> {
    let set: Vec<usize> = (0..mask.flags().len()).filter(|&n| mask.flags()[n]).collect();
    let near = |n: usize| {
        set.iter().any(|&m| distance_mm(n, m) <= radius_mm + 1e-6 && (!same_slice || ijk(n)[2] == ijk(m)[2]))
    };
    (0..mask.flags().len()).map(near).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn dilation_and_erosion_are_what_they_say(
        bits in proptest::collection::vec(any::<u8>(), 9 * 8 * 6), one_in in 2u8..40, radius in 0.0f64..5.0,
    ) {
        let set = mask(&bits, one_in);
        prop_assert!(dilate_ball(&set, SPACING, radius).flags() == brute_dilation(&set, radius, false));
        prop_assert!(dilate_discs(&set, SPACING, radius).flags() == brute_dilation(&set, radius, true));
        let outside: Vec<bool> = brute_dilation(&set.not(), radius, false).iter().map(|b| !b).collect();
        prop_assert!(erode_ball(&set, SPACING, radius).flags() == outside);
        let outside: Vec<bool> = brute_dilation(&set.not(), radius, true).iter().map(|b| !b).collect();
        prop_assert!(erode_discs(&set, SPACING, radius).flags() == outside);
        // Opening only takes away, closing only adds.
        prop_assert!(open_ball(&set, SPACING, radius).minus(&set).is_empty());
        prop_assert!(set.minus(&close_ball(&set, SPACING, radius)).is_empty());
    }

    #[test]
    fn parts_agree_with_flood_fill(bits in proptest::collection::vec(any::<u8>(), 9 * 8 * 6), one_in in 2u8..6) {
        let set = mask(&bits, one_in);
        let geometry =
            VolumeGeometry::new(DIMS, DVec3::ZERO, DVec3::from_array(SPACING), DMat3::IDENTITY).unwrap();
        for (links, connectivity) in [(Links::Faces, Connectivity::Six), (Links::Corners, Connectivity::TwentySix)] {
            let parts = Parts::of(&set, links);
            let flood = components(&geometry, set.flags().to_vec(), connectivity);
            prop_assert_eq!(parts.parts().len(), flood.len());
            for component in &flood {
                let same = (0..parts.parts().len()).find(|&n| {
                    let voxels = parts.select(|m, _| m == n);
                    voxels.flags()[component.voxels[0]]
                }).unwrap();
                let part = &parts.parts()[same];
                prop_assert_eq!(part.voxels, component.voxels.len());
                prop_assert_eq!((part.min_ijk, part.max_ijk), (component.min_ijk, component.max_ijk));
                let center = part.center_ijk();
                for axis in 0..3 {
                    let mean = component.voxels.iter().map(|&v| ijk(v)[axis] as f64).sum::<f64>() / part.voxels as f64;
                    prop_assert!((center[axis] - mean).abs() < 1e-9);
                }
            }
        }
        let total: usize = Parts::of(&set, Links::InSlice).parts().iter().map(|p| p.voxels).sum();
        prop_assert_eq!(total, set.count());
        let (parts, mut labels) = part_labels(&set);
        spread(DIMS, &mut labels, &vec![true; set.flags().len()]);
        prop_assert!(parts.parts().is_empty() || !labels.contains(&0), "spreading reaches everything");
    }

    #[test]
    fn crops_pads_and_bounds_fit(bits in proptest::collection::vec(any::<u8>(), 9 * 8 * 6)) {
        let set = mask(&bits, 60);
        let padded = set.padded([2, 1, 3]);
        prop_assert_eq!(padded.count(), set.count());
        prop_assert_eq!(&padded.cropped([2, 1, 3], [10, 8, 8]), &set);
        if let Some((low, high)) = set.bounds_ijk() {
            prop_assert_eq!(set.cropped(low, high).count(), set.count());
            prop_assert!(set.voxels_ijk().all(|v| (0..3).all(|n| low[n] <= v[n] && v[n] <= high[n])));
        } else {
            prop_assert!(set.is_empty());
        }
        prop_assert_eq!(&coarse_mask(&set, [1, 1, 1]), &set);
        let coarse = coarse_mask(&set, [2, 3, 4]);
        prop_assert_eq!(coarse_mask(&fine_mask(&coarse, [2, 3, 4], DIMS), [2, 3, 4]), coarse);
    }

    #[test]
    fn a_delta_leads_there_and_back(
        before in proptest::collection::vec(0u8..4, 5 * 4 * 3), after in proptest::collection::vec(0u8..4, 5 * 4 * 3),
    ) {
        let geometry = VolumeGeometry::new([5, 4, 3], DVec3::ZERO, DVec3::ONE, DMat3::IDENTITY).unwrap();
        let a = Labelmap::from_labels(geometry.clone(), &before).unwrap();
        let b = Labelmap::from_labels(geometry, &after).unwrap();
        let delta = a.delta_to(&b);
        prop_assert_eq!(&a.applied(&delta).unwrap(), &b);
        prop_assert_eq!(&b.applied(&delta.reversed()).unwrap(), &a);
        prop_assert_eq!(delta.is_empty(), before == after);
    }
}

#[test]
fn a_shell_is_filled_and_a_cup_is_not() {
    let shell = |open: bool| {
        Mask::by_slices([7, 7, 7], |k, out| {
            for (n, out) in out.iter_mut().enumerate() {
                let far = [n % 7, n / 7, k].into_iter().map(|v| v.abs_diff(3)).max();
                *out = far == Some(2) && !(open && n == 3 * 7 + 3 && k == 5);
            }
        })
    };
    assert_eq!(fill_holes(&shell(false)).count(), 125);
    assert_eq!(fill_holes(&shell(true)).count(), 125 - 27 - 1);
    // Slice by slice the cup is closed again, but for its opening, which is a hole of its slice.
    assert_eq!(holes_in_slices(&shell(true)).parts().iter().map(|p| p.voxels).sum::<usize>(), 27 + 1);
}

#[test]
fn a_blur_keeps_even_pictures_and_averages_others() {
    assert_eq!(blur_slices([4, 3, 2], &[-700; 24], 2), vec![-700; 24]);
    let mut values = vec![0i16; 25];
    values[12] = 900;
    let blurred = blur_slices([5, 5, 1], &values, 1);
    assert_eq!(blurred[12], 100);
    assert_eq!(blurred[0], 0);
    assert_eq!(blurred[6], 100);
}
