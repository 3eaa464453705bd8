/* Normal pairs, gamma and Poisson samples: see _streams/continuous.py, gamma.py and
 * rejection.py. */
#include "samplers.h"

#define TWO_PI 6.283185307179586

static double
next_normal(Stream *stream)
{
    double angle, radius;
    if (stream->has_spare) {
        stream->has_spare = 0;
        return stream->spare;
    }
    angle = TWO_PI * next_unit(stream);
    radius = sqrt(-2.0 * log1p(-next_unit(stream)));
    stream->spare = radius * sin(angle);
    stream->has_spare = 1;
    return radius * cos(angle);
}

static int
set_spare(Stream *stream, PyObject *spare)
{
    stream->has_spare = spare != Py_None;
    stream->spare = stream->has_spare ? PyFloat_AsDouble(spare) : 0.0;
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *
spare_of(const Stream *stream)
{
    return stream->has_spare ? PyFloat_FromDouble(stream->spare) : Py_NewRef(Py_None);
}

/* normals(capsule, out, spare): float64 normals in pairs; the spare left, or None. */
PyObject *
normals(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer view;
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError, "3 arguments are expected");
        return NULL;
    }
    if (open_stream(args[0], &stream) < 0 || set_spare(&stream, args[2]) < 0
        || array_of(args[1], &view, "d", 8, 1) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    double *out = view.buf;
    for (Py_ssize_t i = 0; i < view.len / 8; i++) {
        out[i] = next_normal(&stream);
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&view);
    return spare_of(&stream);
}

/* Of concentration d + 1/3, scaled by a uniform ** exponent unless that is infinite. */
static double
next_gamma(Stream *stream, double d, double exponent)
{
    double scale = 1.0, c = 1.0 / sqrt(9.0 * d);
    if (exponent != INFINITY) {
        scale = pow(1.0 - next_unit(stream), exponent);
    }
    for (;;) {
        double x, y, v, u, square;
        do {
            x = next_normal(stream);
            y = 1.0 + c * x;
        } while (y <= 0.0);
        v = y * y * y;
        u = 1.0 - next_unit(stream);
        square = x * x;
        if (u < 1.0 - (double)0.0331f * square * square
            || log(u) < 0.5 * square + d * (1.0 - v + log(v))) {
            return scale * d * v;
        }
    }
}

/* gamma(capsule, d, exponents, out, spare): the spare normal left, or None. */
PyObject *
gamma_samples(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer views[3];
    if (n != 5) {
        PyErr_SetString(PyExc_TypeError, "5 arguments are expected");
        return NULL;
    }
    if (open_stream(args[0], &stream) < 0 || set_spare(&stream, args[4]) < 0
        || arrays_of(args + 1, views, 3, 2) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    const double *d = views[0].buf, *exponents = views[1].buf;
    double *out = views[2].buf;
    for (Py_ssize_t i = 0; i < views[2].len / 8; i++) {
        out[i] = next_gamma(&stream, d[i], exponents[i]);
    }
    Py_END_ALLOW_THREADS
    for (int i = 0; i < 3; i++) {
        PyBuffer_Release(&views[i]);
    }
    return spare_of(&stream);
}

/* What depends on the rate alone. */
typedef struct {
    double rate, a, b, log_rate, log_inverse_alpha, v_r;
} Poisson;

static void
prepare(Poisson *p, double rate)
{
    p->rate = rate;
    p->log_rate = log(rate);
    p->b = 0.931 + 2.53 * sqrt(rate);
    p->a = -0.059 + 0.02483 * p->b;
    p->log_inverse_alpha = log(1.1239 + 1.1328 / (p->b - 3.4));
    p->v_r = 0.9277 - 3.6224 / (p->b - 2);
}

static double
poisson_by_rejection(Stream *stream, const Poisson *p)
{
    for (;;) {
        double u = next_unit(stream) - 0.5, v = next_unit(stream);
        double us = 0.5 - fabs(u);
        double k = floor((2 * p->a / us + p->b) * u + p->rate + 0.43);
        if (us >= 0.07 && v <= p->v_r) {
            return k;
        }
        if (k < 0 || (us < 0.013 && v > us)) {
            continue;
        }
        if (log(v) + p->log_inverse_alpha - log(p->a / (us * us) + p->b)
            <= -p->rate + k * p->log_rate - lgamma(k + 1)) {
            return k;
        }
    }
}

static double
poisson_by_product(Stream *stream, double rate)
{
    double count = 0.0, product, least = exp(-rate);
    if (rate == 0.0) {
        return 0.0;
    }
    for (product = next_unit(stream); product > least; product *= next_unit(stream)) {
        count += 1.0;
    }
    return count;
}

/* As many samples as there are rates before the first that is negative. */
static Py_ssize_t
poissons(Stream *stream, const double *rates, double *out, Py_ssize_t count)
{
    Poisson prepared = {-1.0, 0, 0, 0, 0, 0};
    for (Py_ssize_t i = 0; i < count; i++) {
        if (!(rates[i] >= 0.0)) {
            return i;
        }
        if (rates[i] < 10.0) {
            out[i] = poisson_by_product(stream, rates[i]);
            continue;
        }
        if (rates[i] != prepared.rate) {
            prepare(&prepared, rates[i]);
        }
        out[i] = poisson_by_rejection(stream, &prepared);
    }
    return count;
}

/* poisson(capsule, rates, out): (how many could be drawn, whether words were). */
PyObject *
poisson_samples(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer views[2];
    Py_ssize_t done;
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError, "3 arguments are expected");
        return NULL;
    }
    if (open_stream(args[0], &stream) < 0 || arrays_of(args + 1, views, 2, 1) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    done = poissons(&stream, views[0].buf, views[1].buf, views[1].len / 8);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&views[0]);
    PyBuffer_Release(&views[1]);
    return Py_BuildValue("(nO)", done, stream.drawn ? Py_True : Py_False);
}
