//! States that are no struct of arrays.

#[derive(keras::States)]
#[repr(C)]
pub struct Pair([f32; 8], [f32; 8]);

#[derive(keras::States)]
pub struct Loose {
    pub h: [f32; 8],
}

#[derive(keras::States)]
#[repr(C)]
pub struct Counted {
    pub h: [f32; 8],
    pub n: usize,
}

fn main() {}
