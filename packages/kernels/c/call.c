/* One way for all kernels: take the arrays, compare their sizes with the description, let go
 * of Python's lock, compute, and let go of the arrays. Whatever is wrong raises. */
#include "call.h"

#include <stddef.h>
#include <string.h>

#include "sizes.h"

enum { MOST = 8, LARGEST = 256 }; /* arrays; bytes of a description */

const Kernels *tables[2];

typedef struct {
    const char *name;
    size_t description; /* its bytes */
    const char *arrays; /* a letter for each: see kernels.h */
    const char *(*sizes)(const void *, int64_t *);
    size_t place; /* of the kernel in a table */
} Call;

/* The arrays of one call, let go of together. */
typedef struct {
    Py_buffer view[MOST];
    int count;
} Views;

static PyObject *release(Views *views, PyObject *result) {
    while (views->count)
        PyBuffer_Release(&views->view[--views->count]);
    return result;
}

/* Take an array; return 0, or -1 with an error if its numbers are not of the format that is
 * needed, "f" or "d" if that is yet unknown, or not so many. */
static int take(Views *views, const Call *call, int place, PyObject *object, int written,
                const char **format, int64_t size) {
    Py_buffer *view = &views->view[views->count];
    const int flags =
        PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (written ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags))
        return -1;
    views->count++;
    const char *given = view->format ? view->format : "B";
    if (!strcmp(given, "?"))
        given = "B";
    if (view->itemsize == 8 && (!strcmp(given, "l") || !strcmp(given, "q")))
        given = "q"; /* which of the two has 64 bits depends on the system */
    if (*format == NULL && !strcmp(given, "f"))
        *format = "f";
    if (*format == NULL && !strcmp(given, "d"))
        *format = "d";
    if (*format == NULL || strcmp(given, *format)) {
        PyErr_Format(PyExc_TypeError,
                     "%s: array %d has numbers of the format '%s'; '%s' is needed",
                     call->name, place, given, *format ? *format : "f' or 'd");
        return -1;
    }
    if ((uintptr_t)view->buf % view->itemsize) {
        PyErr_Format(PyExc_ValueError, "%s: array %d is not aligned", call->name, place);
        return -1;
    }
    if (view->len / view->itemsize != size || view->len % view->itemsize) {
        PyErr_Format(PyExc_ValueError,
                     "%s: array %d has %zd bytes; %lld numbers of %zd are needed",
                     call->name, place, view->len, (long long)size, view->itemsize);
        return -1;
    }
    return 0;
}

static PyObject *run(PyObject *args, const Call *call) {
    _Alignas(max_align_t) char description[LARGEST];
    int64_t sizes[MOST];
    void *arrays[MOST];
    Views views = {.count = 0};
    char *bytes;
    Py_ssize_t length;
    int count = 0;
    for (const char *letter = call->arrays; *letter; letter++)
        count += *letter != '?';
    if (PyTuple_Size(args) != count + 1)
        return PyErr_Format(PyExc_TypeError, "%s: %zd arguments were given; %d are needed",
                            call->name, PyTuple_Size(args), count + 1);
    if (PyBytes_AsStringAndSize(PyTuple_GetItem(args, 0), &bytes, &length))
        return NULL;
    if ((size_t)length != call->description)
        return PyErr_Format(PyExc_ValueError,
                            "%s: a description has %zd bytes; %zd are needed", call->name,
                            length, (Py_ssize_t)call->description);
    memcpy(description, bytes, length);
    const char *wrong = call->sizes(description, sizes);
    if (wrong != NULL)
        return PyErr_Format(PyExc_ValueError, "%s: %s", call->name, wrong);

    const char *precision = NULL, *letter = call->arrays;
    for (int i = 0; i < count; i++, letter++) {
        PyObject *object = PyTuple_GetItem(args, i + 1);
        const int written = *letter == 'w' || *letter == 'B';
        const char *bytes_or_integers = *letter == 'i' ? "q" : "B";
        const int are_numbers = *letter == 'r' || *letter == 'w';
        if (letter[1] == '?') {
            letter++;
            if (object == Py_None) {
                arrays[i] = NULL;
                continue;
            }
        }
        if (take(&views, call, i, object, written,
                 are_numbers ? &precision : &bytes_or_integers, sizes[i]))
            return release(&views, NULL);
        arrays[i] = views.view[views.count - 1].buf;
    }
    const Kernels *table = tables[precision != NULL && *precision == 'd'];
    kernel function;
    memcpy(&function, (const char *)table + call->place, sizeof function);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = function(description, arrays);
    Py_END_ALLOW_THREADS
    if (failed == OUTSIDE)
        PyErr_Format(PyExc_IndexError, "%s: a place is outside of the array", call->name);
    else if (failed)
        PyErr_NoMemory();
    if (failed)
        return release(&views, NULL);
    Py_INCREF(Py_None);
    return release(&views, Py_None);
}

#define AS_CALL(name, description, arrays)                                              \
    _Static_assert(sizeof(description) <= LARGEST && sizeof arrays - 1 <= MOST,         \
                   "a description or a list of arrays is too long");                    \
    PyObject *call_##name(PyObject *self, PyObject *args) {                             \
        static const Call call = {#name, sizeof(description), arrays, sizes_of_##name,  \
                                  offsetof(Kernels, name)};                             \
        (void)self;                                                                     \
        return run(args, &call);                                                        \
    }
EACH_KERNEL(AS_CALL)
