// The fixture of all properties: an issuer's keys, valid tokens, and the compiled artefact of each edge in this
// process, so that a million inputs take minutes. The clock and the network are arguments; the key server is a function
// here, because its documents are generated. workerd behind a real socket is for the property that needs it.

import { base64url } from 'jose'
import type { AuthorizerHandler } from '../../functions/aws/handler.ts'
import { assembleFromSteps } from '../../shared/authorizer.ts'
import { STEPS } from '../../shared/steps.ts'
import { webCrypto, type Authorizer, type LanekeeperConfig, type Ports } from '../../shared/index.ts'
import type { CaseRequest } from '../cases/row.ts'
import { compileCore } from '../edges/core-edge.ts'
import type { Variables } from '../edges/edge.ts'
import { openWorkerEdge, type WorkerEdge } from '../edges/worker-edge.ts'
import { loadLambda, type LoadedLambda } from '../support/artefact/lambda.ts'
import { generateKey, signCompact, type Members, type SigningKey } from '../support/test-issuer.ts'
import { CANARY, NOW, openFuzzEdges, type FuzzEdges, type Seen } from './edges.ts'

export { CANARY, demand, NOW, type Seen } from './edges.ts'

export const ISSUER = 'https://login.test.example'
export const AUDIENCE = 'https://api.test.example'
/** Where clients know the API of `FuzzFixture.bound`. */
export const BOUND_URL = 'https://edge.example'
/** The secret of the proxy in front of `FuzzFixture.certified`. */
export const GUARD = 'guard-6e0b2d4c8f1a3957-6e0b2d4c8f1a3957'

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
  /** The same edges, taking tokens that are bound to a DPoP key, for `BOUND_URL`. Opened at the first call. */
  bound(): Promise<FuzzEdges>
  /**
   * The same edges, the core as another Worker calls it, with certificates in the field Client-Cert beside `GUARD` in
   * X-Guard. Opened at the first call.
   */
  certified(): Promise<FuzzEdges>
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

/** The configuration with bound tokens beside unbound ones. */
const boundConfig = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  issuers: Object.fromEntries(
    Object.entries(config.issuers).map(([name, issuer]) => [name, { ...issuer, senderConstraint: 'any' }]),
  ) as LanekeeperConfig['issuers'],
  publicUrls: [BOUND_URL],
  aws: { strategy: 'off' },
  routes: [
    { path: '/orders', methods: ['GET', 'POST'], scope: 'none' },
    { path: '/orders/{id}', methods: ['GET', 'POST'], scope: 'none' },
  ],
})

const CERTIFIED: Partial<LanekeeperConfig> = {
  mtls: {
    header: {
      name: 'Client-Cert',
      format: 'rfc9440',
      guard: { header: 'X-Guard', secret: { env: 'GUARD' } },
    },
  },
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

  const now = () => NOW * 1000
  const nowhere = () => Promise.reject(new Error('no request may be made'))
  const createAuthorizer: FuzzFixture['createAuthorizer'] = (given, ports, env = {}) =>
    assembleFromSteps(
      given,
      { crypto: webCrypto, fetch: nowhere, now, report: () => {}, ...ports },
      { env },
      steps,
    )
  /** `parts`: those that the core has besides. */
  const openEdges = (
    given: LanekeeperConfig,
    env: Variables = {},
    parts: readonly string[] = [],
  ): Promise<FuzzEdges> =>
    openFuzzEdges(
      given,
      env,
      async (report) => {
        const secrets: Ports['secrets'] = async (ref) => env[ref.env ?? '']
        return steps === STEPS
          ? (await compileCore(given, env, parts))({
              crypto: webCrypto,
              fetch: nowhere,
              now,
              report,
              secrets,
            })
          : createAuthorizer(given, { report, secrets }, env)
      },
      (ms) => void (fixture.longestMs = Math.max(fixture.longestMs, ms)),
    )
  const others = new Map<string, Promise<LoadedLambda>>()
  async function lambdaFor(given: LanekeeperConfig): Promise<AuthorizerHandler> {
    const text = JSON.stringify(given)
    const loading = others.get(text) ?? loadLambda(given, {}, { now, report: () => {} })
    others.set(text, loading)
    return (await loading).handler
  }

  let opened: Promise<WorkerEdge> | null = null
  async function openWire(): Promise<WorkerEdge> {
    const { origin: _, ...rest } = config
    const edge = await openWorkerEdge(rest)
    await edge.setClock(NOW * 1000)
    return edge
  }

  let openedBound: Promise<FuzzEdges> | null = null
  let openedCertified: Promise<FuzzEdges> | null = null
  const fixture: FuzzFixture = {
    key,
    attackerKey,
    tokens,
    config,
    longestMs: 0,
    send: (request, secrets) => edges.send(request, secrets),
    bound: () => (openedBound ??= openEdges(boundConfig(config))),
    certified: () =>
      (openedCertified ??= openEdges({ ...boundConfig(config), ...CERTIFIED }, { GUARD }, ['check-request'])),
    createAuthorizer,
    lambdaFor,
    wire: () => (opened ??= openWire()),
    async close() {
      await edges.close()
      await (await openedBound)?.close()
      await (await openedCertified)?.close()
      for (const other of others.values()) await (await other).close()
      await (await opened)?.close()
    },
  }
  const edges = await openEdges(config)
  return fixture
}
