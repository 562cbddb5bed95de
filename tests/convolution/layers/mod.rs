//! Each layer in the arguments that change its arithmetic.

mod adaptive_average_pooling1d;
mod adaptive_average_pooling2d;
mod adaptive_average_pooling3d;
mod adaptive_max_pooling1d;
mod adaptive_max_pooling2d;
mod adaptive_max_pooling3d;
mod average_pooling1d;
mod average_pooling2d;
mod average_pooling3d;
mod conv1d;
mod conv2d;
mod conv3d;
mod global_average_pooling1d;
mod global_average_pooling2d;
mod global_average_pooling3d;
mod global_max_pooling1d;
mod global_max_pooling2d;
mod global_max_pooling3d;
mod max_pooling1d;
mod max_pooling2d;
mod max_pooling3d;
