// The issuers, the keys and the edges of the mutants. An edge is opened for each setting that a rule has, when the
// first mutant needs it. The nonces are made here by the text of docs/dpop.md, and not by the code under test.

import { createHmac } from 'node:crypto'
import type { LanekeeperConfig } from '../../shared/index.ts'
import { SIGNATURE_ALGORITHMS } from '../../shared/token/algorithms.ts'
import type { EdgeName } from '../cases/row.ts'
import { EDGES } from '../edges/all-edges.ts'
import type { Edge } from '../edges/edge.ts'
import {
  createClientKey,
  makeProof,
  sha256,
  type ClientKey,
  type ProofAlgorithm,
} from '../support/dpop-proofs.ts'
import { CLIENT_ID, startOpaqueIssuer, type OpaqueIssuer } from '../support/opaque-issuer.ts'
import { generateKey, startTestIssuer, type Members, type TestIssuer } from '../support/test-issuer.ts'
import type { Making, Sent, Setting } from './mutant.ts'

const AUDIENCE = 'https://api.test.example'
const ORIGIN = 'https://api.example.com'
/** What clients of the WebSocket API connect to: the handshake is a request for this URL (as https). */
const WEBSOCKET_URL = 'https://socket.example.com/prod'
const BUCKET_SECONDS = 120

const SECRETS = { key: sha256('now'), previousKey: sha256('before'), foreign: sha256('foreign') }

export interface MutantWorld {
  /** What requests of this algorithm are made with on this edge. */
  making(algorithm: ProofAlgorithm, edge: EdgeName): Promise<Making>
  /** The edge with the configuration of a setting. `algorithm`: that of the mutants. */
  edge(name: EdgeName, setting: Setting, algorithm: ProofAlgorithm): Promise<Edge>
  close(): Promise<void>
}

const ROUTES: LanekeeperConfig['routes'] = [
  ...['/resource', '/other'].map((path) => ({
    path,
    methods: ['GET', 'HEAD', 'POST'],
    scope: 'none' as const,
  })),
  { path: '/demanding', methods: ['GET'], scope: 'none', senderConstraint: 'dpop' },
  { path: '$connect', methods: ['GET'], scope: 'none' },
]

/** The algorithm that `narrow` allows. */
export const allowedBeside = (algorithm: ProofAlgorithm): ProofAlgorithm =>
  algorithm === 'ES256' ? 'RS256' : 'ES256'

interface Issuers {
  readonly main: TestIssuer
  readonly strict: TestIssuer
  readonly plain: TestIssuer
  readonly opaque: OpaqueIssuer
}

function configFor(
  { main, strict, plain, opaque }: Issuers,
  setting: Setting,
  edge: EdgeName,
  algorithm: ProofAlgorithm,
): LanekeeperConfig {
  const issuer = ({ issuer: iss, jwksUri }: TestIssuer) => ({
    issuer: iss,
    audience: AUDIENCE,
    profile: 'rfc9068' as const,
    keys: { jwks_uri: jwksUri },
    algorithms: ['ES256' as const],
  })
  return {
    issuers: {
      main: { ...issuer(main), senderConstraint: 'any' },
      strict: { ...issuer(strict), senderConstraint: 'dpop' },
      plain: issuer(plain),
      opaque: {
        issuer: opaque.url,
        audience: AUDIENCE,
        senderConstraint: 'any',
        introspection: {
          endpoint: `${opaque.url}/introspect/basic`,
          authentication: 'client_secret_basic',
          clientId: CLIENT_ID,
          secret: { env: 'OUR_SECRET' },
          requiredMembers: ['client_id'],
        },
      },
    },
    publicUrls: edge === 'websocket' ? [WEBSOCKET_URL] : [ORIGIN],
    routes: ROUTES,
    aws: { strategy: 'off' },
    dpop: {
      algorithms: setting === 'narrow' ? [allowedBeside(algorithm)] : SIGNATURE_ALGORITHMS,
      ...(setting === 'nonce' && {
        nonce: { key: { env: 'NONCE_KEY' }, previousKey: { env: 'NONCE_PREVIOUS_KEY' } },
      }),
    },
  }
}

