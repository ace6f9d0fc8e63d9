/* `pebblegrad.kernels._native`: looks at what it is given, and calls the kernels.
 *
 * Every function takes a description, the bytes of the struct of that name as Python's
 * struct.pack makes them, and arrays as contiguous buffers. All sizes that a kernel
 * relies on are compared with those of the buffers here: wrong ones raise. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "kernels.h"
#include "pool.h"

enum { FLOAT, DOUBLE, BYTE };
static const Kernels *tables[2];
static const char *processor;

/* The arrays of one call, let go of together. */
typedef struct {
    Py_buffer view[64];
    int count;
} Arrays;

static void release(Arrays *arrays) {
    while (arrays->count)
        PyBuffer_Release(&arrays->view[--arrays->count]);
}

/* Take an array of `size` numbers of a kind; NULL with an error if it is none. */
static void *take(Arrays *arrays, const char *name, PyObject *object, int kind,
                  int64_t size, int write) {
    static const char *formats[] = {"f", "d", "B"};
    Py_buffer *view = &arrays->view[arrays->count];
    const int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (write ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags))
        return NULL;
    arrays->count++;
    const char *format = view->format ? view->format : "B";
    if (kind == BYTE && !strcmp(format, "?"))
        format = "B";
    if (strcmp(format, formats[kind])) {
        PyErr_Format(PyExc_TypeError,
                     "%s has numbers of the format '%s'; '%s' is needed", name, format,
                     formats[kind]);
        return NULL;
    }
    if (view->len / view->itemsize != size || view->len % view->itemsize) {
        PyErr_Format(PyExc_ValueError, "%s has %zd bytes; %lld numbers of %zd are needed",
                     name, view->len, (long long)size, view->itemsize);
        return NULL;
    }
    return view->buf;
}

/* Which kind of numbers an array has, FLOAT or DOUBLE; -1 with an error if neither. */
static int kind_of(PyObject *object) {
    Py_buffer view;
    if (PyObject_GetBuffer(object, &view, PyBUF_STRIDED_RO | PyBUF_FORMAT))
        return -1;
    const char *format = view.format ? view.format : "B";
    const int kind = !strcmp(format, "f") ? FLOAT : !strcmp(format, "d") ? DOUBLE : -1;
    if (kind < 0)
        PyErr_Format(PyExc_TypeError,
                     "an array has numbers of the format '%s'; 'f' or 'd' is needed",
                     format);
    PyBuffer_Release(&view);
    return kind;
}

/* Copy a description, and multiply sizes so that nothing can overflow later. */
static int describe(PyObject *object, void *into, Py_ssize_t size, int smallest,
                    int count) {
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(object, &bytes, &length))
        return -1;
    if (length != size) {
        PyErr_Format(PyExc_ValueError, "a description has %zd bytes; %zd are needed",
                     length, size);
        return -1;
    }
    memcpy(into, bytes, size);
    const int64_t *numbers = into;
    for (int i = 0; i < count; i++)
        if (numbers[i] < smallest || numbers[i] > INT64_C(1) << 31) {
            PyErr_Format(PyExc_ValueError,
                         "number %d of a description is %lld; %d to 2**31 is needed", i,
                         (long long)numbers[i], smallest);
            return -1;
        }
    return 0;
}

