// Bound tokens and the settings of the functions: what a build and a start refuse, and which function accepts which
// token.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../functions/aws/compile.ts'
import type { AuthorizerEvent } from '../../../functions/aws/event.ts'
import { createHandler } from '../../../functions/aws/handler.ts'
import { combineLambdaParts, startHandler, type LambdaParts } from '../../../functions/aws/planned-handler.ts'
import { compileFor } from '../../../shared/compiler.ts'
import { combineParts, type Part, type Plan } from '../../../shared/edge.ts'
import {
  ConfigError,
  type AwsConfig,
  type IssuerConfig,
  type LanekeeperConfig,
  type ReportEvent,
} from '../../../shared/index.ts'
import { createSelfSigned, type Certified } from '../../../local/client-certificates/certificates.ts'
import { toClientCert } from '../../../local/client-certificates/platform-facts.ts'
import { TO_EVENT } from '../../edges/events.ts'
import { createClientKey, makeProof } from '../../support/dpop-proofs.ts'
import { generateKey, startTestIssuer, type TestIssuer } from '../../support/test-issuer.ts'

const AUDIENCE = 'https://api.test.example'
const PUBLIC_URL = 'https://api.example.com/prod'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startTestIssuer({ audience: AUDIENCE, keys: [await generateKey('RS256', 'k1')] })
})

afterAll(() => issuer.close())

const ROUTE = { path: '/orders', methods: ['GET'], scope: 'none' } as const

const configWith = (more: Partial<LanekeeperConfig> = {}): LanekeeperConfig => ({
  issuers: {
    main: {
      issuer: issuer.issuer,
      audience: AUDIENCE,
      profile: 'rfc9068',
      keys: { jwks_uri: issuer.jwksUri },
      senderConstraint: 'any',
    },
  },
  publicUrls: [PUBLIC_URL],
  routes: [ROUTE],
  aws: { strategy: 'off' },
  ...more,
})

/** Of an issuer whose tokens may be bound. */
const withDemand = (
  senderConstraint: IssuerConfig['senderConstraint'],
): Pick<LanekeeperConfig, 'issuers'> => ({
  issuers: { main: { ...configWith().issuers['main']!, senderConstraint } as IssuerConfig },
})

function problemsOf(run: () => unknown): readonly string[] {
  try {
    run()
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return error.problems.map(({ path, message }) => `${path}: ${message}`)
  }
}

/** Of a build, which checks every function. */
const built = (more: Partial<LanekeeperConfig>) =>
  problemsOf(() => compileFor(AWS_EDGE, configWith(more), {}, true))

/** Of a start, which checks the function that runs. */
const started = (more: Partial<LanekeeperConfig>, LANEKEEPER_AUTHORIZER?: string) =>
  problemsOf(() =>
    createHandler(configWith(more), LANEKEEPER_AUTHORIZER === undefined ? {} : { LANEKEEPER_AUTHORIZER }),
  )

const KEPT =
  'must be "off" for a function that accepts bound tokens: API Gateway would give an answer that it keeps to a request with another proof or certificate, or with none; for an authorizer of plain tokens alone, set its senderConstraint to "none"'

