//! Descriptions of models that have others in them, put together when the program is compiled.

use super::graph::{Init, Layer, Param, Precision};

/// What a layer that has weights of its own kind brings into the description of a model.
pub struct Part {
    /// The layer in the model.
    pub layer: usize,
    /// Where its weights begin in the parameter block.
    pub at: usize,
    /// Its layers, whose parent it is; none for a layer of the user's.
    pub layers: &'static [Layer],
    /// Its weights.
    pub params: &'static [Param],
}

/// The layers of a model and after them those of its parts, `N` in all.
#[must_use]
pub const fn layers<const N: usize>(own: &[Layer], parts: &[Part]) -> [Layer; N] {
    let mut all = [Layer { parent: None, name: "", class: "", calls: &[], trainable: false }; N];
    let mut n = 0;
    while n < own.len() {
        all[n] = own[n];
        n += 1;
    }
    let mut part = 0;
    while part < parts.len() {
        let Part { layer, layers, .. } = &parts[part];
        let (first, mut i) = (n, 0);
        while i < layers.len() {
            all[n] = Layer { calls: &[], ..layers[i] };
            all[n].parent = match layers[i].parent {
                None => Some(*layer),
                Some(parent) => Some(first + parent),
            };
            n += 1;
            i += 1;
        }
        part += 1;
    }
    assert!(n == N, "layers are missing");
    all
}

/// The params of a model and after them those of its parts, `N` in all.
#[must_use]
pub const fn params<const N: usize>(own: &[Param], layers: usize, parts: &[Part]) -> [Param; N] {
    const NONE: Param = Param {
        name: "",
        layer: 0,
        at: 0,
        shape: &[],
        trainable: false,
        init: Init::Zeros,
        regularizer: None,
        constraint: None,
        precision: Precision::Float32,
    };
    let mut all = [NONE; N];
    let mut n = 0;
    while n < own.len() {
        all[n] = own[n];
        n += 1;
    }
    let (mut part, mut first) = (0, layers);
    while part < parts.len() {
        let Part { layer, at, layers, params } = &parts[part];
        let mut i = 0;
        while i < params.len() {
            let of = if layers.is_empty() { *layer } else { first + params[i].layer };
            all[n] = Param { layer: of, at: *at + params[i].at, ..params[i] };
            n += 1;
            i += 1;
        }
        first += layers.len();
        part += 1;
    }
    assert!(n == N, "params are missing");
    all
}
