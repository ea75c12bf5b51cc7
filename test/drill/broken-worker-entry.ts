// A Worker with deliberate faults, to show that the drill notices them: it accepts any signature, and its key store
// fails when the keys are stale instead of using them within their grace period.

// @ts-expect-error -- a module of the Workers runtime.
import { env } from 'cloudflare:workers'
import { Hono } from 'hono'
import { createHonoMiddleware, type LanekeeperVariables } from '../../functions/cloudflare/worker.ts'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import { failure } from '../../shared/failures/failure.ts'
import { FRESHNESS } from '../../shared/keys/freshness.ts'
import { webCrypto } from '../../shared/platform/web-crypto.ts'
import { nowOn } from './clock.ts'
import { reportKeys } from './edge-log.ts'
import { markedFetch } from './marked-fetch.ts'

const INSTANCE = 'Worker'

const withoutGrace: typeof STEPS.createKeyStore = (issuer, ports) => {
  let refreshedAt = Infinity
  const store = STEPS.createKeyStore(issuer, {
    ...ports,
    report(event) {
      if (event.event === 'keys' && event.outcome === 'refreshed') refreshedAt = ports.now()
      ports.report(event)
    },
  })
  const isStale = () => ports.now() - refreshedAt > FRESHNESS.freshMs
  return {
    ...store,
    find: async (...about) => {
      const found = await store.find(...about)
      return isStale() ? failure('keys_unavailable') : found
    },
  }
}

const authorizer = assembleFromSteps(
  JSON.parse(env.CONFIG),
  {
    crypto: webCrypto,
    now: nowOn(JSON.parse(env.CLOCK)),
    fetch: markedFetch(INSTANCE, fetch),
    report: reportKeys(INSTANCE),
  },
  { stage: env.LANEKEEPER_STAGE, env, needsOrigin: true },
  { ...STEPS, createKeyStore: withoutGrace, verifySignature: async () => true },
)

const app = new Hono<{ Variables: LanekeeperVariables }>()
app.use(createHonoMiddleware(authorizer))
app.all('*', (context) => context.json({ orders: [] }))
export default app
