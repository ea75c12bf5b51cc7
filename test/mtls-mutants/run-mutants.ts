// Runs the mutants of a rule on some edges, and counts as test/dpop-mutants does: a mutant that passes, one that is
// refused for another reason than its rule states, and a good request that is refused.

import { MTLS_SUITES } from '../cases/mtls/index.ts'
import { HOST } from '../cases/dpop/row.ts'
import { requestOf } from '../cases/mtls/row.ts'
import type { CaseRequest, EdgeName } from '../cases/row.ts'
import type { Tally } from '../dpop-mutants/run-mutants.ts'
import { EDGES } from '../edges/all-edges.ts'
import type { Edge, Outcome } from '../edges/edge.ts'
import { startCaseWorld } from '../support/case-world.ts'
import { clientCertificates } from '../support/client-certificates.ts'
import type { Good, Rule } from './mutants.ts'

export interface MutantWorld {
  readonly good: Good
  /** The edge with the configuration of a suite. */
  edge(name: EdgeName, suite: Rule['suite']): Promise<Edge>
  close(): Promise<void>
}

export async function openMutantWorld(): Promise<MutantWorld> {
  const world = await startCaseWorld()
  const { client } = await clientCertificates()
  const edges = new Map<string, Promise<Edge>>()

  async function open(name: EdgeName, suiteName: Rule['suite']): Promise<Edge> {
    const suite = MTLS_SUITES.find((one) => one.name === suiteName)!
    return EDGES[name](await suite.config(world), { ...world.env, ...suite.env })
  }

  return {
    good: {
      client,
      request: await requestOf(world, { certificate: null }),
      requestFor: (x5t) => requestOf(world, { certificate: null, cnf: { 'x5t#S256': x5t } }),
    },
    edge(name, suite) {
      const key = `${name} ${suite}`
      const edge = edges.get(key) ?? open(name, suite)
      edges.set(key, edge)
      return edge
    },
    async close() {
      await Promise.all([...(await Promise.all(edges.values())), world].map((one) => one.close()))
    },
  }
}

/** A handshake has one route, and no path. */
const toEdge = (request: CaseRequest, edge: EdgeName): CaseRequest =>
  edge === 'websocket' ? { ...request, path: '$connect', host: HOST } : request

const answerOf = ({ code, detail }: Outcome): string => `${code} ${JSON.stringify(detail ?? {})}`

/** Runs one rule. Edges that the rule does not have are left out. */
export async function runRule(
  { good, edge: open }: Pick<MutantWorld, 'good' | 'edge'>,
  rule: Rule,
  edges: readonly EdgeName[],
): Promise<Tally> {
  const own = rule.edges.filter((edge) => edges.includes(edge))
  const tally: Tally = {
    ...{ rule: rule.name, source: rule.source, algorithms: 1, edges: own.length, mutants: 0, goods: 0 },
    ...{ passed: [], otherwise: [], refused: [] },
  }
  const mutants = rule.mutants(good)
  for (const name of own) {
    const edge = await open(name, rule.suite)
    const passing = await edge.send(toEdge(rule.good(good), name))
    tally.goods++
    if (!passing.allow) tally.refused.push(`${name}: ${answerOf(passing)}`)
    for (const mutant of mutants) {
      const outcome = await edge.send(toEdge(await mutant.request, name))
      tally.mutants++
      if (outcome.allow) tally.passed.push(`${name}: ${mutant.name}`)
      else if (!rule.codes.some((code) => code === outcome.code))
        tally.otherwise.push(`${name}: ${mutant.name}: ${answerOf(outcome)}`)
    }
  }
  return tally
}
