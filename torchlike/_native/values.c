/* Values: those of a trace before and after its run, and the key of a transition. */
#include "native.h"

/* A new value; `trace` is None and `slot` 0 where it is computed. */
PyObject *
new_value(PyObject *aval, PyObject *array, PyObject *device, PyObject *trace,
          PyObject *slot, PyObject *exposed)
{
    PyObject *value = make(the_Value);
    if (value != NULL) {
        put_new(value, Value_aval, aval);
        put_new(value, Value_array, array);
        put_new(value, Value_device, device);
        put_new(value, Value_trace, trace);
        put_new(value, Value_slot, slot);
        put_new(value, Value_exposed, exposed);
        put_new(value, Value_pinned, Py_False);
        put_new(value, Value_passes, the_zero);
        put_new(value, Value_unread, Py_None);
    }
    return value;
}

/* A new value that is the output `slot` of `trace`, in the list of its outputs. */
PyObject *
pending(PyObject *trace, PyObject *aval, PyObject *slot)
{
    PyObject *device = SLOT(trace, Trace_device);
    PyObject *value = new_value(aval, Py_None, device, trace, slot, Py_False);
    if (value != NULL && PyList_Append(SLOT(trace, Trace_outs), value) < 0) {
        Py_CLEAR(value);
    }
    return value;
}

/* Point a storage at a new value, as Storage.write does. */
int
store(PyObject *storage, PyObject *value)
{
    PyObject *old = SLOT(storage, Storage_value);
    PyObject *version = PyNumber_Add(SLOT(storage, Storage_version), the_one);
    if (version == NULL) {
        return -1;
    }
    put_new(value, Value_pinned, SLOT(old, Value_pinned));
    put_new(storage, Storage_value, value);
    put(storage, Storage_version, version);
    return 0;
}

/* `may_stay` of _engine/unread.py */
int
may_stay_unread(PyObject *value)
{
    PyObject *both = SLOT(value, Value_unread);
    return both != Py_None &&
           SLOT(PyTuple_GET_ITEM(both, 0), Unread_deep) == Py_False;
}

/* Whether a value of no trace may be an operand: it is computed, or need not be. */
static int
may_be_input(PyObject *value, PyObject *op)
{
    PyObject *array = SLOT(value, Value_array);
    return IS(array, ArrayImpl) || IS(array, ndarray) ||
           (op == the_ADD && may_stay_unread(value));
}

/* The part of a key for one operand of an op, a new reference, after admitting the
 * operand to the trace. Returns 1; 0 if the operand is not plain; -1 with an exception.
 */
int
operand_key(PyObject *trace, PyObject *op, PyObject *operand, PyObject **key)
{
    if (IS(operand, Value)) {
        PyObject *slot, *list;
        if (SLOT(operand, Value_trace) == trace) {
            *key = Py_NewRef(SLOT(operand, Value_slot));
            return 1;
        }
        if (!may_be_input(operand, op)) {
            return 0;
        }
        if (SLOT(operand, Value_device) != SLOT(trace, Trace_device)) {
            return 0;
        }
        list = SLOT(trace, Trace_inputs);
        if (PyList_Append(list, operand) < 0) {
            return -1;
        }
        slot = PyLong_FromSsize_t(-PyList_GET_SIZE(list));
        if (slot == NULL) {
            return -1;
        }
        put(operand, Value_slot, slot);
        put_new(operand, Value_trace, trace);
        *key = Py_NewRef(SLOT(operand, Value_aval));
        return 1;
    }
    if (operand == Py_None || operand == Py_Ellipsis) {
        *key = Py_NewRef(operand);
        return 1;
    }
    if (PyFloat_CheckExact(operand) || PyLong_CheckExact(operand)) {
        PyObject *kind = (PyObject *)Py_TYPE(operand), *numbers;
        if (PyLong_CheckExact(operand)) {
            int overflow;
            long long number = PyLong_AsLongLongAndOverflow(operand, &overflow);
            if (overflow || (number == -1 && PyErr_Occurred())) {
                return overflow ? 0 : -1;
            }
        }
        numbers = PyDict_GetItemWithError(SLOT(trace, Trace_scalars), kind);
        if (numbers == NULL || PyList_Append(numbers, operand) < 0) {
            return -1;
        }
        *key = Py_NewRef(kind);
        return 1;
    }
    return 0;
}

