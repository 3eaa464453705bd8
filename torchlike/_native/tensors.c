/* The short way of a call: what autograd/short.py does, step by step, in C.
 *
 * Its names are the same: x operand, node, grad (requires a gradient), key, code. It also
 * does it for several results and more operands, as autograd/apply.py does in general.
 * Whatever is out of the ordinary goes the long way, which Python takes.
 */
#include "native.h"

#define MOST 16 /* operands */

/* A call of an op: `all` its results are wanted, as a list, or its only one. */
typedef struct {
    PyObject *op, *fixed;
    PyObject *const *operands;
    int n, all;
} Call;

/* A new tensor, a leaf without a gradient; `view` may be None. The class has the defaults
 * of what is not set: setting them costs more than all that is asked of most tensors.
 */
PyObject *
tensor_on(PyObject *storage, PyObject *view)
{
    /* Not tp_alloc: object.__new__ also prepares the attributes. */
    PyObject *tensor =
        PyBaseObject_Type.tp_new((PyTypeObject *)the_Tensor, the_nothing, NULL);
    if (tensor != NULL && (PyObject_GenericSetAttr(tensor, str__storage, storage) < 0 ||
                           (view != Py_None &&
                            PyObject_GenericSetAttr(tensor, str__view, view) < 0))) {
        Py_CLEAR(tensor);
    }
    return tensor;
}

/* A new tensor that owns `value`. */
PyObject *
tensor_of(PyObject *value)
{
    PyObject *storage = make(the_Storage), *tensor;
    if (storage == NULL) {
        return NULL;
    }
    put_new(storage, Storage_value, value);
    put_new(storage, Storage_version, the_zero);
    tensor = tensor_on(storage, Py_None);
    Py_DECREF(storage);
    return tensor;
}

/* of_array(array, avals) -> tensor | None: a tensor of an array on the host, nobody
 * else's; None where the dict has no aval for its shape and dtype.
 */
PyObject *
of_array(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *shape, *dtype, *key = NULL, *aval = NULL, *value, *tensor = NULL;
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "of_array takes an array and a dict");
        return NULL;
    }
    shape = PyObject_GetAttr(args[0], str_shape);
    dtype = shape == NULL ? NULL : PyObject_GetAttr(args[0], str_dtype);
    key = dtype == NULL ? NULL : PyTuple_Pack(2, shape, dtype);
    Py_XDECREF(shape);
    Py_XDECREF(dtype);
    if (key == NULL) {
        return NULL;
    }
    aval = PyDict_GetItemWithError(args[1], key);
    Py_DECREF(key);
    if (aval == NULL) {
        return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
    }
    value = new_value(aval, args[0], the_CPU, Py_None, the_zero, Py_False);
    if (value != NULL) {
        tensor = tensor_of(value);
        Py_DECREF(value);
    }
    return tensor;
}

