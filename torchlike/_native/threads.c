/* What belongs to a thread: the attributes of a `threading.local`, read without looking up
 * the thread each time.
 */
#include "native.h"

#if defined(_MSC_VER)
#define THREAD_LOCAL __declspec(thread)
#else
#define THREAD_LOCAL _Thread_local
#endif

/* The dictionaries of the thread's state with that number, borrowed: they live as long. */
static THREAD_LOCAL struct {
    uint64_t thread;
    PyObject *here, *mode, *quiet;
} known;

static PyObject *
fields_of(PyObject *local)
{
    PyObject *fields = PyObject_GetAttr(local, str___dict__);
    Py_XDECREF(fields);
    return fields;
}

/* An attribute of `here`, `mode` or `quiet` for this thread: a new reference. */
PyObject *
of_thread(PyObject *local, PyObject *name)
{
    uint64_t thread = PyThreadState_GetID(PyThreadState_Get());
    PyObject *fields, *found;
    if (known.thread != thread) {
        known.here = fields_of(the_here);
        known.mode = known.here == NULL ? NULL : fields_of(the_mode);
        known.quiet = known.mode == NULL ? NULL : fields_of(the_quiet);
        if (known.quiet == NULL) {
            return NULL;
        }
        known.thread = thread;
    }
    fields = local == the_here   ? known.here
             : local == the_mode ? known.mode
                                 : known.quiet;
    found = PyDict_GetItemWithError(fields, name);
    if (found != NULL || PyErr_Occurred()) {
        return Py_XNewRef(found);
    }
    return PyObject_GetAttr(local, name);
}
