// What `lanekeeper build` compiles and what `createAuthorizer` creates agree about every case row: the decision with its
// grant, the refusal, the identity and every event, apart from the hash of the plan: one is for an edge, one for none.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import type { Authorizer, CoreConfig } from '../../shared/edge.ts'
import {
  toIdentity,
  toRefusal,
  webCrypto,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
} from '../../shared/index.ts'
import { STEPS } from '../../shared/steps.ts'
import { CORE_ROWS } from '../cases/index.ts'
import type { CaseRequest } from '../cases/row.ts'
import { CACHE_ROWS } from '../cases/verified-token-cache.ts'
import type { Variables } from '../support/artefact/build.ts'
import { startCaseWorld, type CaseWorld } from '../support/case-world.ts'
import { startTokenDrill } from '../support/token-drill.ts'
import { compileCore, toCoreRequest } from './core-edge.ts'

type Prepare = (config: LanekeeperConfig, env: Variables) => Promise<(ports: Ports) => Authorizer<CoreConfig>>

const created: Prepare = async (config, env) => (ports) => assembleFromSteps(config, ports, { env }, STEPS)

/** Everything that an edge can show of a request. */
interface Shown {
  readonly decision: unknown
  readonly refusal: unknown
  readonly identity: unknown
  /** The last one is the decision. */
  readonly events: readonly ReportEvent[]
}

const isDecision = ({ event }: ReportEvent): boolean => event === 'decision'

/** It may be loaded before or after the decision is reported. */
const isOfFingerprintKey = (event: ReportEvent): boolean =>
  event.event === 'secret' && event.secret === 'log.fingerprintKey'

async function open(prepare: Prepare, config: LanekeeperConfig, env: Variables, now: () => number) {
  let events: ReportEvent[] = []
  const authorizer = (await prepare(config, env))({
    crypto: webCrypto,
    fetch,
    now,
    report: (event) => void (isOfFingerprintKey(event) || events.push({ ...event, plan: '' })),
    secrets: async (ref) => (ref.env === undefined ? undefined : env[ref.env]),
  })
  return async (request: CaseRequest): Promise<Shown> => {
    events = []
    const decision = await authorizer.authorize(toCoreRequest(request))
    return {
      decision,
      refusal: decision.allow ? null : toRefusal(decision, authorizer.config.realm),
      identity: decision.allow && decision.grant !== null ? toIdentity(decision.grant) : null,
      // What comes later is of work that outlives the answer.
      events: events.slice(0, events.findIndex(isDecision) + 1),
    }
  }
}

/** With a key for the names of tokens in the log: without one, every instance has its own names. */
const openBoth = (config: LanekeeperConfig, variables: Variables, now: () => number) => {
  const named: LanekeeperConfig = { ...config, log: { fingerprintKey: { env: 'FINGERPRINT_KEY' } } }
  const env = { ...variables, FINGERPRINT_KEY: 'a-key-for-the-names-of-tokens-in-the-log' }
  return Promise.all([open(compileCore, named, env, now), open(created, named, env, now)])
}

const VARIANTS: readonly (readonly [
  title: string,
  change: (config: LanekeeperConfig) => LanekeeperConfig,
])[] = [
  ['enforced', (config) => config],
  ['report-only', (config) => ({ ...config, reportOnly: true })],
  [
    'without a token cache',
    ({ limits, ...config }) => ({ ...config, limits: { ...limits, tokenMemoryBytes: 0 } }),
  ],
]

describe.each(VARIANTS)('every row, %s', (_, change) => {
  let world: CaseWorld
  let compiled: (request: CaseRequest) => Promise<Shown>
  let reference: (request: CaseRequest) => Promise<Shown>

  beforeAll(async () => {
    world = await startCaseWorld()
    ;[compiled, reference] = await openBoth(change(world.config), world.env, () => Date.now())
  })

  afterAll(() => world.close())

  test.each(CORE_ROWS.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    const request = await row.request(world)
    const shown = await compiled(request)
    expect(shown.events.filter(isDecision)).toHaveLength(1)
    expect(shown).toEqual(await reference(request))
  })
})

describe('every step of the rows about cached tokens', () => {
  let drill: Awaited<ReturnType<typeof startTokenDrill>>

  beforeAll(async () => {
    drill = await startTokenDrill()
  })

  afterAll(() => drill.close())

  test.each(CACHE_ROWS.map((row) => [row.id, row] as const))('%s', async (_, row) => {
    let clock = 0
    let both: Awaited<ReturnType<typeof openBoth>>
    const wrong = await drill.play(row, {
      async beginAt(now) {
        clock = now
        both = await openBoth(drill.config, {}, () => clock)
      },
      setClock: async (now) => void (clock = now),
      async ask(request) {
        // A fetch of keys by an earlier request may end before the decision or after it.
        const [shown, other] = (await Promise.all(both.map((ask) => ask(request)))).map((one) => ({
          ...one,
          events: one.events.filter(isDecision),
        }))
        expect(shown).toEqual(other)
        return shown!.events[0] as Extract<ReportEvent, { event: 'decision' }>
      },
    })
    expect(wrong).toEqual([])
  })
})
