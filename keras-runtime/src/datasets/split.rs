use super::DatasetError;
use keras_kernels::memory::{Sample, zeros};
use keras_kernels::philox::{Key, Philox};
use std::fmt;

/// Samples and their labels, in the same order: `y[i]` belongs to `x[i]`.
///
/// Both are plain vectors, so `&split.x` is the slice of samples that `fit` takes.
#[derive(Clone, PartialEq)]
pub struct Split<X, Y = u8> {
    /// The samples.
    pub x: Vec<X>,
    /// One label for each sample.
    pub y: Vec<Y>,
}

/// What to train on, and what to test with.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset<X, Y = u8> {
    /// What `fit` is given.
    pub train: Split<X, Y>,
    /// What `evaluate` is given.
    pub test: Split<X, Y>,
}

impl<X, Y> Split<X, Y> {
    /// The number of samples.
    pub fn len(&self) -> usize {
        self.x.len()
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.x.is_empty()
    }

    /// Divides the samples in two without reordering them: the last `fraction` of them become the test set.
    ///
    /// The test set begins at sample ⌊n · (1 − fraction)⌋, as with the `validation_split` of Keras.
    ///
    /// ```
    /// let digits = keras_runtime::datasets::digits().split(0.2)?;
    /// assert_eq!((digits.train.len(), digits.test.len()), (1437, 360));
    /// # Ok::<(), keras_runtime::datasets::DatasetError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DatasetError::Fraction`] if one of the two would be empty.
    pub fn split(mut self, fraction: f64) -> Result<Dataset<X, Y>, DatasetError> {
        let samples = self.len().min(self.y.len());
        // The cast saturates: a NaN or a negative number becomes 0, and is refused with the empty sets.
        let first = (samples as f64 * (1.0 - fraction)).floor() as usize;
        if first == 0 || first >= samples {
            return Err(DatasetError::Fraction { fraction, samples });
        }
        let test = Split { x: self.x.split_off(first), y: self.y.split_off(first) };
        Ok(Dataset { train: self, test })
    }

    /// The samples in another order, which the seed decides.
    ///
    /// ```
    /// use keras_runtime::datasets::digits;
    ///
    /// let data = digits().shuffled(7);
    /// let first = digits().x.iter().position(|x| *x == data.x[0]).unwrap();
    /// assert_eq!(digits().y[first], data.y[0]);
    /// ```
    #[must_use]
    pub fn shuffled(mut self, seed: u64) -> Self {
        // The order depends on the key and the number of samples alone, so labels stay with their samples.
        let random = || Philox::new(Key { seed, step: 0, stream: 0 });
        let n = self.len().min(self.y.len());
        random().shuffle(&mut self.x[..n]);
        random().shuffle(&mut self.y[..n]);
        self
    }

    /// Keeps the first `n` samples; all of them if there are no more than that.
    #[must_use]
    pub fn take(mut self, n: usize) -> Self {
        self.x.truncate(n);
        self.y.truncate(n);
        self
    }
}

impl<X> Split<X, u8> {
    /// Replaces each label by a vector with a 1 at the label's place, as `categorical_crossentropy` wants it
    /// (`keras.utils.to_categorical`).
    ///
    /// ```
    /// use keras_runtime::datasets::digits;
    ///
    /// let digits = digits().categorical::<10>()?;
    /// assert_eq!(digits.y[3], [0., 0., 0., 1., 0., 0., 0., 0., 0., 0.]);
    /// # Ok::<(), keras_runtime::datasets::DatasetError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DatasetError::Label`] if a label is not below `CLASSES`.
    pub fn categorical<const CLASSES: usize>(self) -> Result<Split<X, [f32; CLASSES]>, DatasetError> {
        let mut y = Vec::with_capacity(self.y.len());
        for (index, &label) in self.y.iter().enumerate() {
            let mut row = [0.0; CLASSES];
            let Some(place) = row.get_mut(usize::from(label)) else {
                return Err(DatasetError::Label { path: None, index, label, classes: CLASSES });
            };
            *place = 1.0;
            y.push(row);
        }
        Ok(Split { x: self.x, y })
    }
}

impl<const W: usize, const H: usize, Y> Split<[[u8; W]; H], Y> {
    /// Divides each pixel by 255, so that 0 to 255 become 0 to 1.
    pub fn scaled(self) -> Split<[[f32; W]; H], Y> {
        Split { x: divided(&self.x), y: self.y }
    }
}

impl<const C: usize, const W: usize, const H: usize, Y> Split<[[[u8; C]; W]; H], Y> {
    /// Divides each channel of each pixel by 255, so that 0 to 255 become 0 to 1.
    pub fn scaled(self) -> Split<[[[f32; C]; W]; H], Y> {
        Split { x: divided(&self.x), y: self.y }
    }
}

fn divided<X: Sample<Elem = u8>, S: Sample<Elem = f32>>(x: &[X]) -> Vec<S> {
    let mut scaled = zeros::<S>(x.len());
    for (scaled, &pixel) in S::flatten_mut(&mut scaled).iter_mut().zip(X::flatten(x)) {
        *scaled = f32::from(pixel) / 255.0;
    }
    scaled
}

