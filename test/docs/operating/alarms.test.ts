// examples/operate/alarms.yml: a quarter of an hour of the real Lambda handler, minute by minute, and which alarms its
// metrics set off. Each fault has a twin that sets off nothing. Lambda's own metrics are counted as AWS documents them.

import { beforeAll, describe, expect, test } from 'vitest'
import { createEmfReport, createHandler } from '../../../functions/aws/handler.ts'
import type { LanekeeperConfig, Ports, ReportEvent } from '../../../shared/index.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { firing, readSamples, type Sample } from '../../operate/alarms.ts'
import { readTemplate } from '../../operate/files.ts'
import { createMemoryRevocations } from '../../support/memory-revocations.ts'
import { macCompact } from '../../support/secret-issuers.ts'
import { generateKey, signCompact, type SigningKey } from '../../support/test-issuer.ts'

const TEMPLATE = readTemplate('alarms.yml')
const PARAMETERS = {
  ...{ Namespace: 'Orders', FunctionName: 'authorizer', HttpApiId: 'a1', RestApiName: 'orders' },
  Stores: 'true',
}
const ISSUER = 'https://login.example.com'
const AUDIENCE = 'https://api.example.com'
const START_MS = 1_800_000_000_000
const MINUTE = 60_000

let key: SigningKey
let foreign: SigningKey

beforeAll(async () => {
  ;[key, foreign] = await Promise.all([generateKey('ES256', 'k'), generateKey('ES256', 'k')])
})

const CONFIG: LanekeeperConfig = {
  issuers: {
    main: {
      issuer: ISSUER,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks_uri: `${ISSUER}/jwks` },
      algorithms: ['ES256'],
    },
  },
  routes: [{ path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } }],
  aws: { resultTtlSeconds: 0 },
}

const SHARING: LanekeeperConfig = {
  ...CONFIG,
  issuers: {
    main: {
      issuer: ISSUER,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { secret: { secretsManager: 'shared' } },
      algorithms: ['HS256'],
    },
  },
}

/** What is around the function in one minute. */
interface Surroundings {
  readonly minute: number
  readonly issuerIsDown?: boolean
  readonly secret?: string
  readonly storeIsDown?: boolean
}

type Claims = Readonly<Record<string, unknown>>

interface Day {
  readonly config?: LanekeeperConfig
  readonly around?: (minute: number) => Omit<Surroundings, 'minute'>
  /** Requests of one minute: the claims of a token, or what is sent instead. */
  readonly requests?: (minute: number) => readonly (Claims | string | SigningKey)[]
  /** A new instance for each request, as during a deployment or after a pause. */
  readonly isColdEachTime?: boolean
  readonly durationMs?: number
  /** How long it lasts; default 15. */
  readonly minutes?: number
}

/** Claims that are good for the whole day. */
const lasting = () => ({
  ...{ iss: ISSUER, aud: AUDIENCE, sub: 'user-1', client_id: 'web', jti: 'j', scope: 'read' },
  ...{ iat: START_MS / 1000, exp: START_MS / 1000 + 86_400 },
})

const times = <Item>(count: number, item: Item): readonly Item[] => Array.from({ length: count }, () => item)

