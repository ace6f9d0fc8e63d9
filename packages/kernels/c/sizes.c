/* Every size that a kernel relies on follows from its description here, so that nothing can
 * overflow later, and is compared with those of the arrays. */
#include "sizes.h"

/* The product of sizes, or -1 if one is out of range, or it is. */
static int64_t product(const int64_t *sizes, int count) {
    int64_t total = 1;
    for (int i = 0; i < count; i++)
        if (sizes[i] < 0 || sizes[i] > INT64_C(1) << 46 ||
            __builtin_mul_overflow(total, sizes[i], &total) || total > INT64_C(1) << 46)
            return -1;
    return total;
}
#define PRODUCT(...)                                                                    \
    product((const int64_t[]){__VA_ARGS__},                                             \
            (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

static int within(int64_t number, int64_t low, int64_t high) {
    return low <= number && number <= high;
}

static const char *check_convolution(const Convolution *c) {
    const char *wrong = "sizes of a convolution are out of range";
    const int64_t most = INT64_C(1) << 24, large = INT64_C(1) << 31;
    const int64_t positive[] = {c->groups,         c->in_channels,    c->out_channels,
                                c->out_rows,       c->out_columns,    c->kernel_rows,
                                c->kernel_columns, c->stride_rows,    c->stride_columns,
                                c->dilation_rows,  c->dilation_columns, c->spread_rows,
                                c->spread_columns, c->in_rows,        c->in_columns};
    for (unsigned i = 0; i < sizeof positive / sizeof *positive; i++)
        if (!within(positive[i], 1, most))
            return wrong;
    if (!within(c->batch, 0, large) || !within(c->before_rows, -most, most) ||
        !within(c->before_columns, -most, most))
        return wrong;
    if (PRODUCT(c->groups, c->in_channels, c->kernel_rows, c->kernel_columns) < 0 ||
        PRODUCT(c->out_columns, c->stride_columns, c->in_channels) < 0 ||
        PRODUCT(c->kernel_columns, c->dilation_columns, c->in_channels) < 0)
        return wrong;
    /* What a band sees, and the packed weight, with the rest of a vector. */
    const int64_t rows = (c->out_rows - 1) * c->stride_rows +
                         (c->kernel_rows - 1) * c->dilation_rows + 1;
    const int64_t columns = (c->out_columns - 1) * c->stride_columns +
                            (c->kernel_columns - 1) * c->dilation_columns + 1;
    if (PRODUCT(rows, columns, c->in_channels) < 0 ||
        PRODUCT(c->groups, c->out_channels + 64, c->in_channels, c->kernel_rows,
                c->kernel_columns) < 0)
        return wrong;
    return 0;
}
static int64_t images_in(const Convolution *c) {
    return PRODUCT(c->batch, c->in_rows, c->in_columns, c->in_channels, c->groups);
}
static int64_t images_out(const Convolution *c) {
    return PRODUCT(c->batch, c->out_rows, c->out_columns, c->out_channels, c->groups);
}
static int64_t weights(const Convolution *c) {
    return PRODUCT(c->groups, c->out_channels, c->in_channels, c->kernel_rows,
                   c->kernel_columns);
}

const char *sizes_of_convolve(const void *description, int64_t *sizes) {
    const Convolution *c = description;
    sizes[0] = images_in(c);
    sizes[1] = weights(c);
    sizes[2] = PRODUCT(c->groups, c->out_channels);
    sizes[3] = images_out(c);
    return check_convolution(c);
}

const char *sizes_of_weight_gradient(const void *description, int64_t *sizes) {
    const Convolution *c = description;
    sizes[0] = images_out(c);
    sizes[1] = images_in(c);
    sizes[2] = weights(c);
    return check_convolution(c);
}

static const char *check_windows(const Windows *w) {
    const int64_t large = INT64_C(1) << 31;
    const int64_t *numbers = &w->batch;
    for (unsigned i = 0; i < sizeof *w / sizeof *numbers; i++)
        if (!within(numbers[i], 0, large))
            return "sizes of pooling are out of range";
    if (!w->kernel_rows || !w->kernel_columns || !w->stride_rows || !w->stride_columns ||
        w->kernel_rows > 255 || w->kernel_columns > 255 ||
        w->kernel_rows * w->kernel_columns > 255)
        return "a window has up to 255 places, and strides from 1 on";
    return 0;
}
static int64_t pool_in(const Windows *w) {
    return PRODUCT(w->batch, w->in_rows, w->in_columns, w->channels);
}
static int64_t pool_out(const Windows *w) {
    return PRODUCT(w->batch, w->out_rows, w->out_columns, w->channels);
}

const char *sizes_of_max_pool(const void *description, int64_t *sizes) {
    sizes[0] = pool_in(description);
    sizes[1] = pool_out(description);
    return check_windows(description);
}

const char *sizes_of_argmax_pool(const void *description, int64_t *sizes) {
    sizes[0] = pool_in(description);
    sizes[1] = sizes[2] = pool_out(description);
    return check_windows(description);
}

const char *sizes_of_max_unpool(const void *description, int64_t *sizes) {
    sizes[0] = sizes[1] = pool_out(description);
    sizes[2] = pool_in(description);
    return check_windows(description);
}

/* x and out, of one size. */
#define ONE_FOR_ONE(name)                                                               \
    const char *sizes_of_##name(const void *description, int64_t *sizes) {              \
        sizes[0] = sizes[1] = ((const Row *)description)->size;                         \
        return 0;                                                                       \
    }
ONE_FOR_ONE(relu)
ONE_FOR_ONE(exp)
ONE_FOR_ONE(log)
ONE_FOR_ONE(tanh)
ONE_FOR_ONE(sigmoid)
ONE_FOR_ONE(erf)
ONE_FOR_ONE(normal_cdf)
ONE_FOR_ONE(normal_cdf_by_tanh)
ONE_FOR_ONE(normal_density)

const char *sizes_of_zero_where(const void *description, int64_t *sizes) {
    sizes[0] = sizes[1] = sizes[2] = ((const Row *)description)->size;
    return 0;
}

static const char *rows_for_rows(const Table *table, int64_t *sizes, int arrays) {
    for (int i = 0; i < arrays; i++)
        sizes[i] = PRODUCT(table->rows, table->columns);
    return table->rows < 1 || table->columns < 1 ? "rows and columns are needed" : 0;
}

const char *sizes_of_softmax(const void *description, int64_t *sizes) {
    return rows_for_rows(description, sizes, 2);
}

const char *sizes_of_log_softmax(const void *description, int64_t *sizes) {
    return rows_for_rows(description, sizes, 2);
}

const char *sizes_of_masked_softmax(const void *description, int64_t *sizes) {
    return rows_for_rows(description, sizes, 1);
}

const char *sizes_of_softmax_gradient(const void *description, int64_t *sizes) {
    return rows_for_rows(description, sizes, 3);
}

const char *sizes_of_softmax_minus_one_hot(const void *description, int64_t *sizes) {
    const char *wrong = rows_for_rows(description, sizes, 3);
    sizes[1] = PRODUCT(((const Table *)description)->rows, sizeof(int64_t));
    return wrong;
}

const char *sizes_of_mean_cost(const void *description, int64_t *sizes) {
    const char *wrong = sizes_of_softmax_minus_one_hot(description, sizes);
    sizes[2] = 1;
    return wrong;
}

const char *sizes_of_channel_sums(const void *description, int64_t *sizes) {
    const Table *table = description;
    sizes[0] = PRODUCT(table->rows, table->columns);
    sizes[1] = table->columns;
    return table->columns < 1 ? "there are no channels" : 0;
}

const char *sizes_of_adam(const void *description, int64_t *sizes) {
    for (int i = 0; i < 5; i++)
        sizes[i] = ((const AdamStep *)description)->size;
    return 0;
}
