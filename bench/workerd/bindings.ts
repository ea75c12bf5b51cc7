// The environment of the measured Worker.

// @ts-expect-error -- a module of the Workers runtime.
import { env as given } from 'cloudflare:workers'

export const env = given as Readonly<Record<string, string>>