describe('a function that accepts bound tokens keeps no answer', () => {
  test.each<[refused: AwsConfig, taken: AwsConfig]>([
    [{}, { strategy: 'off' }],
    [{ strategy: 'exact' }, { strategy: 'exact', senderConstraint: 'none' }],
    [
      { strategy: 'exact', resultTtlSeconds: 0 },
      { strategy: 'exact', resultTtlSeconds: 300, senderConstraint: 'none' },
    ],
    [{ strategy: 'table' }, { strategy: 'table', senderConstraint: 'none' }],
  ])('%j is refused, %j is taken', (refused, taken) => {
    for (const problems of [built, started])
      for (const demand of ['any', 'dpop', 'mtls', 'bound'] as const) {
        expect(problems({ ...withDemand(demand), aws: refused })).toEqual([`aws.strategy: ${KEPT}`])
        expect(problems({ ...withDemand(demand), aws: taken })).toEqual([])
      }
  })

  test('without bound tokens every strategy is taken', () => {
    for (const strategy of ['exact', 'table', 'off'] as const)
      expect(built({ ...withDemand('none'), aws: { strategy } })).toEqual([])
  })

  const TWO: AwsConfig = {
    authorizers: {
      plain: { strategy: 'exact', resultTtlSeconds: 300, senderConstraint: 'none' },
      bound: { strategy: 'off' },
    },
  }
  const WRONG: AwsConfig = { ...TWO, authorizers: { ...TWO.authorizers, bound: { strategy: 'exact' } } }

  test('a build checks every named function, and a start the one that runs', () => {
    expect(built({ aws: TWO })).toEqual([])
    expect(built({ aws: WRONG })).toEqual([`aws.authorizers.bound.strategy: ${KEPT}`])
    expect(started({ aws: WRONG }, 'plain')).toEqual([])
    expect(started({ aws: WRONG }, 'bound')).toEqual([`aws.authorizers.bound.strategy: ${KEPT}`])
    expect(started({ aws: TWO }, 'bound')).toEqual([])
    expect(started({ aws: TWO })).toEqual([`aws.strategy: ${KEPT}`])
  })

  test('in a plan, a function that runs without a name refuses bound tokens unless it is off', () => {
    const planned = (aws: AwsConfig) =>
      (compileFor(AWS_EDGE, configWith({ aws }), {}, true).plan.config as unknown as { aws: AwsConfig }).aws
        .senderConstraint
    expect(planned(TWO)).toBe('none')
    expect(planned({ ...TWO, strategy: 'off' })).toBeUndefined()
  })
})

test.each([
  ['any', 'none'],
  ['mtls', 'bound'],
] as const)('a table is about every route, so beside %s no route has %s', (ofIssuer, senderConstraint) => {
  const table = { strategy: 'table', senderConstraint: 'none' } as const
  const issuers = withDemand(ofIssuer)
  const routes = [{ ...ROUTE, senderConstraint }]
  for (const problems of [built, started]) {
    expect(problems({ ...issuers, aws: table, routes })).toEqual([
      `aws.strategy: cannot be "table" where a route has a senderConstraint (GET /orders: ${senderConstraint}): a policy is about every route`,
    ])
    expect(problems({ ...issuers, aws: table })).toEqual([])
    expect(problems({ ...issuers, aws: { ...table, strategy: 'exact' }, routes })).toEqual([])
  }
})

