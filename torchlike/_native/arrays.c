/* Arrays of words, of uniform numbers, of integers; permutations. */
#include "samplers.h"

int
array_of(PyObject *object, Py_buffer *view, const char *formats, int size, int writable)
{
    int flags = PyBUF_C_CONTIGUOUS | PyBUF_FORMAT | (writable ? PyBUF_WRITABLE : 0);
    if (PyObject_GetBuffer(object, view, flags) < 0) {
        return -1;
    }
    if (strlen(view->format) != 1 || strchr(formats, view->format[0]) == NULL
        || (size != 0 && view->itemsize != size)) {
        PyErr_Format(PyExc_TypeError, "no array of \"%s\": %R", formats, object);
        PyBuffer_Release(view);
        return -1;
    }
    return 0;
}

/* float64 arrays of one size, the results after `n_inputs` of arguments. */
int
arrays_of(PyObject *const *objects, Py_buffer *views, int count, int n_inputs)
{
    int i;
    for (i = 0; i < count; i++) {
        if (array_of(objects[i], &views[i], "d", 8, i >= n_inputs) < 0) {
            break;
        }
        if (views[i].len != views[0].len) {
            PyErr_SetString(PyExc_TypeError, "arrays of one size are expected");
            PyBuffer_Release(&views[i]);
            break;
        }
    }
    if (i == count) {
        return 0;
    }
    while (i-- > 0) {
        PyBuffer_Release(&views[i]);
    }
    return -1;
}

static int
opened(PyObject *const *args, Py_ssize_t n, Py_ssize_t wanted, const char *formats,
       int size, Stream *stream, Py_buffer *out)
{
    if (n != wanted) {
        PyErr_Format(PyExc_TypeError, "%zd arguments are expected", wanted);
        return -1;
    }
    if (open_stream(args[0], stream) < 0) {
        return -1;
    }
    return array_of(args[1], out, formats, size, 1);
}

/* words(capsule, out): 32-bit words. */
PyObject *
words(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    if (opened(args, n, 2, "IL", 4, &stream, &out) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    take_words(stream.twister, out.buf, out.len / 4);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&out);
    Py_RETURN_NONE;
}

#define SOME 256 /* words on their way */

INLINE void
join_body(const uint32_t *words, uint64_t *out, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        out[i] = (uint64_t)words[2 * i] << 32 | words[2 * i + 1];
    }
}

BY_PROCESSOR(join, (const uint32_t *words, uint64_t *out, Py_ssize_t count),
                    (words, out, count))

INLINE void
to_floats_body(const uint32_t *words, float *out, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        out[i] = (float)(int32_t)(words[i] & 0xFFFFFFu) * 0x1p-24f;
    }
}

BY_PROCESSOR(to_floats, (const uint32_t *words, float *out, Py_ssize_t count),
                    (words, out, count))

/* The 53 bits become a double's in two exact halves: that has vector instructions. */
INLINE void
to_doubles_body(const uint32_t *words, double *out, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        double high = (double)(int32_t)(words[2 * i] & 0x1FFFFFu);
        double low = (double)(int32_t)(words[2 * i + 1] ^ 0x80000000u) + 0x1p31;
        out[i] = (high * 0x1p32 + low) * 0x1p-53;
    }
}

BY_PROCESSOR(to_doubles, (const uint32_t *words, double *out, Py_ssize_t count),
                    (words, out, count))

/* longs(capsule, out): 64-bit words, the first of two words high. */
PyObject *
longs(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    uint32_t some[SOME];
    if (opened(args, n, 2, "LQ", 8, &stream, &out) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t i = 0, left; (left = out.len / 8 - i) > 0; i += SOME / 2) {
        Py_ssize_t now = left < SOME / 2 ? left : SOME / 2;
        take_words(stream.twister, some, 2 * now);
        join(some, (uint64_t *)out.buf + i, now);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&out);
    Py_RETURN_NONE;
}

static void
fill_units(Twister *twister, Py_buffer *out)
{
    uint32_t some[SOME];
    int wide = out->itemsize == 8, each = wide ? 2 : 1;
    Py_ssize_t most = SOME / each;
    for (Py_ssize_t i = 0, left; (left = out->len / out->itemsize - i) > 0; i += most) {
        Py_ssize_t now = left < most ? left : most;
        take_words(twister, some, each * now);
        if (wide) {
            to_doubles(some, (double *)out->buf + i, now);
        }
        else {
            to_floats(some, (float *)out->buf + i, now);
        }
    }
}

/* units(capsule, out): uniform float32 or float64 in [0, 1). */
PyObject *
units(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    if (opened(args, n, 2, "fd", 0, &stream, &out) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    fill_units(stream.twister, &out);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&out);
    Py_RETURN_NONE;
}

/* Word mod width: the quotient by a product with 1 / width is right or one off. */
INLINE void
remainders_body(const uint32_t *words, int64_t *out, Py_ssize_t count, int64_t low,
                int32_t width)
{
    double inverse = 1.0 / width;
    for (Py_ssize_t i = 0; i < count; i++) {
        double word = (double)(int32_t)(words[i] ^ 0x80000000u) + 0x1p31;
        double quotient = (double)(int32_t)(word * inverse);
        int32_t rest = (int32_t)(word - quotient * width);
        rest += rest < 0 ? width : 0;
        rest -= rest >= width ? width : 0;
        out[i] = low + rest;
    }
}

BY_PROCESSOR(remainders,
                    (const uint32_t *words, int64_t *out, Py_ssize_t count, int64_t low,
                     int32_t width),
                    (words, out, count, low, width))

/* integers(capsule, out, low, width): int64 in [low, low + width), 1 < width < 2^28. */
PyObject *
integers(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    uint32_t some[SOME];
    long long low, width;
    if (opened(args, n, 4, "lq", 8, &stream, &out) < 0) {
        return NULL;
    }
    low = PyLong_AsLongLong(args[2]);
    width = PyLong_AsLongLong(args[3]);
    if (!PyErr_Occurred() && (width < 2 || width >= 1 << 28)) {
        PyErr_SetString(PyExc_ValueError, "the width is not from 2 to 2^28 - 1");
    }
    if (!PyErr_Occurred()) {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t i = 0, left; (left = out.len / 8 - i) > 0; i += SOME) {
            Py_ssize_t now = left < SOME ? left : SOME;
            take_words(stream.twister, some, now);
            remainders(some, (int64_t *)out.buf + i, now, low, (int32_t)width);
        }
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&out);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* permutation(capsule, out): int32 0 ... n - 1 after swaps (i, i + word mod (n - i)). */
PyObject *
permutation(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    if (opened(args, n, 2, "il", 4, &stream, &out) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    int32_t *numbers = out.buf, count = (int32_t)(out.len / 4);
    for (int32_t i = 0; i < count; i++) {
        numbers[i] = i;
    }
    for (int32_t i = 0; i < count - 1; i++) {
        int32_t j = i + (int32_t)(next_word(&stream) % (uint32_t)(count - i));
        int32_t here = numbers[i];
        numbers[i] = numbers[j];
        numbers[j] = here;
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&out);
    Py_RETURN_NONE;
}
