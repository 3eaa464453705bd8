/* The extension module: what Python calls, and the look-up of slots. */
#include "native.h"

/* Raised when what Python and C expect of each other changes. */
#define REVISION 18

#define DEFINE_SLOT(class, name) Py_ssize_t class##_##name;
SLOTS(DEFINE_SLOT)
#undef DEFINE_SLOT

#define DEFINE_NAME(name) PyObject *the_##name;
NAMES(DEFINE_NAME)
#undef DEFINE_NAME
PyObject *the_zero, *the_one, *the_nothing;

#define DEFINE_ATTRIBUTE(name) PyObject *str_##name;
ATTRIBUTES(DEFINE_ATTRIBUTE)
#undef DEFINE_ATTRIBUTE

static int
make_constants(void)
{
#define INTERN(name) \
    if (!(str_##name = PyUnicode_InternFromString(#name))) { \
        return -1; \
    }
    ATTRIBUTES(INTERN)
#undef INTERN
    the_zero = PyLong_FromLong(0);
    the_one = PyLong_FromLong(1);
    the_nothing = PyTuple_New(0);
    return the_zero != NULL && the_one != NULL && the_nothing != NULL ? 0 : -1;
}

static int
find_slot(PyObject *class, const char *name, Py_ssize_t *offset)
{
    PyObject *member = PyObject_GetAttrString(class, name);
    if (member == NULL) {
        return -1;
    }
    if (Py_TYPE(member) != &PyMemberDescr_Type) {
        PyErr_Format(PyExc_TypeError, "%R is no slot of %R", member, class);
        Py_DECREF(member);
        return -1;
    }
    *offset = ((PyMemberDescrObject *)member)->d_member->offset;
    Py_DECREF(member);
    return 0;
}

/* bind(names): the classes and functions of the engine, by their names. */
static PyObject *
bind(PyObject *module, PyObject *names)
{
#define TAKE_NAME(name) \
    { \
        PyObject *found = PyMapping_GetItemString(names, #name); \
        if (found == NULL) { \
            return NULL; \
        } \
        Py_XSETREF(the_##name, found); \
    }
    NAMES(TAKE_NAME)
#undef TAKE_NAME
#define FIND_SLOT(class, name) \
    if (find_slot(the_##class, #name, &class##_##name) < 0) { \
        return NULL; \
    }
    SLOTS(FIND_SLOT)
#undef FIND_SLOT
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"bind", bind, METH_O, "Take the engine's classes and functions."},
    {"held", held, METH_O, "The values that somebody outside of the list holds."},
    {"inputs", (PyCFunction)(void (*)(void))inputs, METH_FASTCALL,
     "The input arrays, and the places of those that nobody else can reach."},
    {"give", (PyCFunction)(void (*)(void))give, METH_FASTCALL,
     "Give each value its array."},
    {"flush_known", (PyCFunction)(void (*)(void))flush_known, METH_FASTCALL,
     "Compute a trace by a program that is there; False if there is none."},
    {"key_of", (PyCFunction)(void (*)(void))key_of, METH_FASTCALL,
     "The transition's key; None if the operands are not all plain."},
    {"results", (PyCFunction)(void (*)(void))results, METH_FASTCALL,
     "New pending values, the results of the trace's last op."},
    {"parts_of", (PyCFunction)(void (*)(void))parts_of, METH_FASTCALL,
     "The parts that an index of ints and slices takes; None for others."},
    {"backward_key", (PyCFunction)(void (*)(void))backward_key, METH_FASTCALL,
     "What determines a backward; None if it cannot be remembered."},
    {"give_grads", (PyCFunction)(void (*)(void))give_grads, METH_FASTCALL,
     "Give leaves pending gradients."},
    {"view", (PyCFunction)(void (*)(void))view, METH_FASTCALL,
     "A view of a tensor through an op."},
    {"rows_of", rows_of, METH_O, "The rows that a batch consists of; None for others."},
    {"pack", (PyCFunction)(void (*)(void))pack, METH_FASTCALL,
     "Copy equal arrays into one; False where Python has to look."},
    {"operator", (PyCFunction)(void (*)(void))operator, METH_FASTCALL,
     "A method of Tensor that calls an op."},
    {"getitem", (PyCFunction)(void (*)(void))getitem, METH_FASTCALL,
     "Tensor.__getitem__."},
    {"setitem", (PyCFunction)(void (*)(void))setitem, METH_FASTCALL,
     "Tensor.__setitem__."},
    {"inplace", (PyCFunction)(void (*)(void))inplace, METH_FASTCALL,
     "Run an op in place; False where Python has to look."},
    {"run_backward", (PyCFunction)(void (*)(void))run_backward, METH_FASTCALL,
     "Run the backward of plain nodes; False if not all are."},
    {"call_of", (PyCFunction)(void (*)(void))call_of, METH_FASTCALL,
     "The __call__ of a module class."},
    {"step", (PyCFunction)(void (*)(void))step, METH_FASTCALL,
     "Record an optimizer's op and write its results; False where Python has to."},
    {"call", (PyCFunction)(void (*)(void))call, METH_FASTCALL,
     "The only result of an op, as a tensor."},
    {"of_array", (PyCFunction)(void (*)(void))of_array, METH_FASTCALL,
     "A tensor of an array on the host; None where Python has to look."},
    {"call_all", (PyCFunction)(void (*)(void))call_all, METH_FASTCALL,
     "The results of an op, a list of tensors."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_quick", "The engine's inner loops.", -1, methods,
};

PyMODINIT_FUNC
PyInit__quick(void)
{
    PyObject *module;
    if (make_constants() < 0 || PyType_Ready(&Method_type) < 0) {
        return NULL;
    }
    module = PyModule_Create(&definition);
    if (module != NULL && (PyModule_AddIntConstant(module, "REVISION", REVISION) < 0 ||
                           PyModule_AddType(module, &Method_type) < 0)) {
        Py_CLEAR(module);
    }
    return module;
}
