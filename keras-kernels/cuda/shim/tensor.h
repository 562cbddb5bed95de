// The instructions of tensor cores, as the PTX ISA has them ("Warp Level Matrix Multiply-Accumulate Instructions"): which element of a
// matrix is in which register of a lane, what is multiplied, how numbers are rounded. Included by cuda_cpu.h.
#pragma once

namespace shim {

// A register of 32 bits.
using Register = std::uint32_t;

// cvt.rna.tf32.f32: to 10 digits behind the first, to the nearest; of two that are equally near, away from 0.
inline Register cvt_rna_tf32(float x) {
    const double size = std::fabs(double(x));
    if (std::isnan(x)) return 0x7fffffff;
    if (std::isinf(x) || size == 0.0) return std::bit_cast<Register>(x);
    // Below the smallest normal number of f32 the quantum stays.
    const double quantum = std::ldexp(1.0, std::max(std::ilogb(size), -126) - 10);
    const double nearest = std::floor(size / quantum + 0.5) * quantum;
    return std::bit_cast<Register>(std::copysign(float(nearest), x));
}

// The bits of a number in 16 of them: `digits` behind the first, and exponents up to `largest`. To the nearest, to even.
inline Register half_word(float x, int digits, int largest) {
    const Register sign = std::signbit(x) ? 0x8000u : 0u;
    const Register infinite = Register(2 * largest + 1) << digits;
    if (std::isnan(x)) return 0x7fffu;
    const double size = std::fabs(double(x));
    if (std::isinf(x)) return sign | infinite;
    if (size == 0.0) return sign;
    const int smallest = 1 - largest, exponent = std::max(std::ilogb(size), smallest);
    // Rounding of the host is to even as well. What is carried goes to the exponent.
    const double whole = std::nearbyint(std::ldexp(size, digits - exponent));
    const Register bits = Register(whole) + (Register(exponent - smallest) << digits);
    return sign | std::min(bits, infinite);
}

inline float half_value(Register bits, int digits, int largest) {
    const Register size = bits & 0x7fffu, exponent = size >> digits, rest = size & ((1u << digits) - 1u);
    double value;
    if (exponent == Register(2 * largest + 1)) {
        value = rest == 0 ? INFINITY : NAN;
    } else {
        const Register whole = exponent == 0 ? rest : rest + (1u << digits);
        value = std::ldexp(double(whole), std::max(int(exponent), 1) - largest - digits);
    }
    return float(bits & 0x8000u ? -value : value);
}

struct Bf16 {
    static constexpr int DIGITS = 7, LARGEST = 127;
};
struct F16 {
    static constexpr int DIGITS = 10, LARGEST = 15;
};

// cvt.rn.bf16x2.f32 and cvt.rn.f16x2.f32: `a` goes to the upper half.
template <class Format>
Register halves(float a, float b) {
    return half_word(a, Format::DIGITS, Format::LARGEST) << 16 | half_word(b, Format::DIGITS, Format::LARGEST);
}
inline Register cvt_rn_bf16x2(float a, float b) { return halves<Bf16>(a, b); }
inline Register cvt_rn_f16x2(float a, float b) { return halves<F16>(a, b); }

// ldmatrix.m8n8.x4.b16: the addresses of threads 0–7, 8–15, … are those of the rows of the first matrix, the second, …; a row is 8
// elements of 16 bits, of which thread T gets those at 2 (T % 4) and behind it of row T / 4.
inline void ldmatrix_x4(Register (&to)[4], const Register* row) {
    if (std::bit_cast<std::uintptr_t>(row) % 16 != 0) std::abort();
    warp().shown[lane()] = std::bit_cast<std::uintptr_t>(row);
    wait(warp().meet);
    for (unsigned int i = 0; i < 4; ++i) {
        const auto* begin = std::bit_cast<const unsigned char*>(std::uintptr_t(warp().shown[8 * i + lane() / 4]));
        std::memcpy(&to[i], begin + 2 * (lane() % 4) * sizeof(std::uint16_t), sizeof(Register));
    }
    // Nobody shows anything new before all have looked.
    wait(warp().meet);
}

// mma.m16n8k_ .row.col: every lane puts its elements into the warp's matrices, and then adds up those of C and D that are its own.
// `element(registers, i)` is element i of a lane's.
template <int K, class Place, class Element>
void mma(float (&c)[4], const Register (&a)[4], const Register (&b)[2], Place, Element element) {
    Matrices& to = warp().matrices;
    const int group = int(lane()) >> 2, in_group = int(lane()) % 4;
    for (int i = 0; i < 16 * K / 32; ++i) to.a[Place::a_row(group, i)][Place::a_column(in_group, i)] = element(a, i);
    for (int i = 0; i < 8 * K / 32; ++i) to.b[Place::b_row(in_group, i)][group] = element(b, i);
    wait(warp().meet);
    for (int i = 0; i < 4; ++i) {
        const int row = i < 2 ? group : group + 8, column = in_group * 2 + (i & 1);
        double sum = c[i];
        for (int k = 0; k < K; ++k) sum += double(to.a[row][k]) * double(to.b[k][column]);
        c[i] = float(sum);
    }
    wait(warp().meet);
}

// Fragments of mma.m16n8k8 for .tf32.
struct Tf32Place {
    static int a_row(int group, int i) { return i == 0 || i == 2 ? group : group + 8; }
    static int a_column(int in_group, int i) { return i == 0 || i == 1 ? in_group : in_group + 4; }
    static int b_row(int in_group, int i) { return i == 0 ? in_group : in_group + 4; }
};

// Fragments of mma.m16n8k16 for .f16 and .bf16.
struct HalfPlace {
    static int a_row(int group, int i) { return i < 2 || (4 <= i && i < 6) ? group : group + 8; }
    static int a_column(int in_group, int i) { return in_group * 2 + (i & 1) + (i >= 4 ? 8 : 0); }
    static int b_row(int in_group, int i) { return in_group * 2 + (i & 1) + (i >= 2 ? 8 : 0); }
};

inline void mma_m16n8k8_tf32(float (&c)[4], const Register (&a)[4], const Register (&b)[2]) {
    // The last 13 bits are not looked at.
    mma<8>(c, a, b, Tf32Place(), [](const Register* from, int i) { return std::bit_cast<float>(from[i] & ~0x1fffu); });
}

template <class Format>
void mma_m16n8k16(float (&c)[4], const Register (&a)[4], const Register (&b)[2]) {
    mma<16>(c, a, b, HalfPlace(), [](const Register* from, int i) {
        const Register half = i % 2 == 0 ? from[i / 2] & 0xffffu : from[i / 2] >> 16;
        return half_value(half, Format::DIGITS, Format::LARGEST);
    });
}
inline void mma_m16n8k16_bf16(float (&c)[4], const Register (&a)[4], const Register (&b)[2]) { mma_m16n8k16<Bf16>(c, a, b); }
inline void mma_m16n8k16_f16(float (&c)[4], const Register (&a)[4], const Register (&b)[2]) { mma_m16n8k16<F16>(c, a, b); }

}  // namespace shim
