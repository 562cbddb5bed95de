//! Every layer of the group, in a file of the same name.

mod conv;
mod dense;
mod einsum_dense;
mod embedding;
mod reversible_embedding;
