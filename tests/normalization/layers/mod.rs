//! Every layer of the group, in a file of the same name.

mod batch_normalization;
mod batch_renormalization;
mod group_normalization;
mod layer_normalization;
mod rms_normalization;