/* The key of the transition by an op, its operands admitted to the trace. NULL without an
 * exception if one is not plain: the trace is as far as the operands before it, and the
 * caller takes them back.
 */
PyObject *
transition(PyObject *trace, PyObject *op, PyObject *fixed, PyObject *const *operands,
           Py_ssize_t n)
{
    PyObject *key = PyTuple_New(2 + n);
    if (key == NULL) {
        return NULL;
    }
    PyTuple_SET_ITEM(key, 0, Py_NewRef(op));
    PyTuple_SET_ITEM(key, 1, Py_NewRef(fixed));
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *part = NULL;
        if (operand_key(trace, op, operands[i], &part) != 1) {
            Py_DECREF(key);
            return NULL;
        }
        PyTuple_SET_ITEM(key, 2 + i, part);
    }
    return key;
}

/* Whether the operands are those of a key, which are admitted as far as they are; -1 with
 * an exception.
 */
static int
are_likely(PyObject *trace, PyObject *key, PyObject *const *operands, Py_ssize_t n)
{
    PyObject *op = PyTuple_GET_ITEM(key, 0);
    int same = 1;
    for (Py_ssize_t i = 0; same == 1 && i < n; i++) {
        PyObject *part = NULL;
        same = operand_key(trace, op, operands[i], &part);
        if (same == 1) {
            same = is_same(part, PyTuple_GET_ITEM(key, 2 + i));
        }
        Py_XDECREF(part);
    }
    return same;
}

/* The state that was reached last from here, if the op leads there again: that is found
 * without its key. NULL without an exception, with nothing admitted, if it does not.
 */
static PyObject *
likely_state(PyObject *trace, PyObject *op, PyObject *fixed, PyObject *const *operands,
             Py_ssize_t n)
{
    PyObject *state = SLOT(trace, Trace_state), *child, *key, *nothing;
    int same;
    if (SLOT(state, State_likely) == Py_None) {
        return NULL;
    }
    key = SLOT(SLOT(state, State_likely), State_key);
    if (PyTuple_GET_SIZE(key) != 2 + n || PyTuple_GET_ITEM(key, 0) != op ||
        is_same(fixed, PyTuple_GET_ITEM(key, 1)) != 1) {
        return NULL;
    }
    child = Py_NewRef(SLOT(state, State_likely));
    same = are_likely(trace, SLOT(child, State_key), operands, n);
    if (same == 1) {
        return child;
    }
    Py_DECREF(child);
    if (same == 0) {
        nothing = PyObject_CallMethodObjArgs(trace, str_forget,
                                             SLOT(state, State_n_inputs),
                                             SLOT(state, State_n_scalars), NULL);
        Py_XDECREF(nothing);
    }
    return NULL;
}

/* The state that a key leads to for the first time; the results are inferred. A new
 * reference; with an exception the trace is as it was.
 */
static PyObject *
new_state(PyObject *trace, PyObject *key, PyObject *const *operands, Py_ssize_t n)
{
    PyObject *all = PyTuple_New(n), *child;
    if (all == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyTuple_SET_ITEM(all, i, Py_NewRef(operands[i]));
    }
    child = PyObject_CallFunctionObjArgs(the_explore, trace, key, all, NULL);
    Py_DECREF(all);
    return child;
}

/* The state that the op leads to; NULL without an exception if an operand is not plain.
 * A new reference.
 */
PyObject *
next_state(PyObject *trace, PyObject *op, PyObject *fixed, PyObject *const *operands,
           Py_ssize_t n)
{
    PyObject *state = SLOT(trace, Trace_state), *key, *child;
    child = likely_state(trace, op, fixed, operands, n);
    if (child != NULL || PyErr_Occurred()) {
        return child;
    }
    key = transition(trace, op, fixed, operands, n);
    if (key == NULL) {
        return NULL;
    }
    child = Py_XNewRef(PyDict_GetItemWithError(SLOT(state, State_next), key));
    if (child == NULL && !PyErr_Occurred()) {
        child = new_state(trace, key, operands, n);
    }
    Py_DECREF(key);
    if (child != NULL) {
        put_new(state, State_likely, child);
    }
    return child;
}

