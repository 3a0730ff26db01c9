/**
 * Imported first by both programs. Each SQLite statement occupies one thread of libuv's pool while it runs; the default of four
 * would leave none for files, DNS and gzip while three connections work. libuv reads the variable when the pool is first used.
 */
process.env['UV_THREADPOOL_SIZE'] ??= '8';
