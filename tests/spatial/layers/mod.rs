//! Each layer in the arguments that change its arithmetic.

mod cropping1d;
mod cropping2d;
mod cropping3d;
mod flatten;
mod spatial_dropout1d;
mod spatial_dropout2d;
mod spatial_dropout3d;
mod up_sampling1d;
mod up_sampling2d;
mod up_sampling3d;
mod zero_padding1d;
mod zero_padding2d;
mod zero_padding3d;
