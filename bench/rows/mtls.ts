// Tokens that are bound to a client certificate, each with the facts that the platform states of it, against plain
// tokens: unseen ones, and one that comes again. The facts are read for every request, so a token that was seen before
// saves its signature and not the hash of its certificate.

import { nodeCryptoSync } from '../../functions/node/crypto.ts'
import { createCertificateAuthority } from '../../local/client-certificates/certificates.ts'
import { toClientCert, toTlsClientAuth } from '../../local/client-certificates/platform-facts.ts'
import {
  createAuthorizer,
  type AuthorizationRequest,
  type LanekeeperConfig,
  type Ports,
} from '../../shared/index.ts'
import { configFor, createDecide, PATH } from '../contestants/ours.ts'
import { figure } from '../present.ts'
import { addedTo, type Group } from '../result.ts'
import { cpuTimeFor, LEAD_IN, takeTurns, type Runner } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import type { Algorithm, World } from '../world.ts'
import { freshString } from './unseen.ts'

const ALGORITHMS = ['ES256', 'RS256'] as const satisfies readonly Algorithm[]
const PLAIN = 'a plain token'
const BOUND = 'a bound token with its certificate'

const EFFORT = {
  quick: { rounds: 5, warmUp: 1, count: 300 },
  full: { rounds: 11, warmUp: 2, count: 600 },
} as const

type Facts = NonNullable<AuthorizationRequest['clientCertificate']>

/** How an edge decides: its cryptography, and what it is told of a certificate. */
interface Edge {
  readonly name: string
  readonly ports: Partial<Ports>
  readonly toFacts: (pem: string) => Facts
}

export const EDGES: readonly Edge[] = [
  { name: 'as the Worker decides', ports: {}, toFacts: (pem) => toTlsClientAuth(pem) },
  {
    name: 'as the Lambda decides',
    ports: { crypto: nodeCryptoSync },
    toFacts(pem) {
      const { clientCertPem, validity } = toClientCert(pem)
      return { clientCertPem, 'validity.notAfter': validity.notAfter }
    },
  },
]

export const withMtls = (config: LanekeeperConfig): LanekeeperConfig => ({
  ...config,
  issuers: { main: { ...config.issuers['main']!, senderConstraint: 'mtls' } },
  aws: { strategy: 'off' },
})

export function createMtlsDecide(
  config: LanekeeperConfig,
  clientCertificate: Facts,
  ports: Partial<Ports> = {},
) {
  const authorizer = createAuthorizer(config, { fetch, now: Date.now, report: () => {}, ...ports })
  return async (authorization: string): Promise<boolean> => {
    const request = { method: 'GET', path: PATH, authorization: [authorization], accessTokenInQuery: false }
    return (await authorizer.authorize({ ...request, clientCertificate })).allow
  }
}

/** A client, and tokens that are bound to its certificate. */
export async function createCertifiedClient(world: World) {
  const authority = await createCertificateAuthority('Clients of the bench')
  const { pem, thumbprint } = await authority.issue('client')
  return {
    pem,
    token: (algorithm: Algorithm) => world.token(algorithm, { cnf: { 'x5t#S256': thumbprint } }),
  }
}

type CertifiedClient = Awaited<ReturnType<typeof createCertifiedClient>>

/** The fields of one round. */
interface Material {
  readonly plain: readonly Buffer[]
  readonly bound: readonly Buffer[]
}

const toField = (token: string): Buffer => Buffer.from(`Bearer ${token}`)

async function prepare({ world }: Bench, { algorithm, client }: Setting, tokens: number): Promise<Material> {
  const bound = await Promise.all(Array.from({ length: tokens }, () => client.token(algorithm)))
  return { plain: (await world.tokens(algorithm, tokens)).map(toField), bound: bound.map(toField) }
}

interface Setting {
  readonly algorithm: Algorithm
  readonly edge: Edge
  readonly client: CertifiedClient
}

type Decide = (authorization: string) => Promise<boolean>

/** New authorizers, which have fetched the keys and seen no token but one. */
async function createDecides(bench: Bench, setting: Setting): Promise<Record<keyof Material, Decide>> {
  const { algorithm, client, edge } = setting
  const config = configFor(bench.world, [algorithm])
  const decides = {
    plain: createDecide(config, edge.ports),
    bound: createMtlsDecide(withMtls(config), edge.toFacts(client.pem), edge.ports),
  }
  const { plain, bound } = await prepare(bench, setting, 1)
  const first = [await decides.plain(String(plain[0])), await decides.bound(String(bound[0]))]
  if (first.includes(false)) throw new Error('a good token was refused')
  return decides
}

/** `tokens`: how many take turns. Of as many as are decided about, each comes once. */
async function measure(bench: Bench, setting: Setting, what: string, tokens: number): Promise<Group> {
  const { count, ...effort } = EFFORT[bench.quick ? 'quick' : 'full']
  const title = `${setting.algorithm}, ${what}, ${setting.edge.name}`
  const isUnseen = tokens >= count
  const kept = isUnseen ? null : await createDecides(bench, setting)
  const material = isUnseen ? null : await prepare(bench, setting, tokens)
  const runner = (name: string, kind: keyof Material): Runner<Material> => ({
    name,
    async measure(given) {
      const decide = (kept ?? (await createDecides(bench, setting)))[kind]
      return cpuTimeFor(name, given[kind], count, (field) => decide(freshString(field)))
    },
  })
  return {
    title: `CPU time of a decision, ${title}`,
    unit: 'µs',
    reference: PLAIN,
    contestants: await takeTurns(
      [runner(PLAIN, 'plain'), runner(BOUND, 'bound')],
      effort,
      async () => material ?? (await prepare(bench, setting, tokens)),
      (text) => bench.progress(`${title}: ${text}`),
    ),
  }
}

export const runMtls: RunRow = async (bench) => {
  const client = await createCertifiedClient(bench.world)
  const { count } = EFFORT[bench.quick ? 'quick' : 'full']
  const groups: Group[] = []
  for (const edge of EDGES) {
    for (const algorithm of ALGORITHMS)
      groups.push(
        await measure(bench, { algorithm, edge, client }, 'unseen tokens', Math.ceil(count * (1 + LEAD_IN))),
      )
    groups.push(await measure(bench, { algorithm: 'RS256', edge, client }, 'the same token again', 1))
  }
  return {
    row: 'mtls',
    groups,
    targets: [],
    notes: groups.map(
      (group) => `${group.title}: a bound token takes ${figure(addedTo(group, PLAIN, BOUND), 1)} µs more.`,
    ),
  }
}
