//! Every layer of the group, in a file of the same name.

mod additive_attention;
mod attention;
mod group_query_attention;
mod multi_head_attention;
