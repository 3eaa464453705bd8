/* Functions of arrays of drawn numbers, with the bits of PyTorch's kernels. */
#include "samplers.h"

#define TWO_PI 6.283185307179586

INLINE void
fused32_body(float *x, Py_ssize_t count, float scale, float shift)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        x[i] = fmaf(x[i], scale, shift);
    }
}

INLINE void
fused64_body(double *x, Py_ssize_t count, double scale, double shift)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        x[i] = fma(x[i], scale, shift);
    }
}

BY_PROCESSOR(fused32, (float *x, Py_ssize_t count, float scale, float shift),
                    (x, count, scale, shift))
BY_PROCESSOR(fused64, (double *x, Py_ssize_t count, double scale, double shift),
                    (x, count, scale, shift))

/* ---- Box-Muller in float32: see _streams/single.py ------------------------------- */

typedef union {
    float number;
    int32_t bits;
} Single;

INLINE float
of_bits(int32_t bits)
{
    Single x;
    x.bits = bits;
    return x.number;
}

INLINE int32_t
bits_of(float number)
{
    Single x;
    x.number = number;
    return x.bits;
}

INLINE float
log32(float x)
{
    int32_t bits = bits_of(x);
    float exponent = (float)((bits >> 23) - 126);
    float part = of_bits((bits & 0x007FFFFF) | 0x3F000000);
    int small = part < 0.707106781186547524f;
    float square, y;
    exponent -= small ? 1.0f : 0.0f;
    part = (small ? part : 0.0f) + (part - 1.0f);
    square = part * part;
    y = fmaf(part, 7.0376836292e-2f, -1.1514610310e-1f);
    y = fmaf(y, part, 1.1676998740e-1f);
    y = fmaf(y, part, -1.2420140846e-1f);
    y = fmaf(y, part, 1.4249322787e-1f);
    y = fmaf(y, part, -1.6668057665e-1f);
    y = fmaf(y, part, 2.0000714765e-1f);
    y = fmaf(y, part, -2.4999993993e-1f);
    y = fmaf(y, part, 3.3333331174e-1f) * part;
    y = fmaf(y, square, exponent * -2.12194440e-4f);
    y = part + (y - square * 0.5f);
    return y + exponent * 0.693359375f;
}

/* Minus x where the flag, 4 or 0, is set. */
INLINE float
signed32(float x, int32_t flag)
{
    return of_bits(bits_of(x) ^ (int32_t)((uint32_t)flag << 29));
}

INLINE void
sine_and_cosine32(float x, float *sine, float *cosine)
{
    int32_t octant = ((int32_t)(x * 1.27323954473516f) + 1) & ~1;
    float turns = (float)octant, square, s, c;
    int straight = (octant & 2) == 0;
    x = fmaf(turns, -0.78515625f, x);
    x = fmaf(turns, -2.4187564849853515625e-4f, x);
    x = fmaf(turns, -3.77489497744594108e-8f, x);
    square = x * x;
    c = fmaf(square, 2.443315711809948e-5f, -1.388731625493765e-3f);
    c = fmaf(c, square, 4.166664568298827e-2f) * square;
    c = fmaf(c, square, -(square * 0.5f)) + 1.0f;
    s = fmaf(square, -1.9515295891e-4f, 8.3321608736e-3f);
    s = fmaf(s, square, -1.6666654611e-1f) * square;
    s = fmaf(s, x, x);
    *sine = signed32(straight ? s : c, octant & 4);
    *cosine = signed32(straight ? c : s, ~(octant - 2) & 4);
}

#define HALF 8 /* radii come from the first half of a block, angles from the second */
#define TOGETHER 64 /* blocks */

