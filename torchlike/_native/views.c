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
        !(enabled = of_thread(the_mode, str_enabled)) ||
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

/* ---- indices of ints and slices: what `get` and `put` of _ops/parts.py do --------- */

#define MANY 16 /* arguments of a call: an op, its static arguments, tensors, starts */

static int
is_off_graph(PyObject *tensor)
{
    PyObject *node = PyObject_GenericGetAttr(tensor, str__node);
    PyObject *grad = PyObject_GenericGetAttr(tensor, str__requires_grad);
    int off = node == Py_None && grad == Py_False;
    Py_XDECREF(node);
    Py_XDECREF(grad);
    return node == NULL || grad == NULL ? -1 : off;
}

/* The value of the storage of an ordinary tensor that is off the graph with its base, a
 * new reference; NULL without an exception for another.
 */
static PyObject *
plain_value(PyObject *tensor)
{
    PyObject *view, *base, *storage, *value = NULL;
    int plain = IS(tensor, Tensor) ? is_off_graph(tensor) : 0;
    if (plain != 1) {
        return NULL;
    }
    view = PyObject_GenericGetAttr(tensor, str__view);
    if (view == NULL) {
        return NULL;
    }
    base = view == Py_None ? tensor : SLOT(view, View_base);
    if (view == Py_None || is_off_graph(base) == 1) {
        storage = PyObject_GenericGetAttr(base, str__storage);
        if (storage != NULL && IS(SLOT(storage, Storage_value), Value)) {
            value = Py_NewRef(SLOT(storage, Storage_value));
        }
        Py_XDECREF(storage);
    }
    Py_DECREF(view);
    return value;
}

/* Whether ops are recorded by the short way; -1 with an exception. */
static int
is_recording(void)
{
    PyObject *trace = of_thread(the_here, str_trace);
    Py_XDECREF(trace);
    return trace == NULL ? -1 : trace != Py_None;
}

/* The shape of a tensor: a new reference. */
static PyObject *
shape_of(PyObject *tensor)
{
    PyObject *value = PyObject_CallMethodNoArgs(tensor, str__value), *shape;
    if (value == NULL) {
        return NULL;
    }
    shape = Py_NewRef(SLOT(SLOT(value, Value_aval), Aval_shape));
    Py_DECREF(value);
    return shape;
}

/* The parts an index takes: (static, starts); NULL without an exception if it is not
 * made of ints and slices, or takes too many.
 */
static PyObject *
parts_of_tensor(PyObject *tensor, PyObject *index)
{
    PyObject *both[] = {shape_of(tensor), index}, *found;
    if (both[0] == NULL) {
        return NULL;
    }
    found = parts_of(NULL, both, 2);
    Py_DECREF(both[0]);
    if (found == NULL) {
        return NULL;
    }
    if (found == Py_None || PyList_GET_SIZE(PyTuple_GET_ITEM(found, 1)) > MANY - 4) {
        Py_CLEAR(found);
    }
    return found;
}

/* Append the starts to the arguments; how many there are then. */
static Py_ssize_t
add_starts(PyObject **args, Py_ssize_t n, PyObject *found)
{
    PyObject *starts = PyTuple_GET_ITEM(found, 1);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(starts); i++) {
        args[n++] = PyList_GET_ITEM(starts, i);
    }
    return n;
}

/* tensor[index], a view through `op`; NULL without an exception where Python has to look,
 * as it has where a computed tensor is only read.
 */
PyObject *
get_parts(PyObject *op, PyObject *tensor, PyObject *index)
{
    PyObject *value = is_recording() == 1 ? plain_value(tensor) : NULL, *found = NULL;
    PyObject *result, *all[MANY] = {op, NULL, tensor};
    if (value != NULL && SLOT(value, Value_array) == Py_None) {
        found = parts_of_tensor(tensor, index);
    }
    Py_XDECREF(value);
    if (found == NULL) {
        return NULL;
    }
    all[1] = PyTuple_GET_ITEM(found, 0);
    result = view(NULL, all, add_starts(all, 3, found));
    Py_DECREF(found);
    return result;
}

