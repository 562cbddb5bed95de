//! Each layer in the arguments that change its arithmetic.

mod activation;
mod add;
mod blocks;
mod chains;
mod concatenate;
mod dense;
mod dropout;
mod flatten;
mod graphs;
mod nested;
mod own;
mod reshape;
