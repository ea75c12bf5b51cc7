// The Worker in the drill: the unmodified `createWorker`, on the fast clock, its key fetches marked with the instance.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { createWorker } from '../../functions/cloudflare/worker.ts'
import { nowOn } from './clock.ts'
import { reportKeys } from './edge-log.ts'
import { markedFetch } from './marked-fetch.ts'

const INSTANCE = 'Worker'

export default createWorker(JSON.parse(env.CONFIG), env, {
  now: nowOn(JSON.parse(env.CLOCK)),
  fetch: markedFetch(INSTANCE),
  report: reportKeys(INSTANCE),
})
