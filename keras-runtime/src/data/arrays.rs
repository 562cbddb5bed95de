use keras_kernels::memory::Sample;
use ndarray::{ArrayRef, ArrayViewD, Dimension, IxDyn};

use crate::Error;

/// An array as a slice of samples, without a copy: its first axis counts them.
///
/// The other axes are those of one sample, or a single axis of all its numbers: samples `[[f32; 28]; 28]` come from an
/// array of shape `[n, 28, 28]` or `[n, 784]`. Owned arrays and views are taken alike.
///
/// ```
/// use keras_runtime::data::samples;
/// use ndarray::{array, s};
///
/// let x = array![[0.0f32, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]];
/// assert_eq!(samples::<[f32; 4]>(&x)?, [[0., 1., 2., 3.], [4., 5., 6., 7.]]);
/// assert_eq!(samples::<[[f32; 2]; 2]>(&x.slice(s![1.., ..]))?, [[[4., 5.], [6., 7.]]]);
///
/// // Numbers that do not lie in order are refused; putting them in order makes the copy visible.
/// let columns = x.t();
/// assert!(samples::<[f32; 2]>(&columns).is_err());
/// assert_eq!(samples::<[f32; 2]>(&columns.as_standard_layout())?, [[0., 4.], [1., 5.], [2., 6.], [3., 7.]]);
/// # Ok::<(), keras_runtime::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::Argument`] if the shape is another one, or if the numbers do not lie one after the other in row-major order.
pub fn samples<S: Sample>(array: &ArrayRef<S::Elem, impl Dimension>) -> Result<&[S], Error> {
    const { assert!(S::LEN > 0, "a sample must hold at least one number") };
    let shape = S::SHAPE;
    let nested = shape.dims();
    let refuse = |value, reason| Err(Error::Argument { argument: "array", value, reason });

    let fits = matches!(array.shape(), [_, rest @ ..] if rest == nested || rest == [S::LEN]);
    if !fits {
        let value = format!("shape {:?}", array.shape());
        let nested = nested.iter().map(|size| format!(", {size}")).collect::<String>();
        let reason = format!(
            "expected [n{nested}] or [n, {}], whose first axis counts the samples; \
             `.into_shape_with_order(…)` gives an array another shape",
            S::LEN
        );
        return refuse(value, reason);
    }
    let Some(flat) = array.as_slice() else {
        let value = format!("strides {:?}", array.strides());
        let reason = "expected the numbers one after the other in row-major order; \
                      `.as_standard_layout()` gives an array (a copy) in which they are"
            .into();
        return refuse(value, reason);
    };
    Ok(S::samples(flat))
}

/// A slice of samples as an array, without a copy: its first axis counts them, the others are those of one sample.
///
/// ```
/// let predictions = [[[0.25f32, 0.75], [1.0, 0.0]]; 3];
/// let view = keras_runtime::data::array(&predictions);
/// assert_eq!(view.shape(), [3, 2, 2]);
/// assert_eq!(view[[2, 0, 1]], 0.75);
/// ```
///
/// # Panics
///
/// Never: the numbers are as many as the shape says.
pub fn array<S: Sample>(samples: &[S]) -> ArrayViewD<'_, S::Elem> {
    let shape = S::SHAPE;
    let dims: Vec<usize> = std::iter::once(samples.len()).chain(shape.dims().iter().copied()).collect();
    ArrayViewD::from_shape(IxDyn(&dims), S::flatten(samples)).expect("as many numbers as the shape says")
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array1, Array2, Array3, Array4, Axis, s};

    type Image = [[f32; 4]; 3];

    fn images() -> Array3<f32> {
        Array3::from_shape_fn((5, 3, 4), |(n, i, j)| (100 * n + 10 * i + j) as f32)
    }

    fn message(result: Result<&[Image], Error>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn nested_and_flattened_without_a_copy() {
        let images = images();
        let batch = samples::<Image>(&images).unwrap();
        assert_eq!(batch.len(), 5);
        assert_eq!(batch[3][2], [320., 321., 322., 323.]);
        assert!(std::ptr::eq(batch.as_ptr().cast(), images.as_ptr()));

        let flat = images.view().into_shape_with_order((5, 12)).unwrap();
        assert_eq!(samples::<Image>(&flat).unwrap(), batch);
        assert_eq!(samples::<[f32; 12]>(&flat).unwrap().as_flattened(), batch.as_flattened().as_flattened());
    }

    #[test]
    fn rows_of_a_view_and_arrays_of_any_rank() {
        let images = images();
        let batch = samples::<Image>(&images).unwrap();
        assert_eq!(samples::<Image>(&images.slice(s![1..4, .., ..])).unwrap(), &batch[1..4]);
        assert_eq!(samples::<Image>(&images.clone().into_dyn()).unwrap(), batch);
        assert!(samples::<Image>(&images.slice(s![2..2, .., ..])).unwrap().is_empty());
        assert!(samples::<Image>(&Array3::zeros((0, 3, 4))).unwrap().is_empty());
    }

    #[test]
    fn labels_are_samples_too() {
        let labels = Array1::from_vec(vec![3_u8, 1, 4]);
        assert_eq!(samples::<u8>(&labels).unwrap(), [3, 1, 4]);
        assert_eq!(samples::<u8>(&labels.insert_axis(Axis(1))).unwrap(), [3, 1, 4]);
    }

    #[test]
    fn another_shape_is_refused() {
        let found = message(samples(&Array3::zeros((5, 4, 3))));
        assert_eq!(
            found,
            "array = shape [5, 4, 3]: expected [n, 3, 4] or [n, 12], whose first axis counts the samples; \
             `.into_shape_with_order(…)` gives an array another shape"
        );
        assert!(message(samples(&Array2::zeros((3, 4)))).contains("shape [3, 4]"));
        assert!(message(samples(&Array1::zeros(12))).contains("shape [12]"));
        assert!(message(samples(&Array4::zeros((1, 5, 3, 4)))).contains("shape [1, 5, 3, 4]"));
        assert!(message(samples(&ndarray::arr0(1.0))).contains("shape []"));
    }

    #[test]
    fn another_order_is_refused() {
        let images = images();
        for view in [images.slice(s![.., ..;-1, ..]), images.slice(s![..;2, .., ..]), images.slice(s![.., .., ..;-1])] {
            let found = message(samples(&view));
            assert!(found.contains("strides") && found.contains("`.as_standard_layout()`"), "{found}");
        }
        let square = Array3::<f32>::zeros((3, 3, 4));
        let swapped = square.view().permuted_axes([1, 0, 2]);
        assert!(message(samples(&swapped)).contains("strides [4, 12, 1]"));
        assert_eq!(samples::<Image>(&swapped.as_standard_layout()).unwrap().len(), 3);
    }

    #[test]
    fn back_again() {
        let images = images();
        let batch = samples::<Image>(&images).unwrap();
        assert_eq!(array(batch), images.view().into_dyn());
        assert_eq!(array::<Image>(&[]).shape(), [0, 3, 4]);
        assert_eq!(array(&[3_u8, 1]).shape(), [2]);
    }
}