/* The product of sizes, or -1 if it is larger than memory can be. */
static int64_t product(const int64_t *sizes, int count) {
    int64_t total = 1;
    for (int i = 0; i < count; i++)
        if (__builtin_mul_overflow(total, sizes[i], &total) || total > INT64_C(1) << 46)
            return -1;
    return total;
}
#define PRODUCT(...)                                                                    \
    product((const int64_t[]){__VA_ARGS__},                                                \
            (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

static int describe_convolution(PyObject *object, Convolution *c) {
    if (describe(object, c, sizeof *c, 0, 2))
        return -1;
    const int64_t positive[] = {c->groups,         c->in_channels,    c->out_channels,
                             c->out_rows,       c->out_columns,    c->kernel_rows,
                             c->kernel_columns, c->stride_rows,    c->stride_columns,
                             c->dilation_rows,  c->dilation_columns, c->spread_rows,
                             c->spread_columns, c->in_rows,        c->in_columns};
    for (unsigned i = 0; i < sizeof positive / sizeof *positive; i++)
        if (positive[i] < 1 || positive[i] > 1 << 24)
            goto wrong;
    if (llabs((long long)c->before_rows) > 1 << 24 || llabs((long long)c->before_columns) > 1 << 24)
        goto wrong;
    if (PRODUCT(c->groups, c->in_channels, c->kernel_rows, c->kernel_columns) < 0 ||
        PRODUCT(c->out_columns, c->stride_columns, c->in_channels) < 0 ||
        PRODUCT(c->kernel_columns, c->dilation_columns, c->in_channels) < 0)
        goto wrong;
    /* What a band sees, and the packed weight, with the rest of a vector. */
    const int64_t rows = (c->out_rows - 1) * c->stride_rows +
                         (c->kernel_rows - 1) * c->dilation_rows + 1;
    const int64_t columns = (c->out_columns - 1) * c->stride_columns +
                            (c->kernel_columns - 1) * c->dilation_columns + 1;
    if (PRODUCT(rows, columns, c->in_channels) < 0 ||
        PRODUCT(c->groups, c->out_channels + 64, c->in_channels, c->kernel_rows,
                c->kernel_columns) < 0)
        goto wrong;
    return 0;
wrong:
    PyErr_SetString(PyExc_ValueError, "sizes of a convolution are out of range");
    return -1;
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

static PyObject *done(Arrays *arrays, int failed) {
    release(arrays);
    if (failed)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}
static PyObject *refuse(Arrays *arrays) {
    release(arrays);
    return NULL;
}

/* convolve(description, x, weight, bias or None, turned, out) */
static PyObject *convolve(PyObject *self, PyObject *args) {
    PyObject *description, *x, *weight, *bias, *out;
    int turned;
    Convolution c;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOOpO", &description, &x, &weight, &bias, &turned,
                          &out) ||
        describe_convolution(description, &c))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, images_in(&c), 0);
    const void *numbers =
        seen ? take(&arrays, "weight", weight, kind, weights(&c), 0) : NULL;
    const void *offsets = NULL;
    if (numbers && bias != Py_None) {
        offsets = take(&arrays, "bias", bias, kind, c.groups * c.out_channels, 0);
        numbers = offsets ? numbers : NULL;
    }
    void *into = numbers ? take(&arrays, "out", out, kind, images_out(&c), 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    const Kernels *kernels = tables[kind];
    const int64_t window = c.kernel_rows * c.kernel_columns;
    const int64_t of_in = turned ? c.out_channels * window : window;
    const int64_t of_out = turned ? window : c.in_channels * window;
    const int64_t strides[] = {c.in_channels * c.out_channels * window, of_out, of_in,
                            c.kernel_columns, 1};
    const size_t item = kind == FLOAT ? sizeof(float) : sizeof(double);
    void *packed = malloc((size_t)kernels->packed_size(&c) * item + 1);
    if (packed == NULL)
        return done(&arrays, 1);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    kernels->pack_weight(&c, numbers, strides, turned, packed);
    failed = kernels->convolve(&c, seen, packed, offsets, into);
    Py_END_ALLOW_THREADS
    free(packed);
    return done(&arrays, failed);
}

/* weight_gradient(description, y, x, out) */
static PyObject *weight_gradient(PyObject *self, PyObject *args) {
    PyObject *description, *y, *x, *out;
    Convolution c;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOO", &description, &y, &x, &out) ||
        describe_convolution(description, &c))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, images_in(&c), 0);
    const void *given = seen ? take(&arrays, "y", y, kind, images_out(&c), 0) : NULL;
    void *into = given ? take(&arrays, "out", out, kind, weights(&c), 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tables[kind]->weight_gradient(&c, given, seen, into);
    Py_END_ALLOW_THREADS
    return done(&arrays, failed);
}

static int describe_windows(PyObject *object, Windows *w) {
    if (describe(object, w, sizeof *w, 0, sizeof *w / sizeof(int64_t)))
        return -1;
    if (!w->kernel_rows || !w->kernel_columns || !w->stride_rows || !w->stride_columns ||
        w->kernel_rows > 255 || w->kernel_columns > 255 ||
        w->kernel_rows * w->kernel_columns > 255) {
        PyErr_SetString(PyExc_ValueError,
                        "a window has up to 255 places, and strides from 1 on");
        return -1;
    }
    return 0;
}
static int64_t pool_in(const Windows *w) {
    return PRODUCT(w->batch, w->in_rows, w->in_columns, w->channels);
}
static int64_t pool_out(const Windows *w) {
    return PRODUCT(w->batch, w->out_rows, w->out_columns, w->channels);
}

