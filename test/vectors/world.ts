// The places that run the vectors: every edge, and the signature stage in Node and in workerd. The ordinary issuers
// each publish a good key, and next to it the keys that the suite brings, so that every run loads those. The other
// issuers are those that the RFCs' own figures name, with a key of ours.

import { build } from 'esbuild'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startWorkerEdge } from '../../local/worker-edge.ts'
import type { IssuerConfig, LanekeeperConfig } from '../../shared/index.ts'
import { MAX_KEYS } from '../../shared/keys/key-endpoint.ts'
import { SIGNATURE_ALGORITHMS } from '../../shared/token/algorithms.ts'
import type { CaseRequest } from '../cases/row.ts'
import { EDGES } from '../edges/all-edges.ts'
import type { Edge, Outcome } from '../edges/edge.ts'
import {
  CLIENT_ID,
  startOpaqueIssuer,
  type OpaqueIssuer,
  type IssuerAnswer,
} from '../support/opaque-issuer.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { nodeCryptoSync, nodeCryptoAsync } from '../../functions/node/crypto.ts'
import { runStage, type StageVerdict, type StageRequest } from './signature-stage.ts'
import type { Verdict } from './suite.ts'

const AUDIENCE = 'https://api.test.example'

/** Issuers of the figures, by `iss`, with the audience in the figure and the `kid` of our key. */
export const FIGURES = {
  'https://authorization-server.example.com/': { audience: 'https://rs.example.com/', kid: 'RjEwOwOA' },
  'https://as.example.com/': { audience: 'https://rs.example.com/resource', kid: 'wG6D' },
  'https://server.example.com': { audience: 'https://resource.example.org', kid: 'BeALkb' },
} as const

/** Issuers of the figures whose tokens are introspected; `signed`: with the answers of RFC 9701. */
export const INTROSPECTED_ISSUERS = {
  plain: { issuer: 'https://server.example.com/', audience: 'https://protected.example.net/resource' },
  signed: { issuer: 'https://signed.example.com/', audience: 'https://rs.example.com/resource' },
} as const

export interface VectorWorld {
  /** Its keys are the good ones; the first one signs. */
  readonly issuer: TestIssuer
  /** A valid token of every ordinary issuer. */
  readonly goodTokens: () => Promise<readonly string[]>
  /** RS256, published inline for every issuer of `FIGURES`. */
  readonly figureKey: SigningKey
  /** Sends a request to every edge that can express it; the route demands no scope. */
  readonly atEdges: (request: Partial<CaseRequest>) => Promise<readonly Verdict[]>
  /** Sends a token to every edge, as a bearer token. */
  readonly asBearer: (token: string) => Promise<readonly Verdict[]>
  /** Sends an opaque token to every edge; its issuer gives the stated answer about it. */
  readonly asOpaque: (
    way: keyof typeof INTROSPECTED_ISSUERS,
    answer: IssuerAnswer,
  ) => Promise<readonly Verdict[]>
  readonly atStage: (request: StageRequest) => Promise<readonly Verdict[]>
  close(): Promise<void>
}

/** The event of a TOKEN authorizer has no query, and a WebSocket handshake is a GET. */
const canExpress = (edge: Edge, { method, query }: CaseRequest): boolean =>
  !(edge.name === 'rest TOKEN' && query !== undefined) && !(edge.name === 'websocket' && method !== 'GET')

function statusOf({ allow, wire }: Outcome): number {
  if (typeof wire['status'] === 'number') return wire['status']
  if (wire['thrown'] === undefined) return allow ? 200 : 403
  return wire['thrown'] === 'Unauthorized' ? 401 : 500
}

interface StageWorker {
  run(request: StageRequest): Promise<StageVerdict>
  close(): Promise<void>
}

async function openStageWorker(): Promise<StageWorker> {
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-stage-'))
  const script = join(directory, 'worker.js')
  try {
    await build({
      entryPoints: [join(import.meta.dirname, 'stage-worker.ts')],
      outfile: script,
      bundle: true,
      format: 'esm',
      logLevel: 'error',
    })
    const config = join(import.meta.dirname, '../../wrangler.toml')
    const edge = await startWorkerEdge({ script, config, port: 0, variables: {}, onLog: () => {} })
    return {
      async run(request) {
        const response = await fetch(edge.url, { method: 'POST', body: JSON.stringify(request) })
        if (!response.ok) throw new Error(`the stage in workerd answered ${response.status}`)
        return (await response.json()) as StageVerdict
      },
      close: edge.close,
    }
  } finally {
    await rm(directory, { recursive: true })
  }
}

