/* The parts that an index of ints and slices takes: `_ops/parts.py` says what they are. */
#include "native.h"

#define SELECT 0
#define TRACED (-1)
#define NEAR 4
#define LAST 2

typedef struct {
    Py_ssize_t length, step, start;
    int traced;
} Part;

/* Returns 1; 0 if the index is an error. */
static int
of_int(Py_ssize_t at, Py_ssize_t n, Part *part)
{
    if (at < -n || at >= n) {
        return 0;
    }
    part->length = 1;
    part->step = SELECT;
    part->start = at < 0 ? at + n : at;
    part->traced = at >= 0 || at < -LAST;
    return 1;
}

static int
of_slice(PyObject *item, Py_ssize_t n, Part *part)
{
    PySliceObject *slice = (PySliceObject *)item;
    Py_ssize_t start, stop, step;
    int beside;
    if (PySlice_Unpack(item, &start, &stop, &step) < 0 || step <= 0) {
        return 0;
    }
    beside = slice->start == Py_None || slice->stop == Py_None;
    part->traced = stop >= 0; /* as written: the next line changes it */
    part->length = PySlice_AdjustIndices(n, &start, &stop, step);
    part->step = step;
    part->start = part->length ? start : 0;
    part->traced = !beside && (part->traced || part->start > NEAR);
    if (part->length == 0 || part->length == n) {
        part->traced = 0;
    }
    return 1;
}

static int
of_item(PyObject *item, Py_ssize_t n, Part *part)
{
    int good = 0;
    if (PyLong_CheckExact(item)) {
        Py_ssize_t at = PyLong_AsSsize_t(item);
        good = !(at == -1 && PyErr_Occurred()) && of_int(at, n, part);
    }
    else if (PySlice_Check(item)) {
        good = of_slice(item, n, part);
    }
    PyErr_Clear(); /* it is raised where the index is looked at in full */
    return good;
}

static int
put_part(PyObject *parts, Py_ssize_t d, PyObject *starts, const Part *part)
{
    Py_ssize_t numbers[] = {part->length, part->step, part->traced ? TRACED : part->start};
    for (int i = 0; i < 3; i++) {
        PyObject *number = PyLong_FromSsize_t(numbers[i]);
        if (number == NULL) {
            return -1;
        }
        PyTuple_SET_ITEM(parts, 3 * d + i, number);
    }
    if (part->traced) {
        PyObject *start = PyLong_FromSsize_t(part->start);
        int failed = start == NULL || PyList_Append(starts, start) < 0;
        Py_XDECREF(start);
        return failed ? -1 : 0;
    }
    return 0;
}

/* parts_of(shape, index) -> (parts, starts) | None */
PyObject *
parts_of(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *parts, *starts, *const *items;
    Py_ssize_t rank, count;
    if (n != 2 || !PyTuple_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "parts_of takes a shape and an index");
        return NULL;
    }
    rank = PyTuple_GET_SIZE(args[0]);
    items = PyTuple_CheckExact(args[1]) ? &PyTuple_GET_ITEM(args[1], 0) : &args[1];
    count = PyTuple_CheckExact(args[1]) ? PyTuple_GET_SIZE(args[1]) : 1;
    if (count > rank) {
        Py_RETURN_NONE;
    }
    parts = PyTuple_New(3 * rank);
    starts = PyList_New(0);
    if (parts == NULL || starts == NULL) {
        goto failed;
    }
    for (Py_ssize_t d = 0; d < rank; d++) {
        Py_ssize_t size = PyLong_AsSsize_t(PyTuple_GET_ITEM(args[0], d));
        Part part = {size, 1, 0, 0};
        if (size == -1 && PyErr_Occurred()) {
            goto failed;
        }
        if (d < count && !of_item(items[d], size, &part)) {
            Py_DECREF(parts);
            Py_DECREF(starts);
            Py_RETURN_NONE;
        }
        if (put_part(parts, d, starts, &part) < 0) {
            goto failed;
        }
    }
    return Py_BuildValue("(NN)", parts, starts);
failed:
    Py_XDECREF(parts);
    Py_XDECREF(starts);
    return NULL;
}
