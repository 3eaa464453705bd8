/* Rows of computed tensors, as a data set takes them: `_select` of _ops/index.py, and how
 * they are read while samples are (`_read` of autograd/views.py).
 */
#include "native.h"

/* The aval of a row, kept with that of the whole. A borrowed reference. */
static PyObject *
row_aval(PyObject *aval)
{
    if (SLOT(aval, Aval_row) == Py_None) {
        PyObject *found = PyObject_CallOneArg(the_row_of, aval);
        if (found == NULL) {
            return NULL;
        }
        put(aval, Aval_row, found);
    }
    return SLOT(aval, Aval_row);
}

/* The storage of a plain tensor that is computed, on the CPU, and off the graph; NULL for
 * other tensors.
 */
PyObject *
settled_storage(PyObject *tensor)
{
    PyObject *view, *node, *grad, *storage = NULL, *value, *array;
    if (!IS(tensor, Tensor)) {
        return NULL;
    }
    view = PyObject_GenericGetAttr(tensor, str__view);
    node = PyObject_GenericGetAttr(tensor, str__node);
    grad = PyObject_GenericGetAttr(tensor, str__requires_grad);
    if (view == Py_None && node == Py_None && grad == Py_False) {
        storage = PyObject_GenericGetAttr(tensor, str__storage);
    }
    Py_XDECREF(view);
    Py_XDECREF(node);
    Py_XDECREF(grad);
    if (storage == NULL) {
        return NULL;
    }
    value = SLOT(storage, Storage_value);
    if (IS(value, Value) && SLOT(value, Value_device) == the_CPU) {
        array = SLOT(value, Value_array);
        if (IS(array, ndarray) || IS(array, ArrayImpl)) {
            return storage;
        }
    }
    Py_DECREF(storage);
    return NULL;
}

/* The steps of a view that is a row: ((select, (0,), (at,)),). */
static PyObject *
steps_to_row(Py_ssize_t at)
{
    PyObject *number = PyLong_FromSsize_t(at), *numbers, *first, *step, *steps;
    numbers = number == NULL ? NULL : PyTuple_Pack(1, number);
    first = PyTuple_Pack(1, the_zero);
    step = numbers == NULL || first == NULL ? NULL : PyTuple_Pack(3, the_select, first, numbers);
    steps = step == NULL ? NULL : PyTuple_Pack(1, step);
    Py_XDECREF(number);
    Py_XDECREF(numbers);
    Py_XDECREF(first);
    Py_XDECREF(step);
    return steps;
}

static PyObject *
deferred(PyObject *tensor, PyObject *storage, Py_ssize_t at)
{
    PyObject *aval = row_aval(SLOT(SLOT(storage, Storage_value), Value_aval));
    PyObject *enabled = of_thread(the_mode, str_enabled), *view = NULL;
    PyObject *steps = steps_to_row(at), *row = NULL;
    if (aval != NULL && enabled != NULL && steps != NULL &&
        (view = make(the_View)) != NULL) {
        put_new(view, View_base, tensor);
        put_new(view, View_steps, steps);
        put_new(view, View_version, the_DEFERRED);
        put_new(view, View_value, aval);
        put_new(view, View_tracked, enabled);
        row = tensor_on(storage, view);
    }
    Py_XDECREF(enabled);
    Py_XDECREF(view);
    Py_XDECREF(steps);
    return row;
}

static int
has_levels(void)
{
    PyObject *levels = of_thread(the_mode, str__levels);
    int any = levels == NULL ? -1 : PyObject_IsTrue(levels);
    Py_XDECREF(levels);
    return any;
}

/* The deferred view that is a row; NULL without an exception where Python has to look. */
PyObject *
row(PyObject *tensor, PyObject *index)
{
    PyObject *storage = settled_storage(tensor), *shape, *result = NULL;
    Py_ssize_t at, size;
    if (storage == NULL) {
        return NULL;
    }
    shape = SLOT(SLOT(SLOT(storage, Storage_value), Value_aval), Aval_shape);
    size = PyTuple_GET_SIZE(shape) ? PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, 0)) : 0;
    at = PyLong_AsSsize_t(index);
    if (PyErr_Occurred()) { /* an index that is out of bounds is refused in Python */
        PyErr_Clear();
        size = 0;
    }
    if (at >= -size && at < size && has_levels() == 0) {
        result = deferred(tensor, storage, at < 0 ? at + size : at);
    }
    Py_DECREF(storage);
    return result;
}

/* Give the row an array that shares the memory of its base. */
static int
fill_row(PyObject *tensor, PyObject *view, PyObject *base, PyObject *array)
{
    PyObject *value = new_value(SLOT(view, View_value), array, the_CPU, Py_None, the_zero,
                                Py_True);
    PyObject *storage;
    if (value == NULL) {
        return -1;
    }
    put_new(base, Value_exposed, Py_True);
    storage = PyObject_GenericGetAttr(tensor, str__storage);
    if (storage == NULL) {
        Py_DECREF(value);
        return -1;
    }
    put(view, View_value, value);
    put_new(view, View_version, SLOT(storage, Storage_version));
    Py_DECREF(storage);
    return 0;
}

/* The number of the row that a deferred view shows; borrowed. NULL for other views. */
PyObject *
row_number(PyObject *view)
{
    PyObject *steps, *step, *number;
    if (!IS(view, View) || SLOT(view, View_version) != the_DEFERRED) {
        return NULL;
    }
    steps = SLOT(view, View_steps);
    step = PyTuple_GET_ITEM(steps, 0);
    if (PyTuple_GET_SIZE(steps) != 1 || PyTuple_GET_ITEM(step, 0) != the_select ||
        PyTuple_GET_ITEM(PyTuple_GET_ITEM(step, 1), 0) != the_zero) {
        return NULL;
    }
    number = PyTuple_GET_ITEM(PyTuple_GET_ITEM(step, 2), 0);
    return PyLong_CheckExact(number) ? number : NULL;
}

/* Read a deferred row of a NumPy array now, if ops are run at once; others are left to
 * Python.
 */
int
read_row(PyObject *tensor, PyObject *view)
{
    PyObject *number = row_number(view), *storage, *base, *array, *at_once;
    int failed = 0;
    if (number == NULL) {
        return 0;
    }
    at_once = of_thread(the_here, str_at_once);
    Py_XDECREF(at_once);
    if (at_once != Py_True) {
        return at_once == NULL ? -1 : 0;
    }
    storage = settled_storage(SLOT(view, View_base));
    if (storage == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    base = SLOT(storage, Storage_value);
    array = SLOT(base, Value_array);
    if (IS(array, ndarray)) {
        PyObject *part = PyObject_GetItem(array, number);
        failed = part == NULL;
        if (part != NULL && IS(part, ndarray)) { /* no number */
            failed = fill_row(tensor, view, base, part) < 0;
        }
        Py_XDECREF(part);
    }
    Py_DECREF(storage);
    return failed ? -1 : 0;
}
