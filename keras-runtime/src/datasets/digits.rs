use super::Split;
use flate2::read::GzDecoder;
use std::io::Read;

const SAMPLES: usize = 1797;
const PIXELS: usize = 64;

/// Written by `pack_digits.py`, which describes the layout.
const PACKED: &[u8] = include_bytes!("digits.bin.gz");

/// The 1,797 handwritten digits that scikit-learn ships, 8 × 8 pixels: part of the program, so that a first model trains
/// without a file or a network.
///
/// A sample is its 8 rows one after the other. Pixels, 0 to 16 in the original, are divided by 16: 0 is the background
/// and 1 full ink. Labels are 0 to 9, about 180 of each. The order is scikit-learn's; [`Split::split`]`(0.2)` divides
/// them into 1,437 to train on and the last 360 to test with.
///
/// ```
/// use keras_runtime::datasets::digits;
///
/// let digits = digits();
/// assert_eq!(digits.len(), 1797);
/// assert_eq!(digits.y[..10], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
///
/// for row in digits.x[0].as_chunks::<8>().0 {
///     let line: String = row.iter().map(|&ink| if ink > 0.5 { '#' } else { '.' }).collect();
///     println!("{line}");
/// }
///
/// let digits = digits.split(0.2)?;
/// assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
/// # Ok::<(), keras_runtime::datasets::DatasetError>(())
/// ```
///
/// Source: E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning Repository, 1998,
/// [doi:10.24432/C50P49](https://doi.org/10.24432/C50P49), licensed
/// [CC BY 4.0](https://creativecommons.org/licenses/by/4.0/); its test set. Changes: repacked, pixels divided by 16.
pub fn digits() -> Split<[f32; PIXELS]> {
    let mut planes = Vec::with_capacity(SAMPLES * (PIXELS + 1));
    GzDecoder::new(PACKED).read_to_end(&mut planes).expect("the embedded digits are whole: a test reads them");
    let y = planes.split_off(SAMPLES * PIXELS);
    let mut x = vec![[0.0; PIXELS]; SAMPLES];
    for (pixel, plane) in planes.chunks_exact(SAMPLES).enumerate() {
        for (sample, &ink) in x.iter_mut().zip(plane) {
            sample[pixel] = f32::from(ink) / 16.0;
        }
    }
    Split { x, y }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against `sklearn.datasets.load_digits()`: sums over all, counts by class, and two images.
    #[test]
    fn are_those_of_scikit_learn() {
        let digits = digits();
        assert_eq!((digits.x.len(), digits.y.len()), (1797, 1797));
        let sum: f64 = digits.x.as_flattened().iter().map(|&ink| f64::from(ink) * 16.0).sum();
        assert_eq!(sum, 561_718.0);

        let mut counts = [0; 10];
        for &label in &digits.y {
            counts[usize::from(label)] += 1;
        }
        assert_eq!(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
        assert_eq!(digits.y[..12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]);
        assert_eq!(digits.y[1785..], [7, 9, 5, 4, 8, 8, 4, 9, 0, 8, 9, 8]);

        #[rustfmt::skip]
        let first = [
            0., 0., 5., 13., 9., 1., 0., 0.,
            0., 0., 13., 15., 10., 15., 5., 0.,
            0., 3., 15., 2., 0., 11., 8., 0.,
            0., 4., 12., 0., 0., 8., 8., 0.,
            0., 5., 8., 0., 0., 9., 8., 0.,
            0., 4., 11., 0., 1., 12., 7., 0.,
            0., 2., 14., 5., 10., 12., 0., 0.,
            0., 0., 6., 13., 10., 0., 0., 0.,
        ];
        #[rustfmt::skip]
        let last = [
            0., 0., 10., 14., 8., 1., 0., 0.,
            0., 2., 16., 14., 6., 1., 0., 0.,
            0., 0., 15., 15., 8., 15., 0., 0.,
            0., 0., 5., 16., 16., 10., 0., 0.,
            0., 0., 12., 15., 15., 12., 0., 0.,
            0., 4., 16., 6., 4., 16., 6., 0.,
            0., 8., 16., 10., 8., 16., 8., 0.,
            0., 1., 8., 12., 14., 12., 1., 0.,
        ];
        assert_eq!(digits.x[0].map(|ink| ink * 16.0), first);
        assert_eq!(digits.x[1796].map(|ink| ink * 16.0), last);
    }

    #[test]
    fn split_as_documented() {
        let digits = digits().split(0.2).unwrap();
        assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
        assert_eq!(digits.test.y[0], 2);
        let mut counts = [0; 10];
        for &label in &digits.test.y {
            counts[usize::from(label)] += 1;
        }
        assert_eq!(counts, [35, 36, 35, 37, 37, 37, 37, 36, 33, 37]);
    }

    #[test]
    fn take_little_room() {
        assert!(PACKED.len() <= 60 * 1024);
    }
}
