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
import { canonicalUrl } from '../../shared/sender/dpop/htu.ts'
import { EDGES } from '../edges/all-edges.ts'
import type { Edge } from '../edges/edge.ts'
import {
  CLIENT_ID,
  startOpaqueIssuer,
  type OpaqueIssuer,
  type IssuerAnswer,
} from '../support/opaque-issuer.ts'
import { generateKey, startTestIssuer, type SigningKey, type TestIssuer } from '../support/test-issuer.ts'
import { nodeCryptoSync, nodeCryptoAsync } from '../../functions/node/crypto.ts'
import { runStage, type StageVerdict, type StageRequest } from './signature-stage.ts'
import { createDpopPlaces, type DpopPlaces } from './dpop-world.ts'
import type { Verdict } from './suite.ts'
import { statusOf } from './verdict.ts'

export const AUDIENCE = 'https://api.test.example'

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

/** The `kid` of `figureKey` for the issuer of RFC 9449. */
export const FIGURE_KID = 'figure'

/** The issuer of RFC 9449, and how the opaque tokens of its cases begin. */
const DPOP_ISSUER = {
  issuer: 'https://server.example.com',
  audience: 'https://resource.example.org',
  prefix: ['Kz~', 'other', 'opaque'],
}

type Settings = Omit<LanekeeperConfig, 'issuers'>

/** The configurations of `DpopConfigs` without their issuers. */
export interface DpopSettings {
  readonly config: Settings
  readonly websocket?: Settings
  readonly worker?: Settings
}

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
  /** Sets the answer of the issuer of opaque tokens about a token of the data. */
  readonly setAnswer: (token: string, answer: IssuerAnswer) => void
  /** Edges that take bound tokens: those of the first ordinary issuer, or those of the figures of RFC 9449. */
  readonly placesFor: (issuer: 'ordinary' | 'figure', settings: DpopSettings) => DpopPlaces
  /** The canonical form of a URL in Node and in workerd; `null`: the URL is refused. */
  readonly canonicalUrl: (url: string) => Promise<readonly { where: string; form: string | null }[]>
  readonly atStage: (request: StageRequest) => Promise<readonly Verdict[]>
  close(): Promise<void>
}

/** The event of a TOKEN authorizer has no query, and a WebSocket handshake is a GET. */
const canExpress = (edge: Edge, { method, query }: CaseRequest): boolean =>
  !(edge.name === 'rest TOKEN' && query !== undefined) && !(edge.name === 'websocket' && method !== 'GET')

interface StageWorker {
  run(request: StageRequest): Promise<StageVerdict>
  canonicalUrl(url: string): Promise<string | null>
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
    const ask = async (question: unknown): Promise<unknown> => {
      const response = await fetch(edge.url, { method: 'POST', body: JSON.stringify(question) })
      if (!response.ok) throw new Error(`the stage in workerd answered ${response.status}`)
      return response.json()
    }
    return {
      run: async (request) => (await ask(request)) as StageVerdict,
      canonicalUrl: async (url) => (await ask({ url })) as string | null,
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
const introspectedIssuer = (way: keyof typeof INTROSPECTED_ISSUERS, { url, key }: OpaqueIssuer) =>
  ({
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
  }) satisfies IssuerConfig

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
  const boundIssuers: Readonly<Record<'ordinary' | 'figure', IssuerConfig>> = {
    ordinary: { ...ordinary(issuers[0]!), senderConstraint: 'any' },
    figure: {
      ...introspectedIssuer('plain', opaque),
      ...DPOP_ISSUER,
      keys: { jwks: { keys: [{ ...figureKey.publicJwk, kid: FIGURE_KID }] } },
      algorithms: ['RS256'],
      senderConstraint: 'dpop',
    },
  }
  const dpopPlaces = new Map<string, DpopPlaces>()
  function placesFor(which: 'ordinary' | 'figure', settings: DpopSettings): DpopPlaces {
    const key = JSON.stringify([which, settings])
    let places = dpopPlaces.get(key)
    if (places === undefined) {
      const common = { issuers: { [which]: boundIssuers[which] }, aws: { strategy: 'off' } } as const
      const { config, websocket = config, worker = config } = settings
      places = createDpopPlaces(
        {
          config: { ...config, ...common },
          websocket: { ...websocket, ...common },
          worker: { ...worker, ...common },
        },
        opaque.env,
      )
      dpopPlaces.set(key, places)
    }
    return places
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
    setAnswer: opaque.setAnswer,
    placesFor,
    canonicalUrl: async (url) => [
      { where: 'node', form: canonicalUrl(url) },
      { where: 'workerd', form: await workerd.canonicalUrl(url) },
    ],
    atStage: async (request) => [
      { where: 'node', ...(await runStage(request)) },
      { where: 'node:crypto', ...(await runStage(request, nodeCryptoSync)) },
      { where: 'node:crypto, in the pool', ...(await runStage(request, nodeCryptoAsync)) },
      { where: 'workerd', ...(await workerd.run(request)) },
    ],
    async close() {
      await Promise.all(
        [...edges, ...dpopPlaces.values(), workerd, opaque, ...issuers].map((open) => open.close()),
      )
    },
  }
}
