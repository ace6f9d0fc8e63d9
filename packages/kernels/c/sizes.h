/* How large the arrays of a kernel must be. */
#ifndef PEBBLE_SIZES_H
#define PEBBLE_SIZES_H

#include "kernels.h"

/* Each fills in the size of every array, and returns what is wrong with the description,
 * or NULL. A size is below 0 where it is larger than memory can be. */
#define AS_SIZES(name, description, arrays)                                             \
    const char *sizes_of_##name(const void *, int64_t *sizes);
EACH_KERNEL(AS_SIZES)
#undef AS_SIZES

#endif
