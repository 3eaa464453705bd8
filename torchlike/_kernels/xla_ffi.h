/* What we use of XLA's foreign function interface (the C structures of its binary
 * interface, version 0.3), so that building needs no header of jaxlib's. */
#ifndef TORCHLIKE_XLA_FFI_H
#define TORCHLIKE_XLA_FFI_H

#include <stddef.h>
#include <stdint.h>

enum { FFI_MAJOR = 0, FFI_MINOR = 3 };
enum { FFI_METADATA = 1, FFI_EXECUTE = 3, FFI_INVALID_ARGUMENT = 3, FFI_FLOAT32 = 11 };

typedef struct Extension {
    size_t size;
    int type;
    struct Extension *next;
} Extension;

typedef struct {
    size_t size;
    Extension *extensions;
    int major, minor;
} Version;

typedef struct {
    size_t size;
    Version version;
    uint32_t traits;
    int64_t state; /* 0: none */
} Metadata;

typedef struct {
    Extension base;
    Metadata *metadata;
} MetadataExtension;

typedef struct {
    size_t size;
    Extension *extensions;
    int dtype;
    void *data;
    int64_t rank;
    int64_t *dims;
} Buffer;

typedef struct {
    size_t size;
    Extension *extensions;
    int64_t count;
    int *types;
    void **items;
} Items; /* arguments or results */

typedef struct {
    const char *text;
    size_t length;
} Span;

typedef struct {
    int dtype;
    size_t size;
    void *data;
} Array;

typedef struct {
    size_t size;
    Extension *extensions;
    int64_t count;
    int *types;
    Span **names; /* in alphabetical order */
    void **items;
} Attributes;

typedef struct {
    size_t size;
    Extension *extensions;
    const char *message;
    int code;
} ErrorArgs;

typedef struct {
    size_t size;
    Extension *extensions;
    void *context;
    void (*task)(void *);
    void *data;
} ScheduleArgs;

typedef struct {
    size_t size;
    Extension *extensions;
    void *context;
    int64_t *count;
} ThreadsArgs;

typedef struct {
    size_t size;
    Extension *extensions;
    void *error;
} DestroyArgs;

typedef struct {
    size_t size;
    Extension *extensions;
    Version version;
    const void *internal;
    void *(*error_create)(ErrorArgs *);
    void *error_message;
    void (*error_destroy)(DestroyArgs *);
    void *unused[8];
    void *(*schedule)(ScheduleArgs *);
    void *(*threads)(ThreadsArgs *);
} Api;

typedef struct {
    size_t size;
    Extension *extensions;
    const Api *api;
    void *context;
    int stage;
    Items arguments, results;
    Attributes attributes;
} CallFrame;

#endif
