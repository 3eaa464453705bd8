/* Categories drawn by their weights: see `multinomial` of _streams/choice.py. */
#include "samplers.h"

/* Rows of float32 or float64 weights. */
typedef struct {
    Py_buffer view;
    Py_ssize_t rows, categories;
    int wide;
} Weights;

static int
open_weights(PyObject *object, Weights *weights)
{
    if (array_of(object, &weights->view, "fd", 0, 0) < 0) {
        return -1;
    }
    if (weights->view.ndim != 2) {
        PyErr_SetString(PyExc_TypeError, "the weights are no matrix");
        PyBuffer_Release(&weights->view);
        return -1;
    }
    weights->rows = weights->view.shape[0];
    weights->categories = weights->view.shape[1];
    weights->wide = weights->view.itemsize == 8;
    return 0;
}

static double
weight_at(const Weights *weights, Py_ssize_t i)
{
    return weights->wide ? ((const double *)weights->view.buf)[i]
                         : ((const float *)weights->view.buf)[i];
}

/* are_weights(weights): whether none is negative or NaN, and each row has a finite sum
 * above 0.
 */
PyObject *
are_weights(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Weights weights;
    int good = 1;
    if (n != 1) {
        PyErr_SetString(PyExc_TypeError, "1 argument is expected");
        return NULL;
    }
    if (open_weights(args[0], &weights) < 0) {
        return NULL;
    }
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t row = 0; good && row < weights.rows; row++) {
        double sum = 0.0;
        for (Py_ssize_t k = 0; k < weights.categories; k++) {
            double weight = weight_at(&weights, row * weights.categories + k);
            good &= weight >= 0.0;
            sum += weight;
        }
        good &= sum > 0.0 && sum < INFINITY;
    }
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&weights.view);
    return PyBool_FromLong(good);
}

/* A weight over its exponential clock, rounded as PyTorch rounds. */
static double
chance(double weight, double unit, int wide)
{
    double clock = -1.0 * log1p(-unit);
    return wide ? weight / clock : (double)((float)weight / (float)clock);
}

/* race(capsule, out, weights): of each row the category with the largest chance, the
 * first one that is NaN if any is.
 */
PyObject *
race(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Stream stream;
    Py_buffer out;
    Weights weights;
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError, "3 arguments are expected");
        return NULL;
    }
    if (open_stream(args[0], &stream) < 0 || open_weights(args[2], &weights) < 0) {
        return NULL;
    }
    if (array_of(args[1], &out, "lq", 8, 1) < 0) {
        PyBuffer_Release(&weights.view);
        return NULL;
    }
    if (out.len / 8 != weights.rows || weights.categories == 0) {
        PyErr_SetString(PyExc_TypeError, "a result for each row is expected");
    }
    else {
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t row = 0; row < weights.rows; row++) {
            Py_ssize_t first = row * weights.categories, best = 0;
            double largest = -1.0;
            for (Py_ssize_t k = 0; k < weights.categories; k++) {
                double now = chance(weight_at(&weights, first + k), next_unit(&stream),
                                    weights.wide);
                if (!isnan(largest) && !(now <= largest)) {
                    largest = now;
                    best = k;
                }
            }
            ((int64_t *)out.buf)[row] = best;
        }
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&weights.view);
    PyBuffer_Release(&out);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}