/* The current value of a view, computed again if the storage was written. */
PyObject *
fresh_value(PyObject *tensor, PyObject *view)
{
    PyObject *storage = PyObject_GenericGetAttr(tensor, str__storage);
    int same;
    if (storage == NULL) {
        return NULL;
    }
    same = is_same(SLOT(view, View_version), SLOT(storage, Storage_version));
    Py_DECREF(storage);
    if (same != 1) {
        return same < 0 ? NULL : PyObject_CallMethodNoArgs(tensor, str__fresh);
    }
    return Py_NewRef(SLOT(view, View_value));
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
    Py_DECREF(view); /* the tensor holds it */
    if (view == Py_None) {
        found = PyObject_GenericGetAttr(x, str__storage);
        if (found == NULL) {
            return -1;
        }
        o->value = IS(found, Storage) ? Py_NewRef(SLOT(found, Storage_value)) : NULL;
        Py_DECREF(found);
    }
    else if (!leaf_class) {
        if (read_row(x, view) < 0) {
            return -1;
        }
        o->value = fresh_value(x, view);
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
    if (found != Py_None) {
        o->node = found;
        o->grad = 1;
        return IS(found, Node);
    }
    Py_DECREF(found);
    found = PyObject_GenericGetAttr(x, str__requires_grad);
    if (found == NULL) {
        return -1;
    }
    Py_DECREF(found);
    o->grad = found == Py_True;
    return 1;
}

static int
read_operands(const Call *call, Operand *operands)
{
    int plain = 1, any = 0; /* without a tensor it is open which device is meant */
    for (int i = 0; plain == 1 && i < call->n; i++) {
        operands[i].x = call->operands[i];
        plain = read_operand(&operands[i]);
        any |= plain == 1 && IS(operands[i].value, Value);
    }
    return plain == 1 ? any : plain;
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

/* The value of a tensor, just made: a new reference. */
static PyObject *
value_of_result(PyObject *tensor)
{
    PyObject *storage = PyObject_GenericGetAttr(tensor, str__storage), *value = NULL;
    if (storage != NULL) {
        value = Py_NewRef(SLOT(storage, Storage_value));
        Py_DECREF(storage);
    }
    return value;
}

static PyObject *
tuple_of_results(PyObject *const *tensors, Py_ssize_t count)
{
    PyObject *values = PyTuple_New(count);
    for (Py_ssize_t i = 0; values != NULL && i < count; i++) {
        PyObject *value = value_of_result(tensors[i]);
        if (value == NULL) {
            Py_CLEAR(values);
            break;
        }
        PyTuple_SET_ITEM(values, i, value);
    }
    return values;
}

/* Make the mark that was not met before, as Python does. */
static PyObject *
new_mark(const Call *call, PyObject *tape, PyObject *child, Operand *operands,
         PyObject *key, PyObject *const *tensors, Py_ssize_t count)
{
    PyObject *codes = PyTuple_GetSlice(key, 1, PyTuple_GET_SIZE(key)), *mark = NULL;
    PyObject *outs = tuple_of_results(tensors, count);
    PyObject *values = tuple_of_values(operands, call->n);
    if (codes != NULL && outs != NULL && values != NULL) {
        mark = PyObject_CallFunctionObjArgs(the_mark_of, tape, child, call->op,
                                            call->fixed, values, codes, outs, NULL);
    }
    Py_XDECREF(codes);
    Py_XDECREF(outs);
    Py_XDECREF(values);
    return mark;
}

/* Whether the mark met last with the state is that after `before` with these codes; -1
 * with an exception.
 */
static int
is_likely(PyObject *mark, PyObject *before, PyObject *const *codes, int n)
{
    PyObject *key;
    int same = 1;
    if (mark == Py_None || PyTuple_GET_ITEM(SLOT(mark, Mark_key), 0) != before) {
        return 0;
    }
    key = SLOT(mark, Mark_key);
    for (int i = 0; same == 1 && i < n; i++) {
        PyObject *part = PyTuple_GET_ITEM(key, i + 1);
        same = is_same(part, codes[i]);
    }
    return same;
}

/* The mark of the call: a new reference. */
static PyObject *
mark_with(const Call *call, PyObject *tape, PyObject *child, Operand *operands,
          PyObject *const *codes, PyObject *const *tensors, Py_ssize_t count)
{
    PyObject *mark = Py_NewRef(SLOT(child, State_mark)), *before = SLOT(tape, Tape_mark);
    PyObject *key;
    int likely = is_likely(mark, before, codes, call->n);
    if (likely == 1) {
        return mark;
    }
    Py_DECREF(mark);
    key = likely < 0 ? NULL : PyTuple_New(call->n + 1);
    if (key == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(key, 0, Py_NewRef(before));
    for (int i = 0; i < call->n; i++) {
        PyTuple_SET_ITEM(key, i + 1, Py_NewRef(codes[i]));
    }
    mark = PyDict_GetItemWithError(SLOT(child, State_marks), key);
    if (mark != NULL) {
        Py_INCREF(mark);
    }
    else if (!PyErr_Occurred()) {
        mark = new_mark(call, tape, child, operands, key, tensors, count);
    }
    if (mark != NULL) {
        put_new(child, State_mark, mark);
    }
    Py_DECREF(key);
    return mark;
}

/* What the derivative needs: operands, or the result, whose place follows theirs. */
static PyObject *
saved_of(const Call *call, PyObject *plan, Operand *operands, PyObject *const *tensors)
{
    PyObject *places = SLOT(plan, Plan_saved);
    PyObject *saved = PyTuple_New(PyTuple_GET_SIZE(places));
    for (Py_ssize_t i = 0; saved != NULL && i < PyTuple_GET_SIZE(places); i++) {
        Py_ssize_t place = PyLong_AsSsize_t(PyTuple_GET_ITEM(places, i));
        PyObject *value = place < call->n ? Py_NewRef(operands[place].value)
                                          : value_of_result(tensors[place - call->n]);
        if (value == NULL) {
            Py_CLEAR(saved);
            break;
        }
        PyTuple_SET_ITEM(saved, i, value);
    }
    return saved;
}

static PyObject *
node_of(const Call *call, PyObject *trace, PyObject *tape, PyObject *mark,
        PyObject *edges, Operand *operands, PyObject *const *tensors)
{
    PyObject *saved = saved_of(call, SLOT(mark, Mark_plan), operands, tensors);
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

/* Whether a result of several can have a gradient; -1 with an exception. */
static int
can_have_gradient(PyObject *aval)
{
    PyObject *category = PyObject_GetAttr(SLOT(aval, Aval_dtype), str_category);
    long number = category == NULL ? -1 : PyLong_AsLong(category);
    Py_XDECREF(category);
    return number == -1 && PyErr_Occurred() ? -1 : number >= 2;
}

static int
put_on_node(PyObject *node, PyObject *child, PyObject *const *tensors, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *aval = PyTuple_GET_ITEM(SLOT(child, State_outs), i), *number;
        int can = count == 1 ? 1 : can_have_gradient(aval), failed;
        if (can < 0) {
            return -1;
        }
        if (!can) {
            continue;
        }
        number = PyLong_FromSsize_t(i);
        failed = number == NULL ||
                 PyObject_GenericSetAttr(tensors[i], str__node, node) < 0 ||
                 PyObject_GenericSetAttr(tensors[i], str__output_nr, number) < 0;
        Py_XDECREF(number);
        if (failed) {
            return -1;
        }
    }
    return 0;
}

/* Put the tensors, just recorded, on the graph. */
static int
join_graph(const Call *call, PyObject *trace, PyObject *child, Operand *operands,
           PyObject *const *tensors, Py_ssize_t count)
{
    PyObject *tape = Py_NewRef(SLOT(trace, Trace_tape)), *edges = NULL, *mark = NULL;
    PyObject *node = NULL, *codes[MOST];
    int failed = -1, known = 0;
    if (tape == Py_None) {
        Py_SETREF(tape, PyObject_CallNoArgs(the_Tape));
        if (tape == NULL) {
            return -1;
        }
        put_new(trace, Trace_tape, tape);
    }
    edges = PyList_New(0);
    if (edges == NULL) {
        goto done;
    }
    for (; known < call->n; known++) {
        Operand *o = &operands[known];
        codes[known] = o->node != NULL ? code_of_node(tape, o->node, o->x, edges)
                       : o->grad       ? code_of_leaf(tape, o->x, edges)
                                       : Py_NewRef(Py_None);
        if (codes[known] == NULL) {
            goto done;
        }
    }
    mark = mark_with(call, tape, child, operands, codes, tensors, count);
    if (mark == NULL) {
        goto done;
    }
    if (SLOT(mark, Mark_plan) != Py_None) {
        node = node_of(call, trace, tape, mark, edges, operands, tensors);
        if (node == NULL || put_on_node(node, child, tensors, count) < 0) {
            goto done;
        }
        put_new(tape, Tape_mark, mark);
    }
    failed = 0;
done:
    while (known-- > 0) {
        Py_DECREF(codes[known]);
    }
    Py_DECREF(tape);
    Py_XDECREF(edges);
    Py_XDECREF(mark);
    Py_XDECREF(node);
    return failed;
}

/* The state after the call; NULL without an exception if the long way has to be taken. A
 * new reference.
 */
static PyObject *
state_after(const Call *call, PyObject *trace, Operand *operands)
{
    PyObject *values[MOST], *child;
    for (int i = 0; i < call->n; i++) {
        values[i] = operands[i].value;
    }
    child = next_state(trace, call->op, call->fixed, values, call->n);
    if (child != NULL && !call->all && SLOT(child, State_out) == Py_None) {
        Py_CLEAR(child);
    }
    return child;
}

/* Whether the trace has reached a place to cut it. */
int
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
tuple_of_operands(const Call *call)
{
    PyObject *operands = PyTuple_New(call->n);
    for (int i = 0; operands != NULL && i < call->n; i++) {
        PyTuple_SET_ITEM(operands, i, Py_NewRef(call->operands[i]));
    }
    return operands;
}

/* The list of results, or the only one. */
static PyObject *
as_wanted(const Call *call, PyObject *list)
{
    PyObject *only;
    if (list == NULL || call->all) {
        return list;
    }
    if (!PyList_CheckExact(list) || PyList_GET_SIZE(list) != 1) {
        PyErr_SetString(PyExc_ValueError, "the op has not one result");
        Py_DECREF(list);
        return NULL;
    }
    only = Py_NewRef(PyList_GET_ITEM(list, 0));
    Py_DECREF(list);
    return only;
}

static PyObject *
go_long(const Call *call)
{
    PyObject *operands = tuple_of_operands(call), *list;
    if (operands == NULL) {
        return NULL;
    }
    list = PyObject_CallFunctionObjArgs(the_apply, call->op, call->fixed, operands, NULL);
    Py_DECREF(operands);
    return as_wanted(call, list);
}

/* Take back what was admitted, and go the long way. */
static PyObject *
go_back(const Call *call, PyObject *trace, PyObject *state)
{
    PyObject *nothing = PyObject_CallFunctionObjArgs(the_back, trace, state, NULL);
    if (nothing == NULL) {
        return NULL;
    }
    Py_DECREF(nothing);
    return go_long(call);
}

/* A pending tensor for each result of `child`. */
static PyObject *
new_tensors(PyObject *trace, PyObject *child)
{
    PyObject *both[] = {trace, child}, *list = results(NULL, both, 2);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(list); i++) {
        PyObject *tensor = tensor_of(PyList_GET_ITEM(list, i));
        if (tensor == NULL || PyList_SetItem(list, i, tensor) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

/* The same for the only result. */
static PyObject *
new_tensor(PyObject *trace, PyObject *child)
{
    PyObject *tensor = NULL;
    PyObject *value = pending(trace, SLOT(child, State_out), SLOT(child, State_first_out));
    if (value != NULL) {
        tensor = tensor_of(value);
        Py_DECREF(value);
    }
    return tensor;
}

/* Whether a gradient of the result is wanted; -1 with an exception. */
static int
needs_gradient(const Call *call, Operand *operands)
{
    PyObject *enabled;
    int any = 0;
    for (int i = 0; i < call->n; i++) {
        any |= operands[i].grad;
    }
    if (!any) {
        return 0;
    }
    enabled = of_thread(the_mode, str_enabled);
    if (enabled == NULL) {
        return -1;
    }
    Py_DECREF(enabled);
    return enabled == Py_True;
}

/* A parameter used again after a backward begins a program of its own. */
static int
begin_forward(const Call *call, PyObject *trace, Operand *operands)
{
    PyObject *nothing;
    int leaf = 0, needs;
    if (SLOT(trace, Trace_backwards) == the_zero) {
        return 0;
    }
    for (int i = 0; i < call->n; i++) {
        leaf |= operands[i].grad && operands[i].node == NULL;
    }
    needs = leaf ? needs_gradient(call, operands) : 0;
    if (needs != 1) {
        return needs;
    }
    nothing = PyObject_CallNoArgs(the_before_forward);
    Py_XDECREF(nothing);
    return nothing == NULL ? -1 : 0;
}

/* What follows once the trace has moved on to `child`: the graph, and limits. */
static int
finish(const Call *call, PyObject *trace, PyObject *child, Operand *operands,
       PyObject *result)
{
    PyObject *const *tensors = call->all ? PySequence_Fast_ITEMS(result) : &result;
    Py_ssize_t count = call->all ? PyList_GET_SIZE(result) : 1;
    int needs = count == 0 ? 0 : needs_gradient(call, operands);
    if (needs < 0 ||
        (needs && join_graph(call, trace, child, operands, tensors, count) < 0)) {
        return -1;
    }
    if (reached_limit(trace, child)) {
        PyObject *nothing = PyObject_CallOneArg(the_at_limit, trace);
        Py_XDECREF(nothing);
        return nothing == NULL ? -1 : 0;
    }
    return 0;
}

/* Record the op, all operands read. */
static PyObject *
record(const Call *call, PyObject *trace, Operand *operands)
{
    PyObject *state = Py_NewRef(SLOT(trace, Trace_state)), *child = NULL, *result = NULL;
    put_new(trace, Trace_busy, Py_True);
    if (SLOT(trace, Trace_claimed) != Py_True) {
        child = state_after(call, trace, operands);
    }
    if (child == NULL) {
        if (!PyErr_Occurred()) {
            result = go_back(call, trace, state);
        }
    }
    else {
        result = call->all ? new_tensors(trace, child) : new_tensor(trace, child);
        if (result != NULL) {
            put_new(trace, Trace_state, child);
            put_new(trace, Trace_busy, Py_False);
            if (finish(call, trace, child, operands, result) < 0) {
                Py_CLEAR(result);
            }
        }
    }
    if (result == NULL) {
        put_new(trace, Trace_busy, Py_False);
    }
    Py_DECREF(state);
    Py_XDECREF(child);
    return result;
}

/* Where no trace is recorded into: by NumPy, if so it shall be, or the long way. */
static PyObject *
untraced(const Call *call, Operand *operands)
{
    PyObject *plans, *result = NULL;
    if (call->all) {
        return go_long(call);
    }
    plans = of_thread(the_here, str_plans);
    if (plans == NULL) {
        return NULL;
    }
    if (plans != Py_None && read_operands(call, operands) == 1) {
        result = run_at_once(plans, call->op, call->fixed, operands, call->n);
    }
    Py_DECREF(plans);
    return result == NULL && !PyErr_Occurred() ? go_long(call) : result;
}

static PyObject *
short_way(const Call *call)
{
    Operand operands[MOST] = {{0}};
    PyObject *result = NULL, *trace;
    int plain = 1;
    if (call->n > MOST) {
        return go_long(call);
    }
    trace = of_thread(the_here, str_trace);
    if (trace == NULL) {
        return NULL;
    }
    if (trace == Py_None) {
        result = untraced(call, operands);
    }
    else if ((plain = read_operands(call, operands)) == 1) {
        if (begin_forward(call, trace, operands) == 0) {
            result = record(call, trace, operands);
        }
    }
    for (int i = 0; i < call->n; i++) {
        Py_XDECREF(operands[i].value);
        Py_XDECREF(operands[i].node);
    }
    Py_DECREF(trace);
    return plain == 0 ? go_long(call) : result;
}

PyObject *
call_of_op(PyObject *const *args, Py_ssize_t n)
{
    Call call = {args[0], args[1], args + 2, (int)n, 0};
    return short_way(&call);
}

PyObject *
call_of_tuple(PyObject *op, PyObject *fixed, PyObject *operands)
{
    Call call = {
        op, fixed, &PyTuple_GET_ITEM(operands, 0), (int)PyTuple_GET_SIZE(operands), 0,
    };
    return short_way(&call);
}

/* call(op, static, *operands): the only result, as a tensor. */
PyObject *
call(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n < 2) {
        PyErr_SetString(PyExc_TypeError, "call takes an op and its static arguments");
        return NULL;
    }
    return call_of_op(args, n - 2);
}

/* call_all(op, static, operands): a list of tensors. */
PyObject *
call_all(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *operands, *result;
    if (n != 3) {
        PyErr_SetString(PyExc_TypeError,
                        "call_all takes an op, its static arguments and operands");
        return NULL;
    }
    operands = PySequence_Tuple(args[2]);
    if (operands == NULL) {
        return NULL;
    }
    Call call = {
        args[0], args[1], &PyTuple_GET_ITEM(operands, 0),
        (int)PyTuple_GET_SIZE(operands), 1,
    };
    result = short_way(&call);
    Py_DECREF(operands);
    return result;
}
