/* Methods of Tensor that are tried here first: operators and indexing. Each has a function
 * of Python's, its definition, for whatever is out of the ordinary.
 */
#include "native.h"

#define MANY 4 /* arguments of an operator's op: two tensors or numbers, two more */

typedef struct Method Method;
typedef PyObject *(*Attempt)(Method *method, PyObject *const *args);

struct Method {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    Attempt attempt;       /* NULL without an exception: it is for Python */
    Py_ssize_t n;          /* arguments, with the tensor */
    PyObject *function;    /* whose code changes once its calls are taken over (see
                            * _ops/_intercept.py), as that of `watched` does */
    PyObject *watched, *code, *watched_code;
    PyObject *op, *more;   /* what the attempt works with */
    int reflected;
};

static int
is_taken_over(const Method *method)
{
    return PyFunction_GET_CODE(method->function) != method->code ||
           PyFunction_GET_CODE(method->watched) != method->watched_code;
}

static PyObject *
method_call(PyObject *self, PyObject *const *args, size_t n, PyObject *keywords)
{
    Method *method = (Method *)self;
    if (keywords == NULL && PyVectorcall_NARGS(n) == method->n && !is_taken_over(method)) {
        PyObject *result = method->attempt(method, args);
        if (result != NULL || PyErr_Occurred()) {
            return result;
        }
    }
    return PyObject_Vectorcall(method->function, args, n, keywords);
}

/* ---- attempts -------------------------------------------------------------------- */

/* An op of two operands, and perhaps of further constants. */
static PyObject *
try_operator(Method *method, PyObject *const *args)
{
    PyObject *all[2 + MANY] = {method->op, the_nothing, args[method->reflected],
                               args[!method->reflected]};
    Py_ssize_t n = PyTuple_GET_SIZE(method->more);
    PyObject *result;
    if (!PyObject_TypeCheck(args[0], (PyTypeObject *)the_Tensor) || args[1] == Py_None) {
        return NULL; /* None would be an operand that is left out, to the op */
    }
    memcpy(all + 4, &PyTuple_GET_ITEM(method->more, 0), n * sizeof *all);
    result = call_of_op(all, 2 + n);
    if (result == NULL && PyErr_ExceptionMatches(PyExc_TypeError)) {
        PyErr_Clear(); /* NotImplemented, or an error with the function's name */
    }
    return result;
}

/* tensor[None] */
static PyObject *
in_front(PyObject *tensor)
{
    PyObject *first = PyTuple_Pack(1, the_zero), *result;
    PyObject *const call[] = {the_unsqueeze, first, tensor};
    result = first == NULL ? NULL : view(NULL, call, 3);
    Py_XDECREF(first);
    return result;
}

static PyObject *
try_getitem(Method *method, PyObject *const *args)
{
    if (args[1] == Py_None && Py_TYPE(args[0]) == (PyTypeObject *)the_Tensor) {
        return in_front(args[0]);
    }
    if (PyLong_CheckExact(args[1])) {
        return row(args[0], args[1]);
    }
    if (PyTuple_CheckExact(args[1])) {
        return get_parts(method->op, args[0], args[1]);
    }
    return NULL;
}

static PyObject *
try_setitem(Method *method, PyObject *const *args)
{
    int done = put_parts(method->op, args[0], args[1], args[2]);
    return done == 1 ? Py_NewRef(Py_None) : NULL;
}

/* ---- the type -------------------------------------------------------------------- */

static void
method_dealloc(PyObject *self)
{
    Method *method = (Method *)self;
    Py_XDECREF(method->function);
    Py_XDECREF(method->watched);
    Py_XDECREF(method->code);
    Py_XDECREF(method->watched_code);
    Py_XDECREF(method->op);
    Py_XDECREF(method->more);
    PyObject_Free(self);
}

static PyObject *
method_get(PyObject *self, PyObject *object, PyObject *class)
{
    return object == NULL ? Py_NewRef(self) : PyMethod_New(self, object);
}

static PyObject *
method_repr(PyObject *self)
{
    return PyObject_Repr(((Method *)self)->function);
}

static PyObject *
attribute(PyObject *self, void *name)
{
    return PyObject_GetAttrString(((Method *)self)->function, name);
}

static PyMemberDef members[] = {
    {"__wrapped__", T_OBJECT, offsetof(Method, function), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef attributes[] = {
    {"__name__", attribute, NULL, NULL, "__name__"},
    {"__qualname__", attribute, NULL, NULL, "__qualname__"},
    {"__doc__", attribute, NULL, NULL, "__doc__"},
    {"__module__", attribute, NULL, NULL, "__module__"},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject Method_type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "torchlike._native._quick.Method",
    .tp_basicsize = sizeof(Method),
    .tp_vectorcall_offset = offsetof(Method, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL |
                Py_TPFLAGS_METHOD_DESCRIPTOR,
    .tp_dealloc = method_dealloc,
    .tp_descr_get = method_get,
    .tp_repr = method_repr,
    .tp_members = members,
    .tp_getset = attributes,
};

static PyObject *
new_method(Attempt attempt, Py_ssize_t n, PyObject *function, PyObject *watched,
           PyObject *op, PyObject *more)
{
    Method *method;
    if (!PyFunction_Check(function) || !PyFunction_Check(watched)) {
        PyErr_SetString(PyExc_TypeError, "a method is made of functions");
        return NULL;
    }
    method = PyObject_New(Method, &Method_type);
    if (method != NULL) {
        method->vectorcall = method_call;
        method->attempt = attempt;
        method->n = n;
        method->function = Py_NewRef(function);
        method->watched = Py_NewRef(watched);
        method->code = Py_NewRef(PyFunction_GET_CODE(function));
        method->watched_code = Py_NewRef(PyFunction_GET_CODE(watched));
        method->op = Py_NewRef(op);
        method->more = Py_NewRef(more);
        method->reflected = 0;
    }
    return (PyObject *)method;
}

/* operator(function, watched, op, further, reflected): the method that calls `op` on the
 * tensor and its operand, or the other way round, and on the tuple's constants.
 */
PyObject *
operator(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    PyObject *method;
    if (n != 5 || !PyTuple_Check(args[3]) || PyTuple_GET_SIZE(args[3]) > MANY - 2) {
        PyErr_SetString(PyExc_TypeError, "operator takes two functions, an op, a tuple of "
                                         "few constants and a flag");
        return NULL;
    }
    method = new_method(try_operator, 2, args[0], args[1], args[2], args[3]);
    if (method != NULL) {
        ((Method *)method)->reflected = args[4] == Py_True;
    }
    return method;
}

/* getitem(function, parts): the method by this op, or by that of a row. */
PyObject *
getitem(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "getitem takes a function and an op");
        return NULL;
    }
    return new_method(try_getitem, 2, args[0], args[0], args[1], Py_None);
}

/* setitem(function, write): the method by this op. */
PyObject *
setitem(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n != 2) {
        PyErr_SetString(PyExc_TypeError, "setitem takes a function and an op");
        return NULL;
    }
    return new_method(try_setitem, 3, args[0], args[0], args[1], Py_None);
}
