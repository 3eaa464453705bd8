/* The extension module of the samplers: what Python calls. */
#include "samplers.h"

/* Raised when what Python and C expect of each other changes. */
#define REVISION 2

#define METHOD(name, function, text) \
    {name, (PyCFunction)(void (*)(void))function, METH_FASTCALL, text}

static PyMethodDef methods[] = {
    METHOD("words", words, "Fill an array with 32-bit words."),
    METHOD("longs", longs, "Fill an array with 64-bit words."),
    METHOD("units", units, "Fill an array with uniform numbers in [0, 1)."),
    METHOD("integers", integers, "Fill an array with integers of a range."),
    METHOD("permutation", permutation, "Fill an array with a permutation."),
    METHOD("are_weights", are_weights, "Whether they are weights to draw by."),
    METHOD("race", race, "A category of each row, drawn by its weight."),
    METHOD("normals", normals, "Fill an array with normal numbers drawn in pairs."),
    METHOD("fused", fused, "Multiply and add in place, rounding once."),
    METHOD("box_muller", box_muller, "Make blocks of uniform numbers normal."),
    METHOD("apply", apply, "A function of the C library of each number."),
    METHOD("gamma", gamma_samples, "Fill an array with gamma samples."),
    METHOD("poisson", poisson_samples, "Fill an array with Poisson samples."),
    METHOD("binomial", binomial_samples, "Fill an array with binomial samples."),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_samplers", "Drawing random numbers.", -1, methods,
};

PyMODINIT_FUNC
PyInit__samplers(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && PyModule_AddIntConstant(module, "REVISION", REVISION) < 0) {
        Py_CLEAR(module);
    }
    return module;
}