/* key_of(trace, op, static, operands) -> tuple | None (see `transition`) */
PyObject *
key_of(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *operands, *key;
    if (n != 4) {
        PyErr_SetString(PyExc_TypeError, "key_of takes 4 arguments");
        return NULL;
    }
    operands = PySequence_Fast(args[3], "operands must be a sequence");
    if (operands == NULL) {
        return NULL;
    }
    key = transition(args[0], args[1], args[2], PySequence_Fast_ITEMS(operands),
                     PySequence_Fast_GET_SIZE(operands));
    Py_DECREF(operands);
    return key == NULL && !PyErr_Occurred() ? Py_NewRef(Py_None) : key;
}

/* results(trace, state) -> list: a pending value for each result of the state's op. */
PyObject *
results(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *avals, *list;
    Py_ssize_t count, first;
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "results takes 2 arguments");
        return NULL;
    }
    avals = SLOT(args[1], State_outs);
    count = PyTuple_GET_SIZE(avals);
    first = PyLong_AsSsize_t(SLOT(args[1], State_first_out));
    if (first < 0 && PyErr_Occurred()) {
        return NULL;
    }
    list = PyList_New(count);
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *slot = PyLong_FromSsize_t(first + i), *value = NULL;
        if (slot != NULL) {
            value = pending(args[0], PyTuple_GET_ITEM(avals, i), slot);
            Py_DECREF(slot);
        }
        if (value == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, value);
        }
    }
    return list;
}

/* held(values): the list's own reference is the only one of a value nobody holds. */
PyObject *
held(PyObject *module, PyObject *values)
{
    PyObject *list = PyList_New(0);
    for (Py_ssize_t i = 0; list != NULL && i < PyList_GET_SIZE(values); i++) {
        PyObject *value = PyList_GET_ITEM(values, i);
        if (Py_REFCNT(value) > 1 && PyList_Append(list, value) < 0) {
            Py_CLEAR(list);
        }
    }
    return list;
}

enum { AT_ONCE = 102400, ALIGNED = 64 }; /* bytes: see lies_well in launch.py */

/* Whether JAX has a host array of so many bytes at once. */
static int
lies_well(PyObject *array, Py_ssize_t size)
{
    Py_buffer view;
    int well = size < AT_ONCE;
    if (!well) {
        if (PyObject_GetBuffer(array, &view, PyBUF_SIMPLE) < 0) {
            PyErr_Clear(); /* not contiguous, or of a dtype that has no buffer */
            return 0;
        }
        well = (uintptr_t)view.buf % ALIGNED == 0;
        PyBuffer_Release(&view);
    }
    return well;
}

/* Whether a host array is passed to the program as it is, and counted. Returns -1 with
 * an exception.
 */
static int
is_passed(PyObject *value, int alone, Py_ssize_t limit, Py_ssize_t most)
{
    Py_ssize_t size = PyLong_AsSsize_t(SLOT(SLOT(value, Value_aval), Aval_nbytes));
    PyObject *count = SLOT(value, Value_passes), *more;
    if (PyErr_Occurred()) {
        return -1;
    }
    if (size > limit || (!alone && PyLong_AsSsize_t(count) >= most) ||
        !lies_well(SLOT(value, Value_array), size)) {
        return 0;
    }
    more = PyNumber_Add(count, the_one);
    if (more == NULL) {
        return -1;
    }
    put(value, Value_passes, more);
    return 1;
}

/* The array of an input. A host array moves to the device for good if it is large, if
 * JAX would not have it at once, or if somebody still holds it after so many programs.
 */
static PyObject *
input_array(PyObject *value, PyObject *device, int alone, Py_ssize_t limit,
            Py_ssize_t most)
{
    PyObject *array = SLOT(value, Value_array), *placed;
    int stays = IS(array, ndarray) ? is_passed(value, alone, limit, most) : 1;
    if (stays != 0) {
        return stays < 0 ? NULL : Py_NewRef(array);
    }
    placed = PyObject_CallFunctionObjArgs(the_to_device, array, device,
                                          SLOT(value, Value_pinned), NULL);
    if (placed != NULL) {
        put_new(value, Value_array, placed);
    }
    return placed;
}

