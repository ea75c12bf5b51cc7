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
import { compare, ratioOf, worst, type Group, type Target } from '../result.ts'
import { lap, lapFor, takeTurns, type Runner } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { median } from '../statistics.ts'
import type { Algorithm, World } from '../world.ts'
import { freshString } from './unseen.ts'

const ALGORITHMS = ['ES256', 'RS256'] as const satisfies readonly Algorithm[]
const PLAIN = 'a plain token'
const BOUND = 'a bound token with its certificate'
const LEAST = 0.9

const EFFORT = {
  quick: { rounds: 5, warmUp: 1, count: 300, ms: 40 },
  full: { rounds: 31, warmUp: 3, count: 1_000, ms: 150 },
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

async function prepare(
  world: World,
  client: CertifiedClient,
  algorithm: Algorithm,
  count: number,
): Promise<Material> {
  const bound = await Promise.all(Array.from({ length: count }, () => client.token(algorithm)))
  return { plain: (await world.tokens(algorithm, count)).map(toField), bound: bound.map(toField) }
}

interface Setting {
  readonly algorithm: Algorithm
  readonly edge: Edge
  readonly client: CertifiedClient
}

/** What decides about each kind of token: an authorizer that has seen none. */
function deciders({ world }: Bench, { algorithm, edge: { ports, toFacts }, client }: Setting) {
  const config = configFor(world, [algorithm])
  return {
    plain: () => createDecide(config, ports),
    bound: () => createMtlsDecide(withMtls(config), toFacts(client.pem), ports),
  }
}

type Decide = (authorization: string) => Promise<boolean>

const runnersFor = (
  create: ReturnType<typeof deciders>,
  time: (name: string, fields: readonly Buffer[], decide: Decide) => Promise<number>,
): Runner<Material>[] => [
  { name: PLAIN, measure: ({ plain }) => time(PLAIN, plain, create.plain()) },
  { name: BOUND, measure: ({ bound }) => time(BOUND, bound, create.bound()) },
]

async function measureUnseen(bench: Bench, setting: Setting): Promise<Group> {
  const { quick, world, progress } = bench
  const { count, rounds, warmUp } = EFFORT[quick ? 'quick' : 'full']
  const { algorithm, edge, client } = setting
  const title = `${algorithm}, unseen, ${edge.name}`
  const runners = runnersFor(deciders(bench, setting), async (name, [first, ...fields], decide) => {
    // The keys are fetched before the clock starts.
    if (!(await decide(freshString(first!)))) throw new Error(`${name} was refused`)
    return lap(name, fields.map(freshString), 1, decide)
  })
  return {
    title,
    unit: 'per second',
    reference: PLAIN,
    contestants: await takeTurns(
      runners,
      { rounds, warmUp },
      () => prepare(world, client, algorithm, count + 1),
      (text) => progress(`${title}: ${text}`),
    ),
  }
}

/** One token, which the authorizers have seen. */
async function measureSeen(bench: Bench, setting: Setting): Promise<Group> {
  const { quick, world, progress } = bench
  const { ms, rounds, warmUp } = EFFORT[quick ? 'quick' : 'full']
  const { algorithm, edge, client } = setting
  const title = `${algorithm}, the same token again, ${edge.name}`
  const create = deciders(bench, setting)
  const [plain, bound] = [create.plain(), create.bound()]
  const material = await prepare(world, client, algorithm, 1)
  const runners = runnersFor({ plain: () => plain, bound: () => bound }, (name, fields, decide) =>
    lapFor(name, fields, ms, (field) => decide(freshString(field))),
  )
  return {
    title,
    unit: 'per second',
    reference: PLAIN,
    contestants: await takeTurns(
      runners,
      { rounds, warmUp },
      async () => material,
      (text) => progress(`${title}: ${text}`),
    ),
  }
}

export const runMtls: RunRow = async (bench) => {
  const client = await createCertifiedClient(bench.world)
  const unseen: Group[] = []
  const seen: Group[] = []
  for (const edge of EDGES) {
    for (const algorithm of ALGORITHMS) unseen.push(await measureUnseen(bench, { algorithm, edge, client }))
    seen.push(await measureSeen(bench, { algorithm: 'RS256', edge, client }))
  }
  const targets = EDGES.map(({ name }): Target => {
    const group = worst(
      unseen.filter(({ title }) => title.endsWith(name)),
      BOUND,
      PLAIN,
    )
    return {
      what: `mTLS, an unseen token with its certificate, against a plain one (worst: ${group.title})`,
      bound: { least: LEAST },
      unit: '×',
      reached: ratioOf(group, BOUND, PLAIN),
    }
  })
  return {
    row: 'mtls',
    groups: [...unseen, ...seen],
    targets,
    notes: seen.map(
      (group) =>
        `${group.title}: ${figure(median(compare(group, BOUND, PLAIN)), 2)} of a plain one, whose decision hashes nothing.`,
    ),
  }
}