/** As many issuers as it takes to publish all keys. */
async function startIssuers(good: SigningKey, vectorKeys: readonly unknown[]): Promise<TestIssuer[]> {
  const issuers: TestIssuer[] = []
  for (let from = 0; from === 0 || from < vectorKeys.length; from += MAX_KEYS - 1) {
    const issuer = await startTestIssuer({ audience: AUDIENCE, keys: [good] })
    issuer.publish([good.publicJwk, ...vectorKeys.slice(from, from + MAX_KEYS - 1)])
    issuers.push(issuer)
  }
  return issuers
}

const ordinary = (issuer: TestIssuer): IssuerConfig => ({
  issuer: issuer.issuer,
  audience: AUDIENCE,
  profile: 'rfc9068',
  keys: { jwks_uri: issuer.jwksUri },
  algorithms: SIGNATURE_ALGORITHMS,
})

const ofFigure = (
  issuer: string,
  { audience, kid }: { audience: string; kid: string },
  { publicJwk }: SigningKey,
): IssuerConfig => ({
  issuer,
  audience,
  profile: 'rfc9068',
  keys: { jwks: { keys: [{ ...publicJwk, kid }] } },
  maxLifetimeSeconds: 31_622_400,
})

/** In the figures `client_id` is the evidence of an access token: they have no `token_type`. */
const introspectedIssuer = (
  way: keyof typeof INTROSPECTED_ISSUERS,
  { url, key }: OpaqueIssuer,
): IssuerConfig => ({
  ...INTROSPECTED_ISSUERS[way],
  profile: 'rfc9068',
  keys: { jwks: { keys: [key.publicJwk] } },
  algorithms: ['ES256'],
  prefix: `${way}_`,
  introspection: {
    endpoint: `${url}/introspect/basic`,
    authentication: 'client_secret_basic',
    clientId: CLIENT_ID,
    secret: { env: 'OUR_SECRET' },
    response: way === 'signed' ? 'jwt' : 'json',
    requiredMembers: ['client_id'],
    cacheSeconds: 1,
  },
})

/** Opens every edge in front of issuers that publish `vectorKeys` besides their own keys. */
export async function openVectorWorld(vectorKeys: readonly unknown[]): Promise<VectorWorld> {
  const [good, figureKey] = await Promise.all([generateKey('ES256', 'good'), generateKey('RS256', 'figure')])
  const issuers = await startIssuers(good, vectorKeys)
  const opaque = await startOpaqueIssuer()
  const config: LanekeeperConfig = {
    issuers: {
      ...Object.fromEntries(issuers.map((issuer, index) => [`ordinary${index}`, ordinary(issuer)])),
      ...Object.fromEntries(
        Object.entries(FIGURES).map(([iss, figure], index) => [
          `figure${index}`,
          ofFigure(iss, figure, figureKey),
        ]),
      ),
      plain: introspectedIssuer('plain', opaque),
      signed: introspectedIssuer('signed', opaque),
    },
    routes: [
      { path: '/resource', methods: ['GET', 'POST'], scope: 'none' },
      { path: '$connect', methods: ['GET'], scope: 'none' },
    ],
  }
  const edges = await Promise.all(Object.values(EDGES).map((open) => open(config, opaque.env)))
  const workerd = await openStageWorker()

  async function atEdges(given: Partial<CaseRequest>): Promise<readonly Verdict[]> {
    const request: CaseRequest = { method: 'GET', path: '/resource', authorization: [], ...given }
    return Promise.all(
      edges
        .filter((edge) => canExpress(edge, request))
        .map(async (edge) => {
          const outcome = await edge.send(request)
          return {
            where: edge.name,
            accepted: outcome.allow,
            status: statusOf(outcome),
            code: outcome.code,
          }
        }),
    )
  }

  return {
    issuer: issuers[0]!,
    goodTokens: () => Promise.all(issuers.map((issuer) => issuer.token())),
    figureKey,
    atEdges,
    asBearer: (token) => atEdges({ authorization: [`Bearer ${token}`] }),
    asOpaque: (way, answer) => atEdges({ authorization: [`Bearer ${opaque.issue(`${way}_`, answer)}`] }),
    atStage: async (request) => [
      { where: 'node', ...(await runStage(request)) },
      { where: 'node:crypto', ...(await runStage(request, nodeCryptoSync)) },
      { where: 'node:crypto, in the pool', ...(await runStage(request, nodeCryptoAsync)) },
      { where: 'workerd', ...(await workerd.run(request)) },
    ],
    async close() {
      await Promise.all([...edges, workerd, opaque, ...issuers].map((open) => open.close()))
    },
  }
}
