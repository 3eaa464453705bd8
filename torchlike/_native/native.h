/* Shared by the parts of the extension: the classes of the engine and their slots.
 *
 * The classes are Python's (see _engine and autograd): `bind` is told them once, and
 * looks up where their slots are. So there is one definition of each.
 */
#ifndef TORCHLIKE_NATIVE_H
#define TORCHLIKE_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

#ifdef Py_GIL_DISABLED
#error "Without the global interpreter lock the Python next to this is used."
#endif

/* Slots by class. Each gets an offset variable and a line in the table of `bind`. */
#define VALUE_SLOTS(X) \
    X(Value, aval) X(Value, array) X(Value, device) X(Value, trace) X(Value, slot) \
    X(Value, exposed) X(Value, pinned) X(Value, passes) X(Value, unread)
#define STATE_SLOTS(X) \
    X(State, next) X(State, out) X(State, outs) X(State, first_out) X(State, cut) \
    X(State, depth) X(State, marks) X(State, n_inputs) X(State, n_scalars) \
    X(State, key) X(State, likely) X(State, mark)
#define TRACE_SLOTS(X) \
    X(Trace, device) X(Trace, state) X(Trace, outs) X(Trace, inputs) \
    X(Trace, scalars) X(Trace, busy) X(Trace, claimed) X(Trace, limit) X(Trace, tape) \
    X(Trace, backwards) X(Trace, due)
#define PROGRAM_SLOTS(X) \
    X(Program, call) X(Program, direct) X(Program, positions) X(Program, used) \
    X(Program, numbers) X(Program, unread)
#define OTHER_SLOTS(X) \
    X(Aval, nbytes) X(Aval, dtype) X(Aval, shape) X(Aval, row) X(Storage, value) X(Storage, version) X(Tape, id) X(Tape, mark) \
    X(Tape, nodes) X(Tape, leaves) X(Mark, plan) X(Mark, position) X(Mark, closed) X(Mark, key) \
    X(View, base) X(View, steps) X(View, version) X(View, value) X(View, tracked) \
    X(Node, plan) X(Node, saved) X(Node, edges) X(Node, sequence) X(Node, device) \
    X(Node, extra) X(Node, tape) X(Node, position) X(Plan, _ops) X(Plan, static) X(Plan, saved) \
    X(Plan, outs) X(Unread, deep)
#define SLOTS(X) \
    VALUE_SLOTS(X) STATE_SLOTS(X) TRACE_SLOTS(X) PROGRAM_SLOTS(X) OTHER_SLOTS(X)

#define DECLARE_SLOT(class, name) extern Py_ssize_t class##_##name;
SLOTS(DECLARE_SLOT)
#undef DECLARE_SLOT

/* What Python tells `bind`: classes first, then functions and other objects. */
#define NAMES(X) \
    X(Aval) X(Value) X(State) X(Trace) X(Storage) X(Tape) X(Mark) X(Node) X(View) X(Plan) X(Tensor) \
    X(Program) X(place) X(quiet) X(served) X(clock) X(root) X(packed) X(FIRST_CHECK) \
    X(ndarray) X(ArrayImpl) X(here) X(mode) X(leaf_classes) X(sequence) X(OUTSIDE) \
    X(at_limit) X(back) X(explore) X(before_forward) X(apply) X(mark_of) X(to_device) X(CPU) X(float64) \
    X(int64) X(record) X(ADD) X(accumulate) X(assign) X(overwrite) X(row_of) \
    X(select) X(unsqueeze) X(DEFERRED) X(Unread)

#define DECLARE_NAME(name) extern PyObject *the_##name;
NAMES(DECLARE_NAME)
#undef DECLARE_NAME
extern PyObject *the_zero, *the_one, *the_nothing; /* 0, 1, () */

/* Attributes that are read or set by name, interned when the module is made. */
#define ATTRIBUTES(X) \
    X(trace) X(__dict__) X(shape) X(dtype) X(plans) X(base) X(op) X(check_alive) X(consume_with_handlers) X(context) X(enabled) X(forget) X(_levels) X(at_once) X(calls) X(category) X(forward) X(_storage) X(_view) X(_node) X(_output_nr) \
    X(_requires_grad) X(_leaf_alias) X(_fresh) X(_value) X(_grad) X(_hooks) X(_after_hooks) \
    X(_forward_hooks) X(_forward_pre_hooks) X(_backward_hooks) X(_backward_pre_hooks)