/** The samples of all lines of one function, and of Lambda about it. */
async function live(day: Day): Promise<readonly Sample[]> {
  const { config = CONFIG, around = () => ({}), requests = () => times(20, {}), minutes = 15 } = day
  const samples: Sample[] = []
  let now = START_MS
  let surroundings: Surroundings = { minute: 0 }
  const revocations = createMemoryRevocations()
  const ports: Pick<Ports, 'fetch' | 'now' | 'secrets' | 'revocations' | 'report'> = {
    now: () => now,
    fetch: async () => {
      if (surroundings.issuerIsDown) throw new TypeError('no answer')
      return Response.json({ keys: [key.publicJwk] })
    },
    secrets: async () => surroundings.secret,
    revocations,
    report: createEmfReport({
      namespace: 'Orders',
      now: () => now,
      write: (line) => void samples.push(...readSamples(line)),
    }),
  }
  const begin = () => createHandler(config, {}, ports)
  let handler = begin()

  const count = (metric: string, value: number): void =>
    void samples.push({
      namespace: 'AWS/Lambda',
      metric,
      dimensions: { FunctionName: 'authorizer' },
      value,
      at: now,
    })

  const lifetime = () => ({ iat: Math.floor(now / 1000) - 5, exp: Math.floor(now / 1000) + 600 })
  const claims = (more: Claims) => ({
    ...{ iss: ISSUER, aud: AUDIENCE, sub: 'user-1', client_id: 'web', jti: 'j', scope: 'read' },
    ...lifetime(),
    ...more,
  })
  const sign = (by: SigningKey, more: Claims = {}) =>
    signCompact(by, { alg: 'ES256', typ: 'at+jwt', kid: 'k' }, claims(more))

  for (let minute = 0; minute < minutes; minute++) {
    surroundings = { minute, ...around(minute) }
    revocations.isDown = surroundings.storeIsDown === true
    now = START_MS + minute * MINUTE
    for (const [index, request] of requests(minute).entries()) {
      now = START_MS + minute * MINUTE + index * 10
      const token =
        typeof request === 'string'
          ? request
          : 'privateKey' in request
            ? await sign(request as SigningKey)
            : await sign(key, request as Claims)
      const authorization = token === '' ? [] : [`Bearer ${token}`]
      const event = TO_EVENT.rest_request({ method: 'GET', path: '/orders', authorization })
      if (day.isColdEachTime) handler = begin()
      const isError = await handler(event as never).then(
        () => false,
        () => true,
      )
      count('Invocations', 1)
      count('Errors', isError ? 1 : 0)
      count('Throttles', 0)
      count('Duration', day.durationMs ?? 12)
    }
  }
  return samples
}

const fired = new Set<string>()

/** The alarms that fire after some minutes, with `parameters` besides the usual ones. */
function firingAt(samples: readonly Sample[], parameters: object = {}, minutes = 15): readonly string[] {
  const names = firing(TEMPLATE, { ...PARAMETERS, ...parameters }, samples, START_MS + minutes * MINUTE)
  for (const name of names) fired.add(name)
  return names
}

describe('nothing fires', () => {
  test.each<[string, Day]>([
    ['while all is well', {}],
    ['for one fetch that failed', { around: (minute) => ({ issuerIsDown: minute === 10 }) }],
    [
      'for what clients can do, beside the usual traffic',
      {
        requests: () => [
          ...times(30, {}),
          ...['', 'not a token', ...times(9, '')],
          ...[
            { exp: 1_700_000_000 },
            { aud: 'https://other.example' },
            { scope: 'other' },
            { iss: 'https://x.example' },
          ],
          ...times(3, foreign),
        ],
      },
    ],
    ['for a few refusals in hardly any traffic', { requests: () => [{ scope: 'other' }] }],
  ])('%s', async (_, day) => {
    expect(firingAt(await live(day))).toEqual([])
  })
})

describe('an issuer that does not answer', () => {
  const down = { around: () => ({ issuerIsDown: true }) }

  test('sets off IssuerFails, also with one request a minute', async () => {
    expect(firingAt(await live(down))).toEqual(['IssuerFails', 'KeysNotFetched', 'FunctionFails'])
    expect(firingAt(await live({ ...down, requests: () => [{}] }))).toEqual(['IssuerFails', 'KeysNotFetched'])
  })

  test('sets off KeysNotFetched alone for as long as the instances have keys, an hour after the last fetch', async () => {
    const since = {
      around: (minute: number) => ({ issuerIsDown: minute > 0 }),
      requests: () => [{}, {}],
      minutes: 75,
    }
    const samples = await live(since)
    expect([10, 20, 60, 66, 75].map((minutes) => firingAt(samples, {}, minutes))).toEqual([
      [],
      ['KeysNotFetched'],
      ['KeysNotFetched'],
      ['IssuerFails', 'KeysNotFetched'],
      ['IssuerFails', 'KeysNotFetched'],
    ])
  })
})

