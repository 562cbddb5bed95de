//! Low-rank updates of kernels that cannot have one.
use keras::{model, sequential};

const GROUPS: usize = 2;

sequential! { struct Constraint< Input(784), Dense(64, lora_rank = 4, kernel_constraint = NonNeg), Dense(10) >; }

sequential! { struct Rank< Input((28, 28, 1)), Conv2D(8, 3, lora_rank = 0) >; }

model! { struct Table(x: [u32; 9]) { Embedding(50, 8, embeddings_constraint = UnitNorm, lora_rank = 2)(x) } }

sequential! { struct Groups< Input((8, 8, 8, 4)), Conv3D(4, 3, groups = GROUPS, lora_rank = 2) >; }

fn main() {}
