/* The short way of a call: what autograd/short.py does, step by step, in C.
 *
 * Its names are the same: x operand, node, grad (requires a gradient), key, code.
 * Whatever is out of the ordinary goes the long way, which Python takes.
 */
#include "native.h"

#define MOST 4 /* operands */

/* A new tensor that owns `value`, a leaf without a gradient. */
PyObject *
tensor_of(PyObject *value)
{
    PyObject *storage = make(the_Storage), *tensor;
    if (storage == NULL) {
        return NULL;
    }
    put_new(storage, Storage_value, value);
    put_new(storage, Storage_version, the_zero);
    /* Not tp_alloc: object.__new__ also prepares the attributes. */
    tensor = PyBaseObject_Type.tp_new((PyTypeObject *)the_Tensor, the_nothing, NULL);
    if (tensor != NULL && (PyObject_GenericSetAttr(tensor, str__storage, storage) < 0 ||
                           PyObject_GenericSetAttr(tensor, str__view, Py_None) < 0 ||
                           PyObject_GenericSetAttr(tensor, str__node, Py_None) < 0 ||
                           PyObject_GenericSetAttr(tensor, str__requires_grad, Py_False) <
                               0)) {
        Py_CLEAR(tensor);
    }
    Py_DECREF(storage);
    return tensor;
}

/* Read an operand. Returns 1; 0 if it is out of the ordinary; -1 with an exception. */
static int
read_operand(Operand *o)
{
    PyObject *x = o->x, *view, *found;
    int leaf_class = 0;
    if (!IS(x, Tensor)) {
        if (PyFloat_CheckExact(x) || PyLong_CheckExact(x) || x == Py_None ||
            x == Py_Ellipsis) {
            o->value = Py_NewRef(x);
            return 1;
        }
        leaf_class = PySet_Contains(the_leaf_classes, (PyObject *)Py_TYPE(x));
        if (leaf_class <= 0) {
            return leaf_class;
        }
    }
    view = PyObject_GenericGetAttr(x, str__view);
    if (view == NULL) {
        return -1;
    }
    Py_DECREF(view);
    if (view == Py_None) {
        found = PyObject_GenericGetAttr(x, str__storage);
        if (found == NULL) {
            return -1;
        }
        o->value = IS(found, Storage) ? Py_NewRef(SLOT(found, Storage_value)) : NULL;
        Py_DECREF(found);
    }
    else if (!leaf_class) {
        o->value = PyObject_CallMethodNoArgs(x, str__fresh);
        if (o->value == NULL) {
            return -1;
        }
    }
    if (o->value == NULL || !IS(o->value, Value)) {
        return 0;
    }
    found = PyObject_GenericGetAttr(x, str__node);
    if (found == NULL) {
        return -1;
    }
    if (found == Py_None) {
        Py_DECREF(found);
    }
    else {
        o->node = found;
        if (!IS(found, Node)) {
            return 0;
        }
    }
    found = PyObject_GenericGetAttr(x, str__requires_grad);
    if (found == NULL) {
        return -1;
    }
    Py_DECREF(found);
    o->grad = o->node != NULL || found == Py_True;
    return 1;
}

static int
read_operands(PyObject *const *args, Operand *operands, int n)
{
    int plain = 1;
    for (int i = 0; plain == 1 && i < n; i++) {
        operands[i].x = args[2 + i];
        plain = read_operand(&operands[i]);
    }
    return plain;
}

/* Append the edge of an operand whose gradient is wanted. */
static int
append_edge(PyObject *edges, PyObject *target, PyObject *number)
{
    PyObject *edge = PyTuple_Pack(2, target, number);
    int failed = edge == NULL || PyList_Append(edges, edge) < 0;
    Py_XDECREF(edge);
    return failed ? -1 : 0;
}

