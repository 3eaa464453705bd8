/* An optimizer's step: hundreds of tensors read and written (see optim/_recorded.py). */
#include "native.h"

/* storages(tensors) -> (storages, values) | None: None if one of them is a view. */
PyObject *
storages(PyObject *module, PyObject *tensors)
{
    Py_ssize_t count = PyList_GET_SIZE(tensors);
    PyObject *cells = PyList_New(count), *values = PyList_New(count);
    if (cells == NULL || values == NULL) {
        goto failed;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *tensor = PyList_GET_ITEM(tensors, i), *found;
        found = PyObject_GenericGetAttr(tensor, str__view);
        if (found == NULL) {
            goto failed;
        }
        Py_DECREF(found);
        if (found != Py_None) {
            Py_DECREF(cells);
            Py_DECREF(values);
            Py_RETURN_NONE;
        }
        found = PyObject_GenericGetAttr(tensor, str__storage);
        if (found == NULL) {
            goto failed;
        }
        PyList_SET_ITEM(cells, i, found);
        PyList_SET_ITEM(values, i, Py_NewRef(SLOT(found, Storage_value)));
    }
    return Py_BuildValue("(NN)", cells, values);
failed:
    Py_XDECREF(cells);
    Py_XDECREF(values);
    return NULL;
}

/* write(storages, values): point each storage at its new value. */
PyObject *
write_values(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n != 2 || PyList_GET_SIZE(args[0]) != PyList_GET_SIZE(args[1])) {
        PyErr_SetString(PyExc_ValueError, "write takes two lists of the same length");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[0]); i++) {
        if (store(PyList_GET_ITEM(args[0], i), PyList_GET_ITEM(args[1], i)) < 0) {
            return NULL;
        }
    }
    Py_RETURN_NONE;
}
