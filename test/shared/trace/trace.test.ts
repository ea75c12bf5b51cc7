// The traced authorizer decides every row as the plain one does, and observes where the pipeline stopped: at the stage
// and by the rule that deciders.ts has by hand.

import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { assembleFromSteps } from '../../../shared/authorizer.ts'
import { createTracedAuthorizer, type TracedDecision } from '../../../shared/compiler.ts'
import {
  FAILURES,
  resolveConfig,
  webCrypto,
  type FailureCode,
  type LanekeeperConfig,
  type Ports,
} from '../../../shared/index.ts'
import { STEPS } from '../../../shared/steps.ts'
import { DPOP_SUITE } from '../../cases/dpop/index.ts'
import { NONCE_ROWS } from '../../cases/dpop-nonces.ts'
import { CORE_ROWS } from '../../cases/index.ts'
import { MTLS_SUITES } from '../../cases/mtls/index.ts'
import { REVOCATION_ROWS, revocationConfig } from '../../cases/revocation.ts'
import { expectedCode, requestWith, withToken, type CaseRequest } from '../../cases/row.ts'
import { now } from '../../cases/time.ts'
import { applyRow } from '../../edges/check-revocations.ts'
import { expectationOf } from '../../edges/check-sender.ts'
import { coreEdgeOf } from '../../edges/core-edge.ts'
import type { Edge, Variables } from '../../edges/edge.ts'
import { startCaseWorld, type CaseWorld } from '../../support/case-world.ts'
import { startDpopWorld, toCaseRequest } from '../../support/dpop-world.ts'
import { createMemoryRevocations } from '../../support/memory-revocations.ts'
import { DECIDERS, deciderOf, WITHOUT_ROWS } from './deciders.ts'

const given = (config: LanekeeperConfig, env: Variables) => resolveConfig(config, { env })

interface Traced {
  readonly edge: Edge
  last(): TracedDecision
}

function openTraced(config: LanekeeperConfig, env: Variables, more: Partial<Ports> = {}): Traced {
  let last: TracedDecision | undefined
  const edge = coreEdgeOf((ports) => {
    const traced = createTracedAuthorizer(given(config, env), { ...ports, ...more })
    return {
      ...traced.authorizer,
      authorize: async (request) => (last = await traced.explain(request)).decision,
    }
  }, env)
  return { edge, last: () => last! }
}

const openPlain = (config: LanekeeperConfig, env: Variables, more: Partial<Ports> = {}): Edge =>
  coreEdgeOf((ports) => assembleFromSteps(config, { ...ports, ...more }, { env }, STEPS), env)

const codeOf = ({ decision }: TracedDecision): FailureCode | undefined =>
  decision.allow ? decision.wouldDeny?.code : decision.code

const seen = new Set<FailureCode>()

/** What is wrong with the trace of a row, or `null`. */
function findWrong(id: string, traced: TracedDecision): string | null {
  const { stopped, checks } = traced.trace
  const code = codeOf(traced)
  if (code === undefined) {
    const refused = checks.filter(({ outcome, isSlot }) => outcome === 'pending' && isSlot === true)
    return stopped === null && refused.length === 0 ? null : `${id}: stopped, and allowed`
  }
  seen.add(code)
  const expected = deciderOf(code, id)
  const text = `${stopped?.stage}, ${stopped?.rule}`
  return text === `${expected?.stage}, ${expected?.rule}`
    ? null
    : `${id}: ${code} at ${text}, expected ${expected?.stage}, ${expected?.rule}`
}

let world: CaseWorld

beforeAll(async () => {
  world = await startCaseWorld()
})

afterAll(() => world.close())