static PyObject *
code_of_node(PyObject *tape, PyObject *node, PyObject *x, PyObject *edges)
{
    PyObject *number = PyObject_GenericGetAttr(x, str__output_nr), *code = NULL;
    int other, first;
    if (number == NULL || append_edge(edges, node, number) < 0) {
        goto done;
    }
    other = PyObject_RichCompareBool(SLOT(node, Node_tape), SLOT(tape, Tape_id), Py_EQ);
    if (other < 0) {
        goto done;
    }
    if (!other) {
        code = Py_NewRef(the_OUTSIDE);
        goto done;
    }
    first = PyObject_Not(number);
    if (first < 0) {
        goto done;
    }
    code = first ? Py_NewRef(SLOT(node, Node_position))
                 : PyTuple_Pack(2, SLOT(node, Node_position), number);
done:
    Py_XDECREF(number);
    return code;
}

/* The code of a leaf: -1, -2, … by first use. */
static PyObject *
leaf_code(PyObject *leaves, PyObject *leaf)
{
    PyObject *code = PyDict_GetItemWithError(leaves, leaf);
    if (code != NULL || PyErr_Occurred()) {
        return Py_XNewRef(code);
    }
    code = PyLong_FromSsize_t(~PyDict_GET_SIZE(leaves));
    if (code != NULL && PyDict_SetItem(leaves, leaf, code) < 0) {
        Py_CLEAR(code);
    }
    return code;
}

static PyObject *
code_of_leaf(PyObject *tape, PyObject *x, PyObject *edges)
{
    PyObject *leaf = Py_NewRef(x), *code = NULL;
    if (IS(x, Tensor)) {
        PyObject *alias = PyObject_GenericGetAttr(x, str__leaf_alias);
        if (alias == NULL) {
            goto done;
        }
        if (alias == Py_None) {
            Py_DECREF(alias);
        }
        else {
            Py_SETREF(leaf, alias);
        }
    }
    if (append_edge(edges, leaf, the_zero) < 0) {
        goto done;
    }
    code = leaf_code(SLOT(tape, Tape_leaves), leaf);
done:
    Py_DECREF(leaf);
    return code;
}

static PyObject *
tuple_of_values(Operand *operands, int n)
{
    PyObject *values = PyTuple_New(n);
    for (int i = 0; values != NULL && i < n; i++) {
        PyTuple_SET_ITEM(values, i, Py_NewRef(operands[i].value));
    }
    return values;
}

/* Make the mark that was not met before, as Python does. */
static PyObject *
new_mark(PyObject *tape, PyObject *child, PyObject *op, PyObject *fixed,
         PyObject *values, PyObject *key, PyObject *value)
{
    PyObject *codes = PyTuple_GetSlice(key, 1, PyTuple_GET_SIZE(key)), *mark = NULL;
    PyObject *outs = PyTuple_Pack(1, value);
    if (codes != NULL && outs != NULL) {
        mark = PyObject_CallFunctionObjArgs(the_mark_of, tape, child, op, fixed, values,
                                            codes, outs, NULL);
    }
    Py_XDECREF(codes);
    Py_XDECREF(outs);
    return mark;
}

static PyObject *
node_of(PyObject *trace, PyObject *tape, PyObject *mark, PyObject *edges,
        PyObject *values)
{
    PyObject *saved = PyObject_CallOneArg(SLOT(mark, Mark_pick), values);
    PyObject *number = Py_TYPE(the_sequence)->tp_iternext(the_sequence), *node = NULL;
    if (saved == NULL || number == NULL || (node = make(the_Node)) == NULL) {
        Py_XDECREF(saved);
        Py_XDECREF(number);
        return NULL;
    }
    put_new(node, Node_plan, SLOT(mark, Mark_plan));
    put(node, Node_saved, saved);
    put_new(node, Node_edges, edges);
    put(node, Node_sequence, number);
    put_new(node, Node_device, SLOT(trace, Trace_device));
    put_new(node, Node_extra, Py_None);
    put_new(node, Node_tape, SLOT(tape, Tape_id));
    put_new(node, Node_position, SLOT(mark, Mark_position));
    if (PyList_Append(SLOT(tape, Tape_nodes), node) < 0) {
        Py_CLEAR(node);
    }
    return node;
}

