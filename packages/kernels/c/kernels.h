/* What the kernels are, once for each kind of processor and each kind of number.
 *
 * A kernel is a function of a description, which is one of the structs here, and of some
 * arrays. `EACH_KERNEL` is the list of them. `kernels.c` is compiled several times, with
 * the instructions of one kind of processor each, and fills one table; `module.c` picks a
 * table when it is imported; `call.c` looks at what Python gives before a kernel gets it,
 * with the help of `sizes.c`, which says how large each array must be. */
#ifndef PEBBLE_KERNELS_H
#define PEBBLE_KERNELS_H

#include <stdint.h>

/* A convolution of images that lie channel by channel behind each other, pixel by pixel:
 * (batch, rows, columns, channels). Position p and place k of the window meet element
 * p * stride + k * dilation - before, if it is inside. */
typedef struct {
    int64_t batch, groups;
    int64_t in_rows, in_columns, in_channels;    /* channels of one group */
    int64_t out_rows, out_columns, out_channels; /* likewise */
    int64_t kernel_rows, kernel_columns;
    int64_t stride_rows, stride_columns;
    int64_t before_rows, before_columns; /* may be negative */
    int64_t dilation_rows, dilation_columns;
    int64_t relu; /* whether it comes behind; not of gradients */
} Convolution;

/* Windows of pooling, as above, without groups. */
typedef struct {
    int64_t batch, channels, in_rows, in_columns, out_rows, out_columns;
    int64_t kernel_rows, kernel_columns, stride_rows, stride_columns;
    int64_t before_rows, before_columns, dilation_rows, dilation_columns;
} Windows;

/* Numbers that lie side by side. */
typedef struct {
    int64_t size;
} Row;

/* Numbers that lie as (outer, groups, inner): the channels of images as (N * H * W,
 * C, 1) or (N, C, H * W), say, or samples of features as (1, N, C). `eps` is for norms. */
typedef struct {
    int64_t outer, groups, inner;
    double eps;
} Groups;

/* Rows of numbers: samples of classes, say. */
typedef struct {
    int64_t rows, columns;
} Table;

/* So many rows that are added to rows of a table. */
typedef struct {
    int64_t count, rows, columns;
} Rows;

/* out = a * b + bias, (rows, terms) times (terms, columns), for outer_batch * inner_batch
 * matrices. The steps are numbers from one to the next, in arrays of so many in all; what
 * comes out lies side by side. */
typedef struct {
    int64_t outer_batch, inner_batch, rows, terms, columns;
    int64_t a_outer, a_inner, a_row, a_term, a_size;
    int64_t b_outer, b_inner, b_term, b_column, b_size;
    int64_t relu; /* whether it comes behind */
} Product;

/* A recurrence over `steps` steps of `batch` sequences, with `size` units. */
typedef struct {
    int64_t steps, batch, size;
} Recurrence;

/* A step of Adam for one parameter; see optimizers.py. */
typedef struct {
    double alpha, eps_hat, beta1, beta2, decay, shrink;
    int64_t maximize, size;
} AdamStep;

/* A step of SGD; `keep` is 1 less the dampening. */
typedef struct {
    double lr, momentum, keep, decay;
    int64_t nesterov, maximize, size;
} SGDStep;

/* The name of each kernel, what describes it, and its arrays: r is read, w is written (and
 * may be read), both numbers of the precision of the first; b and B are bytes, read and
 * written; i are integers of 64 bits, read; what ? stands behind may be missing. Kernels
 * return 0, SHORT if memory is, or OUTSIDE if an integer is no place in an array.
 *
 *   convolve(x, weight, bias, out): the weight as PyTorch orders it, (groups * out, in,
 *       rows, columns)
 *   weight_gradient(y, x, out): y of the output's shape
 *   max_pool(x, out), argmax_pool(x, largest, which), max_unpool(y, which, out)
 *   sum_pool(x, out), sum_unpool(y, out)
 *   product(a, b, bias, out)
 *   relu(x, out), where_positive(x, by, out): 0 where by is not above 0, and is no NaN
 *   zero_where(x, mask, out)
 *   exp(x, out), log, tanh, sigmoid, erf, normal_cdf, normal_cdf_by_tanh, normal_density
 *       likewise; the first three, for which NumPy takes no longer, to test functions.inc
 *   softmax(x, out), log_softmax(x, out): over the columns
 *   masked_softmax(x): in place; 0 where all are minus infinity
 *   softmax_gradient(g, y, out): y of softmax
 *   mean_cost(logits, indices, out), softmax_minus_one_hot(logits, indices, out)
 *   group_sums(x, out), moments(x, mean, variance): of each group
 *   standardize(x, out), standardize_gradient(g, x, out)
 *   scale_and_shift(x, weight, bias, out): by a number for each group
 *   add_rows(x, places, out)
 *   lstm(projected, weight_hh, h, c, out), lstm_gradients(g, out, weight_hh, da, dh, dc): see
 *       `lstm_states` and `lstm_gradients` in nn
 *   adam(p, g, m, v, v_max), sgd(p, g, v) */
#define EACH_KERNEL(K)                                                                  \
    K(convolve, Convolution, "rrr?w")                                                   \
    K(weight_gradient, Convolution, "rrw")                                              \
    K(max_pool, Windows, "rw")                                                          \
    K(argmax_pool, Windows, "rrB")                                                      \
    K(max_unpool, Windows, "rbw")                                                       \
    K(sum_pool, Windows, "rw")                                                          \
    K(sum_unpool, Windows, "rw")                                                        \
    K(product, Product, "rrr?w")                                                        \
    K(relu, Row, "rw")                                                                  \
    K(where_positive, Row, "rrw")                                                       \
    K(zero_where, Row, "rbw")                                                           \
    K(exp, Row, "rw")                                                                   \
    K(log, Row, "rw")                                                                   \
    K(tanh, Row, "rw")                                                                  \
    K(sigmoid, Row, "rw")                                                               \
    K(erf, Row, "rw")                                                                   \
    K(normal_cdf, Row, "rw")                                                            \
    K(normal_cdf_by_tanh, Row, "rw")                                                    \
    K(normal_density, Row, "rw")                                                        \
    K(softmax, Table, "rw")                                                             \
    K(log_softmax, Table, "rw")                                                         \
    K(masked_softmax, Table, "w")                                                       \
    K(softmax_gradient, Table, "rrw")                                                   \
    K(mean_cost, Table, "riw")                                                          \
    K(softmax_minus_one_hot, Table, "riw")                                              \
    K(group_sums, Groups, "rw")                                                         \
    K(moments, Groups, "rww")                                                           \
    K(standardize, Groups, "rw")                                                        \
    K(standardize_gradient, Groups, "rrw")                                              \
    K(scale_and_shift, Groups, "rrr?w")                                                 \
    K(add_rows, Rows, "riw")                                                            \
    K(lstm, Recurrence, "rrr?r?w")                                                      \
    K(lstm_gradients, Recurrence, "rrrwww")                                             \
    K(adam, AdamStep, "wrwww?")                                                         \
    K(sgd, SGDStep, "wrw?")

enum { SHORT = 1, OUTSIDE = 2 };

typedef int (*kernel)(const void *description, void *const *arrays);

typedef struct {
#define AS_FIELD(name, description, arrays) kernel name;
    EACH_KERNEL(AS_FIELD)
#undef AS_FIELD
} Kernels;

extern const Kernels portable_float, portable_double;
#if defined(__x86_64__)
extern const Kernels avx2_float, avx2_double, avx512_float, avx512_double;
#endif

#endif