impl<X: Sample, Y> Split<X, Y> {
    /// Gives each sample another shape of as many numbers, in the same row-major order, such as one with a channel for
    /// `Conv2D`. That the numbers are as many is checked when the program is compiled.
    ///
    /// ```
    /// use keras_runtime::datasets::digits;
    ///
    /// let images = digits().reshaped::<[[[f32; 1]; 8]; 8]>();
    /// assert_eq!(images.x[0][2][1], [3.0 / 16.0]);
    /// ```
    pub fn reshaped<S: Sample<Elem = X::Elem>>(self) -> Split<S, Y> {
        const { assert!(S::LEN == X::LEN, "reshaped: the new shape must hold as many numbers as the old one") };
        Split { x: S::samples(X::flatten(&self.x)).to_vec(), y: self.y }
    }

    /// Lays the numbers of each sample in one row: `[[f32; 28]; 28]` becomes `[f32; 784]`. That they are `N` is checked
    /// when the program is compiled.
    pub fn flattened<const N: usize>(self) -> Split<[X::Elem; N], Y> {
        self.reshaped()
    }
}

impl<X, Y> Dataset<X, Y> {
    /// Keeps the first `train` training samples and the first `test` test samples, for a quick try.
    #[must_use]
    pub fn take(self, train: usize, test: usize) -> Self {
        Dataset { train: self.train.take(train), test: self.test.take(test) }
    }
}

impl<X> Dataset<X, u8> {
    /// [`Split::categorical`] of both.
    ///
    /// # Errors
    ///
    /// [`DatasetError::Label`] if a label is not below `CLASSES`.
    pub fn categorical<const CLASSES: usize>(self) -> Result<Dataset<X, [f32; CLASSES]>, DatasetError> {
        Ok(Dataset { train: self.train.categorical()?, test: self.test.categorical()? })
    }
}

impl<const W: usize, const H: usize, Y> Dataset<[[u8; W]; H], Y> {
    /// [`Split::scaled`] of both.
    pub fn scaled(self) -> Dataset<[[f32; W]; H], Y> {
        Dataset { train: self.train.scaled(), test: self.test.scaled() }
    }
}

impl<const C: usize, const W: usize, const H: usize, Y> Dataset<[[[u8; C]; W]; H], Y> {
    /// [`Split::scaled`] of both.
    pub fn scaled(self) -> Dataset<[[[f32; C]; W]; H], Y> {
        Dataset { train: self.train.scaled(), test: self.test.scaled() }
    }
}

impl<X: Sample, Y> Dataset<X, Y> {
    /// [`Split::reshaped`] of both.
    pub fn reshaped<S: Sample<Elem = X::Elem>>(self) -> Dataset<S, Y> {
        Dataset { train: self.train.reshaped(), test: self.test.reshaped() }
    }

    /// [`Split::flattened`] of both.
    pub fn flattened<const N: usize>(self) -> Dataset<[X::Elem; N], Y> {
        self.reshaped()
    }
}

/// Names the number of samples: their pixels would fill the screen many times over.
impl<X, Y> fmt::Debug for Split<X, Y> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Split").field("x", &self.x.len()).field("y", &self.y.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: u8) -> Split<[[u8; 3]; 2]> {
        Split { x: (0..n).map(|i| [[i, 0, 255], [51, 102, i]]).collect(), y: (0..n).collect() }
    }

    #[test]
    fn split_keeps_the_order_and_loses_nothing() {
        let Dataset { train, test } = numbers(10).split(0.25).unwrap();
        assert_eq!(train.y, [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(test.y, [7, 8, 9]);
        assert_eq!(train.x[6][0][0], 6);
        assert_eq!(test.x[0][0][0], 7);
    }

    #[test]
    fn a_split_that_leaves_one_side_empty_is_refused() {
        for fraction in [0.0, 1.0, -0.5, 1.5, 0.95, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = numbers(10).split(fraction).unwrap_err();
            assert!(matches!(error, DatasetError::Fraction { samples: 10, .. }), "{fraction}: {error}");
        }
        assert!(numbers(0).split(0.5).is_err());
        assert!(numbers(1).split(0.5).is_err());
        let uneven = Split { x: vec![[0.0_f32]; 5], y: vec![0_u8; 2] };
        assert_eq!(uneven.split(0.5).unwrap().test.y.len(), 1);
    }

    #[test]
    fn scaled_flattened_and_reshaped() {
        let flat: Split<[f32; 6]> = numbers(2).scaled().flattened();
        assert_eq!(flat.x, [[0.0, 0.0, 1.0, 0.2, 0.4, 0.0], [1.0 / 255.0, 0.0, 1.0, 0.2, 0.4, 1.0 / 255.0]]);
        assert_eq!(numbers(1).reshaped::<[[[u8; 1]; 2]; 3]>().x, [[[[0], [0]], [[255], [51]], [[102], [0]]]]);
        assert_eq!(numbers(2).flattened::<6>().x, [[0, 0, 255, 51, 102, 0], [1, 0, 255, 51, 102, 1]]);
    }

    #[test]
    fn categorical_refuses_what_is_no_class() {
        assert_eq!(numbers(3).categorical::<3>().unwrap().y, [[1., 0., 0.], [0., 1., 0.], [0., 0., 1.]]);
        let error = numbers(3).categorical::<2>().unwrap_err();
        assert_eq!(error.to_string(), "label 2 of sample 2 is not a class: expected 0 to 1");
    }

    #[test]
    fn debug_is_short() {
        let dataset = numbers(10).split(0.5).unwrap();
        assert_eq!(format!("{dataset:?}"), "Dataset { train: Split { x: 5, y: 5 }, test: Split { x: 5, y: 5 } }");
    }
}
