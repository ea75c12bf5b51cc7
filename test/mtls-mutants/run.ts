// `npm run test:mtls`: every fact about a client certificate, each with its mutants, on every edge that has it.

import { parseArgs } from 'node:util'
import { paint } from '../../cli/table.ts'
import type { EdgeName } from '../cases/row.ts'
import { mistakesIn, type Tally } from '../dpop-mutants/run-mutants.ts'
import { summarise } from '../dpop-mutants/summary.ts'
import { EDGES } from '../edges/all-edges.ts'
import { RULES } from './mutants.ts'
import { openMutantWorld, runRule } from './run-mutants.ts'

const EDGE_NAMES = Object.keys(EDGES) as EdgeName[]

const HELP = `npm run test:mtls -- [--edge NAME]

Sends good requests with a token that is bound to a client certificate, and the same requests with one byte, digit or
member of one fact changed, to every edge.

  --edge NAME   one edge: ${EDGE_NAMES.join(', ')}
  --help        this text

Exit code 0 if every mutant is refused for a reason that its rule states and every good request passes, else 1; 2 if an
option cannot be used.`

function fail(message: string): never {
  process.stderr.write(`${message}\n\n${HELP}\n`)
  process.exit(2)
}

function readOptions() {
  const options = { edge: { type: 'string' }, help: { type: 'boolean' } } as const
  try {
    return parseArgs({ args: process.argv.slice(2), options }).values
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0]}.`)
  }
}

const { help, edge } = readOptions()
if (help === true) {
  process.stdout.write(`${HELP}\n`)
  process.exit(0)
}
const edges = EDGE_NAMES.filter((name) => edge === undefined || name === edge)
if (edges.length === 0) fail(`--edge names none: "${edge}".`)
const rules = RULES.filter((rule) => rule.edges.some((name) => edges.includes(name)))
if (rules.length === 0) fail('No mutant is for this edge.')

const world = await openMutantWorld()
const tallies: Tally[] = []
for (const rule of rules) {
  process.stdout.write(paint('dim', `- ${rule.name}\n`))
  tallies.push(await runRule(world, rule, edges))
}
await world.close()
process.stdout.write(`\n${summarise(tallies)}\n`)
process.exit(tallies.some((tally) => mistakesIn(tally).length > 0) ? 1 : 0)
