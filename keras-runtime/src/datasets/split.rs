use super::DatasetError;
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
        // Through one flat vector, so that no image, however large, is ever on the stack.
        let pixels = self.x.as_flattened().as_flattened();
        let pixels: Vec<f32> = pixels.iter().map(|&pixel| f32::from(pixel) / 255.0).collect();
        Split { x: pixels.as_chunks().0.as_chunks().0.to_vec(), y: self.y }
    }
}

impl<T: Copy, const W: usize, const H: usize, Y> Split<[[T; W]; H], Y> {
    /// Lays the rows of each image one after the other: `[[T; 28]; 28]` becomes `[T; 784]`.
    ///
    /// `N` is inferred where the use fixes it; that it is `W * H` is checked when the program is compiled.
    pub fn flattened<const N: usize>(self) -> Split<[T; N], Y> {
        const { assert!(N == W * H, "flattened::<N>: N must be the width times the height of the images") };
        let pixels = self.x.into_flattened().into_flattened();
        Split { x: pixels.as_chunks().0.to_vec(), y: self.y }
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

impl<T: Copy, const W: usize, const H: usize, Y> Dataset<[[T; W]; H], Y> {
    /// [`Split::flattened`] of both.
    pub fn flattened<const N: usize>(self) -> Dataset<[T; N], Y> {
        Dataset { train: self.train.flattened(), test: self.test.flattened() }
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
    fn scaled_and_flattened() {
        let flat: Split<[f32; 6]> = numbers(2).scaled().flattened();
        assert_eq!(flat.x, [[0.0, 0.0, 1.0, 0.2, 0.4, 0.0], [1.0 / 255.0, 0.0, 1.0, 0.2, 0.4, 1.0 / 255.0]]);
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