/* At most `TOGETHER` blocks, in two loops that have vector instructions. */
INLINE void
some_blocks(float *x, Py_ssize_t blocks, float mean, float std)
{
    float radius[TOGETHER * HALF], angle[TOGETHER * HALF];
    for (Py_ssize_t i = 0; i < blocks; i++) {
        memcpy(radius + i * HALF, x + 2 * i * HALF, HALF * sizeof(float));
        memcpy(angle + i * HALF, x + (2 * i + 1) * HALF, HALF * sizeof(float));
    }
    for (Py_ssize_t i = 0; i < blocks * HALF; i++) {
        float sine, cosine, r = sqrtf(-2.0f * log32(1.0f - radius[i]));
        sine_and_cosine32(6.283185307179586f * angle[i], &sine, &cosine);
        radius[i] = fmaf(r * cosine, std, mean);
        angle[i] = fmaf(r * sine, std, mean);
    }
    for (Py_ssize_t i = 0; i < blocks; i++) {
        memcpy(x + 2 * i * HALF, radius + i * HALF, HALF * sizeof(float));
        memcpy(x + (2 * i + 1) * HALF, angle + i * HALF, HALF * sizeof(float));
    }
}

INLINE void
normal32_body(float *x, Py_ssize_t blocks, float mean, float std)
{
    for (; blocks > TOGETHER; blocks -= TOGETHER, x += 2 * TOGETHER * HALF) {
        some_blocks(x, TOGETHER, mean, std);
    }
    some_blocks(x, blocks, mean, std);
}

BY_PROCESSOR(normal32, (float *x, Py_ssize_t blocks, float mean, float std),
                    (x, blocks, mean, std))

static void
normal64(double *x, Py_ssize_t blocks, double mean, double std)
{
    for (; blocks > 0; blocks--, x += 2 * HALF) {
        for (int j = 0; j < HALF; j++) {
            double radius = sqrt(-2.0 * log(1.0 - x[j]));
            double angle = TWO_PI * x[j + HALF];
            x[j] = radius * cos(angle);
            x[j + HALF] = radius * sin(angle);
        }
        fused64(x, 2 * HALF, std, mean);
    }
}

/* ---- what Python calls ----------------------------------------------------------- */

static int
numbers(PyObject *const *args, Py_ssize_t n, Py_buffer *x, double *a, double *b)
{
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError, "an array and two numbers are expected");
        return -1;
    }
    *a = PyFloat_AsDouble(args[1]);
    *b = PyFloat_AsDouble(args[2]);
    return PyErr_Occurred() ? -1 : array_of(args[0], x, "fd", 0, 1);
}

/* fused(x, scale, shift): x * scale + shift in place, rounded once. */
PyObject *
fused(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Py_buffer x;
    double scale, shift;
    if (numbers(args, n, &x, &scale, &shift) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    if (x.itemsize == 8) {
        fused64(x.buf, x.len / 8, scale, shift);
    }
    else {
        fused32(x.buf, x.len / 4, (float)scale, (float)shift);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&x);
    Py_RETURN_NONE;
}

/* box_muller(x, mean, std): whole blocks of 16 uniforms to normals, in place. */
PyObject *
box_muller(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Py_buffer x;
    double mean, std;
    if (numbers(args, n, &x, &mean, &std) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    if (x.itemsize == 8) {
        normal64(x.buf, x.len / 8 / (2 * HALF), mean, std);
    }
    else {
        normal32(x.buf, x.len / 4 / (2 * HALF), (float)mean, (float)std);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&x);
    Py_RETURN_NONE;
}

static const struct {
    const char *name;
    double (*function)(double);
} FUNCTIONS[] = {
    {"log", log}, {"log1p", log1p}, {"exp", exp}, {"sin", sin}, {"cos", cos},
    {"tan", tan}, {NULL, NULL},
};

/* apply(name, x, out): the C library's function of float64 numbers. */
PyObject *
apply(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Py_buffer views[2];
    int i = 0;
    if (n != 3 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "a name and two arrays are expected");
        return NULL;
    }
    while (FUNCTIONS[i].name != NULL
           && PyUnicode_CompareWithASCIIString(args[0], FUNCTIONS[i].name) != 0) {
        i++;
    }
    if (FUNCTIONS[i].name == NULL) {
        PyErr_Format(PyExc_ValueError, "no function %R", args[0]);
        return NULL;
    }
    if (arrays_of(args + 1, views, 2, 1) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    double (*function)(double) = FUNCTIONS[i].function;
    const double *x = views[0].buf;
    double *out = views[1].buf;
    for (Py_ssize_t j = 0; j < views[0].len / 8; j++) {
        out[j] = function(x[j]);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&views[0]);
    PyBuffer_Release(&views[1]);
    Py_RETURN_NONE;
}
