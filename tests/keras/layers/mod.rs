//! Each layer in the arguments that change its arithmetic.

mod activation;
mod add;
mod average;
mod chains;
mod concatenate;
mod dense;
mod dropout;
mod elu;
mod flatten;
mod graphs;
mod identity;
mod leaky_re_lu;
mod maximum;
mod minimum;
mod multiply;
mod re_lu;
mod rescaling;
mod reshape;
mod subtract;
