//! Pooling.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Op, Windows};
use crate::graph::code::{Call, call};
use crate::graph::{Num, Site};

/// The largest or the mean of what each window sees.
pub struct Pool {
    /// Whether it is the largest.
    pub max: bool,
    /// Features of a position.
    pub n: Num,
    /// The windows.
    pub windows: Windows,
}

impl Pool {
    fn pool(&self) -> TokenStream {
        if self.max { quote!(Pool::Max) } else { quote!(Pool::Average) }
    }
}

impl Op for Pool {
    fn kind(&self) -> Option<TokenStream> {
        let (pool, n, windows) = (self.pool(), &self.n, self.windows.quoted());
        Some(quote!(Pool { pool: #pool, n: #n, windows: #windows }))
    }

    fn forward(&self, site: &mut Site<'_>) -> Option<Call> {
        let (y, x, pool, n) = (site.y(), site.x(0), self.pool(), &self.n);
        let windows = self.windows.quoted();
        Some(call!(site, pool::forward(y, x, pool, n, quote!(&#windows))))
    }

    fn maxima(&self) -> Option<&Windows> {
        self.max.then_some(&self.windows)
    }

    fn backward_data(&self, i: usize, site: &mut Site<'_>) -> Call {
        let (dx, dy, acc) = (site.dx(i), site.dy(), site.acc());
        let (x, y) = if self.max { (site.x(0), site.saved_y()) } else { (site.nothing(), site.nothing()) };
        let (pool, n, windows) = (self.pool(), &self.n, self.windows.quoted());
        call!(site, pool::backward(dx, dy, x, y, pool, n, quote!(&#windows), acc))
    }

    fn is_exact(&self) -> bool {
        self.maxima().is_some()
    }
}