/* Whether an input's memory is not worth giving up: that of a small host array. */
static int
is_small(PyObject *value, Py_ssize_t small)
{
    return IS(SLOT(value, Value_array), ndarray) &&
           PyLong_AsSsize_t(SLOT(SLOT(value, Value_aval), Aval_nbytes)) <= small;
}

/* Add a number to a list. Returns -1 with an exception. */
static int
append_number(PyObject *list, Py_ssize_t number)
{
    PyObject *object = PyLong_FromSsize_t(number);
    int failed = object == NULL ? -1 : PyList_Append(list, object);
    Py_XDECREF(object);
    return failed;
}

/* inputs(trace, limit, small, most) -> (arrays, dead): the arrays, and the places of
 * those that nobody else can reach, but for host arrays of at most `small` bytes. Host
 * arrays of at most `limit` bytes stay on the host where nobody holds them, and until
 * `most` programs took them. An input `i` that is not computed has no array, and `~i`
 * for its place.
 */
PyObject *
inputs(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *values, *device, *arrays, *dead, *places = NULL;
    Py_ssize_t limit, small, most, count;
    if (n != 4) {
        PyErr_SetString(PyExc_TypeError, "inputs takes 4 arguments");
        return NULL;
    }
    values = SLOT(args[0], Trace_inputs);
    device = SLOT(args[0], Trace_device);
    limit = PyLong_AsSsize_t(args[1]);
    small = PyLong_AsSsize_t(args[2]);
    most = PyLong_AsSsize_t(args[3]);
    count = PyList_GET_SIZE(values);
    arrays = PyList_New(0);
    dead = PyList_New(0);
    if (arrays == NULL || dead == NULL) {
        goto done;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *value = PyList_GET_ITEM(values, i), *array;
        int alone = Py_REFCNT(value) <= 1, failed;
        if (SLOT(value, Value_array) == Py_None) {
            if (append_number(dead, ~i) < 0) {
                goto done;
            }
            continue;
        }
        array = input_array(value, device, alone, limit, most);
        failed = array == NULL || PyList_Append(arrays, array) < 0;
        Py_XDECREF(array);
        if (failed) {
            goto done;
        }
        if (!alone || SLOT(value, Value_exposed) == Py_True || is_small(value, small)) {
            continue;
        }
        if (append_number(dead, i) < 0) {
            goto done;
        }
    }
    places = PyList_AsTuple(dead);
done:
    Py_XDECREF(dead);
    if (places == NULL) {
        Py_XDECREF(arrays);
        return NULL;
    }
    return Py_BuildValue("(NN)", arrays, places);
}

/* Give a value what can compute it. Returns -1 with an exception. */
static int
leave_out(PyObject *value, PyObject *left)
{
    PyObject *both = PyTuple_Pack(2, left, SLOT(value, Value_slot));
    if (both == NULL) {
        return -1;
    }
    put(value, Value_unread, both);
    return 0;
}

/* give(values, arrays, positions, left): each value its array, or what can compute it;
 * they leave the trace.
 */
PyObject *
give(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *arrays;
    if (n != 4) {
        PyErr_SetString(PyExc_TypeError, "give takes 4 arguments");
        return NULL;
    }
    arrays = PySequence_Fast(args[1], "arrays must be a sequence");
    if (arrays == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(args[0]); i++) {
        PyObject *value = PyList_GET_ITEM(args[0], i);
        PyObject *at = PyDict_GetItemWithError(args[2], SLOT(value, Value_slot));
        Py_ssize_t place = at == NULL ? PY_SSIZE_T_MAX : PyLong_AsSsize_t(at);
        if (place >= PySequence_Fast_GET_SIZE(arrays)) {
            if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_KeyError, "a program lacks this output");
            }
            Py_DECREF(arrays);
            return NULL;
        }
        if (place >= 0) {
            put_new(value, Value_array, PySequence_Fast_GET_ITEM(arrays, place));
        }
        else if (leave_out(value, args[3]) < 0) {
            Py_DECREF(arrays);
            return NULL;
        }
        put_new(value, Value_trace, Py_None);
    }
    Py_DECREF(arrays);
    Py_RETURN_NONE;
}
