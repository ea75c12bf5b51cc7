// The fixture of all properties: an issuer's keys, valid tokens, and the compiled artefact of each edge in this process,
// so that a million inputs take minutes. The clock and the network are arguments; the key server is a function here,
// because its documents are generated. workerd behind a real socket is for the property that needs it.

import { base64url } from 'jose'
import type { AuthorizerHandler } from '../../functions/aws/handler.ts'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import {
  toIdentity,
  toRefusal,
  type Authorizer,
  type LanekeeperConfig,
  type Ports,
  type ReportEvent,
  webCrypto,
} from '../../shared/index.ts'
import type { CaseRequest } from '../cases/row.ts'
import { compileCore } from '../edges/core-edge.ts'
import { TO_EVENT } from '../edges/events.ts'
import { openWorkerEdge, type WorkerEdge } from '../edges/worker-edge.ts'
import { loadLambda, type LoadedLambda } from '../support/artefact/lambda.ts'
import { evaluateWorker } from '../support/artefact/worker.ts'
import { findLeaks } from '../support/leaks.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../support/test-issuer.ts'

export const ISSUER = 'https://login.test.example'
export const AUDIENCE = 'https://api.test.example'
/** A claim, a header field and a variable that nothing uses; it may appear in no output. */
export const CANARY = 'canary-3f9c1e7a5b2d8046'
/** Seconds since the epoch; every clock of the fuzz tests stands still. */
export const NOW = 1_800_000_000

export const HEADER: Members = { alg: 'ES256', typ: 'at+jwt', kid: 'k1' }
export const CLAIMS: Members = {
  iss: ISSUER,
  sub: 'user-1',
  aud: AUDIENCE,
  client_id: 'client-1',
  jti: 'token-1',
  iat: NOW - 5,
  exp: NOW + 36_000,
  scope: 'read',
  canary: { note: CANARY },
}

/** The verdict of one edge about a request, and all of its output. */
export interface Seen {
  readonly edge: string
  readonly allow: boolean
  readonly code: string
  readonly output: string
}

export interface FuzzFixture {
  readonly key: SigningKey
  readonly attackerKey: SigningKey
  /** Valid tokens of several forms. */
  readonly tokens: readonly string[]
  readonly config: LanekeeperConfig
  /** The core with a configuration and a network of the property's own. */
  createAuthorizer(
    config: LanekeeperConfig,
    ports: Partial<Ports>,
    env?: Readonly<Record<string, string>>,
  ): Authorizer
  /** Sends a request through every edge that can express it, and checks the invariants that every request must keep. */
  send(request: CaseRequest, secrets?: readonly string[]): Promise<Seen[]>
  /** The Lambda with a configuration of the property's own, loaded at the first call. Its events are dropped. */
  lambdaFor(config: LanekeeperConfig): Promise<AuthorizerHandler>
  /** The Worker in workerd with the same configuration, started at the first call. */
  wire(): Promise<WorkerEdge>
  close(): Promise<void>
  /** The longest time of an input so far, in milliseconds: for information, without a bound. */
  longestMs: number
}

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value))

/** Signs any header and claims. */
export const signed = (key: SigningKey, header: unknown, claims: unknown): Promise<string> =>
  signCompact(key, header, claims)

/** Header and claims with the signature of another token. */
export const unsigned = (header: unknown, claims: unknown, signature: string): string =>
  `${encode(header)}.${encode(claims)}.${signature}`

/** Errors that a Lambda authorizer throws on purpose. */
const MEANT = /^(?:Unauthorized|lanekeeper: [a-z_]+)$/

class Broken extends Error {}

/** Throws if an invariant is broken. */
export function demand(holds: boolean, what: string): void {
  if (!holds) throw new Broken(what)
}

function codeIn(events: readonly ReportEvent[]): string {
  const decisions = events.filter((event) => event.event === 'decision')
  demand(decisions.length === 1, `${decisions.length} decisions about one request`)
  return decisions[0]!.code
}

type Answer = {
  isAuthorized?: boolean
  policyDocument?: { Statement: { Effect: string; Resource: string }[] }
}

function lambdaAllows(answer: Answer, arn: unknown): boolean {
  if (answer.isAuthorized !== undefined) return answer.isAuthorized
  const [statement] = answer.policyDocument!.Statement
  const allows = statement!.Effect === 'Allow'
  demand(!allows || statement!.Resource === arn, 'a policy grants another resource than was asked about')
  return allows
}