/* Make `new` the contents of `tensor`. */
static int
assign(PyObject *tensor, PyObject *new)
{
    PyObject *view = PyObject_GenericGetAttr(tensor, str__view), *storage, *made;
    int failed = -1;
    if (view == NULL) {
        return -1;
    }
    Py_DECREF(view);
    if (view != Py_None) {
        PyObject *nothing = PyObject_CallFunctionObjArgs(the_assign, tensor, new, NULL);
        Py_XDECREF(nothing);
        return nothing == NULL ? -1 : 0;
    }
    storage = PyObject_GenericGetAttr(tensor, str__storage);
    made = PyObject_GenericGetAttr(new, str__storage);
    if (storage != NULL && made != NULL) {
        failed = store(storage, SLOT(made, Storage_value));
    }
    Py_XDECREF(storage);
    Py_XDECREF(made);
    return failed;
}

/* Whether `new` can be written to a tensor of that value: a number, or a plain tensor on
 * the same device.
 */
static int
can_be_written(PyObject *new, PyObject *value)
{
    PyObject *other;
    int same;
    if (PyFloat_CheckExact(new) || PyLong_CheckExact(new)) {
        return 1;
    }
    other = plain_value(new);
    same = other != NULL && SLOT(other, Value_device) == SLOT(value, Value_device);
    Py_XDECREF(other);
    return same;
}

/* tensor[index] = new, by the op of such writes. Returns 1; 0 where Python has to look;
 * -1 with an exception.
 */
int
put_parts(PyObject *op, PyObject *tensor, PyObject *index, PyObject *new)
{
    PyObject *value = is_recording() == 1 ? plain_value(tensor) : NULL, *found = NULL;
    PyObject *result, *all[MANY] = {op, NULL, tensor, new};
    int failed;
    if (value != NULL && can_be_written(new, value)) {
        found = parts_of_tensor(tensor, index);
    }
    Py_XDECREF(value);
    if (found == NULL) {
        return PyErr_Occurred() ? -1 : 0;
    }
    all[1] = PyTuple_GET_ITEM(found, 0);
    result = call_of_op(all, add_starts(all, 4, found) - 2);
    failed = result == NULL || assign(tensor, result) < 0;
    Py_XDECREF(result);
    Py_DECREF(found);
    return failed ? -1 : 1;
}

/* Whether `new` is off the graph and has the shape and dtype of `value`. */
static int
is_like(PyObject *new, PyObject *value)
{
    PyObject *other = plain_value(new);
    int like = other != NULL && SLOT(other, Value_aval) == SLOT(value, Value_aval);
    Py_XDECREF(other);
    return like;
}

/* Put the new contents in: here, or with a conversion, an error or a node in Python. */
static int
overwrite(PyObject *tensor, PyObject *value, PyObject *new)
{
    PyObject *nothing;
    if (is_like(new, value)) {
        return assign(tensor, new);
    }
    if (PyErr_Occurred()) {
        return -1;
    }
    nothing = PyObject_CallFunctionObjArgs(the_overwrite, tensor, new, NULL);
    Py_XDECREF(nothing);
    return nothing == NULL ? -1 : 0;
}

/* inplace(op, static, operands) -> bool: make the result the contents of the first
 * operand. False, with nothing done, where Python has to look: at a view, which may show
 * an element twice, and at leaves.
 */
PyObject *
inplace(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *tensor, *value = NULL, *view, *new = NULL;
    int failed;
    if (n != 3 || !PyTuple_CheckExact(args[2]) || PyTuple_GET_SIZE(args[2]) == 0) {
        PyErr_SetString(PyExc_TypeError, "inplace takes an op, static arguments, operands");
        return NULL;
    }
    tensor = PyTuple_GET_ITEM(args[2], 0);
    if (is_recording() == 1) {
        value = plain_value(tensor);
    }
    if (value != NULL) {
        view = PyObject_GenericGetAttr(tensor, str__view);
        if (view != Py_None) {
            Py_CLEAR(value);
        }
        Py_XDECREF(view);
    }
    if (value == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_False);
    }
    new = call_of_tuple(args[0], args[1], args[2]);
    failed = new == NULL || overwrite(tensor, value, new) < 0;
    Py_XDECREF(new);
    Py_DECREF(value);
    return failed ? NULL : Py_NewRef(Py_True);
}
