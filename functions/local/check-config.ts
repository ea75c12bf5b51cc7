// `npm run check:config`: would lanekeeper.config.ts start, on either edge, in every stage? Says what each
// problem is and where, and ends with exit code 1 if there is one. What only a deployment can know (variables
// of its environment, service bindings) is listed and not judged; nor is a missing origin, which only the
// Worker needs.

import config from '../../lanekeeper.config.ts'
import { ConfigError, resolveConfig, type ConfigProblem } from '../../shared/index.ts'
import { layOut, paint } from './table.ts'

interface Finding {
  readonly stage: string | undefined
  readonly problems: readonly ConfigProblem[]
  /** Variables that the deployment has to supply. */
  readonly needed: readonly string[]
  readonly hasOrigin: boolean
}

function look(stage: string | undefined): Finding {
  try {
    const { origin } = resolveConfig(config, { stage, env: process.env })
    return { stage, problems: [], needed: [], hasOrigin: origin !== null }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    const needed = error.problems.flatMap(({ variable }) => variable ?? [])
    return {
      stage,
      needed,
      problems: error.problems.filter(({ variable }) => variable === undefined),
      hasOrigin: true,
    }
  }
}

const stages = Object.keys(config.stages ?? {})
const findings = (stages.length === 0 ? [undefined] : stages).map(look)

const verdict = (good: boolean, otherwise: string) =>
  good ? ({ text: 'ok', colour: 'green' } as const) : ({ text: otherwise, colour: 'red' } as const)

console.log(
  layOut(
    ['stage', 'Worker', 'Lambda', 'to be supplied'],
    findings.map(({ stage, problems, needed, hasOrigin }) => [
      stage ?? '(none)',
      problems.length === 0 && !hasOrigin
        ? verdict(false, 'no origin')
        : verdict(problems.length === 0, 'refused'),
      verdict(problems.length === 0, 'refused'),
      needed.join(' '),
    ]),
  ),
)
for (const { stage, problems } of findings) {
  if (problems.length > 0) console.log(`\n${paint('bold', stage ?? '(none)')}`)
  for (const { path, message } of problems) console.log(`  ${path}: ${message}`)
}
process.exit(findings.some(({ problems }) => problems.length > 0) ? 1 : 0)
