// What `npm run check:config` says of the stages: a table, the problems of each, how late it may see a revocation, and
// what else an operator should know of it.

import { revocationStaleness, type ResolvedConfig } from '../../shared/index.ts'
import { findHiddenRules, findUndiscoverable } from './published-notes.ts'
import type { Finding, StageFindings } from './stage-findings.ts'
import { layOut, paint } from './table.ts'

type Print = (text: string) => void

const title = ({ stage }: StageFindings): string => paint('bold', stage ?? '(none)')

/** What the stage resolves to, on the Worker if it starts there. */
const resolvedOf = ({ worker, lambda }: StageFindings): ResolvedConfig | null =>
  worker.resolved ?? lambda.resolved

const verdict = (good: boolean, otherwise: string) =>
  good ? ({ text: 'ok', colour: 'green' } as const) : ({ text: otherwise, colour: 'red' } as const)

const judge = ({ problems, resolved, leftOut }: Finding, needsOrigin: boolean) =>
  leftOut === true
    ? ({ text: 'left out', colour: 'dim' } as const)
    : problems.length === 0 && needsOrigin && resolved?.origin === null
      ? verdict(false, 'no origin')
      : verdict(problems.length === 0, 'refused')

/** The worst case of a stage, in seconds. */
const worst = (resolved: ResolvedConfig | null): string =>
  resolved === null ? '' : `${Math.max(...revocationStaleness(resolved).map(({ seconds }) => seconds))} s`

const layOutStages = (findings: readonly StageFindings[]): string =>
  layOut(
    ['stage', 'Worker', 'Lambda', 'a revocation is seen after', 'to be supplied'],
    findings.map((finding) => [
      finding.stage ?? '(none)',
      judge(finding.worker, true),
      judge(finding.lambda, false),
      worst(resolvedOf(finding)),
      [...new Set([...finding.worker.needed, ...finding.lambda.needed])].join(' '),
    ]),
  )

function printProblems(finding: StageFindings, print: Print): void {
  const problems = new Set(
    [...finding.worker.problems, ...finding.lambda.problems].map(
      ({ path, message }) => `${path}: ${message}`,
    ),
  )
  if (problems.size > 0) print(`\n${title(finding)}`)
  for (const problem of problems) print(`  ${problem}`)
}

function printStaleness(finding: StageFindings, print: Print): void {
  const resolved = resolvedOf(finding)
  if (resolved === null) return
  print(`\n${title(finding)}: at most, in each instance`)
  for (const { issuer, tokens, seconds, parts } of revocationStaleness(resolved)) {
    const sum = parts.map((part) => `${part.seconds} ${part.name}`).join(' + ')
    print(`  ${issuer}, ${tokens === 'jwt' ? 'JWTs' : 'opaque tokens'}: ${seconds} s = ${sum || 'at once'}`)
  }
}

/** Rules that only record what they would refuse. */
function printReportOnly(finding: StageFindings, print: Print): void {
  const resolved = resolvedOf(finding)
  const watched = resolved?.routes.filter(({ reportOnly }) => reportOnly).map(({ name }) => name) ?? []
  const what = resolved?.reportOnly === true ? ['everything'] : watched
  if (what.length > 0) print(`\n${title(finding)}: report-only, nothing is refused: ${what.join('; ')}`)
}

/** What clients find out by themselves, and what they do not. RFC 9728. */
function printPublished(finding: StageFindings, print: Print): void {
  const { resolved } = finding.worker
  if (resolved === null) return
  const notes = [...findUndiscoverable(resolved), ...findHiddenRules(resolved)]
  for (const note of notes) print(`\n${title(finding)}: ${note}`)
}

/** What should be changed, said once for all stages that have it. */
function printWarnings(findings: readonly StageFindings[], print: Print): void {
  const stagesOf = new Map<string, string[]>()
  for (const finding of findings)
    for (const { path, message } of resolvedOf(finding)?.warnings ?? []) {
      const text = `warning: ${path}: ${message}`
      stagesOf.set(text, [...(stagesOf.get(text) ?? []), finding.stage ?? '(none)'])
    }
  for (const [text, stages] of stagesOf) print(`\n${text} (${stages.join(', ')})`)
}

export function printStages(findings: readonly StageFindings[], print: Print): void {
  print(layOutStages(findings))
  for (const finding of findings) {
    printProblems(finding, print)
    printStaleness(finding, print)
  }
  printWarnings(findings, print)
  for (const finding of findings) printReportOnly(finding, print)
  for (const finding of findings) printPublished(finding, print)
}
