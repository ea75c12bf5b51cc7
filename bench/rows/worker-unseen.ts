// New tokens through workerd, against a Worker that only calls `subtle.verify`. First the decision alone, where no
// Worker sends anything on, beside the decisions of other libraries for Workers; then the whole Worker, where both send
// the request on to the same origin: one whose responses Lanekeeper marks, and one whose responses it leaves as they
// are.

import { PARAMETERS } from '../contestants/subtle.ts'
import { configFor, PATH } from '../contestants/ours.ts'
import { compare, ratioOf, worst, type Group, type Target } from '../result.ts'
import { takeTurns } from '../rounds.ts'
import type { Bench, RunRow } from '../row.ts'
import { figure } from '../present.ts'
import { median } from '../statistics.ts'
import { AUDIENCE, type Algorithm } from '../world.ts'
import { checkWorker } from '../workerd/check.ts'
import { createBusy } from '../workerd/busy.ts'
import { toRequest } from '../workerd/load.ts'
import { ORIGINS, startOrigin } from '../workerd/origin-child.ts'
import { serveWorker, type WorkerSource } from '../workerd/serve.ts'
import { fromArtefact, fromArtefactAfter, fromModule, fromPlan } from '../workerd/source.ts'

const ALGORITHMS = ['RS256', 'ES256'] as const satisfies readonly Algorithm[]
const CONNECTIONS = 16

const EFFORT = {
  quick: { rounds: 4, warmUp: 1, tokens: { RS256: 400, ES256: 600 } },
  full: { rounds: 15, warmUp: 4, tokens: { RS256: 1_500, ES256: 2_500 } },
} as const

const VERIFY = 'subtle.verify alone'
const DECISION = 'the decision alone'
const JOSE = 'jose alone'
const HONO = 'hono/jwk alone'
const NO_ORIGIN = 'lanekeeper, nothing sent on'
const VERIFY_AND_PASS = 'subtle.verify, sent on'
const OURS = 'lanekeeper'
const NO_STORE = ', origin says no-store'

const KNOW_NO_SCOPE: readonly string[] = [
  VERIFY,
  VERIFY_AND_PASS,
  `${VERIFY_AND_PASS}${NO_STORE}`,
  JOSE,
  HONO,
]

interface NamedOrigin {
  readonly suffix: string
  readonly url: string
}

function sourcesFor({ world }: Bench, algorithm: Algorithm, origins: readonly NamedOrigin[]): WorkerSource[] {
  const { alg: _, ...jwk } = world.keys[algorithm].publicJwk
  const KEY = JSON.stringify({ jwk, parameters: PARAMETERS[algorithm] })
  const { issuer, jwksUri } = world
  const keys = [world.keys[algorithm].publicJwk]
  const expected = { issuer, audience: AUDIENCE, algorithms: [algorithm], typ: 'at+jwt' }
  const withOrigin = (url: string) => ({ ...configFor(world, [algorithm]), origin: { url } })
  const config = withOrigin(origins[0]!.url)
  return [
    { name: VERIFY, bundle: fromModule('verify-alone.ts'), variables: { KEY } },
    { name: DECISION, bundle: fromPlan(config, { start: 'planned-decision.ts', minify: true }) },
    {
      name: JOSE,
      bundle: fromModule('jose-alone.ts'),
      variables: { EXPECTED: JSON.stringify({ ...expected, jwksUri }) },
    },
    {
      name: HONO,
      bundle: fromModule('hono-alone.ts'),
      variables: { EXPECTED: JSON.stringify({ ...expected, keys }) },
    },
    { name: NO_ORIGIN, bundle: fromArtefactAfter('nothing-sent.ts', config) },
    ...origins.flatMap(({ suffix, url }) => [
      {
        name: `${VERIFY_AND_PASS}${suffix}`,
        bundle: fromModule('verify-and-pass.ts'),
        variables: { KEY, ORIGIN: url },
      },
      { name: `${OURS}${suffix}`, bundle: fromArtefact(withOrigin(url)) },
    ]),
  ]
}

export const runWorkerUnseen: RunRow = async (bench) => {
  const { quick, world, progress } = bench
  const { rounds, warmUp, tokens } = EFFORT[quick ? 'quick' : 'full']
  const origins = await Promise.all(
    ORIGINS.map(async ({ says, cacheControl }) => ({
      suffix: says === 'no-store' ? NO_STORE : '',
      url: await startOrigin(bench, { cacheControl }),
    })),
  )
  const groups: Group[] = []
  const costs: Group[] = []
  for (const algorithm of ALGORITHMS) {
    const title = `${algorithm}, ${CONNECTIONS} connections`
    progress(`${title}: starting workerd`)
    const workers = await Promise.all(
      sourcesFor(bench, algorithm, origins).map(async (source) => ({
        name: source.name,
        worker: await serveWorker({ ...source, name: `${source.name} ${algorithm}` }, bench),
      })),
    )
    for (const { name, worker } of workers)
      await checkWorker(name, worker.port, world, { algorithm, scope: !KNOW_NO_SCOPE.includes(name) })
    const busy = createBusy(workers, CONNECTIONS)
    const contestants = await takeTurns(
      busy.runners,
      { rounds, warmUp },
      async () =>
        (await world.tokens(algorithm, tokens[algorithm])).map((token) => toRequest(PATH, `Bearer ${token}`)),
      (text) => progress(`${title}: ${text}`),
    )
    groups.push({ title, unit: 'per second', reference: VERIFY, contestants })
    const cpu = busy.cpu(title, VERIFY, rounds)
    if (cpu !== null) costs.push(cpu)
  }
  const target = (what: string, name: string, reference: string, least: number): Target => {
    const group = worst(groups, name, reference)
    return {
      what: `Worker, unseen: ${what} (worst: ${group.title})`,
      bound: { least },
      unit: '×',
      reached: ratioOf(group, name, reference),
    }
  }
  return {
    row: 'worker-unseen',
    groups: [...groups, ...costs],
    targets: [
      target('the decision, against jose', DECISION, JOSE, 1),
      target('the decision, against hono/jwk', DECISION, HONO, 1),
      target('the decision, against subtle.verify', DECISION, VERIFY, 0.9),
      target('with an origin, against subtle.verify and the same origin', OURS, VERIFY_AND_PASS, 0.9),
      target(
        'with an origin that says no-store, against subtle.verify and the same origin',
        `${OURS}${NO_STORE}`,
        `${VERIFY_AND_PASS}${NO_STORE}`,
        0.9,
      ),
    ],
    notes: [
      ...costs.map(
        (cost) =>
          `${cost.title}, the decision alone: ${figure(ratioOf(cost, DECISION, JOSE).median, 2)} of jose, ${figure(ratioOf(cost, DECISION, HONO).median, 2)} of hono/jwk.`,
      ),
      'The Workers that only verify read neither header nor claims, and know the key from the start.',
      ...groups.map(
        (group) =>
          `${group.title}: the whole Worker, sending nothing on, against subtle.verify alone: ${figure(median(compare(group, NO_ORIGIN, VERIFY)), 2)}.`,
      ),
    ],
  }
}
