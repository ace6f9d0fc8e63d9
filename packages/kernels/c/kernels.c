/* All kernels for one kind of processor: -DKIND=avx2 -mavx2 -mfma, say. Without a KIND there
 * are none: it is one of x86, and what is compiled for is not; see build_native.py. */
#if defined(KIND)
#include "kernels.h"
#include "pool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define ALWAYS static inline __attribute__((always_inline))
/* Before a loop over the numbers of a tile, which are in registers only without the loop.
 * To Clang a count is not enough: it would unroll too late for that. */
#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* The bytes of a vector, and how many sums are kept in registers: PIXELS in a tile of one
 * vector of columns, twice HEIGHT in a tile of two. What is left of the registers holds
 * what they are made of: with more, compilers put sums aside in memory, again and again. */
#if defined(__AVX512F__) /* 32 registers */
#define BYTES 64
#define PIXELS 14
#define HEIGHT 14
#elif defined(__AVX2__) /* 16 */
#define BYTES 32
#define PIXELS 12
#define HEIGHT 6
#elif defined(__aarch64__) /* 32; the sums of a row share the number that they are made of */
#define BYTES 16
#define PIXELS 14
#define HEIGHT 10
#else /* 16, of x86 */
#define BYTES 16
#define PIXELS 8
#define HEIGHT 6
#endif

static inline float root_float(float x) { return sqrtf(x); }
static inline double root_double(double x) { return sqrt(x); }
static inline float log_of_float(float x) { return logf(x); }
static inline double log_of_double(double x) { return log(x); }

#define REAL float
#define REAL_IS_FLOAT 1
#include "each.inc"
#undef REAL
#undef REAL_IS_FLOAT
#define REAL double
#define REAL_IS_FLOAT 0
#include "each.inc"
#endif
