/* Binomial samples: see _streams/binomial.py. */
#include "samplers.h"

/* What is derived from count and probability is rounded to their type. */
static double
rounded(double x, int single)
{
    return single ? (double)(float)x : x;
}

/* log k! less Stirling's formula at k + 1. */
static double
stirling_rest(double k)
{
    static const double first[] = {
        0.08106146679532726, 0.0413406959554093, 0.02767792568499834,
        0.020790672103765093, 0.016644691189821193, 0.013876128823070748,
        0.01189670994589177, 0.010411265261972096, 0.009255462182712733,
        0.00833056343336287,
    };
    double square = (k + 1) * (k + 1);
    if (k <= 9) {
        return first[(int)k];
    }
    return (1.0 / 12 - (1.0 / 360 - 1.0 / 1260 / square) / square) / (k + 1);
}

/* What depends on count and probability alone. */
typedef struct {
    double count, prob, a, b, centre, tight, alpha, mode, odds, peak;
    int single;
} Terms;

static void
prepare(Terms *t, double count, double prob, int single)
{
    double failure = rounded(1.0 - prob, single), others, deviation;
    t->count = count;
    t->prob = prob;
    t->single = single;
    t->centre = rounded(count * prob, single);
    deviation = rounded(sqrt(rounded(t->centre * failure, single)), single);
    t->b = rounded(1.15 + 2.53 * deviation, single);
    t->a = rounded(-0.0873 + 0.0248 * t->b + 0.01 * prob, single);
    t->centre = rounded(t->centre + 0.5, single);
    t->tight = rounded(0.92 - 4.2 / t->b, single);
    t->alpha = rounded((2.83 + 5.1 / t->b) * deviation, single);
    t->mode = floor(rounded(rounded(count + 1, single) * prob, single));
    t->odds = rounded(prob / failure, single);
    others = count - t->mode;
    t->peak = stirling_rest(t->mode) + stirling_rest(others);
    t->peak += (t->mode + 0.5) * log((t->mode + 1) / (t->odds * (others + 1)));
}

/* The logarithm of the ratio of the probabilities of k and the mode. */
static double
bound(const Terms *t, double k)
{
    double others = t->count - k;
    return t->peak + (t->count + 1) * log((t->count - t->mode + 1) / (others + 1))
           + (k + 0.5) * log(t->odds * (others + 1) / (k + 1)) - stirling_rest(k)
           - stirling_rest(others);
}

static double
by_rejection(Stream *stream, const Terms *t)
{
    for (;;) {
        double u = rounded(next_unit(stream) - 0.5, t->single);
        double v = rounded(next_unit(stream), t->single);
        double us = 0.5 - fabs(u);
        double k = floor((2 * t->a / us + t->b) * u + t->centre);
        if (!(k >= 0 && k <= t->count)) {
            continue;
        }
        if (us >= 0.07 && v <= t->tight) {
            return k;
        }
        if (log(v * t->alpha / (t->a / (us * us) + t->b)) <= bound(t, k)) {
            return k;
        }
    }
}

/* Add up the trials each success takes until `count` is passed. */
static double
by_inversion(Stream *stream, double count, double prob)
{
    double failure = log1p(-prob), trials = 0.0, successes = 0.0;
    for (;;) {
        trials += ceil(log(next_unit(stream)) / failure);
        if (!(trials <= count)) {
            return successes;
        }
        successes += 1.0;
    }
}

static double
successes(Stream *stream, Terms *prepared, double count, double prob, int single)
{
    if (!(rounded(count * prob, single) >= 10.0)) {
        return by_inversion(stream, count, prob);
    }
    if (count != prepared->count || prob != prepared->prob) {
        prepare(prepared, count, prob, single);
    }
    return by_rejection(stream, prepared);
}

static double
next_binomial(Stream *stream, Terms *prepared, double count, double prob, int single)
{
    if (count <= 0.0 || prob <= 0.0) {
        return 0.0;
    }
    if (prob >= 1.0) {
        return count;
    }
    if (prob != prob) {
        return prob;
    }
    if (prob <= 0.5) {
        return successes(stream, prepared, count, prob, single);
    }
    prob = rounded(1.0 - prob, single);
    return count - successes(stream, prepared, count, prob, single);
}

/* binomial(capsule, counts, probs, out, single): whether words were drawn. */
PyObject *
binomial_samples(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer views[3];
    int single;
    if (n != 5) {
        PyErr_SetString(PyExc_TypeError, "5 arguments are expected");
        return NULL;
    }
    if ((single = PyObject_IsTrue(args[4])) < 0 || open_stream(args[0], &stream) < 0
        || arrays_of(args + 1, views, 3, 2) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    Terms prepared = {0};
    const double *counts = views[0].buf, *probs = views[1].buf;
    double *out = views[2].buf;
    for (Py_ssize_t i = 0; i < views[2].len / 8; i++) {
        out[i] = next_binomial(&stream, &prepared, counts[i], probs[i], single);
    }
    Py_END_ALLOW_THREADS
    for (int i = 0; i < 3; i++) {
        PyBuffer_Release(&views[i]);
    }
    return Py_NewRef(stream.drawn ? Py_True : Py_False);
}
