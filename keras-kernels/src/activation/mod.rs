//! Elementwise activations.

/// An elementwise activation, by Keras's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// x
    Linear,
    /// max(x, 0)
    Relu,
    /// 1 / (1 + e⁻ˣ)
    Sigmoid,
    /// tanh x
    Tanh,
    /// x·Φ(x), by the error function
    Gelu,
    /// x·Φ(x), by Keras's `approximate=True`
    GeluTanh,
}