/** A nonce: the number of its bucket in four bytes, and the first 16 bytes of a keyed hash. */
function nonceOf(bucket: number, key: string): string {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(bucket)
  const hash = createHmac('sha256', Buffer.from(key, 'base64url'))
  const tag = hash.update('lanekeeper-dpop-nonce').update(bytes).digest().subarray(0, 16)
  return Buffer.concat([bytes, tag]).toString('base64url')
}

export async function openMutantWorld(): Promise<MutantWorld> {
  const signer = await generateKey('ES256', 'issuer')
  const [main, strict, plain, opaque] = await Promise.all([
    ...Array.from({ length: 3 }, () => startTestIssuer({ audience: AUDIENCE, keys: [signer] })),
    startOpaqueIssuer(),
  ] as [Promise<TestIssuer>, Promise<TestIssuer>, Promise<TestIssuer>, Promise<OpaqueIssuer>])
  const issuers = { main, strict, plain, opaque }
  const env = { ...opaque.env, NONCE_KEY: SECRETS.key, NONCE_PREVIOUS_KEY: SECRETS.previousKey }
  const edges = new Map<string, Promise<Edge>>()
  const clients = new Map<ProofAlgorithm, Promise<readonly [ClientKey, ClientKey, string, string]>>()

  async function createClient(algorithm: ProofAlgorithm) {
    const key = createClientKey(algorithm)
    const bound = await main.token({ claims: { cnf: { jkt: key.jkt } } })
    return [key, createClientKey(algorithm), bound, await main.token()] as const
  }

  return {
    async making(algorithm, edge) {
      let client = clients.get(algorithm)
      if (client === undefined) clients.set(algorithm, (client = createClient(algorithm)))
      const [key, otherKey, bound, unbound] = await client
      const isHandshake = edge === 'websocket'
      const [origin, path] = isHandshake ? [WEBSOCKET_URL, ''] : [ORIGIN, '/resource']
      const url = `${origin}${path}`
      const nowSeconds = Math.floor(Date.now() / 1000)
      return {
        algorithm,
        edge,
        key,
        otherKey,
        url,
        origin,
        path,
        nowSeconds,
        bound,
        unbound,
        tokenOf: (issuer, claims = {}) => issuers[issuer].token({ claims }),
        token: (claims) => main.token({ claims }),
        opaque: (members: Members) =>
          opaque.issue('', {
            json: {
              active: true,
              iss: opaque.url,
              sub: 'user-1',
              aud: AUDIENCE,
              client_id: 'client-1',
              exp: nowSeconds + 600,
              ...members,
            },
          }),
        nonce: (bucketsAgo, which = 'key') =>
          nonceOf(Math.floor(Date.now() / 1000 / BUCKET_SECONDS) - bucketsAgo, SECRETS[which]),
        proof: (change = {}, target = {}, signingKey = key) =>
          makeProof(signingKey, { url, token: bound, ...target }, change),
        send: (token, proof, change = {}): Sent => ({
          method: 'GET',
          path: isHandshake ? '$connect' : path,
          authorization: [`DPoP ${token}`],
          fields: [['DPoP', proof]],
          ...change,
        }),
      }
    },
    edge(name, setting, algorithm) {
      const id = `${name} ${setting} ${setting === 'narrow' ? allowedBeside(algorithm) : ''}`
      let edge = edges.get(id)
      if (edge === undefined) {
        edge = EDGES[name](configFor(issuers, setting, name, algorithm), env)
        edges.set(id, edge)
      }
      return edge
    },
    async close() {
      const opened = await Promise.all(edges.values())
      await Promise.all([...opened, main, strict, plain, opaque].map((one) => one.close()))
    },
  }
}
