/* How Python's arguments become those of a kernel. */
#ifndef PEBBLE_CALL_H
#define PEBBLE_CALL_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernels.h"

/* The tables of the chosen instructions, of float and of double. */
extern const Kernels *tables[2];

/* For each kernel a function that Python can call: with the description, the bytes of its
 * struct as struct.pack makes them, and each array as a contiguous buffer, or None. */
#define AS_FUNCTION(name, description, arrays)                                          \
    PyObject *call_##name(PyObject *self, PyObject *args);
EACH_KERNEL(AS_FUNCTION)
#undef AS_FUNCTION

#endif
