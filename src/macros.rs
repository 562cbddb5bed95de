//! The macros. Each passes the path of this crate on, so that generated code finds it under any name.

/// A chain of layers.
#[macro_export]
macro_rules! sequential {
    ($($tokens:tt)*) => { $crate::__macros::sequential! { [$crate] $($tokens)* } };
}

/// A graph of layers.
#[macro_export]
macro_rules! model {
    ($($tokens:tt)*) => { $crate::__macros::model! { [$crate] $($tokens)* } };
}

/// Makes `sequential!< … >` legal.
#[macro_export]
macro_rules! keras {
    ($($tokens:tt)*) => { $crate::__macros::keras! { [$crate] $($tokens)* } };
}

#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __std {
    ($($tokens:tt)*) => { $($tokens)* };
}

#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __std {
    ($($tokens:tt)*) => {};
}
