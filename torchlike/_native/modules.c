/* The call of a module without hooks: `nn.Module.__call__` (see nn/module.py). */
#include "native.h"

#define FEW 8 /* arguments that need no memory of their own */

static PyObject *global_tables, *plain_call, *call_depth;

/* Whether gradients are on, or the call is within one that is a boundary already. */
static int
is_no_boundary(void)
{
    PyObject *enabled = of_thread(the_mode, str_enabled), *calls;
    int within;
    if (enabled == NULL) {
        return -1;
    }
    Py_DECREF(enabled);
    if (enabled == Py_True) {
        return 1;
    }
    calls = PyObject_GetAttr(call_depth, str_calls);
    within = calls == NULL ? -1 : PyObject_IsTrue(calls);
    Py_XDECREF(calls);
    return within;
}

/* Whether neither the module nor all modules have a hook, and the call is no boundary. */
static int
plain(PyObject *self)
{
    PyObject *names[] = {str__forward_hooks, str__forward_pre_hooks,
                         str__backward_hooks, str__backward_pre_hooks};
    PyObject *fields = PyObject_GenericGetDict(self, NULL);
    if (fields == NULL) {
        return -1;
    }
    for (int i = 0; i < 4; i++) {
        PyObject *table = PyDict_GetItemWithError(fields, names[i]);
        if (table == NULL || !PyDict_Check(table) || PyDict_GET_SIZE(table)) {
            Py_DECREF(fields);
            return PyErr_Occurred() ? -1 : 0;
        }
    }
    Py_DECREF(fields);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(global_tables); i++) {
        if (PyDict_GET_SIZE(PyTuple_GET_ITEM(global_tables, i))) {
            return 0;
        }
    }
    return is_no_boundary();
}

static PyObject *
module_call(PyObject *self, PyObject *const *args, Py_ssize_t n, PyObject *keywords)
{
    PyObject *few[FEW + 2], **all = few, *result;
    Py_ssize_t count = n + (keywords == NULL ? 0 : PyTuple_GET_SIZE(keywords));
    int is_plain = plain(self);
    if (is_plain < 0) {
        return NULL;
    }
    if (count > FEW) {
        all = PyMem_Malloc((count + 2) * sizeof(PyObject *));
        if (all == NULL) {
            return PyErr_NoMemory();
        }
    }
    all[1] = self; /* all[0] is for who is called to use */
    memcpy(all + 2, args, count * sizeof(PyObject *));
    if (is_plain) {
        size_t flags = (n + 1) | PY_VECTORCALL_ARGUMENTS_OFFSET;
        result = PyObject_VectorcallMethod(str_forward, all + 1, flags, keywords);
    }
    else {
        result = PyObject_Vectorcall(plain_call, all + 1, n + 1, keywords);
    }
    if (all != few) {
        PyMem_Free(all);
    }
    return result;
}

static PyMethodDef call_method = {
    "__call__", (PyCFunction)(void (*)(void))module_call,
    METH_FASTCALL | METH_KEYWORDS,
    "__call__($self, /, *args, **kwargs)\n--\n\n"
    "Call ``forward``, and the hooks around it.",
};

/* call_of(class, tables, call, depth): a `__call__` for `class` that leaves to `call`
 * whatever has hooks, in the module or in the global `tables`, and whatever is called
 * without gradients while `depth.calls` is 0.
 */
PyObject *
call_of(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    if (n != 4 || !PyType_Check(args[0]) || !PyTuple_Check(args[1])) {
        PyErr_SetString(PyExc_TypeError, "call_of takes a class, a tuple, two objects");
        return NULL;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(args[1]); i++) {
        if (!PyDict_Check(PyTuple_GET_ITEM(args[1], i))) {
            PyErr_SetString(PyExc_TypeError, "tables must be dictionaries");
            return NULL;
        }
    }
    Py_XSETREF(global_tables, Py_NewRef(args[1]));
    Py_XSETREF(plain_call, Py_NewRef(args[2]));
    Py_XSETREF(call_depth, Py_NewRef(args[3]));
    return PyDescr_NewMethod((PyTypeObject *)args[0], &call_method);
}