/** `steps` lets a test show that a property notices a missing check. */
export async function createFuzzFixture(steps: typeof STEPS = STEPS): Promise<FuzzFixture> {
  const [key, attackerKey] = await Promise.all([generateKey('ES256', 'k1'), generateKey('ES256', 'k1')])
  const config: LanekeeperConfig = {
    issuers: {
      main: {
        issuer: ISSUER,
        audience: AUDIENCE,
        profile: 'rfc9068',
        keys: { jwks: { keys: [key.publicJwk] } },
        algorithms: ['ES256'],
      },
    },
    routes: [
      { path: '/health', methods: ['GET'], public: true },
      { path: '/orders', methods: ['GET'], scope: { allOf: ['read'] } },
      { path: '/orders', methods: ['POST'], scope: { allOf: ['write'] } },
      { path: '/orders/{id}', methods: ['GET'], scope: { allOf: ['read'] } },
      { path: '/orders/special', methods: ['GET'], scope: { allOf: ['special'] } },
      { path: '/files/{path+}', methods: ['GET'], scope: { anyOf: ['read', 'admin'] } },
    ],
    origin: { url: 'https://origin.test.example' },
  }
  const tokens = await Promise.all(
    [
      {},
      { scope: 'read write' },
      { sub: 'client-1' },
      { aud: [AUDIENCE, 'https://x.example'], nbf: NOW - 5 },
    ].map((more) => signed(key, HEADER, { ...CLAIMS, ...more })),
  )

  let events: ReportEvent[] = []
  let reached: string | null = null
  const report = (event: ReportEvent) => void events.push(event)
  const now = () => NOW * 1000
  const nowhere = () => Promise.reject(new Error('no request may be made'))
  const createAuthorizer: FuzzFixture['createAuthorizer'] = (given, ports, env = {}) =>
    assembleFromSteps(
      given,
      { crypto: webCrypto, fetch: nowhere, now, report: () => {}, ...ports },
      { env },
      steps,
    )
  const authorizer =
    steps === STEPS
      ? (await compileCore(config, {}))({ crypto: webCrypto, fetch: nowhere, now, report })
      : createAuthorizer(config, { report })
  // The keys stand in the plan, so the function makes no request.
  const lambdaArtefact = await loadLambda(config, {}, { now, report })
  const { handler } = lambdaArtefact
  const others = new Map<string, Promise<LoadedLambda>>()
  async function lambdaFor(given: LanekeeperConfig): Promise<AuthorizerHandler> {
    const text = JSON.stringify(given)
    const loading = others.get(text) ?? loadLambda(given, {}, { now, report: () => {} })
    others.set(text, loading)
    return (await loading).handler
  }
  const atOrigin = async (input: RequestInfo | URL): Promise<Response> => {
    const { method, url, headers } = input as Request
    reached = JSON.stringify([method, url, [...headers].filter(([name]) => name.startsWith('x-lanekeeper-'))])
    return new Response('from the origin')
  }
  const worker = await evaluateWorker(config, {}, { fetch: atOrigin, now, report })

  async function core({ method, path, query, authorization }: CaseRequest): Promise<Seen> {
    const accessTokenInQuery = new URLSearchParams(query).has('access_token')
    const decision = await authorizer.authorize({ method, path, authorization, accessTokenInQuery })
    const shown = decision.allow ? decision.grant && toIdentity(decision.grant) : toRefusal(decision, 'api')
    return { edge: 'core', allow: decision.allow, code: codeIn(events), output: JSON.stringify(shown) }
  }

  async function lambda(shape: 'rest_request' | 'http_2', request: CaseRequest): Promise<Seen> {
    const event = TO_EVENT[shape](request)
    try {
      const answer = (await handler(event as never)) as Answer
      const allow = lambdaAllows(answer, event['methodArn'])
      // The resource in a policy is the client's own path, sent back to the gateway.
      const { policyDocument: _, ...shown } = answer
      return { edge: shape, allow, code: codeIn(events), output: JSON.stringify(shown) }
    } catch (error) {
      if (error instanceof Broken) throw error
      const { message } = error as Error
      demand(MEANT.test(message), `the handler throws ${(error as Error).name}`)
      return { edge: shape, allow: false, code: codeIn(events), output: message }
    }
  }

  /** `null` if a Request of this platform cannot express it, or not unchanged. */
  async function edge({ method, path, query, authorization }: CaseRequest): Promise<Seen | null> {
    if (!path.startsWith('/') || path.includes('?')) return null
    let request: Request
    try {
      const target = `https://edge.example${path}${query === undefined ? '' : `?${query}`}`
      const headers = authorization.map((field): [string, string] => ['authorization', field])
      request = new Request(target, { method, headers })
      if (request.url !== target || request.method !== method) return null
    } catch {
      return null
    }
    reached = null
    const response = await worker.fetch(request, {}, { waitUntil() {} })
    const output = `${[...response.headers].join('\n')}\n${await response.text()}\n${reached}`
    demand(response.status !== 500, 'the Worker answers 500')
    demand((reached !== null) === (response.status === 200), 'the origin is reached without a 200')
    return { edge: 'worker', allow: reached !== null, code: codeIn(events), output }
  }

  let opened: Promise<WorkerEdge> | null = null
  async function openWire(): Promise<WorkerEdge> {
    const { origin: _, ...rest } = config
    const edge = await openWorkerEdge(rest)
    await edge.setClock(NOW * 1000)
    return edge
  }

  const fixture: FuzzFixture = {
    key,
    attackerKey,
    tokens,
    config,
    longestMs: 0,
    createAuthorizer,
    lambdaFor,
    wire: () => (opened ??= openWire()),
    async close() {
      await lambdaArtefact.close()
      for (const other of others.values()) await (await other).close()
      await (await opened)?.close()
    },
    async send(request, secrets = []) {
      const edges = [
        core,
        (r: CaseRequest) => lambda('rest_request', r),
        (r: CaseRequest) => lambda('http_2', r),
        edge,
      ]
      const seen: Seen[] = []
      for (const edge of edges) {
        events = []
        const started = performance.now()
        const outcome = await edge(request)
        fixture.longestMs = Math.max(fixture.longestMs, performance.now() - started)
        if (outcome === null) continue
        demand(outcome.code !== 'internal_error', `${outcome.edge} reports an internal error`)
        const fields = request.authorization.flatMap((field) => field.split(' '))
        const leaks = findLeaks(`${outcome.output}\n${JSON.stringify(events)}`, [
          CANARY,
          ...fields,
          ...secrets,
        ])
        demand(leaks.length === 0, `${outcome.edge} shows a piece of a secret`)
        seen.push(outcome)
      }
      return seen
    },
  }
  return fixture
}
