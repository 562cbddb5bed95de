//! Every layer of the group, in a file of the same name.

mod additive_attention;
mod attention;
mod einsum_dense;
mod group_query_attention;
mod multi_head_attention;
mod multi_head_attention_axes;
mod reversible_embedding;