describe('what the operator has to correct', () => {
  const secret = Buffer.alloc(32, 'a secret of thirty-two characters').toString('base64url')
  const tokens = () =>
    times(2, macCompact(Buffer.from(secret, 'base64url'), 'HS256', { typ: 'at+jwt' }, lasting()))

  test('a secret that cannot be loaded sets off OperatorFails and SecretNotLoaded; one that can does not', async () => {
    const day = { config: SHARING, requests: tokens }
    expect(firingAt(await live(day))).toEqual(['OperatorFails', 'SecretNotLoaded'])
    expect(firingAt(await live({ ...day, around: () => ({ secret }) }))).toEqual([])
  })

  test('a secret that is lost sets off SecretNotLoaded first, and OperatorFails an hour after it was last loaded', async () => {
    const around = (minute: number) => (minute < 3 ? { secret } : {})
    const samples = await live({ config: SHARING, requests: tokens, around, minutes: 70 })
    expect([5, 20, 55, 65].map((minutes) => firingAt(samples, {}, minutes))).toEqual([
      [],
      ['SecretNotLoaded'],
      ['SecretNotLoaded'],
      ['OperatorFails', 'SecretNotLoaded'],
    ])
  })

  test('an audience that the issuer spells otherwise', async () => {
    expect(firingAt(await live({ requests: () => times(2, { aud: `${AUDIENCE}/` }) }))).toEqual([
      'OperatorFails',
    ])
    expect(firingAt(await live({ requests: () => times(2, { aud: 'https://other.example' }) }))).toEqual([])
  })

  test('a store of revocations that does not answer', async () => {
    const config: LanekeeperConfig = {
      ...CONFIG,
      revocation: { dynamodb: { table: 'revocations' }, refreshSeconds: 30, staleSeconds: 600 },
    }
    const day = { config, requests: () => [{}, {}] }
    const down = { ...day, around: (minute: number) => ({ storeIsDown: minute > 0 }), minutes: 20 }
    const samples = await live(down)
    expect([5, 10, 20].map((minutes) => firingAt(samples, {}, minutes))).toEqual([
      ['RevocationStoreFails'],
      [],
      ['OperatorFails'],
    ])
    expect(firingAt(samples, { Stores: 'false' }, 5)).toEqual([])
    expect(firingAt(await live(day))).toEqual([])
  })
})

describe('stores that are full, or of used proofs', () => {
  const report = async (event: ReportEvent, minutes: readonly number[]) => {
    const samples: Sample[] = []
    for (const minute of minutes)
      createEmfReport({
        namespace: 'Orders',
        now: () => START_MS + minute * MINUTE,
        write: (line) => void samples.push(...readSamples(line)),
      })(event)
    return firingAt(samples)
  }

  test.each<[string, ReportEvent, readonly number[], readonly string[]]>([
    ['no room', { event: 'revocation', outcome: 'full', code: 'x' }, [14], ['RevocationStoreFull']],
    [
      'a logout token that is none, which anybody can send',
      { event: 'revocation', outcome: 'refused', code: 'x' },
      [8, 14],
      [],
    ],
    [
      'proofs cannot be stored',
      { event: 'replay', outcome: 'failed', code: 'timeout' },
      [14],
      ['ReplayStoreFails'],
    ],
    [
      'proofs were forgotten, which a client with many can cause',
      { event: 'replay', outcome: 'full', code: 'x' },
      [8, 14],
      [],
    ],
  ])('%s', async (_, event, minutes, expected) => {
    expect(await report(event, minutes)).toEqual(expected)
  })
})

describe('tokens of every client are refused', () => {
  test.each<[string, Claims | SigningKey | (() => SigningKey)]>([
    ['for their audience', { aud: 'https://api.example.org' }],
    ['for their scope', { scope: 'read_orders' }],
    ['for their kind', { client_id: undefined }],
    ['for their signature', () => foreign],
  ])('%s', async (_, request) => {
    const one = typeof request === 'function' ? request() : request
    expect(firingAt(await live({ requests: () => times(20, one) }))).toContain('RefusalShare')
    expect(firingAt(await live({ requests: () => [...times(13, {}), ...times(7, one)] }))).toEqual([])
  })

  test('requests without a token, and with something that is none, do not count', async () => {
    expect(firingAt(await live({ requests: () => [{}, ...times(40, ''), ...times(40, 'nothing')] }))).toEqual(
      [],
    )
  })
})

