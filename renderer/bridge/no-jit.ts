import { z } from 'zod';

/**
 * zod probes `new Function` for a faster parser when the first object schema is made; under the page's policy the probe alone is
 * a violation. This has to run before any schema is made, so that it is the first import of every entry.
 */
z.config({ jitless: true });
