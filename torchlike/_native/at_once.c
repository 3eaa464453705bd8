/* An op run at once by NumPy: what autograd/at_once.py does, for one result. */
#include "native.h"

/* The array of a value and its part of the key. Returns 1, or 0 to go the long way. */
static int
add_value(Operand *o, PyObject *key, int i, PyObject *arrays)
{
    PyObject *value = o->value, *array = SLOT(value, Value_array);
    if (o->grad || !IS(array, ndarray) || SLOT(value, Value_device) != the_CPU) {
        return 0;
    }
    PyTuple_SET_ITEM(key, i, Py_NewRef(SLOT(value, Value_aval)));
    return PyList_Append(arrays, array) < 0 ? -1 : 1;
}

#define MOST_INTS 256
static PyObject *ints[MOST_INTS]; /* NumPy's, of small numbers, made when first met */

/* A Python number as NumPy's. */
static PyObject *
numpy_number(PyObject *number)
{
    Py_ssize_t at;
    if (PyFloat_CheckExact(number)) {
        return PyObject_CallOneArg(the_float64, number);
    }
    at = PyLong_AsSsize_t(number);
    if (at < 0 || at >= MOST_INTS) { /* or beyond all bounds: the call says so */
        PyErr_Clear();
        return PyObject_CallOneArg(the_int64, number);
    }
    if (ints[at] == NULL) {
        ints[at] = PyObject_CallOneArg(the_int64, number);
    }
    return Py_XNewRef(ints[at]);
}

/* The same of a number. */
static int
add_number(PyObject *number, PyObject *key, int i, PyObject *arrays)
{
    PyObject *array = numpy_number(number);
    int failed;
    if (array == NULL) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
            return -1;
        }
        PyErr_Clear();
        return 0;
    }
    failed = PyList_Append(arrays, array) < 0;
    Py_DECREF(array);
    PyTuple_SET_ITEM(key, i, Py_NewRef((PyObject *)Py_TYPE(number)));
    return failed ? -1 : 1;
}

/* A computed value; memory that others see is never donated. NULL on failure. */
static PyObject *
computed(PyObject *aval, PyObject *array, Operand *operands, int n)
{
    PyObject *value, *base = PyObject_GetAttr(array, str_base);
    PyObject *exposed = base == Py_None ? Py_False : Py_True;
    if (base == NULL) {
        return NULL;
    }
    Py_DECREF(base);
    value = new_value(aval, array, the_CPU, Py_None, the_zero, exposed);
    if (value == NULL) {
        return NULL;
    }
    for (int i = 0; exposed == Py_True && i < n; i++) {
        if (IS(operands[i].value, Value)) {
            put_new(operands[i].value, Value_exposed, Py_True);
        }
    }
    return value;
}

/* A function's result, without NumPy's warnings: `quietly` of _quiet.py. */
static PyObject *
call_quietly(PyObject *function, PyObject *arrays)
{
    PyObject *context = of_thread(the_quiet, str_context), *results = NULL;
    if (context != NULL && PyContext_Enter(context) == 0) {
        results = PyObject_CallOneArg(function, arrays);
        if (PyContext_Exit(context) < 0) {
            Py_CLEAR(results);
        }
    }
    Py_XDECREF(context);
    return results;
}

/* Run the plan in `entry`, (function, (aval,), loud); a tensor, or NULL. */
static PyObject *
run_plan(PyObject *entry, PyObject *arrays, Operand *operands, int n)
{
    PyObject *avals = PyTuple_GET_ITEM(entry, 1), *value, *tensor = NULL;
    PyObject *function = PyTuple_GET_ITEM(entry, 0), *results;
    results = PyTuple_GET_ITEM(entry, 2) == Py_True ? call_quietly(function, arrays)
                                                    : PyObject_CallOneArg(function, arrays);
    if (results == NULL) {
        return NULL;
    }
    value = computed(PyTuple_GET_ITEM(avals, 0), PyList_GET_ITEM(results, 0), operands,
                     n);
    if (value != NULL) {
        tensor = tensor_of(value);
        Py_DECREF(value);
    }
    Py_DECREF(results);
    return tensor;
}

/* The result as a tensor; NULL without an exception if the long way has to be taken. */
PyObject *
run_at_once(PyObject *plans, PyObject *op, PyObject *fixed, Operand *operands, int n)
{
    PyObject *key = PyTuple_New(n + 2), *arrays = PyList_New(0), *entry, *result = NULL;
    int plain = key != NULL && arrays != NULL ? 1 : -1;
    if (plain == 1) {
        PyTuple_SET_ITEM(key, 0, Py_NewRef(op));
        PyTuple_SET_ITEM(key, 1, Py_NewRef(fixed));
    }
    for (int i = 0; plain == 1 && i < n; i++) {
        PyObject *value = operands[i].value;
        if (IS(value, Value)) {
            plain = add_value(&operands[i], key, i + 2, arrays);
        }
        else if (value == Py_None || value == Py_Ellipsis) {
            PyTuple_SET_ITEM(key, i + 2, Py_NewRef(value));
        }
        else {
            plain = add_number(value, key, i + 2, arrays);
        }
    }
    if (plain == 1) {
        entry = PyDict_GetItemWithError(plans, key);
        if (entry != NULL && PyTuple_GET_SIZE(entry) == 3 &&
            PyTuple_GET_SIZE(PyTuple_GET_ITEM(entry, 1)) == 1) {
            Py_INCREF(entry);
            result = run_plan(entry, arrays, operands, n);
            Py_DECREF(entry);
        }
    }
    Py_XDECREF(key);
    Py_XDECREF(arrays);
    return result;
}