/* Put `tensor`, just recorded, on the graph. */
static int
join_graph(PyObject *trace, PyObject *child, PyObject *op, PyObject *fixed,
           Operand *operands, int n, PyObject *value, PyObject *tensor)
{
    PyObject *tape = Py_NewRef(SLOT(trace, Trace_tape)), *edges = NULL, *key = NULL;
    PyObject *values = NULL, *mark = NULL, *node = NULL;
    int failed = -1;
    if (tape == Py_None) {
        Py_SETREF(tape, PyObject_CallNoArgs(the_Tape));
        if (tape == NULL) {
            return -1;
        }
        put_new(trace, Trace_tape, tape);
    }
    edges = PyList_New(0);
    key = PyTuple_New(n + 1);
    values = tuple_of_values(operands, n);
    if (edges == NULL || key == NULL || values == NULL) {
        goto done;
    }
    PyTuple_SET_ITEM(key, 0, Py_NewRef(SLOT(tape, Tape_mark)));
    for (int i = 0; i < n; i++) {
        Operand *o = &operands[i];
        PyObject *code = o->node != NULL ? code_of_node(tape, o->node, o->x, edges)
                         : o->grad       ? code_of_leaf(tape, o->x, edges)
                                         : Py_NewRef(Py_None);
        if (code == NULL) {
            goto done;
        }
        PyTuple_SET_ITEM(key, i + 1, code);
    }
    mark = PyDict_GetItemWithError(SLOT(child, State_marks), key);
    if (mark != NULL) {
        Py_INCREF(mark);
    }
    else if (PyErr_Occurred() ||
             !(mark = new_mark(tape, child, op, fixed, values, key, value))) {
        goto done;
    }
    if (SLOT(mark, Mark_plan) != Py_None) {
        node = node_of(trace, tape, mark, edges, values);
        if (node == NULL || PyObject_GenericSetAttr(tensor, str__node, node) < 0 ||
            PyObject_GenericSetAttr(tensor, str__output_nr, the_zero) < 0) {
            goto done;
        }
        put_new(tape, Tape_mark, mark);
    }
    failed = 0;
done:
    Py_XDECREF(tape);
    Py_XDECREF(edges);
    Py_XDECREF(key);
    Py_XDECREF(values);
    Py_XDECREF(mark);
    Py_XDECREF(node);
    return failed;
}

/* The state after `op`, seen before, with its operands admitted; NULL without an
 * exception if the long way has to be taken. A new reference.
 */
