/* Drawing random numbers: the words of the Mersenne Twister and what is made of them.
 *
 * What is drawn is defined by the Python in _streams, which runs wherever this is not
 * built. Functions are those of the C library, as in PyTorch, so every bit agrees; no
 * product is fused with a sum but by `fma` (the compiler is told so).
 */
#ifndef TORCHLIKE_SAMPLERS_H
#define TORCHLIKE_SAMPLERS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* `name` from `name_body`, which is compiled for AVX2 too and chosen when it runs. */
#if defined(__GNUC__) && defined(__x86_64__)
#define INLINE static inline __attribute__((always_inline))
#define BY_PROCESSOR(name, parameters, arguments) \
    __attribute__((target("avx2,fma"))) static void name##_avx2 parameters \
    { \
        name##_body arguments; \
    } \
    static void name parameters \
    { \
        if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) { \
            name##_avx2 arguments; \
        } \
        else { \
            name##_body arguments; \
        } \
    }
#else
#define INLINE static inline
#define BY_PROCESSOR(name, parameters, arguments) \
    static void name parameters { name##_body arguments; }
#endif

#define WORDS 624

/* NumPy's own record of its MT19937; whether it is that is tried out by _streams. */
typedef struct {
    uint32_t key[WORDS];
    int pos;
} Twister;

/* A twister while it is drawn from, and the second half of the last normal pair. */
typedef struct {
    Twister *twister;
    int drawn; /* whether anything was, of a twister just seeded */
    int has_spare;
    double spare;
} Stream;

/* twister.c */
int open_stream(PyObject *capsule, Stream *stream);
void refill(Twister *twister);
void take_words(Twister *twister, uint32_t *out, Py_ssize_t count);

static inline uint32_t
temper(uint32_t y)
{
    y ^= y >> 11;
    y ^= (y << 7) & 0x9D2C5680u;
    y ^= (y << 15) & 0xEFC60000u;
    return y ^ (y >> 18);
}

static inline uint32_t
next_word(Stream *stream)
{
    Twister *twister = stream->twister;
    if (twister->pos >= WORDS) {
        refill(twister);
        stream->drawn = 1;
    }
    return temper(twister->key[twister->pos++]);
}

/* Uniform in [0, 1) with 53 random bits; the first word is the high one. */
static inline double
next_unit(Stream *stream)
{
    uint64_t high = next_word(stream);
    uint64_t both = high << 32 | next_word(stream);
    return (double)(int64_t)(both & ((1ull << 53) - 1)) * 0x1p-53;
}

/* arrays.c: C-contiguous arrays of one of the formats and of a size of item (0: any);
 * TypeError for others. */
int array_of(PyObject *object, Py_buffer *view, const char *formats, int size,
             int writable);
int arrays_of(PyObject *const *objects, Py_buffer *views, int count, int n_inputs);

#define DECLARE(name) PyObject *name(PyObject *, PyObject *const *, Py_ssize_t);
/* arrays.c */
DECLARE(words) DECLARE(longs) DECLARE(units) DECLARE(integers) DECLARE(permutation)
/* functions.c */
DECLARE(fused) DECLARE(box_muller) DECLARE(apply)
/* rejection.c */
DECLARE(normals) DECLARE(gamma_samples) DECLARE(poisson_samples)
/* choice.c */
DECLARE(are_weights) DECLARE(race)
/* binomial.c */
DECLARE(binomial_samples)
#undef DECLARE

#endif
