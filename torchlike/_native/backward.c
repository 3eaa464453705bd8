/* A backward seen before: its key and the jump over it (see autograd/memo.py). */
#include "native.h"

/* A borrowed entry of a dictionary that is there and not None, else NULL. */
PyObject *
entry(PyObject *fields, PyObject *name)
{
    PyObject *found = PyDict_GetItemWithError(fields, name);
    return found == Py_None ? NULL : found;
}

/* Whether an attribute is None; -1 with an exception. */
static int
is_none(PyObject *object, PyObject *name)
{
    PyObject *found = PyObject_GenericGetAttr(object, name);
    if (found == NULL) {
        return -1;
    }
    Py_DECREF(found);
    return found == Py_None;
}

/* The value of a gradient that is a plain leaf: a new reference, or NULL. */
static PyObject *
plain_value(PyObject *grad)
{
    PyObject *storage, *value;
    if (is_none(grad, str__view) != 1 || is_none(grad, str__node) != 1) {
        return NULL;
    }
    storage = PyObject_GenericGetAttr(grad, str__storage);
    if (storage == NULL) {
        return NULL;
    }
    value = Py_NewRef(SLOT(storage, Storage_value));
    Py_DECREF(storage);
    return value;
}

/* What a leaf holds in `.grad`: None, a slot, or an aval. A new reference; NULL without
 * an exception if the backward cannot be remembered.
 */
static PyObject *
held_grad(PyObject *trace, PyObject *leaf)
{
    PyObject *fields = PyObject_GenericGetDict(leaf, NULL), *grad, *value, *found;
    if (fields == NULL) {
        return NULL;
    }
    if (entry(fields, str__hooks) != NULL || entry(fields, str__after_hooks) != NULL) {
        Py_DECREF(fields);
        return NULL;
    }
    grad = entry(fields, str__grad);
    if (grad == NULL) {
        Py_DECREF(fields);
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    value = plain_value(grad);
    Py_DECREF(fields);
    if (value == NULL) {
        return NULL;
    }
    if (!IS(value, Value)) {
        found = NULL;
    }
    else if (SLOT(value, Value_trace) == trace) {
        found = Py_NewRef(SLOT(value, Value_slot));
    }
    else if (SLOT(value, Value_array) != Py_None || may_stay_unread(value)) {
        found = Py_NewRef(SLOT(value, Value_aval));
    }
    else {
        found = NULL; /* pending in another trace */
    }
    Py_DECREF(value);
    return found;
}

/* Whether no node of the tape has hooks or the like. */
static int
all_plain(PyObject *nodes)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(nodes); i++) {
        if (SLOT(PyList_GET_ITEM(nodes, i), Node_extra) != Py_None) {
            return 0;
        }
    }
    return 1;
}

/* backward_key(trace, tensor) -> tuple | None */
PyObject *
backward_key(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *trace, *tape, *node = NULL, *number = NULL, *key = NULL, *leaf, *code;
    Py_ssize_t at = 0, i = 3;
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "backward_key takes 2 arguments");
        return NULL;
    }
    trace = args[0];
    tape = SLOT(trace, Trace_tape);
    node = PyObject_GenericGetAttr(args[1], str__node);
    if (node == NULL) {
        return NULL;
    }
    if (tape == Py_None || !IS(node, Node) ||
        SLOT(SLOT(tape, Tape_mark), Mark_closed) != Py_True ||
        PyObject_RichCompareBool(SLOT(node, Node_tape), SLOT(tape, Tape_id), Py_EQ) !=
            1 ||
        !all_plain(SLOT(tape, Tape_nodes))) {
        goto done;
    }
    number = PyObject_GenericGetAttr(args[1], str__output_nr);
    if (number == NULL) {
        goto done;
    }
    key = PyTuple_New(3 + PyDict_GET_SIZE(SLOT(tape, Tape_leaves)));
    if (key == NULL) {
        goto done;
    }
    PyTuple_SET_ITEM(key, 0, Py_NewRef(SLOT(tape, Tape_mark)));
    PyTuple_SET_ITEM(key, 1, Py_NewRef(SLOT(node, Node_position)));
    PyTuple_SET_ITEM(key, 2, Py_NewRef(number));
    while (PyDict_Next(SLOT(tape, Tape_leaves), &at, &leaf, &code)) {
        PyObject *part = held_grad(trace, leaf);
        if (part == NULL) {
            Py_CLEAR(key);
            goto done;
        }
        PyTuple_SET_ITEM(key, i++, part);
    }
done:
    Py_DECREF(node);
    Py_XDECREF(number);
    if (key == NULL && !PyErr_Occurred()) {
        Py_RETURN_NONE;
    }
    return key;
}

/* Give `leaf` the gradient that is the output `slot` of the trace. */
static int
give_grad(PyObject *trace, PyObject *leaf, PyObject *slot, PyObject *aval)
{
    PyObject *fields = PyObject_GenericGetDict(leaf, NULL), *grad, *value, *storage;
    int failed = -1;
    if (fields == NULL) {
        return -1;
    }
    value = pending(trace, aval, slot);
    if (value == NULL) {
        goto done;
    }
    grad = entry(fields, str__grad);
    if (grad != NULL) {
        storage = PyObject_GenericGetAttr(grad, str__storage);
        if (storage != NULL) {
            failed = store(storage, value);
            Py_DECREF(storage);
        }
        goto done;
    }
    if (PyErr_Occurred()) {
        goto done;
    }
    grad = tensor_of(value);
    if (grad != NULL) {
        failed = PyDict_SetItem(fields, str__grad, grad);
        Py_DECREF(grad);
    }
done:
    Py_DECREF(fields);
    Py_XDECREF(value);
    return failed;
}

/* give_grads(trace, grads): a gradient for each (slot, place of the leaf, aval). */
PyObject *
give_grads(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *trace, *grads, *leaves;
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "give_grads takes 2 arguments");
        return NULL;
    }
    trace = args[0];
    grads = args[1];
    leaves = PyDict_Keys(SLOT(SLOT(trace, Trace_tape), Tape_leaves));
    if (leaves == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(grads); i++) {
        PyObject *grad = PyList_GET_ITEM(grads, i); /* a tuple */
        Py_ssize_t at = PyLong_AsSsize_t(PyTuple_GET_ITEM(grad, 1));
        PyObject *slot = PyTuple_GET_ITEM(grad, 0), *aval = PyTuple_GET_ITEM(grad, 2);
        if (at < 0 || at >= PyList_GET_SIZE(leaves) ||
            give_grad(trace, PyList_GET_ITEM(leaves, at), slot, aval) < 0) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_IndexError, "no such leaf");
            }
            Py_DECREF(leaves);
            return NULL;
        }
    }
    Py_DECREF(leaves);
    Py_RETURN_NONE;
}
