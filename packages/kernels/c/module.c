/* `pebblegrad.kernels._native`: the kernels, and what may be asked and set. */
#include "call.h"

#include <string.h>

#include "pool.h"

static const char *processor;

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
        tables[0] = &avx512_float, tables[1] = &avx512_double;
        processor = "avx512", found = 1;
    } else if (!strcmp(wanted, "avx2") && __builtin_cpu_supports("avx2") &&
               __builtin_cpu_supports("fma")) {
        tables[0] = &avx2_float, tables[1] = &avx2_double;
        processor = "avx2", found = 1;
    }
#endif
    if (!strcmp(wanted, "portable")) {
        tables[0] = &portable_float, tables[1] = &portable_double;
        processor = "portable", found = 1;
    }
    Py_DECREF(bytes);
    return PyBool_FromLong(found);
}

static PyMethodDef functions[] = {
#define AS_METHOD(name, description, arrays)                                           \
    {#name, call_##name, METH_VARARGS, NULL},
    EACH_KERNEL(AS_METHOD)
#undef AS_METHOD
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
