// Runs the mutants of a rule for some algorithms on some edges, and counts: a mutant that passes, a mutant that is
// refused for another reason than stated, and a good request that is refused.

import type { CaseRequest, EdgeName } from '../cases/row.ts'
import type { Edge, Outcome } from '../edges/edge.ts'
import type { ProofAlgorithm } from '../support/dpop-proofs.ts'
import { EDGES_WITH_FIELDS, type Attempt, type Making, type Mutant, type Rule, type Sent } from './mutant.ts'
import { CLAIM_RULES } from './rules-claims.ts'
import { PROOF_RULES } from './rules-proof.ts'
import { REQUEST_RULES } from './rules-request.ts'
import { allowedBeside, type MutantWorld } from './world.ts'

/** Every rule, in the order in which a request is checked. */
export const RULES: readonly Rule[] = [...REQUEST_RULES, ...PROOF_RULES, ...CLAIM_RULES]

export interface Tally {
  readonly rule: string
  readonly source: string
  readonly algorithms: number
  readonly edges: number
  mutants: number
  goods: number
  /** What went wrong, in words: algorithm, edge, name, and the answer. */
  readonly passed: string[]
  readonly otherwise: string[]
  readonly refused: string[]
}

export interface Selection {
  readonly algorithms: readonly ProofAlgorithm[]
  readonly edges: readonly EdgeName[]
}

/** A good request, which no rule refuses. A nonce where one is demanded. */
const goodOf = (making: Making, { setting }: Rule): Sent =>
  making.send(making.bound, making.proof(setting === 'nonce' ? { claims: { nonce: making.nonce(0) } } : {}))

const toCase = ({ fields, ...rest }: Sent): CaseRequest => ({ ...rest, host: 'api.example.com', fields })

const answerOf = ({ code, detail }: Outcome): string => `${code} ${JSON.stringify(detail ?? {})}`

async function sendAll(edge: Edge, requests: readonly Sent[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const request of requests) outcomes.push(await edge.send(toCase(request)))
  return outcomes
}

/** Sends good requests, and returns the answer to the first one that is refused. */
async function sendGood(edge: Edge, requests: readonly Sent[]): Promise<string | null> {
  const refused = (await sendAll(edge, requests)).find(({ allow }) => !allow)
  return refused === undefined ? null : answerOf(refused)
}

const existsFor = ({ algorithms, notOn = {} }: Attempt, { algorithm, edge }: Making): boolean =>
  (algorithms?.(algorithm) ?? true) && notOn[edge] === undefined

async function runMutant(edge: Edge, mutant: Mutant, making: Making, tally: Tally): Promise<void> {
  const where = `${making.algorithm}, ${making.edge}: ${mutant.name}`
  const outcomes = await sendAll(edge, await mutant.requests(making))
  const last = outcomes.at(-1)!
  const early = outcomes.slice(0, -1).find(({ allow }) => !allow)
  tally.mutants++
  const { code, problem } = mutant.elsewhere?.[making.edge] ?? mutant
  if (early !== undefined) tally.refused.push(`${where}, its good request: ${answerOf(early)}`)
  else if (last.allow) tally.passed.push(where)
  else if (last.code !== code || (problem !== undefined && last.detail?.['problem'] !== problem))
    tally.otherwise.push(`${where}: ${answerOf(last)}, not ${code} ${problem ?? ''}`)
}

async function runOn(world: MutantWorld, rule: Rule, making: Making, tally: Tally): Promise<void> {
  const edge = await world.edge(making.edge, rule.setting ?? 'plain', making.algorithm)
  const where = `${making.algorithm}, ${making.edge}`
  const allowed =
    rule.setting === 'narrow' ? await world.making(allowedBeside(making.algorithm), making.edge) : making
  const goods: readonly Attempt[] = [
    // A TOKEN event has no proof: its rule says what passes there.
    ...(making.edge === 'rest TOKEN'
      ? []
      : [{ name: 'the good request', requests: () => [goodOf(allowed, rule)] }]),
    ...(rule.goods ?? []),
  ]
  for (const good of goods) {
    if (!existsFor(good, making)) continue
    const answer = await sendGood(edge, await good.requests(making))
    tally.goods++
    if (answer !== null) tally.refused.push(`${where}: ${good.name}: ${answer}`)
  }
  for (const mutant of rule.mutants)
    if (existsFor(mutant, making)) await runMutant(edge, mutant, making, tally)
}

/** Runs one rule. Edges that the rule does not have are left out. */
export async function runRule(
  world: MutantWorld,
  rule: Rule,
  { algorithms, edges }: Selection,
): Promise<Tally> {
  const own = (rule.edges ?? EDGES_WITH_FIELDS).filter((edge) => edges.includes(edge))
  const tally: Tally = {
    rule: rule.name,
    source: rule.source,
    algorithms: algorithms.length,
    edges: own.length,
    mutants: 0,
    goods: 0,
    passed: [],
    otherwise: [],
    refused: [],
  }
  for (const edge of own)
    for (const algorithm of algorithms) await runOn(world, rule, await world.making(algorithm, edge), tally)
  return tally
}

/** Everything that went wrong, in words. */
export const mistakesIn = ({ passed, otherwise, refused }: Tally): readonly string[] => [
  ...passed.map((where) => `passed: ${where}`),
  ...otherwise.map((where) => `another reason: ${where}`),
  ...refused.map((where) => `refused: ${where}`),
]
