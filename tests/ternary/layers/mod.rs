//! Every layer of the group, in a file of the same name.

mod ternary_dense;
