/* Views: what `apply_view` of autograd/views.py does. */
#include "native.h"

/* The view's base and its steps from there, new references; `own` is the last step. */
static int
whole_chain(PyObject *tensor, PyObject *own, PyObject **base, PyObject **steps)
{
    PyObject *above = PyObject_GenericGetAttr(tensor, str__view);
    if (above == NULL) {
        return -1;
    }
    if (above == Py_None) {
        *base = Py_NewRef(tensor);
        *steps = PyTuple_Pack(1, own);
    }
    else {
        PyObject *before = SLOT(above, View_steps);
        Py_ssize_t n = PyTuple_GET_SIZE(before);
        *base = Py_NewRef(SLOT(above, View_base));
        *steps = PyTuple_New(n + 1);
        for (Py_ssize_t i = 0; *steps != NULL && i < n; i++) {
            PyTuple_SET_ITEM(*steps, i, Py_NewRef(PyTuple_GET_ITEM(before, i)));
        }
        if (*steps != NULL) {
            PyTuple_SET_ITEM(*steps, n, Py_NewRef(own));
        }
    }
    Py_DECREF(above);
    return *steps == NULL ? -1 : 0;
}

/* Make `result`, just computed from `tensor` by the step `own`, a view of its base. */
static int
attach(PyObject *result, PyObject *tensor, PyObject *own)
{
    PyObject *base = NULL, *steps = NULL, *storage = NULL, *made = NULL, *view = NULL;
    PyObject *enabled = NULL;
    int failed = -1;
    if (whole_chain(tensor, own, &base, &steps) < 0 ||
        !(storage = PyObject_GenericGetAttr(base, str__storage)) ||
        !(made = PyObject_GenericGetAttr(result, str__storage)) ||
        !(enabled = PyObject_GetAttr(the_mode, str_enabled)) ||
        !(view = make(the_View))) {
        goto done;
    }
    put_new(view, View_base, base);
    put_new(view, View_steps, steps);
    put_new(view, View_version, SLOT(storage, Storage_version));
    put_new(view, View_value, SLOT(made, Storage_value));
    put_new(view, View_tracked, enabled);
    failed = PyObject_GenericSetAttr(result, str__storage, storage) < 0 ||
                     PyObject_GenericSetAttr(result, str__view, view) < 0
                 ? -1
                 : 0;
done:
    Py_XDECREF(base);
    Py_XDECREF(steps);
    Py_XDECREF(storage);
    Py_XDECREF(made);
    Py_XDECREF(enabled);
    Py_XDECREF(view);
    return failed;
}

/* view(op, static, tensor, *numbers): a view of `tensor` through `op`. */
PyObject *
view(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *result, *numbers, *own;
    if (n < 3) {
        PyErr_SetString(PyExc_TypeError, "view takes an op, static arguments, a tensor");
        return NULL;
    }
    result = call_of_op(args, n - 2);
    if (result == NULL) {
        return NULL;
    }
    numbers = PyTuple_New(n - 3);
    for (Py_ssize_t i = 3; numbers != NULL && i < n; i++) {
        PyTuple_SET_ITEM(numbers, i - 3, Py_NewRef(args[i]));
    }
    own = numbers == NULL ? NULL : PyTuple_Pack(3, args[0], args[1], numbers);
    if (own == NULL || attach(result, args[2], own) < 0) {
        Py_CLEAR(result);
    }
    Py_XDECREF(numbers);
    Py_XDECREF(own);
    return result;
}
