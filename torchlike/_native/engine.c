/* A backward over plain nodes: what `Backward` of autograd/engine.py does where nobody
 * looks on. Whatever has hooks, captures or a function of the user's is left to Python.
 */
#include "native.h"

/* A node or a leaf that the roots lead to. */
typedef struct {
    PyObject *target;
    PyObject **grads; /* of its outputs; NULL until it has one */
    Py_ssize_t outputs, waiting; /* waiting: edges to it that are not done */
    long long sequence;
    int is_leaf;
} Place;

typedef struct {
    Place *places;
    Py_ssize_t count, room;
    Py_ssize_t *table; /* of the places by their targets: number + 1, or 0 */
    size_t size;       /* of the table, a power of two */
    Py_ssize_t *ready; /* a heap: the last node made comes first */
    Py_ssize_t n_ready;
    int retain;
} Graph;

static size_t
slot_of(const Graph *graph, PyObject *target)
{
    size_t at = ((size_t)target >> 4) * 0x9E3779B97F4A7C15u >> 20;
    for (at &= graph->size - 1; graph->table[at] != 0; at = (at + 1) & (graph->size - 1)) {
        if (graph->places[graph->table[at] - 1].target == target) {
            break;
        }
    }
    return at;
}

static int
grow(Graph *graph)
{
    Py_ssize_t room = graph->room ? 2 * graph->room : 64;
    Place *places = PyMem_Realloc(graph->places, room * sizeof *places);
    Py_ssize_t *table = PyMem_Calloc(4 * room, sizeof *table), *ready;
    if (places != NULL) {
        graph->places = places;
    }
    ready = PyMem_Realloc(graph->ready, room * sizeof *ready);
    if (ready != NULL) {
        graph->ready = ready;
    }
    if (places == NULL || table == NULL || ready == NULL) {
        PyMem_Free(table);
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(graph->table);
    graph->table = table;
    graph->size = 4 * room;
    graph->room = room;
    for (Py_ssize_t i = 0; i < graph->count; i++) {
        table[slot_of(graph, places[i].target)] = i + 1;
    }
    return 0;
}

/* Whether the target is a leaf without hooks. */
static int
is_plain_leaf(PyObject *target)
{
    PyObject *fields;
    int plain;
    if (!PyObject_TypeCheck(target, (PyTypeObject *)the_Tensor)) {
        return 0;
    }
    fields = PyObject_GenericGetDict(target, NULL);
    if (fields == NULL) {
        return -1;
    }
    plain = entry(fields, str__hooks) == NULL && entry(fields, str__after_hooks) == NULL;
    Py_DECREF(fields);
    return PyErr_Occurred() ? -1 : plain;
}

/* The number of the target's place, made when first met; -1 if it is not plain, or with
 * an exception.
 */
static Py_ssize_t
place_of(Graph *graph, PyObject *target)
{
    Place place = {target, NULL, 1, 0, 0, !IS(target, Node)};
    size_t at;
    if (graph->size == 0 && grow(graph) < 0) {
        return -1;
    }
    at = slot_of(graph, target);
    if (graph->table[at] != 0) {
        return graph->table[at] - 1;
    }
    if (place.is_leaf) {
        if (is_plain_leaf(target) != 1) {
            return -1;
        }
    }
    else {
        if (SLOT(target, Node_extra) != Py_None) {
            return -1;
        }
        place.outputs = PyTuple_GET_SIZE(SLOT(SLOT(target, Node_plan), Plan_outs));
        place.sequence = PyLong_AsLongLong(SLOT(target, Node_sequence));
    }
    if (graph->count == graph->room) {
        if (grow(graph) < 0) {
            return -1;
        }
        at = slot_of(graph, target);
    }
    Py_INCREF(target);
    graph->places[graph->count] = place;
    graph->table[at] = ++graph->count;
    return graph->count - 1;
}

/* Find all places and count the edges to each. Returns 0 if one is not plain. */
static int
explore(Graph *graph)
{
    for (Py_ssize_t i = 0; i < graph->count; i++) {
        PyObject *edges;
        if (graph->places[i].is_leaf) {
            continue;
        }
        edges = SLOT(graph->places[i].target, Node_edges);
        for (Py_ssize_t e = 0; e < PyList_GET_SIZE(edges); e++) {
            PyObject *edge = PyList_GET_ITEM(edges, e);
            Py_ssize_t place;
            if (!PyTuple_CheckExact(edge)) {
                return 0;
            }
            place = place_of(graph, PyTuple_GET_ITEM(edge, 0));
            if (place < 0) {
                return PyErr_Occurred() ? -1 : 0;
            }
            graph->places[place].waiting++;
        }
    }
    return 1;
}

/* ---- which node is next ---------------------------------------------------------- */

static int
comes_first(const Graph *graph, Py_ssize_t a, Py_ssize_t b)
{
    return graph->places[a].sequence > graph->places[b].sequence;
}

static void
push_ready(Graph *graph, Py_ssize_t place)
{
    Py_ssize_t *heap = graph->ready, i = graph->n_ready++;
    for (; i > 0 && comes_first(graph, place, heap[(i - 1) / 2]); i = (i - 1) / 2) {
        heap[i] = heap[(i - 1) / 2];
    }
    heap[i] = place;
}

static Py_ssize_t
pop_ready(Graph *graph)
{
    Py_ssize_t *heap = graph->ready, top = heap[0], last = heap[--graph->n_ready], i = 0;
    for (;;) {
        Py_ssize_t child = 2 * i + 1;
        if (child >= graph->n_ready) {
            break;
        }
        if (child + 1 < graph->n_ready && comes_first(graph, heap[child + 1], heap[child])) {
            child++;
        }
        if (!comes_first(graph, heap[child], last)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

/* ---- recording ------------------------------------------------------------------- */

/* The short way of `record`; NULL without an exception where it is not to be had. */
static PyObject *
record_known(PyObject *trace, PyObject *op, PyObject *fixed, PyObject *operands)
{
    PyObject *state = Py_NewRef(SLOT(trace, Trace_state)), *child = NULL, *list = NULL;
    put_new(trace, Trace_busy, Py_True);
    if (SLOT(trace, Trace_claimed) != Py_True) {
        child = next_state(trace, op, fixed, &PyTuple_GET_ITEM(operands, 0),
                           PyTuple_GET_SIZE(operands));
    }
    if (child != NULL) {
        PyObject *both[] = {trace, child};
        list = results(NULL, both, 2);
        if (list != NULL) {
            put_new(trace, Trace_state, child);
        }
        put_new(trace, Trace_busy, Py_False);
        if (list != NULL && reached_limit(trace, child)) {
            PyObject *nothing = PyObject_CallOneArg(the_at_limit, trace);
            if (nothing == NULL) {
                Py_CLEAR(list);
            }
            Py_XDECREF(nothing);
        }
    }
    else if (!PyErr_Occurred()) {
        PyObject *nothing = PyObject_CallFunctionObjArgs(the_back, trace, state, NULL);
        Py_XDECREF(nothing);
    }
    else {
        put_new(trace, Trace_busy, Py_False);
    }
    Py_DECREF(state);
    Py_XDECREF(child);
    return list;
}

/* Record an op on a tuple of values and numbers: a list of pending values. */
PyObject *
record_values(PyObject *op, PyObject *fixed, PyObject *operands, PyObject *device)
{
    PyObject *trace = of_thread(the_here, str_trace), *list = NULL, *both;
    if (trace == NULL) {
        return NULL;
    }
    if (trace != Py_None && SLOT(trace, Trace_device) == device) {
        list = record_known(trace, op, fixed, operands);
    }
    Py_DECREF(trace);
    if (list != NULL || PyErr_Occurred()) {
        return list;
    }
    both = PyObject_CallFunctionObjArgs(the_record, op, fixed, operands, device, NULL);
    if (both != NULL) {
        list = PySequence_GetItem(both, 1);
        Py_DECREF(both);
    }
    return list;
}

/* ---- running --------------------------------------------------------------------- */

static PyObject *
sum_of(PyObject *a, PyObject *b)
{
    PyObject *operands = PyTuple_Pack(2, a, b), *list, *sum = NULL;
    if (operands == NULL) {
        return NULL;
    }
    list = record_values(the_ADD, the_nothing, operands, SLOT(a, Value_device));
    if (list != NULL) {
        sum = PySequence_GetItem(list, 0);
        Py_DECREF(list);
    }
    Py_DECREF(operands);
    return sum;
}

static int
receive(Place *place, Py_ssize_t nr, PyObject *grad)
{
    PyObject *have, *sum;
    if (nr < 0 || nr >= place->outputs) {
        PyErr_SetString(PyExc_IndexError, "no such output");
        return -1;
    }
    if (place->grads == NULL) {
        place->grads = PyMem_Calloc(place->outputs, sizeof *place->grads);
        if (place->grads == NULL) {
            PyErr_NoMemory();
            return -1;
        }
    }
    have = place->grads[nr];
    if (have == NULL) {
        place->grads[nr] = Py_NewRef(grad);
        return 0;
    }
    sum = sum_of(have, grad);
    if (sum == NULL) {
        return -1;
    }
    place->grads[nr] = sum;
    Py_DECREF(have);
    return 0;
}

static void
forget_grads(Place *place)
{
    PyObject **grads = place->grads;
    place->grads = NULL;
    for (Py_ssize_t i = 0; grads != NULL && i < place->outputs; i++) {
        Py_XDECREF(grads[i]);
    }
    PyMem_Free(grads);
}

/* The gradient of a leaf is complete. */
static int
finish_leaf(Place *place)
{
    PyObject *nothing;
    if (place->grads == NULL) {
        return 0;
    }
    nothing =
        PyObject_CallFunctionObjArgs(the_accumulate, place->target, place->grads[0], NULL);
    Py_XDECREF(nothing);
    forget_grads(place);
    return nothing == NULL ? -1 : 0;
}

/* The derivative op of a node for the outputs `given`. */
static PyObject *
op_of(PyObject *plan, PyObject *given)
{
    PyObject *op = PyDict_GetItemWithError(SLOT(plan, Plan__ops), given);
    if (op != NULL || PyErr_Occurred()) {
        return Py_XNewRef(op);
    }
    return PyObject_CallMethodOneArg(plan, str_op, given);
}

static PyObject *
tuple_of_list(PyObject *list)
{
    PyObject *tuple = list == NULL ? NULL : PyList_AsTuple(list);
    Py_XDECREF(list);
    return tuple;
}

/* The outputs that have a gradient; their gradients follow what the node has saved. */
static int
inputs_of(const Place *place, PyObject **given, PyObject **operands)
{
    PyObject *places = PyList_New(0), *all = NULL;
    PyObject *saved = SLOT(place->target, Node_saved);
    int failed = places == NULL || (all = PySequence_List(saved)) == NULL;
    for (Py_ssize_t i = 0; !failed && i < place->outputs; i++) {
        if (place->grads[i] != NULL) {
            PyObject *nr = PyLong_FromSsize_t(i);
            failed = nr == NULL || PyList_Append(places, nr) < 0 ||
                     PyList_Append(all, place->grads[i]) < 0;
            Py_XDECREF(nr);
        }
    }
    if (failed) {
        Py_XDECREF(places);
        Py_XDECREF(all);
        return -1;
    }
    *given = tuple_of_list(places);
    *operands = tuple_of_list(all);
    return *given == NULL || *operands == NULL ? -1 : 0;
}

/* The gradients that go along the edges of a node. */
static PyObject *
derive(Graph *graph, Place *place)
{
    PyObject *node = place->target, *plan = SLOT(node, Node_plan), *list = NULL;
    PyObject *given = NULL, *operands = NULL, *op = NULL;
    if (SLOT(node, Node_saved) == Py_None) {
        PyObject *nothing = PyObject_CallMethodNoArgs(node, str_check_alive);
        Py_XDECREF(nothing); /* it raises */
        return NULL;
    }
    if (inputs_of(place, &given, &operands) == 0 && (op = op_of(plan, given)) != NULL) {
        list = record_values(op, SLOT(plan, Plan_static), operands,
                             SLOT(node, Node_device));
    }
    if (list != NULL && !graph->retain && PyObject_IsTrue(SLOT(node, Node_saved))) {
        put_new(node, Node_saved, Py_None);
    }
    Py_XDECREF(given);
    Py_XDECREF(operands);
    Py_XDECREF(op);
    return list;
}

/* One edge to a place is done. */
static int
release(Graph *graph, Py_ssize_t number)
{
    Place *place = &graph->places[number];
    if (--place->waiting > 0) {
        return 0;
    }
    if (place->is_leaf) {
        return finish_leaf(place);
    }
    push_ready(graph, number);
    return 0;
}

static int
run_node(Graph *graph, Py_ssize_t number)
{
    Place *place = &graph->places[number];
    PyObject *edges = Py_NewRef(SLOT(place->target, Node_edges)), *grads = NULL;
    int failed = 0;
    if (place->grads != NULL) {
        grads = derive(graph, place);
        failed = grads == NULL;
        if (!failed && PyList_GET_SIZE(grads) != PyList_GET_SIZE(edges)) {
            PyErr_SetString(PyExc_ValueError, "a gradient for each edge is expected");
            failed = 1;
        }
        forget_grads(place);
    }
    for (Py_ssize_t i = 0; !failed && i < PyList_GET_SIZE(edges); i++) {
        PyObject *edge = PyList_GET_ITEM(edges, i);
        Py_ssize_t next = place_of(graph, PyTuple_GET_ITEM(edge, 0));
        if (next < 0) {
            failed = 1;
            break;
        }
        if (grads != NULL) {
            Py_ssize_t nr = PyLong_AsSsize_t(PyTuple_GET_ITEM(edge, 1));
            failed = receive(&graph->places[next], nr, PyList_GET_ITEM(grads, i)) < 0;
        }
        failed = failed || release(graph, next) < 0;
    }
    Py_DECREF(edges);
    Py_XDECREF(grads);
    return failed ? -1 : 0;
}

/* Put the roots and their gradients in. Returns 0 if one is not plain. */
static int
begin(Graph *graph, PyObject *roots)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(roots); i++) {
        PyObject *root = PyList_GET_ITEM(roots, i);
        if (!IS(PyTuple_GET_ITEM(root, 0), Node) ||
            place_of(graph, PyTuple_GET_ITEM(root, 0)) < 0) {
            return PyErr_Occurred() ? -1 : 0;
        }
    }
    return 1;
}

static int
run(Graph *graph, PyObject *roots)
{
    Py_ssize_t first = graph->count, n_roots;
    int plain = begin(graph, roots);
    n_roots = graph->count - first;
    if (plain == 1) {
        plain = explore(graph);
    }
    if (plain != 1) {
        return plain;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(roots); i++) {
        PyObject *root = PyList_GET_ITEM(roots, i);
        Py_ssize_t place = place_of(graph, PyTuple_GET_ITEM(root, 0));
        Py_ssize_t nr = PyLong_AsSsize_t(PyTuple_GET_ITEM(root, 1));
        if (receive(&graph->places[place], nr, PyTuple_GET_ITEM(root, 2)) < 0) {
            return -1;
        }
    }
    for (Py_ssize_t i = 0; i < n_roots; i++) {
        if (graph->places[i].waiting == 0) {
            push_ready(graph, i);
        }
    }
    while (graph->n_ready > 0) {
        if (run_node(graph, pop_ready(graph)) < 0) {
            return -1;
        }
    }
    return 1;
}

/* run_backward(roots, retain_graph) -> bool: False, with nothing done, if not all is
 * plain. Roots are (node, output number, value of the gradient).
 */
PyObject *
run_backward(PyObject *module, PyObject *const *args, Py_ssize_t n)
{
    Graph graph = {0};
    int done;
    if (n != 2 || !PyList_CheckExact(args[0])) {
        PyErr_SetString(PyExc_TypeError, "run_backward takes a list of roots and a flag");
        return NULL;
    }
    graph.retain = args[1] == Py_True;
    done = run(&graph, args[0]);
    for (Py_ssize_t i = 0; i < graph.count; i++) {
        forget_grads(&graph.places[i]);
        Py_DECREF(graph.places[i].target);
    }
    PyMem_Free(graph.places);
    PyMem_Free(graph.table);
    PyMem_Free(graph.ready);
    return done < 0 ? NULL : PyBool_FromLong(done);
}
