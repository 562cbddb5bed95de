// Dimensions of a sample, some of which another array has too: one of slopes, or a mask.
#pragma once

#include "numbers.cuh"

// A dimension, and whether the other array has it; there it has length 1 if not.
template <int LEN, bool OWN>
struct Dimension {};

// All dimensions, or those from one on.
template <class... DIMS>
struct Dimensions {
    // Elements of a sample, of the other array, and how many of a sample's belong to each of these.
    static constexpr int ALL = 1, OWN = 1, SHARE = 1;

    static __device__ int own(int) { return 0; }
    static __device__ int element(int, int) { return 0; }
};

template <int LEN, bool HAS, class... INNER>
struct Dimensions<Dimension<LEN, HAS>, INNER...> {
    using Inner = Dimensions<INNER...>;
    static constexpr int ALL = LEN * Inner::ALL, OWN = HAS ? LEN * Inner::OWN : Inner::OWN, SHARE = ALL / OWN;

    // The element of the other array that element i of a sample belongs to.
    static __device__ int own(int i) { return (HAS ? i / Inner::ALL * Inner::OWN : 0) + Inner::own(i % Inner::ALL); }

    // Of the elements that belong to element j of the other array, number s.
    static __device__ int element(int j, int s) {
        const int at = HAS ? j / Inner::OWN : s / Inner::SHARE;
        return at * Inner::ALL + Inner::element(HAS ? j % Inner::OWN : j, HAS ? s : s % Inner::SHARE);
    }
};