#define DECLARE_ATTRIBUTE(name) extern PyObject *str_##name;
ATTRIBUTES(DECLARE_ATTRIBUTE)
#undef DECLARE_ATTRIBUTE

/* A slot of an object: a borrowed reference, never NULL once __init__ has run. */
#define SLOT(object, which) (*(PyObject **)((char *)(object) + (which)))
#define IS(object, name) (Py_TYPE(object) == (PyTypeObject *)the_##name)

static inline void
put(PyObject *object, Py_ssize_t which, PyObject *stolen)
{
    PyObject *old = SLOT(object, which);
    SLOT(object, which) = stolen;
    Py_XDECREF(old);
}

static inline void
put_new(PyObject *object, Py_ssize_t which, PyObject *borrowed)
{
    Py_INCREF(borrowed);
    put(object, which, borrowed);
}

static inline PyObject *
make(PyObject *class)
{
    return ((PyTypeObject *)class)->tp_alloc((PyTypeObject *)class, 0);
}

/* Whether two objects are equal; -1 with an exception. */
static inline int
is_same(PyObject *a, PyObject *b)
{
    return a == b ? 1 : PyObject_RichCompareBool(a, b, Py_EQ);
}

/* threads.c */
PyObject *of_thread(PyObject *local, PyObject *name);

/* values.c */
int may_stay_unread(PyObject *value);
PyObject *new_value(PyObject *aval, PyObject *array, PyObject *device, PyObject *trace,
                    PyObject *slot, PyObject *exposed);
PyObject *pending(PyObject *trace, PyObject *aval, PyObject *slot);
PyObject *transition(PyObject *trace, PyObject *op, PyObject *fixed,
                     PyObject *const *operands, Py_ssize_t n);
PyObject *next_state(PyObject *trace, PyObject *op, PyObject *fixed,
                     PyObject *const *operands, Py_ssize_t n);
int store(PyObject *storage, PyObject *value);
int operand_key(PyObject *trace, PyObject *op, PyObject *operand, PyObject **key);
PyObject *held(PyObject *module, PyObject *values);
PyObject *inputs(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *give(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *key_of(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *results(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* flush.c */
PyObject *flush_known(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* An operand of a call, read. */
typedef struct {
    PyObject *x;     /* borrowed from the caller */
    PyObject *value; /* what is recorded; for a tensor its value */
    PyObject *node;  /* of a tensor on the graph, else NULL */
    int grad;
} Operand;

/* at_once.c */
PyObject *run_at_once(PyObject *plans, PyObject *op, PyObject *fixed,
                      Operand *operands, int n);

/* tensors.c */
PyObject *tensor_of(PyObject *value);
PyObject *fresh_value(PyObject *tensor, PyObject *view);
PyObject *of_array(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *tensor_on(PyObject *storage, PyObject *view);
int reached_limit(PyObject *trace, PyObject *child);
PyObject *call_of_op(PyObject *const *args, Py_ssize_t n);
PyObject *call_of_tuple(PyObject *op, PyObject *fixed, PyObject *operands);
PyObject *call(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *call_all(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* backward.c */
PyObject *entry(PyObject *fields, PyObject *name);
PyObject *backward_key(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *give_grads(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* engine.c */
PyObject *record_values(PyObject *op, PyObject *fixed, PyObject *operands,
                        PyObject *device);
PyObject *run_backward(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* parts.c */
PyObject *parts_of(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* rows.c */
PyObject *settled_storage(PyObject *tensor);
PyObject *row_number(PyObject *view);
int read_row(PyObject *tensor, PyObject *view);
PyObject *row(PyObject *tensor, PyObject *index);

/* batches.c */
PyObject *rows_of(PyObject *module, PyObject *batch);
PyObject *pack(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* views.c */
PyObject *view(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *get_parts(PyObject *op, PyObject *tensor, PyObject *index);
int put_parts(PyObject *op, PyObject *tensor, PyObject *index, PyObject *new);
PyObject *inplace(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* methods.c */
extern PyTypeObject Method_type;
PyObject *operator(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *getitem(PyObject *module, PyObject *const *args, Py_ssize_t n);
PyObject *setitem(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* modules.c */
PyObject *call_of(PyObject *module, PyObject *const *args, Py_ssize_t n);

/* steps.c */
PyObject *step(PyObject *module, PyObject *const *args, Py_ssize_t n);

#endif
