// What `npm run check:config` says of the stages: a table, the problems of each, how late it may see a revocation, and
// what else an operator should know of it.

import {
  revocationStaleness,
  type LanekeeperConfig,
  type ResolvedConfig,
  type Staleness,
} from '../shared/index.ts'
import { findHiddenRules, findUndiscoverable } from './published-notes.ts'
import type { Finding, StageFindings } from './stage-findings.ts'
import { layOut, paint } from './table.ts'

type Print = (text: string) => void

const nameOf = ({ stage }: StageFindings): string => stage ?? '(none)'

/** What is found in several stages is said once, with their names. `textsOf`: each in the words that are printed. */
function byText(
  findings: readonly StageFindings[],
  textsOf: (finding: StageFindings) => readonly string[],
): readonly (readonly [text: string, title: string])[] {
  const stagesOf = new Map<string, string[]>()
  for (const finding of findings)
    for (const text of new Set(textsOf(finding)))
      stagesOf.set(text, [...(stagesOf.get(text) ?? []), nameOf(finding)])
  return [...stagesOf].map(([text, stages]) => [text, paint('bold', stages.join(', '))])
}

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

/** Without API Gateway nothing is kept there. */
function stalenessOf(finding: StageFindings): readonly Staleness[] {
  const resolved = resolvedOf(finding)
  if (resolved === null) return []
  if (finding.lambda.leftOut !== true) return revocationStaleness(resolved)
  return revocationStaleness({
    ...resolved,
    aws: { ...resolved.aws, resultTtlSeconds: 0, authorizers: new Map() },
  })
}

/** The worst case of a stage, in seconds. */
function worst(finding: StageFindings): string {
  const found = stalenessOf(finding)
  return found.length === 0 ? '' : `${Math.max(...found.map(({ seconds }) => seconds))} s`
}

const layOutStages = (findings: readonly StageFindings[]): string =>
  layOut(
    ['stage', 'Worker', 'Lambda', 'a revocation is seen after', 'to be supplied'],
    findings.map((finding) => [
      nameOf(finding),
      judge(finding.worker, true),
      judge(finding.lambda, false),
      worst(finding),
      [...new Set([...finding.worker.needed, ...finding.lambda.needed])].join(' '),
    ]),
  )

/** `routes[31].path` as `routes[31].path (/orders)`: nobody counts to 31. */
function toPlace(path: string, { routes }: LanekeeperConfig): string {
  const [, index] = /^routes\[(\d+)\]/.exec(path) ?? []
  const given: unknown = index === undefined ? undefined : (routes as unknown[] | undefined)?.[Number(index)]
  const { path: named, methods } = (given ?? {}) as { path?: unknown; methods?: unknown }
  if (typeof named !== 'string') return path
  const verbs = Array.isArray(methods) ? methods.filter((method) => typeof method === 'string') : []
  return `${path} (${[verbs.join(','), named].filter((part) => part !== '').join(' ')})`
}

const problemsOf = ({ worker, lambda }: StageFindings, config: LanekeeperConfig): string[] =>
  [...worker.problems, ...lambda.problems].map(
    ({ path, message }) => `  ${toPlace(path, config)}: ${message}`,
  )

/** One line for each kind of token of each issuer, under a heading for the stages that they are the same in. */
function describeStaleness(finding: StageFindings): string[] {
  const lines = stalenessOf(finding).map(({ issuer, tokens, seconds, parts }) => {
    const sum = parts.map((part) => `${part.seconds} ${part.name}`).join(' + ')
    return `  ${issuer}, ${tokens === 'jwt' ? 'JWTs' : 'opaque tokens'}: ${seconds} s = ${sum || 'at once'}`
  })
  return lines.length === 0 ? [] : [lines.join('\n')]
}

/** Rules that only record what they would refuse. */
function describeReportOnly(finding: StageFindings): string[] {
  const resolved = resolvedOf(finding)
  const watched = resolved?.routes.filter(({ reportOnly }) => reportOnly).map(({ name }) => name) ?? []
  const what = resolved?.reportOnly === true ? ['everything'] : watched
  return what.length > 0 ? [`report-only, nothing is refused: ${what.join('; ')}`] : []
}

/** What clients find out by themselves, and what they do not. RFC 9728. */
const describePublished = ({ worker: { resolved } }: StageFindings): string[] =>
  resolved === null ? [] : [...findUndiscoverable(resolved), ...findHiddenRules(resolved)]

/** What should be changed, though the configuration can be used. */
const describeWarnings = (finding: StageFindings, config: LanekeeperConfig): string[] =>
  (resolvedOf(finding)?.warnings ?? []).map(
    ({ path, message }) => `warning: ${toPlace(path, config)}: ${message}`,
  )

export function printStages(
  findings: readonly StageFindings[],
  config: LanekeeperConfig,
  print: Print,
): void {
  print(layOutStages(findings))
  let last = ''
  for (const [problem, title] of byText(findings, (finding) => problemsOf(finding, config))) {
    if (title !== last) print(`\n${title}`)
    print(problem)
    last = title
  }
  for (const [lines, title] of byText(findings, describeStaleness))
    print(`\n${title}: at most, in each instance\n${lines}`)
  for (const [text, title] of byText(findings, (finding) => describeWarnings(finding, config)))
    print(`\n${title}: ${text}`)
  for (const describe of [describeReportOnly, describePublished])
    for (const [text, title] of byText(findings, describe)) print(`\n${title}: ${text}`)
}
