/* A flush whose program is known: what `_flush` of _engine/flush.py does then. */
#include "native.h"

#define WORTH 24 /* arguments whose checks take as long as placing one */

/* The numbers' bytes, as a program takes them; NULL without an exception where they are
 * not all plain.
 */
static PyObject *
bytes_of(PyTypeObject *kind, PyObject *numbers)
{
    Py_ssize_t n = PyList_GET_SIZE(numbers);
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, 8 * n);
    for (Py_ssize_t i = 0; bytes != NULL && i < n; i++) {
        PyObject *number = PyList_GET_ITEM(numbers, i);
        char *to = PyBytes_AS_STRING(bytes) + 8 * i;
        if (kind == &PyFloat_Type && PyFloat_CheckExact(number)) {
            double x = PyFloat_AS_DOUBLE(number);
            memcpy(to, &x, 8);
        }
        else if (kind == &PyLong_Type && PyLong_CheckExact(number)) {
            int overflow;
            long long x = PyLong_AsLongLongAndOverflow(number, &overflow);
            if (overflow) {
                Py_CLEAR(bytes);
                break;
            }
            memcpy(to, &x, 8);
        }
        else {
            Py_CLEAR(bytes);
        }
    }
    return bytes;
}

/* The numbers of a kind as an array: the one on the device, if they are those of the
 * last run.
 */
static PyObject *
packed_numbers(PyObject *program, PyTypeObject *kind, PyObject *numbers,
               PyObject *device)
{
    PyObject *before, *bytes, *placed = NULL;
    before = PyDict_GetItemWithError(SLOT(program, Program_numbers), (PyObject *)kind);
    if (before != NULL && PyTuple_GET_ITEM(before, 1) != Py_None) {
        bytes = bytes_of(kind, numbers);
        if (bytes != NULL &&
            PyObject_RichCompareBool(bytes, PyTuple_GET_ITEM(before, 0), Py_EQ) == 1) {
            placed = Py_NewRef(PyTuple_GET_ITEM(before, 1));
        }
        Py_XDECREF(bytes);
    }
    if (placed != NULL || PyErr_Occurred()) {
        return placed;
    }
    return PyObject_CallFunctionObjArgs(the_packed, program, (PyObject *)kind, numbers,
                                        device, NULL);
}

/* The results by the runtime itself: `run` of _engine/launch.py. */
static PyObject *
run_directly(PyObject *ways, PyObject *const *arguments, Py_ssize_t count)
{
    PyObject *list = PyList_New(count), *given, *results = NULL;
    for (Py_ssize_t i = 0; list != NULL && i < count; i++) {
        PyObject *array = IS(arguments[i], ndarray)
                              ? PyObject_CallOneArg(the_place, arguments[i])
                              : Py_NewRef(arguments[i]);
        if (array == NULL) {
            Py_CLEAR(list);
        }
        else {
            PyList_SET_ITEM(list, i, array);
        }
    }
    if (list == NULL) {
        return NULL;
    }
    given = PyObject_CallOneArg(PyTuple_GET_ITEM(ways, 0), list);
    Py_DECREF(list);
    if (given != NULL) {
        results = PyObject_CallMethodOneArg(given, str_consume_with_handlers,
                                            PyTuple_GET_ITEM(ways, 1));
        Py_DECREF(given);
    }
    return results;
}

/* Whether the runtime itself is quicker: arrays on the host are placed by JAX as quickly,
 * and few of them are worth the rest.
 */
static int
are_mostly_placed(PyObject *const *arguments, Py_ssize_t count)
{
    Py_ssize_t on_host = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        on_host += IS(arguments[i], ndarray);
    }
    return on_host * WORTH <= count;
}

/* The program's results for the trace's numbers and these arrays. */
static PyObject *
run(PyObject *program, PyObject *trace, PyObject *arrays)
{
    PyTypeObject *const kinds[] = {&PyFloat_Type, &PyLong_Type, &PyComplex_Type};
    PyObject *scalars = SLOT(trace, Trace_scalars), *results = NULL, **arguments;
    PyObject *ways = SLOT(program, Program_direct);
    Py_ssize_t count = PyList_GET_SIZE(arrays), n_packed = 0;
    arguments = PyMem_New(PyObject *, 3 + count);
    if (arguments == NULL) {
        return PyErr_NoMemory();
    }
    for (int i = 0; i < 3; i++) {
        PyObject *numbers = PyDict_GetItemWithError(scalars, (PyObject *)kinds[i]);
        if (numbers == NULL || PyList_GET_SIZE(numbers) == 0) {
            continue;
        }
        arguments[n_packed] =
            packed_numbers(program, kinds[i], numbers, SLOT(trace, Trace_device));
        if (arguments[n_packed] == NULL) {
            goto done;
        }
        n_packed++;
    }
    for (Py_ssize_t i = 0; i < count; i++) {
        arguments[n_packed + i] = PyList_GET_ITEM(arrays, i);
    }
    count += n_packed;
    if (ways != Py_None && are_mostly_placed(arguments, count)) {
        results = run_directly(ways, arguments, count);
    }
    else {
        PyObject *call = SLOT(program, Program_call);
        call = ways != Py_None ? PyTuple_GET_ITEM(ways, 2) : call;
        results = PyObject_Vectorcall(call, arguments, count, NULL);
    }
done:
    while (n_packed-- > 0) {
        Py_DECREF(arguments[n_packed]);
    }
    PyMem_Free(arguments);
    return results;
}

