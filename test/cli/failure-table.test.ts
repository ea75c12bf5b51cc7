// The failure table of an artefact: it has the rows of the codes that the artefact can produce, each as in `FAILURES`.

import { describe, expect, test } from 'vitest'
import { bundleArtefact } from '../../cli/artefact/build.ts'
import { failureTableModule, rowsIn, withLambdaHints } from '../../cli/artefact/failure-table.ts'
import { toThrown } from '../../functions/aws/answer.ts'
import type { EdgeName, ResolvedAuthorizer } from '../../shared/edge.ts'
import { failureRow } from '../../shared/failures/failure.ts'
import { FAILURES, type FailureCode, type LanekeeperConfig } from '../../shared/index.ts'
import { CASE_ROWS } from '../cases/index.ts'
import { startCaseWorld } from '../support/case-world.ts'

const load = async (table: Partial<typeof FAILURES>): Promise<unknown> => {
  const source = encodeURIComponent(failureTableModule(table))
  const { FAILURES: loaded } = (await import(`data:text/javascript,${source}`)) as { FAILURES: unknown }
  return loaded
}

const pick = (...codes: readonly FailureCode[]): Partial<typeof FAILURES> =>
  Object.fromEntries(codes.map((code) => [code, FAILURES[code]]))

describe('the module', () => {
  test('has every row', async () => {
    expect(await load(FAILURES)).toEqual(FAILURES)
  })

  test('gives no row a member of another', async () => {
    const table = pick('introspection_held', 'introspection_busy', 'insufficient_scope', 'internal_error')
    expect(await load(table)).toEqual(table)
  })
})

describe('a Lambda', () => {
  const codes = Object.keys(FAILURES) as FailureCode[]
  const kept = withLambdaHints(FAILURES)

  test('has the rows as they are, and hints where a refusal is returned on a REST API', () => {
    for (const code of codes) {
      const { hint, ...row } = failureRow(code)
      expect(kept[code]).toEqual(row.gateway === 'forbidden' ? failureRow(code) : row)
    }
    expect(kept.insufficient_scope?.hint).toBe(FAILURES.insufficient_scope.hint)
    expect(kept.id_token).not.toHaveProperty('hint')
  })

  test.each(codes.filter((code) => kept[code]!.hint !== failureRow(code).hint))(
    'throws %s on a REST API, so that its hint is never sent',
    (code) => {
      for (const shape of ['rest_request', 'rest_token'] as const)
        for (const resultTtlSeconds of [null, 0, 300])
          for (const isDispatchedElsewhere of [false, true]) {
            const settings = { resultTtlSeconds } as ResolvedAuthorizer
            const event = { shape, isDispatchedElsewhere }
            expect(toThrown({ allow: false, code }, event, settings)).toBeInstanceOf(Error)
          }
    },
  )
})

test('a row is kept if its code stands in a text as a whole word', () => {
  const texts = ['a("key_unknown"),{k:`id_token`}', '{\\"kind\\":\\"token_expired\\"}', 'xclaim_missing']
  expect(Object.keys(rowsIn(texts, FAILURES))).toEqual(['key_unknown', 'id_token', 'token_expired'])
})

test('a code without a row is answered as internal_error', () => {
  expect(failureRow('no_such_code' as FailureCode)).toBe(FAILURES.internal_error)
})

const EDGES: readonly EdgeName[] = ['aws', 'cloudflare']

async function codesOf(config: LanekeeperConfig, edge: EdgeName): Promise<readonly string[]> {
  const stage = { stage: '', env: {}, project: import.meta.dirname, metrics: null }
  const { failureCodes } = await bundleArtefact({ config, edge, out: '/nowhere', ...stage })
  return failureCodes
}

const keyed = (issuer: object): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
      ...issuer,
    } as never,
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['orders:read'] } }],
  origin: { url: 'https://origin.example.com' },
})

const INTROSPECTION = {
  endpoint: 'https://login.example.com/introspect',
  authentication: 'client_secret_basic',
  clientId: 'lanekeeper',
  secret: { env: 'OUR_SECRET' },
} as const

describe.each(EDGES)('the artefact for %s', (edge) => {
  test('has every code of the case rows', async () => {
    const world = await startCaseWorld()
    const config = { ...world.config, origin: { url: 'https://origin.example.com' } }
    const codes = await codesOf(config, edge).finally(() => world.close())
    const wanted = CASE_ROWS.flatMap(({ expect: expected }) =>
      expected.allow ? (expected.wouldDeny ?? []) : expected.code,
    )
    expect(wanted.length).toBeGreaterThan(400)
    expect([...new Set(wanted)].filter((code) => !codes.includes(code))).toEqual([])
  })

  test('has the codes of its own parts alone', async () => {
    const codes = await codesOf(keyed({}), edge)
    expect(codes).toEqual(
      expect.arrayContaining([
        'internal_error',
        'key_unknown',
        'key_mismatch',
        'logout_token',
        'token_expired',
      ]),
    )
    expect(codes.filter((code) => /^(introspection|userinfo)_(?!response)/.test(code))).toEqual([])
    expect(codes).not.toContain('insufficient_user_authentication')
  })

  test('has the codes of introspection with that part', async () => {
    const every = Object.keys(FAILURES).filter((code) => code.startsWith('introspection_'))
    const codes = await codesOf(keyed({ introspection: INTROSPECTION }), edge)
    expect(codes).toEqual(expect.arrayContaining([...every, 'token_inactive', 'secret_unavailable']))
    expect(codes).not.toContain('insufficient_user_authentication')
  })
})