static PyObject *
next_state(PyObject *trace, PyObject *state, PyObject *op, PyObject *fixed,
           Operand *operands, int n)
{
    PyObject *key = PyTuple_New(n + 2), *child = NULL;
    if (key == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(key, 0, Py_NewRef(op));
    PyTuple_SET_ITEM(key, 1, Py_NewRef(fixed));
    for (int i = 0; i < n; i++) {
        PyObject *part = NULL;
        if (operand_key(trace, operands[i].value, &part) <= 0) {
            Py_DECREF(key);
            return NULL;
        }
        PyTuple_SET_ITEM(key, i + 2, part);
    }
    child = PyDict_GetItemWithError(SLOT(state, State_next), key);
    Py_DECREF(key);
    if (child == NULL || SLOT(child, State_out) == Py_None) {
        return NULL;
    }
    return Py_NewRef(child);
}

/* Whether the trace has reached a place to cut it. */
static int
reached_limit(PyObject *trace, PyObject *child)
{
    Py_ssize_t depth, limit;
    if (SLOT(child, State_cut) == Py_True) {
        return 1;
    }
    depth = PyLong_AsSsize_t(SLOT(child, State_depth));
    limit = PyLong_AsSsize_t(SLOT(trace, Trace_limit));
    return depth >= limit;
}

static PyObject *
tuple_of_operands(PyObject *const *args, int n)
{
    PyObject *operands = PyTuple_New(n);
    for (int i = 0; operands != NULL && i < n; i++) {
        PyTuple_SET_ITEM(operands, i, Py_NewRef(args[2 + i]));
    }
    return operands;
}

static PyObject *
go_long(PyObject *const *args, int n)
{
    PyObject *operands = tuple_of_operands(args, n), *result;
    if (operands == NULL) {
        return NULL;
    }
    result =
        PyObject_CallFunctionObjArgs(the_go_long, args[0], args[1], operands, NULL);
    Py_DECREF(operands);
    return result;
}

/* Take back what was admitted, and go the long way. */
static PyObject *
go_back(PyObject *trace, PyObject *state, PyObject *const *args, int n)
{
    PyObject *operands = tuple_of_operands(args, n), *result;
    if (operands == NULL) {
        return NULL;
    }
    result = PyObject_CallFunctionObjArgs(the_back, trace, state, args[0], args[1],
                                          operands, NULL);
    Py_DECREF(operands);
    return result;
}

/* Record the op, all operands read: the result as a tensor. */
static PyObject *
record(PyObject *trace, PyObject *const *args, Operand *operands, int n)
{
    PyObject *op = args[0], *fixed = args[1], *value = NULL, *tensor = NULL;
    PyObject *state = Py_NewRef(SLOT(trace, Trace_state)), *child = NULL, *mode;
    int any_grad = 0;
    put_new(trace, Trace_busy, Py_True);
    if (SLOT(trace, Trace_claimed) != Py_True) {
        child = next_state(trace, state, op, fixed, operands, n);
    }
    if (child == NULL) {
        if (!PyErr_Occurred()) {
            tensor = go_back(trace, state, args, n);
        }
        goto done;
    }
    value = pending(trace, SLOT(child, State_out), SLOT(child, State_first_out));
    if (value == NULL) {
        goto done;
    }
    put_new(trace, Trace_state, child);
    put_new(trace, Trace_busy, Py_False);
    tensor = tensor_of(value);
    if (tensor == NULL) {
        goto done;
    }
    for (int i = 0; i < n; i++) {
        any_grad |= operands[i].grad;
    }
    if (any_grad) {
        mode = PyObject_GetAttr(the_mode, str_enabled);
        if (mode == NULL) {
            Py_CLEAR(tensor);
            goto done;
        }
        Py_DECREF(mode);
        if (mode == Py_True &&
            join_graph(trace, child, op, fixed, operands, n, value, tensor) < 0) {
            Py_CLEAR(tensor);
            goto done;
        }
    }
    if (reached_limit(trace, child)) {
        PyObject *nothing = PyObject_CallOneArg(the_at_limit, trace);
        if (nothing == NULL) {
            Py_CLEAR(tensor);
        }
        Py_XDECREF(nothing);
    }
done:
    if (tensor == NULL) {
        put_new(trace, Trace_busy, Py_False);
    }
    Py_DECREF(state);
    Py_XDECREF(child);
    Py_XDECREF(value);
    return tensor;
}

/* Where no trace is recorded into: by NumPy, if so it shall be, or the long way. */
static PyObject *
untraced(PyObject *const *args, Operand *operands, int n)
{
    PyObject *plans = PyObject_GetAttr(the_here, str_plans), *result = NULL;
    if (plans == NULL) {
        return NULL;
    }
    if (plans != Py_None && read_operands(args, operands, n) == 1) {
        result = run_at_once(plans, args[0], args[1], operands, n);
    }
    Py_DECREF(plans);
    return result == NULL && !PyErr_Occurred() ? go_long(args, n) : result;
}

static PyObject *
short_way(PyObject *const *args, int n)
{
    Operand operands[MOST] = {{0}};
    PyObject *result = NULL, *trace = PyObject_GetAttr(the_here, str_trace);
    int plain = 1;
    if (trace == NULL) {
        return NULL;
    }
    if (trace == Py_None) {
        result = untraced(args, operands, n);
    }
    else if ((plain = read_operands(args, operands, n)) == 1) {
        result = record(trace, args, operands, n);
    }
    for (int i = 0; i < n; i++) {
        Py_XDECREF(operands[i].value);
        Py_XDECREF(operands[i].node);
    }
    Py_DECREF(trace);
    return plain == 0 ? go_long(args, n) : result;
}

#define SHORT(N) \
    PyObject *short##N(PyObject *module, PyObject *const *args, Py_ssize_t n) \
    { \
        if (n != 2 + N) { \
            PyErr_SetString(PyExc_TypeError, "short" #N " takes " #N " operands"); \
            return NULL; \
        } \
        return short_way(args, N); \
    }
SHORT(1)
SHORT(2)
SHORT(3)
SHORT(4)
