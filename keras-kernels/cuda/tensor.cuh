// Instructions of tensor cores, for GPUs from sm_80 on: PTX ISA, "Warp-level matrix instructions". All lanes of a warp come to them
// together.
//
// What they multiply is packed in words of 32 bits: a number of TENSOR_FLOAT32, which are the floats with 10 digits behind the first, or
// two neighbours along the sum of BFLOAT16 or FLOAT16, the first in the lower half. Sums are f32. In words all of them lie alike: with
// g = lane / 4 and t = lane % 4 a lane has
//
//     of 16 rows of A by 8 words     (g, t), (g + 8, t), (g, t + 4), (g + 8, t + 4)
//     of 8 columns of B by 8 words   (g, t), (g, t + 4)
//     of 16 rows of C by 8 columns   (g, 2t), (g, 2t + 1), (g + 8, 2t), (g + 8, 2t + 1)
#pragma once

#include "words.cuh"

// Numbers in a word.
template <Word MATH>
constexpr int PER_WORD = MATH == TENSOR_FLOAT32 ? 1 : 2;

// A number rounded to TENSOR_FLOAT32: to the nearest, away from 0 of two that are equally near.
__device__ inline unsigned int tensor_word(float x) {
#ifdef SHIM
    return shim::cvt_rna_tf32(x);
#else
    unsigned int word;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(word) : "f"(x));
    return word;
#endif
}

// Two numbers rounded to BFLOAT16 or FLOAT16: to the nearest, to the even one of two that are equally near.
template <Word MATH>
__device__ inline unsigned int tensor_word(float first, float second) {
    static_assert(PER_WORD<MATH> == 2);
#ifdef SHIM
    return MATH == BFLOAT16 ? shim::cvt_rn_bf16x2(second, first) : shim::cvt_rn_f16x2(second, first);
#else
    unsigned int word;
    if constexpr (MATH == BFLOAT16) {
        asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
    } else {
        asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(word) : "f"(second), "f"(first));
    }
    return word;
#endif
}

// Four matrices of 8 rows of 4 words in shared memory. Lane l says where row l % 8 of matrix l / 8 begins, and gets word l % 4 of row
// l / 4 of each.
__device__ inline void load_matrices(unsigned int (&to)[4], const unsigned int* row) {
#ifdef SHIM
    shim::ldmatrix_x4(to, row);
#else
    const unsigned int at = static_cast<unsigned int>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
                 : "r"(at)
                 : "memory");
#endif
}

#define TENSOR_PRODUCT(SHAPE, TYPES)                                                                      \
    asm volatile("mma.sync.aligned." SHAPE ".row.col." TYPES " {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "    \
        "{%0, %1, %2, %3};"                                                                               \
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                                                  \
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]))

// C += A · B of 16 rows and 8 columns, with 8 words of each along the sum.
template <Word MATH>
__device__ inline void tensor_product(float (&c)[4], const unsigned int (&a)[4], const unsigned int (&b)[2]) {
#ifdef SHIM
    if constexpr (MATH == TENSOR_FLOAT32) shim::mma_m16n8k8_tf32(c, a, b);
    if constexpr (MATH == BFLOAT16) shim::mma_m16n8k16_bf16(c, a, b);
    if constexpr (MATH == FLOAT16) shim::mma_m16n8k16_f16(c, a, b);
#else
    if constexpr (MATH == TENSOR_FLOAT32) TENSOR_PRODUCT("m16n8k8", "f32.tf32.tf32.f32");
    if constexpr (MATH == BFLOAT16) TENSOR_PRODUCT("m16n8k16", "f32.bf16.bf16.f32");
    if constexpr (MATH == FLOAT16) TENSOR_PRODUCT("m16n8k16", "f32.f16.f16.f32");
#endif
}

#undef TENSOR_PRODUCT