describe('the traced authorizer and the plain one', () => {
  /** Sends the same requests to both. The last one is what the row is about. */
  async function compare(
    id: string,
    requests: readonly CaseRequest[],
    { edge, last }: Traced,
    plain: Edge,
  ): Promise<string[]> {
    const wrong: string[] = []
    for (const request of requests) {
      const [one, other] = [await edge.send(request), await plain.send(request)]
      if (JSON.stringify(one) !== JSON.stringify(other)) wrong.push(`${id}: another decision`)
    }
    return [...wrong, ...[findWrong(id, last())].filter((text) => text !== null)]
  }

  test('agree about every row, and each stops where the table says', async () => {
    const traced = openTraced(world.config, world.env)
    const plain = openPlain(world.config, world.env)
    const wrong: string[] = []
    for (const row of CORE_ROWS)
      wrong.push(...(await compare(row.id, [await row.request(world)], traced, plain)))
    expect(wrong).toEqual([])
  })

  test.each([DPOP_SUITE, ...MTLS_SUITES].map((suite) => [suite.name, suite] as const))(
    'agree about every row of %s, and each stops where the table says',
    async (_, suite) => {
      const config = await suite.config(world)
      const env = { ...world.env, ...suite.env }
      const traced = openTraced(config, env)
      const plain = openPlain(config, env)
      const wrong: string[] = []
      for (const row of suite.rows.filter((one) => expectationOf('core', one) !== null))
        wrong.push(...(await compare(row.id, await row.requests(world), traced, plain)))
      expect(wrong).toEqual([])
    },
  )

  test('agree about every row of nonces', async () => {
    const dpopWorld = await startDpopWorld()
    const newKey = () => randomBytes(32).toString('base64url')
    const keys = { key: newKey(), previous: newKey(), yesterday: newKey(), foreign: newKey() }
    const env = { NONCE_KEY: keys.key, PREVIOUS_KEY: keys.previous }
    const nonce = { key: { env: 'NONCE_KEY' }, previousKey: { env: 'PREVIOUS_KEY' } }
    const config = { ...dpopWorld.config, dpop: { nonce } }
    const [traced, plain] = [openTraced(config, env), openPlain(config, env)]
    const wrong: string[] = []
    for (const { id, request } of NONCE_ROWS) {
      const fields = await dpopWorld.boundFields('/orders', request(keys, now()))
      wrong.push(...(await compare(id, [toCaseRequest('/orders', fields)], traced, plain)))
    }
    await dpopWorld.close()
    expect(wrong).toEqual([])
  })

  test('agree about every row of revocations', async () => {
    const config = revocationConfig(world)
    const issuers = [...given(config, world.env).issuers.values()]
    const wrong: string[] = []
    const store = createMemoryRevocations()
    const traced = openTraced(config, world.env, { crypto: webCrypto, revocations: store })
    for (const row of REVOCATION_ROWS) {
      const { later } = await applyRow(row, { ...traced, store, close: async () => {} }, world, issuers)
      if (later.code !== expectedCode(row.expect)) wrong.push(`${row.id}: another decision`)
      wrong.push(...[findWrong(row.id, traced.last())].filter((text) => text !== null))
    }
    expect(wrong).toEqual([])
  })

  test('a secret that is missing, and an exception', async () => {
    const [, token] = /^Bearer (.*)$/.exec(
      (await CORE_ROWS.find(({ id }) => id === 'secret/HS256')!.request(world)).authorization[0]!,
    )!
    const without = openTraced(world.config, world.env, { secrets: async () => undefined })
    await without.edge.send(withToken(token!))
    expect(findWrong('a secret', without.last())).toBeNull()
    const broken = openTraced(world.config, world.env, {
      now: () => {
        throw new Error('no clock')
      },
    })
    await broken.edge.send(await requestWith({})(world))
    expect(codeOf(broken.last())).toBe('internal_error')
    expect(broken.last().trace.stopped).toEqual({ stage: 'signature', rule: 'key' })
  })

  test('every code has a row, or is named with the reason why none has it', () => {
    const named = [...seen, ...Object.keys(WITHOUT_ROWS)]
    expect(named.toSorted()).toEqual(Object.keys(FAILURES).toSorted())
    const listed = new Set(DECIDERS.map(([code]) => code))
    expect([...listed].filter((code) => !seen.has(code))).toEqual([])
  })
})
