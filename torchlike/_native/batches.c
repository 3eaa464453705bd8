/* Batches of samples: `rows_array` and `stacked` of utils/data/_tensors.py. */
#include "native.h"

#include <string.h>

/* An attribute of a tensor, compared by identity. */
static int
has(PyObject *tensor, PyObject *name, PyObject *wanted)
{
    PyObject *found = PyObject_GenericGetAttr(tensor, name);
    Py_XDECREF(found);
    return found == NULL ? -1 : found == wanted;
}

/* The number of a deferred row of `base`; borrowed. NULL for other tensors. */
static PyObject *
number_of(PyObject *tensor, PyObject **base)
{
    PyObject *view, *number;
    if (!IS(tensor, Tensor) || has(tensor, str__requires_grad, Py_False) != 1) {
        return NULL;
    }
    view = PyObject_GenericGetAttr(tensor, str__view);
    if (view == NULL) {
        return NULL;
    }
    number = row_number(view);
    if (number != NULL && *base == NULL) {
        *base = SLOT(view, View_base);
    }
    if (number != NULL && SLOT(view, View_base) != *base) {
        number = NULL;
    }
    Py_DECREF(view); /* the tensor keeps it */
    return number;
}

/* rows_of(batch): (base, numbers) of deferred rows of one settled tensor, else None. */
PyObject *
rows_of(PyObject *module, PyObject *batch)
{
    PyObject *base = NULL, *numbers, *storage;
    Py_ssize_t i, n;
    if (!PyList_CheckExact(batch) && !PyTuple_CheckExact(batch)) {
        Py_RETURN_NONE;
    }
    n = PySequence_Fast_GET_SIZE(batch);
    numbers = PyList_New(n);
    if (numbers == NULL) {
        return NULL;
    }
    for (i = 0; i < n; i++) {
        PyObject *number = number_of(PySequence_Fast_GET_ITEM(batch, i), &base);
        if (number == NULL) {
            Py_DECREF(numbers);
            return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
        }
        PyList_SET_ITEM(numbers, i, Py_NewRef(number));
    }
    storage = base == NULL ? NULL : settled_storage(base);
    if (storage == NULL) {
        Py_DECREF(numbers);
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    Py_DECREF(storage);
    return Py_BuildValue("(ON)", base, numbers);
}

/* The value of a view that was read since its storage was last written; borrowed. */
static PyObject *
value_of_view(PyObject *tensor)
{
    PyObject *view, *storage, *value = NULL;
    if (!IS(tensor, Tensor) || has(tensor, str__requires_grad, Py_False) != 1 ||
        has(tensor, str__node, Py_None) != 1) {
        return NULL;
    }
    view = PyObject_GenericGetAttr(tensor, str__view);
    storage = view == NULL ? NULL : PyObject_GenericGetAttr(tensor, str__storage);
    if (storage != NULL && IS(view, View)) {
        int fresh = PyObject_RichCompareBool(SLOT(view, View_version),
                                             SLOT(storage, Storage_version), Py_EQ);
        value = fresh == 1 ? SLOT(view, View_value) : NULL;
    }
    Py_XDECREF(view); /* the tensor keeps them */
    Py_XDECREF(storage);
    return value != NULL && IS(value, Value) && SLOT(value, Value_device) == the_CPU
               ? value
               : NULL;
}

/* The value of a computed tensor that is a NumPy array; borrowed. */
static PyObject *
array_value(PyObject *tensor)
{
    PyObject *storage = settled_storage(tensor), *value;
    if (storage != NULL) {
        value = SLOT(storage, Storage_value);
        Py_DECREF(storage); /* the tensor keeps it */
    }
    else {
        value = PyErr_Occurred() ? NULL : value_of_view(tensor);
    }
    return value != NULL && IS(SLOT(value, Value_array), ndarray) ? value : NULL;
}

static int
copy(PyObject *array, char *to, Py_ssize_t size)
{
    Py_buffer part;
    int good;
    if (PyObject_GetBuffer(array, &part, PyBUF_SIMPLE) < 0) {
        PyErr_Clear(); /* not contiguous, or of a dtype that C does not know */
        return 0;
    }
    good = part.len == size;
    if (good) {
        memcpy(to, part.buf, size);
    }
    PyBuffer_Release(&part);
    return good;
}

/* pack(batch, out): copy settled tensors of one shape and dtype into the rows of `out`;
 * False where they are no such tensors.
 */
PyObject *
pack(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *batch, *aval = NULL, *value;
    Py_buffer out;
    Py_ssize_t i, count, size;
    if (n != 2 || !(PyList_CheckExact(args[0]) || PyTuple_CheckExact(args[0]))) {
        PyErr_SetString(PyExc_TypeError, "pack takes a list or tuple, and an array");
        return NULL;
    }
    batch = args[0];
    count = PySequence_Fast_GET_SIZE(batch);
    if (PyObject_GetBuffer(args[1], &out, PyBUF_WRITABLE) < 0) {
        PyErr_Clear();
        Py_RETURN_FALSE;
    }
    size = count ? out.len / count : 0;
    for (i = 0; i < count; i++) {
        value = array_value(PySequence_Fast_GET_ITEM(batch, i));
        if (value == NULL || (aval != NULL && SLOT(value, Value_aval) != aval) ||
            !copy(SLOT(value, Value_array), (char *)out.buf + i * size, size)) {
            break;
        }
        aval = SLOT(value, Value_aval);
    }
    PyBuffer_Release(&out);
    return PyErr_Occurred() ? NULL : PyBool_FromLong(i == count);
}
