// `npm run test:dpop`: every rule of DPoP, each with its mutants, for every algorithm on every edge.

import { parseArgs } from 'node:util'
import { paint } from '../../cli/table.ts'
import { SIGNATURE_ALGORITHMS } from '../../shared/token/algorithms.ts'
import type { EdgeName } from '../cases/row.ts'
import { EDGES } from '../edges/all-edges.ts'
import { mistakesIn, RULES, runRule, type Tally } from './run-mutants.ts'
import { summarise } from './summary.ts'
import { openMutantWorld } from './world.ts'

const EDGE_NAMES = Object.keys(EDGES) as EdgeName[]

const HELP = `npm run test:dpop -- [--only RULE] [--edge NAME] [--algorithm NAME]

Sends good requests with a DPoP proof, and the same requests with one thing changed, to every edge, for every algorithm.

  --only RULE        one rule, by its name or the beginning of it
  --edge NAME        one edge: ${EDGE_NAMES.join(', ')}
  --algorithm NAME   one algorithm: ${SIGNATURE_ALGORITHMS.join(', ')}
  --help             this text

Exit code 0 if every mutant is refused for the reason that its rule states and every good request passes, else 1; 2 if
an option cannot be used.`

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}\n`)
  process.exit(2)
}

function readOptions() {
  const text = { type: 'string' } as const
  const options = { only: text, edge: text, algorithm: text, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: process.argv.slice(2), options }).values
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0]}.`)
  }
}

/** Those that an option selects. */
function selected<Name extends string>(names: readonly Name[], given: string | undefined, option: string) {
  if (given === undefined) return names
  const found = names.filter((name) => name === given)
  return found.length === 0 ? fail(`${option} names none: "${given}".`) : found
}

const given = readOptions()
if (given.help === true) {
  process.stdout.write(`${HELP}\n`)
  process.exit(0)
}
const selection = {
  algorithms: selected(SIGNATURE_ALGORITHMS, given.algorithm, '--algorithm'),
  edges: selected(EDGE_NAMES, given.edge, '--edge'),
}
const rules = RULES.filter(({ name }) => name.startsWith(given.only ?? ''))
if (rules.length === 0)
  fail(`--only names no rule: "${given.only}". Rules: ${RULES.map(({ name }) => name).join('; ')}`)

const world = await openMutantWorld()
const tallies: Tally[] = []
for (const rule of rules) {
  process.stdout.write(paint('dim', `- ${rule.name}\n`))
  tallies.push(await runRule(world, rule, selection))
}
await world.close()
if (tallies.every(({ mutants }) => mutants === 0)) fail('No mutant of these rules is for this edge.')
process.stdout.write(`\n${summarise(tallies)}\n`)
process.exit(tallies.some((tally) => mistakesIn(tally).length > 0) ? 1 : 0)
