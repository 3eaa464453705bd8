/* An optimizer's step: hundreds of tensors read and written (see optim/_recorded.py). */
#include "native.h"

/* Fill a tuple and a list with the values and storages of tensors. Returns their device;
 * NULL without an exception where one is a view, or out of the ordinary.
 */
static PyObject *
read_tensors(PyObject *tensors, PyObject *values, PyObject *cells)
{
    PyObject *device = NULL;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(tensors); i++) {
        PyObject *tensor = PyList_GET_ITEM(tensors, i), *cell, *value;
        PyObject *view = PyObject_GenericGetAttr(tensor, str__view);
        Py_XDECREF(view);
        if (view != Py_None) {
            return NULL;
        }
        cell = PyObject_GenericGetAttr(tensor, str__storage);
        if (cell == NULL) {
            return NULL;
        }
        PyList_SET_ITEM(cells, i, cell);
        value = SLOT(cell, Storage_value);
        if (!IS(value, Value) || (device != NULL && SLOT(value, Value_device) != device)) {
            return NULL;
        }
        device = SLOT(value, Value_device);
        PyTuple_SET_ITEM(values, i, Py_NewRef(value));
    }
    return device;
}

/* Put numbers behind the values, all as floats. Returns 1; 0 if one is no number; -1. */
static int
add_numbers(PyObject *numbers, PyObject *values, Py_ssize_t at)
{
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(numbers); i++) {
        PyObject *number = PyTuple_GET_ITEM(numbers, i);
        if (PyLong_CheckExact(number)) {
            number = PyNumber_Float(number);
            if (number == NULL) {
                return -1;
            }
        }
        else if (PyFloat_CheckExact(number)) {
            Py_INCREF(number);
        }
        else {
            return 0;
        }
        PyTuple_SET_ITEM(values, at + i, number);
    }
    return 1;
}

/* Each storage but those of the gradients, `n` after `n`, gets the next result. */
static int
write_results(PyObject *cells, PyObject *results, Py_ssize_t n)
{
    Py_ssize_t next = 0;
    if (PyList_GET_SIZE(results) != PyList_GET_SIZE(cells) - n) {
        PyErr_SetString(PyExc_ValueError, "a result for each storage is expected");
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(cells); i++) {
        if (i >= n && i < 2 * n) {
            continue;
        }
        if (store(PyList_GET_ITEM(cells, i), PyList_GET_ITEM(results, next++)) < 0) {
            return -1;
        }
    }
    return 0;
}

/* step(op, static, tensors, n, numbers) -> bool: record the op on the tensors' values and
 * the numbers, and write its results to the tensors but those from the n-th to the
 * 2n-th. False where Python has to look.
 */
PyObject *
step(PyObject *module, PyObject *const *args, Py_ssize_t n_args)
{
    PyObject *values = NULL, *cells = NULL, *device, *results, *done = NULL;
    Py_ssize_t count, n;
    int plain = 0;
    if (n_args != 5 || !PyList_CheckExact(args[2]) || !PyTuple_CheckExact(args[4])) {
        PyErr_SetString(PyExc_TypeError, "step takes an op, static arguments, a list of "
                                         "tensors, a number and a tuple of numbers");
        return NULL;
    }
    count = PyList_GET_SIZE(args[2]);
    n = PyLong_AsSsize_t(args[3]);
    if (n < 0 || 2 * n > count) {
        PyErr_SetString(PyExc_ValueError, "a gradient for each parameter is expected");
        return NULL;
    }
    values = PyTuple_New(count + PyTuple_GET_SIZE(args[4]));
    cells = PyList_New(count);
    if (values == NULL || cells == NULL) {
        goto end;
    }
    device = read_tensors(args[2], values, cells);
    plain = device == NULL ? 0 : add_numbers(args[4], values, count);
    if (plain != 1) {
        done = PyErr_Occurred() ? NULL : Py_NewRef(Py_False);
        goto end;
    }
    results = record_values(args[0], args[1], values, device);
    if (results != NULL && write_results(cells, results, n) == 0) {
        done = Py_NewRef(Py_True);
    }
    Py_XDECREF(results);
end:
    Py_XDECREF(values);
    Py_XDECREF(cells);
    return done;
}