/* Trace.reset */
static int
reset(PyObject *trace)
{
    PyObject *root = PyObject_CallOneArg(the_root, SLOT(trace, Trace_device));
    PyObject *outs = PyList_New(0), *inputs = PyList_New(0), *scalars;
    scalars = Py_BuildValue("{O[]O[]O[]}", &PyFloat_Type, &PyLong_Type, &PyComplex_Type);
    if (root == NULL || outs == NULL || inputs == NULL || scalars == NULL) {
        Py_XDECREF(root);
        Py_XDECREF(outs);
        Py_XDECREF(inputs);
        Py_XDECREF(scalars);
        return -1;
    }
    put_new(trace, Trace_limit, the_FIRST_CHECK);
    put_new(trace, Trace_tape, Py_None);
    put_new(trace, Trace_backwards, the_zero);
    put_new(trace, Trace_due, Py_False);
    put(trace, Trace_state, root);
    put(trace, Trace_scalars, scalars);
    put(trace, Trace_outs, outs); /* the old values may go here: the trace is whole */
    put(trace, Trace_inputs, inputs);
    return 0;
}

/* The program kept for the state, these values and these donations; NULL without an
 * exception if there is none. A new reference.
 */
static PyObject *
known_program(PyObject *state, PyObject *alive, PyObject *dead)
{
    Py_ssize_t n = PyList_GET_SIZE(alive);
    PyObject *live = PyTuple_New(n), *key, *program, *now;
    if (live == NULL) {
        return NULL;
    }
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *slot = SLOT(PyList_GET_ITEM(alive, i), Value_slot);
        PyTuple_SET_ITEM(live, i, Py_NewRef(slot));
    }
    key = PyTuple_Pack(3, state, live, dead);
    Py_DECREF(live);
    if (key == NULL) {
        return NULL;
    }
    program = PyDict_GetItemWithError(the_served, key);
    Py_DECREF(key);
    now = program == NULL ? NULL : PyIter_Next(the_clock);
    if (now == NULL) {
        return NULL;
    }
    put(program, Program_used, now);
    return Py_NewRef(program);
}

/* Give the live values what the program has computed. Returns -1 with an exception. */
static int
hand_out(PyObject *module, PyObject *trace, PyObject *program, PyObject *alive,
         PyObject *results)
{
    PyObject *left = Py_NewRef(Py_None), *given = NULL;
    if (PyTuple_GET_SIZE(SLOT(program, Program_unread)) > 0) {
        Py_SETREF(left, PyObject_CallFunctionObjArgs(
                            the_Unread, program, SLOT(trace, Trace_scalars),
                            SLOT(trace, Trace_inputs), NULL));
    }
    if (left != NULL) {
        PyObject *const about[] = {alive, results, SLOT(program, Program_positions), left};
        given = give(module, about, 4);
    }
    Py_XDECREF(left);
    Py_XDECREF(given);
    return given == NULL ? -1 : 0;
}

/* flush_known(trace, limit, small, most) -> bool (the numbers are those of `inputs`):
 * compute its live values by a program that is there already. False where none is, or
 * nothing is alive.
 */
PyObject *
flush_known(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *trace = args[0], *alive, *found = NULL, *program = NULL, *results = NULL;
    PyObject *done = NULL, *arrays, *values;
    put_new(trace, Trace_tape, Py_None); /* its nodes must not keep their values alive */
    alive = held(module, SLOT(trace, Trace_outs));
    if (alive == NULL) {
        return NULL;
    }
    if (PyList_GET_SIZE(alive) > 0) {
        found = inputs(module, args, n);
        if (found == NULL) {
            goto end;
        }
        program = known_program(SLOT(trace, Trace_state), alive,
                                PyTuple_GET_ITEM(found, 1));
    }
    if (program == NULL) {
        done = PyErr_Occurred() ? NULL : Py_NewRef(Py_False);
        goto end;
    }
    arrays = PyTuple_GET_ITEM(found, 0);
    results = run(program, trace, arrays);
    if (results == NULL) {
        goto end;
    }
    if (hand_out(module, trace, program, alive, results) < 0) {
        goto end;
    }
    values = SLOT(trace, Trace_inputs);
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(values); i++) {
        put_new(PyList_GET_ITEM(values, i), Value_trace, Py_None);
    }
    done = reset(trace) < 0 ? NULL : Py_NewRef(Py_True);
end:
    Py_DECREF(alive);
    Py_XDECREF(found);
    Py_XDECREF(program);
    Py_XDECREF(results);
    return done;
}