describe('what API Gateway cannot do, or needs', () => {
  const NONCE = { nonce: { key: { env: 'KEY' } } } as const
  const STRONG = [{ ...ROUTE, replay: 'strong' as const }]

  test.each<[refused: Partial<LanekeeperConfig>, taken: Partial<LanekeeperConfig>, problem: string]>([
    [
      { dpop: NONCE },
      { dpop: {} },
      'dpop.nonce: cannot be used on API Gateway: an HTTP API sends no header field with a refusal, and a REST API none with a 401 of an authorizer; give the Worker a stage of its own',
    ],
    [
      { routes: STRONG, dpop: { replay: { durableObject: 'REPLAYS' } } },
      { routes: STRONG, dpop: { replay: { dynamodb: { table: 'replays' } } } },
      'dpop.replay.dynamodb: is missing; a route has replay: "strong", for which the Lambda asks this table',
    ],
  ])('%j is refused, %j is taken', (refused, taken, problem) => {
    expect(built(refused)).toEqual([problem])
    expect(built(taken)).toEqual([])
  })

  test('publicUrls, also where a resource names a URL, unless every function refuses bound tokens', () => {
    const { publicUrls: _, ...without } = configWith({ resources: [{ identifier: AUDIENCE }] })
    const problemsWith = (more: Partial<LanekeeperConfig>) =>
      problemsOf(() => compileFor(AWS_EDGE, { ...without, ...more }, {}, true))
    expect(problemsWith({})).toEqual([
      'publicUrls: is missing; a DPoP proof names the URL of its request, which API Gateway does not tell its function reliably; list every URL under which clients know the API, with the path of its stage or mapping',
    ])
    expect(problemsWith({ publicUrls: [PUBLIC_URL] })).toEqual([])
    expect(problemsWith({ aws: { strategy: 'off', senderConstraint: 'none' } })).toEqual([])
  })

  test('publicUrls are for proofs: certificates alone need none', () => {
    const withoutUrls = (demand: IssuerConfig['senderConstraint']) => {
      const { publicUrls: _, ...without } = configWith({
        ...withDemand(demand),
        resources: [{ identifier: AUDIENCE }],
      })
      return problemsOf(() => compileFor(AWS_EDGE, without, {}, true))
    }
    expect(withoutUrls('mtls')).toEqual([])
    expect(withoutUrls('bound')).toEqual([expect.stringMatching(/^publicUrls: is missing; a DPoP proof /)])
  })

  test('the CA of a certificate, unless every function refuses bound tokens', () => {
    const problem =
      'mtls.issuerSki: cannot be checked on API Gateway, which does not name the CA of a client certificate by its key; the truststore of the domain says whose certificates it takes; give the Worker a stage of its own'
    const pinned = { ...withDemand('mtls'), mtls: { issuerSki: ['a95e'] } }
    const plain = { strategy: 'exact', senderConstraint: 'none' } as const
    for (const problems of [built, started]) {
      expect(problems(pinned)).toEqual([problem])
      expect(problems({ ...pinned, mtls: {} })).toEqual([])
      expect(problems({ ...pinned, mtls: { trust: 'possession' } })).toEqual([])
      expect(problems({ ...pinned, aws: plain })).toEqual([])
    }
    const named = (bound: AwsConfig) => ({ ...pinned, aws: { authorizers: { plain, bound } } })
    expect(built(named({ strategy: 'off' }))).toEqual([problem])
    expect(built(named(plain))).toEqual([])
    expect(started(named({ strategy: 'off' }), 'plain')).toEqual([])
    expect(started(named({ strategy: 'off' }), 'bound')).toEqual([problem])
  })

  test('every problem of both is listed at once', () => {
    const problems = built({ dpop: NONCE, mtls: { issuerSki: ['a95e'] }, aws: {} })
    expect(problems.map((text) => text.split(':')[0])).toEqual([
      'aws.strategy',
      'dpop.nonce',
      'mtls.issuerSki',
    ])
  })

  test('every problem is listed at once, and none names a field that a client writes', () => {
    const { publicUrls: _, ...without } = configWith({ aws: {}, dpop: NONCE, routes: STRONG })
    const problems = problemsOf(() =>
      compileFor(AWS_EDGE, { ...without, resources: [{ identifier: AUDIENCE }] }, {}, true),
    )
    expect(problems.map((text) => text.split(':')[0])).toEqual([
      'aws.strategy',
      'dpop.nonce',
      'publicUrls',
      'dpop.replay.dynamodb',
    ])
    for (const problem of problems) expect(problem).not.toMatch(/\bhost\b|forwarded/i)
  })
})

type Start = (
  env: Record<string, string>,
  report: (event: ReportEvent) => void,
) => (event: AuthorizerEvent) => Promise<unknown>

/** What a request has besides its token. */
interface Sent {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly fields?: readonly (readonly [string, string])[]
  readonly certificate?: Certified | undefined
}

const AWS: AwsConfig = {
  authorizers: {
    plain: { strategy: 'exact', resultTtlSeconds: 0, senderConstraint: 'none' },
    bound: { strategy: 'off' },
  },
}

const atStart: Start = (env, report) => createHandler(configWith({ aws: AWS }), env, { report })