/* max_pool(description, x, out) */
static PyObject *max_pool(PyObject *self, PyObject *args) {
    PyObject *description, *x, *out;
    Windows w;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOO", &description, &x, &out) ||
        describe_windows(description, &w))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, pool_in(&w), 0);
    void *into = seen ? take(&arrays, "out", out, kind, pool_out(&w), 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->max_pool(&w, seen, into);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

/* argmax_pool(description, x, largest, out) */
static PyObject *argmax_pool(PyObject *self, PyObject *args) {
    PyObject *description, *x, *largest, *out;
    Windows w;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOO", &description, &x, &largest, &out) ||
        describe_windows(description, &w))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, pool_in(&w), 0);
    const void *most = seen ? take(&arrays, "largest", largest, kind, pool_out(&w), 0)
                            : NULL;
    void *into = most ? take(&arrays, "out", out, BYTE, pool_out(&w), 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->argmax_pool(&w, seen, most, into);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

/* max_unpool(description, y, which, out) */
static PyObject *max_unpool(PyObject *self, PyObject *args) {
    PyObject *description, *y, *which, *out;
    Windows w;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOOO", &description, &y, &which, &out) ||
        describe_windows(description, &w))
        return NULL;
    const int kind = kind_of(y);
    if (kind < 0)
        return NULL;
    const void *given = take(&arrays, "y", y, kind, pool_out(&w), 0);
    const void *picked = given ? take(&arrays, "which", which, BYTE, pool_out(&w), 0)
                               : NULL;
    void *into = picked ? take(&arrays, "out", out, kind, pool_in(&w), 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->max_unpool(&w, given, picked, into);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

/* relu(x, size, out) */
static PyObject *relu(PyObject *self, PyObject *args) {
    PyObject *x, *out;
    long long size;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OLO", &x, &size, &out))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, size, 0);
    void *into = seen ? take(&arrays, "out", out, kind, size, 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->relu(seen, into, size);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

/* zero_where(x, mask, size, out) */
static PyObject *zero_where(PyObject *self, PyObject *args) {
    PyObject *x, *mask, *out;
    long long size;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OOLO", &x, &mask, &size, &out))
        return NULL;
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, size, 0);
    const void *hidden = seen ? take(&arrays, "mask", mask, BYTE, size, 0) : NULL;
    void *into = hidden ? take(&arrays, "out", out, kind, size, 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->zero_where(seen, hidden, into, size);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

/* channel_sums(x, pixels, channels, out) */
static PyObject *channel_sums(PyObject *self, PyObject *args) {
    PyObject *x, *out;
    long long pixels, channels;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "OLLO", &x, &pixels, &channels, &out))
        return NULL;
    const int64_t size = pixels < 0 || channels < 1 ? -1 : PRODUCT(pixels, channels);
    const int kind = kind_of(x);
    if (kind < 0)
        return NULL;
    const void *seen = take(&arrays, "x", x, kind, size, 0);
    void *into = seen ? take(&arrays, "out", out, kind, channels, 1) : NULL;
    if (into == NULL)
        return refuse(&arrays);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = tables[kind]->channel_sums(seen, pixels, channels, into);
    Py_END_ALLOW_THREADS
    return done(&arrays, failed);
}

/* adam(alpha, eps_hat, beta1, beta2, decay, shrink, maximize, size, p, g, m, v,
 *      v_max or None) */
static PyObject *adam(PyObject *self, PyObject *args) {
    PyObject *p, *g, *m, *v, *v_max;
    AdamStep step;
    long long size;
    Arrays arrays = {.count = 0};
    (void)self;
    if (!PyArg_ParseTuple(args, "ddddddpLOOOOO", &step.alpha, &step.eps_hat, &step.beta1,
                          &step.beta2, &step.decay, &step.shrink, &step.maximize, &size,
                          &p, &g, &m, &v, &v_max))
        return NULL;
    const int kind = kind_of(p);
    if (kind < 0)
        return NULL;
    Parameter one = {.size = size};
    step.amsgrad = v_max != Py_None;
    one.p = take(&arrays, "p", p, kind, one.size, 1);
    one.g = one.p ? take(&arrays, "g", g, kind, one.size, 0) : NULL;
    one.m = one.g ? take(&arrays, "m", m, kind, one.size, 1) : NULL;
    one.v = one.m ? take(&arrays, "v", v, kind, one.size, 1) : NULL;
    if (one.v == NULL)
        return refuse(&arrays);
    if (step.amsgrad &&
        (one.v_max = take(&arrays, "v_max", v_max, kind, one.size, 1)) == NULL)
        return refuse(&arrays);
    Py_BEGIN_ALLOW_THREADS
    tables[kind]->adam(&one, 1, &step);
    Py_END_ALLOW_THREADS
    return done(&arrays, 0);
}

static PyObject *threads(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyLong_FromLong(pool_threads());
}

static PyObject *set_threads(PyObject *self, PyObject *number) {
    (void)self;
    const long count = PyLong_AsLong(number);
    if (count == -1 && PyErr_Occurred())
        return NULL;
    pool_set_threads(count < 1 ? 1 : count > 64 ? 64 : (int)count);
    Py_RETURN_NONE;
}

static PyObject *instructions(PyObject *self, PyObject *unused) {
    (void)self, (void)unused;
    return PyUnicode_FromString(processor);
}

/* use(name): choose the instructions; for tests, which try all that there are. */
static PyObject *use(PyObject *self, PyObject *name) {
    (void)self;
    PyObject *bytes = PyUnicode_AsASCIIString(name);
    if (bytes == NULL)
        return NULL;
    const char *wanted = PyBytes_AsString(bytes);
    int found = 0;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!strcmp(wanted, "avx512") && __builtin_cpu_supports("avx512f") &&
        __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) {
        tables[FLOAT] = &avx512_float, tables[DOUBLE] = &avx512_double;
        processor = "avx512", found = 1;
    } else if (!strcmp(wanted, "avx2") && __builtin_cpu_supports("avx2") &&
               __builtin_cpu_supports("fma")) {
        tables[FLOAT] = &avx2_float, tables[DOUBLE] = &avx2_double;
        processor = "avx2", found = 1;
    }
#endif
    if (!strcmp(wanted, "portable")) {
        tables[FLOAT] = &portable_float, tables[DOUBLE] = &portable_double;
        processor = "portable", found = 1;
    }
    Py_DECREF(bytes);
    return PyBool_FromLong(found);
}

static PyMethodDef functions[] = {
    {"convolve", convolve, METH_VARARGS, NULL},
    {"weight_gradient", weight_gradient, METH_VARARGS, NULL},
    {"max_pool", max_pool, METH_VARARGS, NULL},
    {"argmax_pool", argmax_pool, METH_VARARGS, NULL},
    {"max_unpool", max_unpool, METH_VARARGS, NULL},
    {"relu", relu, METH_VARARGS, NULL},
    {"zero_where", zero_where, METH_VARARGS, NULL},
    {"channel_sums", channel_sums, METH_VARARGS, NULL},
    {"adam", adam, METH_VARARGS, NULL},
    {"threads", threads, METH_NOARGS, NULL},
    {"set_threads", set_threads, METH_O, NULL},
    {"instructions", instructions, METH_NOARGS, NULL},
    {"use", use, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_native", "Kernels in C.", -1, functions, NULL, NULL, NULL,
    NULL,
};

PyMODINIT_FUNC PyInit__native(void) {
    PyObject *made = PyModule_Create(&module);
    if (made == NULL)
        return NULL;
    pool_start();
    static const char *kinds[] = {"avx512", "avx2", "portable"};
    for (int i = 0; i < 3; i++) {
        PyObject *name = PyUnicode_FromString(kinds[i]);
        PyObject *found = name ? use(NULL, name) : NULL;
        Py_XDECREF(name);
        if (found == NULL) {
            Py_DECREF(made);
            return NULL;
        }
        const int is_it = found == Py_True;
        Py_DECREF(found);
        if (is_it)
            break;
    }
    return made;
}
