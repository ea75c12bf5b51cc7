// The part of `npm run test:deploy` about examples/operate: cfn-lint accepts its templates, and refuses broken ones.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'

/** Runs cfn-lint on a file; its exit code and what it printed. */
export type Lint = (file: string) => { readonly status: number | null; readonly output: string }

const FOLDER = join(ROOT, 'examples/operate')

/** By template: a change that makes it wrong. */
const TEMPLATES: Readonly<Record<string, readonly [from: string | RegExp, to: string]>> = {
  'alarms.yml': ['ComparisonOperator: LessThanThreshold', 'ComparisonOperator: LessThan'],
  'dashboard.yml': ['DashboardBody:', 'DashboardText:'],
  'insights.yml': ['{ Ref: LogGroup }', '{ Ref: LogGruop }'],
}

function checkTemplates(lint: Lint): string {
  const work = mkdtempSync(join(tmpdir(), 'lanekeeper-operate-'))
  try {
    for (const [name, [from, to]] of Object.entries(TEMPLATES)) {
      const { status, output } = lint(join(FOLDER, name))
      if (status !== 0) throw new Error(`cfn-lint: ${output}`)
      const text = readFileSync(join(FOLDER, name), 'utf8')
      const broken = join(work, name)
      writeFileSync(broken, text.replace(from, to))
      if (text.replace(from, to) === text || lint(broken).status === 0) throw new Error(`accepts ${to}, too`)
    }
  } finally {
    rmSync(work, { recursive: true })
  }
  return 'alarms, dashboard and queries; three broken ones are refused'
}

/** Steps in the form of run-deploy.ts: the tool, what it is to show, and how. */
export const operateSteps = (lint: Lint): readonly (readonly [string, string, () => string])[] => [
  ['cfn-lint', 'examples/operate', () => checkTemplates(lint)],
]
