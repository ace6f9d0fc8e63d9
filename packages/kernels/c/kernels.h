/* What the kernels are, once for each kind of processor and each kind of number.
 *
 * `kernels.c` is compiled several times, with the instructions of one kind of processor
 * each, and fills one table; `module.c` picks a table when it is imported. */
#ifndef PEBBLE_KERNELS_H
#define PEBBLE_KERNELS_H

#include <stdint.h>

/* A convolution of images that lie channel by channel behind each other, pixel by pixel:
 * (batch, rows, columns, channels). Position p and place k of the window meet element
 * (p * stride + k * dilation - before) / spread, if that is a whole number and inside.
 * A spread other than 1 is for the gradient of the images. */
typedef struct {
    int64_t batch, groups;
    int64_t in_rows, in_columns, in_channels;    /* channels of one group */
    int64_t out_rows, out_columns, out_channels; /* likewise */
    int64_t kernel_rows, kernel_columns;
    int64_t stride_rows, stride_columns;
    int64_t before_rows, before_columns; /* may be negative */
    int64_t dilation_rows, dilation_columns;
    int64_t spread_rows, spread_columns;
} Convolution;

/* Windows of pooling, as above, without groups and spread. */
typedef struct {
    int64_t batch, channels, in_rows, in_columns, out_rows, out_columns;
    int64_t kernel_rows, kernel_columns, stride_rows, stride_columns;
    int64_t before_rows, before_columns, dilation_rows, dilation_columns;
} Windows;

/* One parameter of an optimizer and what it remembers. */
typedef struct {
    void *p;
    const void *g;
    void *m, *v, *v_max;
    int64_t size;
} Parameter;

typedef struct {
    double alpha, eps_hat, beta1, beta2, decay, shrink; /* see optimizers.py */
    int amsgrad, maximize;
} AdamStep;

typedef struct {
    /* out = x * weight + bias; the weight as pack_weight lays it. */
    int (*convolve)(const Convolution *, const void *x, const void *packed,
                    const void *bias, void *out);
    /* Numbers that a packed weight has. */
    int64_t (*packed_size)(const Convolution *);
    /* From (groups, out, in, rows, columns), as PyTorch orders them, with strides. */
    void (*pack_weight)(const Convolution *, const void *weight, const int64_t *strides,
                        int flipped, void *packed);
    /* grad, (groups * out, in, rows, columns) = y of the output's shape times x. */
    int (*weight_gradient)(const Convolution *, const void *y, const void *x, void *grad);

    void (*max_pool)(const Windows *, const void *x, void *out);
    void (*argmax_pool)(const Windows *, const void *x, const void *out, void *which);
    void (*max_unpool)(const Windows *, const void *y, const void *which, void *out);

    void (*relu)(const void *x, void *out, int64_t size);
    void (*zero_where)(const void *x, const unsigned char *mask, void *out, int64_t size);

    int (*channel_sums)(const void *x, int64_t pixels, int64_t channels, void *out);

    void (*adam)(const Parameter *, int64_t count, const AdamStep *);
} Kernels;

extern const Kernels portable_float, portable_double;
#if defined(__x86_64__)
extern const Kernels avx2_float, avx2_double, avx512_float, avx512_double;
#endif

#endif
