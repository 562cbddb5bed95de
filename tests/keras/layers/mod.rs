//! Each layer in the arguments that change its arithmetic.

mod activation;
mod add;
mod chains;
mod concatenate;
mod dense;
mod dropout;
mod flatten;
mod graphs;
mod reshape;
