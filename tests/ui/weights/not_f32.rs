//! Fields that are no arrays of f32.

#[derive(keras::Weights)]
#[repr(C)]
pub struct Wrong {
    pub gain: [f32; 8],
    pub mean: [f64; 8],
}

#[derive(keras::Weights)]
#[repr(C)]
pub struct OnTheHeap {
    pub gain: Vec<f32>,
}

fn main() {}
