//! What each op launches: one file for an op, or for ops that share their kernels.

mod activation;
mod add;
mod attention;
mod batch_normalization;
mod carried;
mod cast;
mod concatenate;
mod conv;
mod conv_recurrent;
mod dense;
mod dropout;
mod embedding;
mod gather;
mod gemm;
mod interpolate;
mod mask;
mod merge;
mod nested;
mod noise;
mod normalization;
mod own;
mod pool;
mod prelu;
mod products;
mod recurrent;
mod round;
mod rows;
mod shaped_dropout;
pub(super) mod softmax;
mod spectral;
mod ternary;

pub use activation::activation;
pub(super) use add::copy;
pub(super) use dense::put;
pub(super) use dropout::Stream;
pub(super) use gemm::{Part, Tile, multiply_as};
pub(super) use merge::merging;
pub(super) use prelu::slopes;
pub(super) use round::{precision, round};

use super::builder::Site;
use crate::model::Graph;
use crate::model::graph::OpKind;

/// What an op launches.
struct Launches {
    forward: fn(&mut Site<'_, '_>),
    /// Adds the gradients of inputs and parameters, given that of the output.
    backward: fn(&mut Site<'_, '_>),
}

/// Each op: the file that has its launches and what its two functions are called there; or `refused`. An op that is not here
/// does not compile.
macro_rules! ops {
    (
        launched { $($op:ident $file:ident::{$forward:ident, $backward:ident};)* }
        refused { $($refused:ident)* }
    ) => {
        /// The launches of an op, if devices have kernels for it.
        fn find(kind: &OpKind) -> Option<Launches> {
            match kind {
                $(OpKind::$op { .. } => Some(Launches { forward: $file::$forward, backward: $file::$backward }),)*
                $(OpKind::$refused { .. } => None,)*
            }
        }

        /// Each op that layers are made of, and whether devices have kernels for it.
        pub const OPS: &[(&str, bool)] = &[$((stringify!($op), true),)* $((stringify!($refused), false),)*];
    };
}

ops! {
    launched {
        Activation activation::{forward, backward};
        Add add::{forward, backward};
        Attention attention::{forward, backward};
        AttentionMix attention::{mix, mix_backward};
        AttentionWeights attention::{weights, weights_backward};
        BatchNormalization batch_normalization::{forward, backward};
        Bias dense::{bias_forward, bias_backward};
        Carry carried::{carry, nothing};
        Cast cast::{forward, backward};
        Concatenate concatenate::{forward, backward};
        Conv conv::{forward, backward};
        ConvRecurrent conv_recurrent::{forward, backward};
        ConvTranspose conv::{transpose_forward, transpose_backward};
        Dense dense::{forward, backward};
        Dot products::{dot_forward, dot_backward};
        Dropout dropout::{forward, backward};
        Einsum products::{einsum_forward, einsum_backward};
        Embedding embedding::{forward, backward};
        Gather gather::{forward, backward};
        Glu rows::{glu_forward, glu_backward};
        Interpolate interpolate::{forward, backward};
        LogSoftmax softmax::{forward, backward};
        Mask mask::{forward, backward};
        Merge merge::{forward, backward};
        Nested nested::{forward, backward};
        Noise noise::{forward, backward};
        Normalization normalization::{forward, backward};
        NotEqual mask::{not_equal, nothing};
        Own own::{forward, backward};
        PRelu prelu::{forward, backward};
        Pool pool::{forward, backward};
        Recall carried::{recall, nothing};
        Recurrent recurrent::{forward, backward};
        Round round::{forward, backward};
        Select mask::{select, select_backward};
        ShapedDropout shaped_dropout::{forward, backward};
        Softmax softmax::{forward, backward};
        Sparsemax rows::{sparsemax_forward, sparsemax_backward};
        Spectral spectral::{forward, backward};
        Ternary ternary::{forward, backward};
        UnitNormalization rows::{norm_forward, norm_backward};
    }
    refused {}
}

/// Whether no gradient passes the op.
pub(super) fn is_constant(kind: &OpKind) -> bool {
    matches!(kind, OpKind::Cast | OpKind::NotEqual { .. })
}

pub(super) fn forward(site: &mut Site<'_, '_>) {
    let kind = site.kind();
    (find(&kind).unwrap_or_else(|| panic!("no kernels for {kind:?}")).forward)(site);
}

pub(super) fn backward(site: &mut Site<'_, '_>) {
    let kind = site.kind();
    (find(&kind).unwrap_or_else(|| panic!("no kernels for {kind:?}")).backward)(site);
}

/// What of a graph devices have no kernels for: layers by path and class.
pub(super) fn refused(graph: &Graph) -> Vec<String> {
    let mut refused = Vec::new();
    for op in graph.ops {
        let layer = || format!("`{}` ({})", graph.path(op.layer), graph.layers[op.layer].class);
        match op.kind {
            OpKind::Nested { graph: inner, .. } => refused.extend(self::refused(inner)),
            OpKind::Merge { .. } if op.inputs.len() > merge::MOST => refused.push(layer()),
            OpKind::Gather { len, axes } if !gather::is_whole(len, axes) => refused.push(layer()),
            OpKind::Own { body, .. } if body.is_none_or(|body| (body.cuda)().is_none()) => refused.push(layer()),
            OpKind::Recurrent { layer: cell, .. } if !recurrent::fits(&cell) => refused.push(layer()),
            kind if find(&kind).is_none() => refused.push(layer()),
            _ => {}
        }
    }
    refused.dedup();
    refused
}

/// What is wrong with the sources of layers of one's own that is seen without a compiler.
pub(super) fn mistake(graph: &Graph) -> Option<String> {
    graph.ops.iter().find_map(|op| match op.kind {
        OpKind::Nested { graph: inner, .. } => mistake(inner),
        OpKind::Own { body: Some(body), .. } => own::mistake(graph, op, body),
        _ => None,
    })
}
