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
                                c->dilation_rows,  c->dilation_columns, c->in_rows,
                                c->in_columns};
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
    /* So many rows from the first one a window may reach. */
    const int64_t reach = w->out_rows * w->stride_rows + w->before_rows +
                          w->kernel_rows * w->dilation_rows;
    return PRODUCT(reach, w->in_columns) < 0 ? "sizes of pooling are out of range" : 0;
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

/* Whether the last number that is read is one of `size`. */
static int reaches(const int64_t *counts, const int64_t *steps, int dimensions,
                   int64_t size) {
    int64_t last = 0;
    for (int i = 0; i < dimensions; i++) {
        if (!within(counts[i], 1, INT64_C(1) << 31) ||
            !within(steps[i], 0, INT64_C(1) << 46))
            return 0;
        const int64_t far = PRODUCT(counts[i] - 1, steps[i]);
        if (far < 0)
            return 0;
        last += far;
    }
    return last < size;
}

const char *sizes_of_product(const void *description, int64_t *sizes) {
    const Product *p = description;
    const int64_t a_counts[] = {p->outer_batch, p->inner_batch, p->rows, p->terms};
    const int64_t b_counts[] = {p->outer_batch, p->inner_batch, p->terms, p->columns};
    sizes[0] = p->a_size;
    sizes[1] = p->b_size;
    sizes[2] = p->columns;
    sizes[3] = PRODUCT(p->outer_batch, p->inner_batch, p->rows, p->columns);
    if (!reaches(a_counts, &p->a_outer, 4, p->a_size) ||
        !reaches(b_counts, &p->b_outer, 4, p->b_size))
        return "sizes of a product are out of range";
    return 0;
}

const char *sizes_of_sum_pool(const void *description, int64_t *sizes) {
    return sizes_of_max_pool(description, sizes);
}

const char *sizes_of_sum_unpool(const void *description, int64_t *sizes) {
    sizes[0] = pool_out(description);
    sizes[1] = pool_in(description);
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

#define TWO_FOR_ONE(name)                                                               \
    const char *sizes_of_##name(const void *description, int64_t *sizes) {              \
        sizes[0] = sizes[1] = sizes[2] = ((const Row *)description)->size;              \
        return 0;                                                                       \
    }
TWO_FOR_ONE(where_positive)
TWO_FOR_ONE(zero_where)

static const char *check_groups(const Groups *g) {
    const int is_none = g->outer < 1 || g->groups < 1 || g->inner < 1;
    return is_none ? "there are no numbers" : 0;
}
static int64_t in_groups(const Groups *g) { return PRODUCT(g->outer, g->groups, g->inner); }

const char *sizes_of_group_sums(const void *description, int64_t *sizes) {
    sizes[0] = in_groups(description);
    sizes[1] = ((const Groups *)description)->groups;
    return check_groups(description);
}

const char *sizes_of_moments(const void *description, int64_t *sizes) {
    sizes[0] = in_groups(description);
    sizes[1] = sizes[2] = ((const Groups *)description)->groups;
    return check_groups(description);
}

const char *sizes_of_standardize(const void *description, int64_t *sizes) {
    sizes[0] = sizes[1] = in_groups(description);
    return check_groups(description);
}

const char *sizes_of_standardize_gradient(const void *description, int64_t *sizes) {
    sizes[0] = sizes[1] = sizes[2] = in_groups(description);
    return check_groups(description);
}

const char *sizes_of_scale_and_shift(const void *description, int64_t *sizes) {
    sizes[0] = sizes[3] = in_groups(description);
    sizes[1] = sizes[2] = ((const Groups *)description)->groups;
    return check_groups(description);
}

const char *sizes_of_add_rows(const void *description, int64_t *sizes) {
    const Rows *r = description;
    sizes[0] = PRODUCT(r->count, r->columns);
    sizes[1] = PRODUCT(r->count);
    sizes[2] = PRODUCT(r->rows, r->columns);
    return r->columns < 1 ? "the rows are empty" : 0;
}

static const char *check_recurrence(const Recurrence *r) {
    const int64_t most = INT64_C(1) << 24;
    if (!within(r->steps, 0, most) || !within(r->batch, 1, most) ||
        !within(r->size, 1, most) || PRODUCT(r->steps + 1, 6, r->batch, r->size) < 0 ||
        PRODUCT(4 * r->size, r->size + 64) < 0)
        return "sizes of a recurrence are out of range";
    return 0;
}

const char *sizes_of_lstm(const void *description, int64_t *sizes) {
    const Recurrence *r = description;
    sizes[0] = PRODUCT(r->steps, r->batch, 4, r->size);
    sizes[1] = PRODUCT(4, r->size, r->size);
    sizes[2] = sizes[3] = PRODUCT(r->batch, r->size);
    sizes[4] = PRODUCT(r->steps + 1, 6, r->batch, r->size);
    return check_recurrence(r);
}

const char *sizes_of_lstm_gradients(const void *description, int64_t *sizes) {
    const Recurrence *r = description;
    sizes[0] = sizes[1] = PRODUCT(r->steps + 1, 6, r->batch, r->size);
    sizes[2] = PRODUCT(4, r->size, r->size);
    sizes[3] = PRODUCT(r->steps, r->batch, 4, r->size);
    sizes[4] = sizes[5] = PRODUCT(r->batch, r->size);
    return check_recurrence(r);
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
    sizes[1] = ((const Table *)description)->rows;
    return wrong;
}

const char *sizes_of_mean_cost(const void *description, int64_t *sizes) {
    const char *wrong = sizes_of_softmax_minus_one_hot(description, sizes);
    sizes[2] = 1;
    return wrong;
}

const char *sizes_of_adam(const void *description, int64_t *sizes) {
    for (int i = 0; i < 5; i++)
        sizes[i] = ((const AdamStep *)description)->size;
    return 0;
}

const char *sizes_of_sgd(const void *description, int64_t *sizes) {
    for (int i = 0; i < 3; i++)
        sizes[i] = ((const SGDStep *)description)->size;
    return 0;
}