describe('the function itself', () => {
  const lambda = (metric: string, value: number, minutes: readonly number[]): readonly Sample[] =>
    minutes.map((minute) => ({
      ...{ namespace: 'AWS/Lambda', metric, dimensions: { FunctionName: 'authorizer' } },
      ...{ value, at: START_MS + minute * MINUTE },
    }))
  const last = [10, 11, 12, 13, 14]

  test('a function that does not start fails every call; refusals that are thrown fail many, and not all', async () => {
    expect(() => createHandler({ ...CONFIG, issuers: {} })).toThrow()
    const crashed = [...lambda('Invocations', 5, last), ...lambda('Errors', 5, last)]
    expect(firingAt(crashed)).toEqual(['FunctionFails'])
    const thrown = await live({ requests: () => [{}, ...times(19, foreign)] })
    expect(thrown.filter(({ metric, value }) => metric === 'Errors' && value === 1)).toHaveLength(15 * 19)
    expect(firingAt(thrown)).not.toContain('FunctionFails')
  })

  test('throttles and duration', async () => {
    expect(firingAt(lambda('Throttles', 1, [14]))).toEqual(['FunctionThrottled'])
    expect(firingAt(lambda('Throttles', 0, [14]))).toEqual([])
    expect(firingAt(await live({ durationMs: 3_000, requests: () => [{}] }))).toEqual(['FunctionSlow'])
    expect(firingAt(await live({ durationMs: 2_999, requests: () => [{}] }))).toEqual([])
  })

  test('nobody calls it', async () => {
    const steady = { SteadyTraffic: 'true' }
    expect(firingAt([], steady)).toEqual(['NotCalled'])
    expect(firingAt([])).toEqual([])
    expect(firingAt(await live({ requests: () => [{}] }), steady)).toEqual([])
  })

  test('responses of the API', () => {
    const api = (metric: string, dimensions: Sample['dimensions'], values: readonly number[]) =>
      last.flatMap((minute) =>
        values.map((value) => ({
          ...lambda(metric, value, [minute - 4])[0]!,
          dimensions,
          at: START_MS + minute * MINUTE,
          namespace: 'AWS/ApiGateway',
        })),
      )
    const http = { ApiId: 'a1', Stage: '$default' }
    const rest = { ApiName: 'orders', Stage: '$default' }
    const earlier = (samples: readonly Sample[]) =>
      samples.map((sample) => ({ ...sample, at: sample.at - 5 * MINUTE }))
    const twice = (samples: readonly Sample[]) => [...samples, ...earlier(samples)]
    for (const [share, expected] of [
      [5, true],
      [4, false],
    ] as const) {
      const values = Array.from({ length: 100 }, (_, index) => (index < share ? 1 : 0))
      expect(firingAt(twice([...api('5xx', http, [share]), ...api('Count', http, [100])]))).toEqual(
        expected ? ['HttpApiFails'] : [],
      )
      expect(firingAt(twice(api('5XXError', rest, values)))).toEqual(expected ? ['RestApiFails'] : [])
    }
  })
})

test('every alarm has fired in a scenario, tells what to do, and is sent', () => {
  const alarms = Object.entries(TEMPLATE.Resources).filter(
    ([, { Type }]) => Type === 'AWS::CloudWatch::Alarm',
  )
  expect(alarms.map(([name]) => name).toSorted()).toEqual([...fired].toSorted())
  for (const [, { Properties }] of alarms) {
    expect(Properties['AlarmDescription']).toMatch(/\.$|\?$/)
    expect(Properties['AlarmActions']).toEqual(Properties['OKActions'])
    expect(Properties['TreatMissingData']).toMatch(/^(?:notBreaching|breaching)$/)
  }
})
