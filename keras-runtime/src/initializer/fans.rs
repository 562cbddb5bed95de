//! How many inputs and outputs a weight has.

/// The inputs and outputs of each weight of a parameter with these dimensions, by Keras's rule: of a matrix the rows and
/// columns; of a convolution's kernel the channels times the kernel's size; of a vector its length, twice.
///
/// ```
/// use keras_runtime::initializer::fans;
/// assert_eq!(fans(&[784, 64]), (784.0, 64.0));
/// assert_eq!(fans(&[3, 3, 16, 32]), (144.0, 288.0));
/// ```
#[must_use]
pub fn fans(shape: &[usize]) -> (f64, f64) {
    match *shape {
        [] => (1.0, 1.0),
        [n] => (n as f64, n as f64),
        [ref field @ .., inputs, outputs] => {
            let field: f64 = field.iter().map(|&n| n as f64).product();
            (inputs as f64 * field, outputs as f64 * field)
        }
    }
}
