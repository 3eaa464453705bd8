/* The functions as capsules that JAX registers. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "kernels.h"

#ifdef WIDE
#define NAME "_wide"
#define BEGIN PyInit__wide
#else
#define NAME "_cpu"
#define BEGIN PyInit__cpu
#endif

static int
runs_here(void)
{
#if defined(__x86_64__)
    __builtin_cpu_init();
#ifdef WIDE
    if (!(__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
          __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))) {
        return 0;
    }
#endif
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
    return 1;
#endif
}

typedef void *Handler(CallFrame *);

static int
add(PyObject *module, const char *name, Handler *handler)
{
    /* XLA wants a function where a capsule holds an object. */
    union {
        Handler *function;
        void *object;
    } both = {handler};
    PyObject *capsule = PyCapsule_New(both.object, NULL, NULL);
    if (capsule == NULL || PyModule_AddObject(module, name, capsule) < 0) {
        Py_XDECREF(capsule);
        return -1;
    }
    return 0;
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, NAME, "Functions for XLA's CPU backend.", -1, NULL,
};

PyMODINIT_FUNC
BEGIN(void)
{
    PyObject *module;
    if (!runs_here()) {
        PyErr_SetString(PyExc_ImportError, "not for this processor");
        return NULL;
    }
    module = PyModule_Create(&definition);
    if (module == NULL || add(module, "convolution", convolution) < 0 ||
        add(module, "convolution_input", convolution_input) < 0 ||
        add(module, "convolution_weight", convolution_weight) < 0 ||
        add(module, "product", product) < 0 || add(module, "lstm", lstm) < 0 ||
        add(module, "lstm_backward", lstm_backward) < 0 ||
        add(module, "kept", kept) < 0 || add(module, "sgd", sgd) < 0 ||
        add(module, "adam", adam) < 0) {
        Py_XDECREF(module);
        return NULL;
    }
    return module;
}
