/* The words of NumPy's Mersenne Twister, read where NumPy keeps them.
 *
 * Source: M. Matsumoto and T. Nishimura, Mersenne Twister, 1998.
 */
#include "samplers.h"

#define REACH 397

/* The capsule is that of a NumPy bit generator: a bitgen_t, whose first field leads
 * to the state. */
int
open_stream(PyObject *capsule, Stream *stream)
{
    void **bits = PyCapsule_GetPointer(capsule, "BitGenerator");
    memset(stream, 0, sizeof(*stream));
    if (bits == NULL) {
        return -1;
    }
    stream->twister = *bits;
    return 0;
}

INLINE uint32_t
twist(uint32_t high, uint32_t low)
{
    uint32_t mixed = (high & 0x80000000u) | (low & 0x7FFFFFFFu);
    return (mixed >> 1) ^ (-(low & 1u) & 0x9908B0DFu);
}

/* The next block, in place; no word depends on one made less than 227 before it. */
INLINE void
next_block_body(Twister *twister)
{
    uint32_t *key = twister->key;
    int i;
    for (i = 0; i < WORDS - REACH; i++) {
        key[i] = key[i + REACH] ^ twist(key[i], key[i + 1]);
    }
    for (; i < WORDS - 1; i++) {
        key[i] = key[i - (WORDS - REACH)] ^ twist(key[i], key[i + 1]);
    }
    key[i] = key[REACH - 1] ^ twist(key[i], key[0]);
    twister->pos = 0;
}

BY_PROCESSOR(next_block, (Twister * twister), (twister))

void
refill(Twister *twister)
{
    next_block(twister);
}

INLINE void
temper_all_body(const uint32_t *key, uint32_t *restrict out, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        out[i] = temper(key[i]);
    }
}

BY_PROCESSOR(
    temper_all, (const uint32_t *key, uint32_t *restrict out, Py_ssize_t count),
    (key, out, count))

void
take_words(Twister *twister, uint32_t *out, Py_ssize_t count)
{
    while (count > 0) {
        Py_ssize_t some;
        if (twister->pos >= WORDS) {
            refill(twister);
        }
        some = WORDS - twister->pos < count ? WORDS - twister->pos : count;
        temper_all(twister->key + twister->pos, out, some);
        twister->pos += (int)some;
        out += some;
        count -= some;
    }
}
