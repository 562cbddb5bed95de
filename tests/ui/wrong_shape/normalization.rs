//! Channels that cannot be divided, and axes that are none.
use keras::sequential;

sequential! { struct Groups< Input((8, 8, 48)), GroupNormalization, Dense(3) >; }

sequential! { struct Layer< Input((8, 8)), LayerNormalization(axis = (1, 3)), Dense(3) >; }

sequential! { struct Rms< Input((8, 8)), RMSNormalization(axis = 0), Dense(3) >; }

sequential! { struct Batch< Input((8, 8)), BatchNormalization(axis = -3), Dense(3) >; }

fn main() {}
