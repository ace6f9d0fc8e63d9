/* All kernels for one kind of processor: -DKIND=avx2 -mavx2 -mfma, say. */
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

#if defined(__AVX512F__)
#define BYTES 64  /* of a vector */
#define PIXELS 14 /* of a tile of one vector of columns: as registers allow */
#define HEIGHT 14 /* rows of a tile of two */
#elif defined(__AVX2__)
#define BYTES 32
#define PIXELS 12
#define HEIGHT 6
#else
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