async function startBuilt(config: LanekeeperConfig, variables: Record<string, string> = {}): Promise<Start> {
  const { plan, parts } = compileFor(AWS_EDGE, config, {}, true)
  const load = async <Loaded>(imported: Promise<Record<string, Loaded>>): Promise<Loaded> =>
    Object.values(await imported)[0]!
  const core = parts.filter(({ name }) => !name.includes('/'))
  const ofAws = parts.filter(({ name }) => name.startsWith('aws/')).map(({ name }) => name.slice(4))
  const coreParts = await Promise.all(
    core.map(({ name }) => load<Part>(import(`../../../shared/parts/${name}.ts`))),
  )
  const lambdaParts = await Promise.all(
    ofAws.map((name) => load<LambdaParts>(import(`../../../functions/aws/parts/${name}.ts`))),
  )
  const deployed = JSON.parse(JSON.stringify(plan)) as Plan
  return (env, report) =>
    startHandler(
      deployed,
      { ...variables, ...env },
      combineParts(...coreParts),
      combineLambdaParts(...lambdaParts),
      report,
    )
}

describe.each<[string, () => Promise<Start>]>([
  ['createHandler', async () => atStart],
  ['a plan', () => startBuilt(configWith({ aws: AWS }))],
  [
    'a plan whose URL comes from the environment',
    () => startBuilt(configWith({ aws: AWS, publicUrls: ['${env:API_URL}'] }), { API_URL: PUBLIC_URL }),
  ],
])('with %s', (_, open) => {
  const key = createClientKey()

  async function decide(
    start: Start,
    name: string,
    claims: object,
    toSent: (token: string) => Sent,
  ): Promise<string | null> {
    const events: ReportEvent[] = []
    const handler = start({ LANEKEEPER_AUTHORIZER: name }, (event) => void events.push(event))
    const token = await issuer.token({ claims: { ...claims } })
    const { scheme, fields = [], certificate } = toSent(token)
    const event = TO_EVENT.rest_request({
      method: 'GET',
      path: '/orders',
      authorization: [`${scheme} ${token}`],
      fields,
    })
    const { identity } = event['requestContext'] as { identity: Record<string, unknown> }
    identity['clientCert'] = certificate === undefined ? null : toClientCert(certificate.pem)
    await handler(event as AuthorizerEvent).catch(() => {})
    return events.flatMap((each) => (each.event === 'decision' ? [each.code ?? null] : []))[0]!
  }

  const codeOf = (start: Start, name: string, isBound: boolean) =>
    decide(start, name, isBound ? { cnf: { jkt: key.jkt } } : {}, (token) =>
      isBound
        ? { scheme: 'DPoP', fields: [['DPoP', makeProof(key, { url: `${PUBLIC_URL}/orders`, token })]] }
        : { scheme: 'Bearer' },
    )

  test('the function for plain tokens refuses a bound one, which the other accepts with its proof', async () => {
    const start = await open()
    expect(await codeOf(start, 'plain', false)).toBe('access_token')
    expect(await codeOf(start, 'plain', true)).toBe('credential_scheme')
    expect(await codeOf(start, 'bound', true)).toBe('access_token')
    expect(await codeOf(start, 'bound', false)).toBe('access_token')
  })

  test('and one that is bound to a certificate, which the other accepts with it', async () => {
    const start = await open()
    const [one, other] = [await createSelfSigned('one'), await createSelfSigned('other')]
    const claims = { cnf: { 'x5t#S256': one.thumbprint } }
    const codeWith = (name: string, certificate?: Certified) =>
      decide(start, name, claims, () => ({ scheme: 'Bearer', certificate }))
    expect(await codeWith('plain', one)).toBe('sender_constraint_unproven')
    expect(await codeWith('bound', one)).toBe('access_token')
    expect(await codeWith('bound', other)).toBe('client_certificate_mismatch')
    expect(await codeWith('bound')).toBe('client_certificate_missing')
  })
})
