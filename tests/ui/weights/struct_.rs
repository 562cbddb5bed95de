//! What weights cannot be.

#[derive(keras::Weights)]
pub struct NoRepr {
    pub gain: [f32; 8],
}

#[derive(keras::Weights)]
#[repr(C)]
pub struct Unnamed([f32; 8]);

#[derive(keras::Weights)]
#[repr(C)]
pub enum Either {
    Gain,
    Bias,
}

#[derive(keras::Weights)]
#[repr(C, packed)]
pub struct Packed {
    pub gain: [f32; 8],
}

fn main() {}
