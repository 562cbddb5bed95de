//! The text of every mistake that the compiler can tell, and the tokens it points at.

mod activations;
mod blocks;
mod forms;
mod layers;
mod policies;
mod random;
mod reshaping;
mod shapes;
#[path = "../support/mod.rs"]
mod support;
mod values;

use support::{Macro, told};

/// A chain and what is told of it: the guilty tokens, and the message.
#[track_caller]
fn chain(source: &str, expected: &[(&str, &str)]) {
    check(Macro::Sequential, source, expected);
}

/// The same of a graph.
#[track_caller]
fn graph(source: &str, expected: &[(&str, &str)]) {
    check(Macro::Model, source, expected);
}

#[track_caller]
fn check(kind: Macro, source: &str, expected: &[(&str, &str)]) {
    let told = told(kind, source);
    let told: Vec<(&str, &str)> = told.iter().map(|(guilty, message)| (guilty.as_str(), message.as_str())).collect();
    assert_eq!(told, expected, "{source}");
}

const DENSE: &str = "available: units, activation, use_bias, kernel_initializer, bias_initializer, kernel_regularizer, \
                     bias_regularizer, activity_regularizer, kernel_constraint, bias_constraint, lora_rank, lora_alpha, \
                     name, trainable, dtype";
const ACTIVATIONS: &str = "available: linear, relu, sigmoid, tanh, gelu, softmax, log_softmax, sparsemax, glu, relu6, \
                           leaky_relu, elu, celu, selu, silu, hard_silu, hard_sigmoid, log_sigmoid, hard_tanh, \
                           tanh_shrink, hard_shrink, soft_shrink, threshold, softplus, softsign, squareplus, mish, \
                           exponential, sparse_plus, sparse_sigmoid";
const SUPPORTED: &str = "docs/layers.md of keras has all layers that are";
