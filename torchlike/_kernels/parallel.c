/* Work on the threads of XLA's own pool: no second pool competes for the cores. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "kernels.h"

/* Helpers may begin after all is done: who leaves last frees it. */
typedef struct {
    void (*work)(int, void *);
    void *data;
    int count, done;
    atomic_int next, users;
    pthread_mutex_t lock;
    pthread_cond_t finished;
} Job;

static void
take_part(Job *job)
{
    int mine = 0;
    for (;;) {
        int i = atomic_fetch_add(&job->next, 1);
        if (i >= job->count) {
            break;
        }
        job->work(i, job->data);
        mine++;
    }
    if (mine) {
        pthread_mutex_lock(&job->lock);
        job->done += mine;
        if (job->done == job->count) {
            pthread_cond_signal(&job->finished);
        }
        pthread_mutex_unlock(&job->lock);
    }
}

static void
leave(Job *job)
{
    if (atomic_fetch_sub(&job->users, 1) == 1) {
        pthread_mutex_destroy(&job->lock);
        pthread_cond_destroy(&job->finished);
        free(job);
    }
}

static void
help(void *data)
{
    take_part(data);
    leave(data);
}

int
thread_count(const CallFrame *frame)
{
    int64_t count = 1;
    ThreadsArgs args = {sizeof args, NULL, frame->context, &count};
    void *error = frame->api->threads(&args);
    if (error != NULL) {
        DestroyArgs destroy = {sizeof destroy, NULL, error};
        frame->api->error_destroy(&destroy);
        return 1;
    }
    return (int)count;
}

static void
invite(const CallFrame *frame, Job *job)
{
    ScheduleArgs args = {sizeof args, NULL, frame->context, help, job};
    void *error;
    atomic_fetch_add(&job->users, 1);
    error = frame->api->schedule(&args);
    if (error != NULL) {
        DestroyArgs destroy = {sizeof destroy, NULL, error};
        frame->api->error_destroy(&destroy);
        leave(job);
    }
}

void
parallel(const CallFrame *frame, double products, int count,
         void (*work)(int, void *), void *data)
{
    int threads = count > 1 && products >= WORTH ? thread_count(frame) : 1;
    Job *job = threads > 1 ? calloc(1, sizeof *job) : NULL;
    if (job == NULL) {
        for (int i = 0; i < count; i++) {
            work(i, data);
        }
        return;
    }
    job->work = work;
    job->data = data;
    job->count = count;
    atomic_init(&job->users, 1);
    pthread_mutex_init(&job->lock, NULL);
    pthread_cond_init(&job->finished, NULL);
    for (int i = 1; i < threads && i < count; i++) {
        invite(frame, job);
    }
    take_part(job);
    pthread_mutex_lock(&job->lock);
    while (job->done < job->count) {
        pthread_cond_wait(&job->finished, &job->lock);
    }
    pthread_mutex_unlock(&job->lock);
    leave(job);
}

enum { SLOTS = 6 };

void *
scratch(int slot, size_t bytes)
{
    static _Thread_local void *blocks[SLOTS];
    static _Thread_local size_t sizes[SLOTS];
    if (sizes[slot] < bytes) {
        free(blocks[slot]);
        sizes[slot] = (bytes + 4095) / 4096 * 4096;
        blocks[slot] = aligned_alloc(64, sizes[slot]);
        if (blocks[slot] == NULL) {
            abort(); /* as XLA itself does when memory ends */
        }
    }
    return blocks[slot];
}
