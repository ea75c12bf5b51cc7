// What `lanekeeper check` and `npm run check:config` print about the stages: a table, the problems, the longest time
// until a revocation takes effect, warnings and notes.

import {
  revocationStaleness,
  type ConfigProblem,
  type LanekeeperConfig,
  type ResolvedConfig,
  type Staleness,
} from '../shared/index.ts'
import { findHiddenRules, findUndiscoverable } from './published-notes.ts'
import { describeSenders, findVisibleFields } from './sender-report.ts'
import { describeBound, describeRevocation, describeSum, findUncheckedRoutes } from './revocation-report.ts'
import type { Finding, StageFindings } from './stage-findings.ts'
import { layOut, paint, type Cell } from './table.ts'

type Print = (text: string) => void

const nameOf = ({ stage }: StageFindings): string => stage ?? '(none)'

/** Each text once, with the names of the stages that have it. `textsOf` returns the printed texts of a stage. */
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

/** The resolved configuration of the stage: the Worker's if it starts there, else the Lambda's. */
const resolvedOf = ({ worker, lambda }: StageFindings): ResolvedConfig | null =>
  worker.resolved ?? lambda.resolved

/** The same for what is said about revocation and bound tokens. */
const revocableOf = (finding: StageFindings): ResolvedConfig | null => resolvedOf(finding) ?? finding.unbound

export type EdgeStatus = 'ok' | 'refused' | 'no origin' | 'left out'

/** Whether the stage starts on an edge. `needsOrigin`: the edge is the Worker. */
export function statusOf({ problems, resolved, isSkipped }: Finding, needsOrigin: boolean): EdgeStatus {
  if (isSkipped === true) return 'left out'
  if (problems.length > 0) return 'refused'
  return needsOrigin && resolved?.origin === null ? 'no origin' : 'ok'
}

const STATUS_COLOURS = { ok: 'green', refused: 'red', 'no origin': 'red', 'left out': 'dim' } as const

function toStatusCell(finding: Finding, needsOrigin: boolean): Cell {
  const text = statusOf(finding, needsOrigin)
  return { text, colour: STATUS_COLOURS[text] }
}

/**
 * The staleness of a stage on the edges that it has. Without API Gateway the cache of its authorizers does not count.
 */
export function stalenessOf(finding: StageFindings): readonly Staleness[] {
  const resolved = revocableOf(finding)
  if (resolved === null) return []
  const { worker, lambda } = finding
  if (lambda.isSkipped !== true)
    return revocationStaleness(resolved).filter(
      ({ edge }) => worker.isSkipped !== true || edge !== 'cloudflare',
    )
  return revocationStaleness({
    ...resolved,
    aws: { ...resolved.aws, resultTtlSeconds: 0, authorizers: new Map() },
  }).filter(({ edge }) => edge !== 'aws')
}

/** The longest staleness of a stage, as text. */
function describeWorstStaleness(finding: StageFindings): string {
  const found = stalenessOf(finding)
  return found.length === 0 ? '' : `${Math.max(...found.map(({ seconds }) => seconds))} s`
}

const layOutStages = (findings: readonly StageFindings[]): string =>
  layOut(
    ['stage', 'Worker', 'Lambda', 'a revocation is seen after', 'to be supplied'],
    findings.map((finding) => [
      nameOf(finding),
      toStatusCell(finding.worker, true),
      toStatusCell(finding.lambda, false),
      describeWorstStaleness(finding),
      [...new Set([...finding.worker.requiredVariables, ...finding.lambda.requiredVariables])].join(' '),
    ]),
  )

/** Adds a route's methods and path to `routes[31].path`, so that nobody has to count to 31. */
function labelPath(path: string, { routes }: LanekeeperConfig): string {
  const [, index] = /^routes\[(\d+)\]/.exec(path) ?? []
  const rule: unknown = index === undefined ? undefined : (routes as unknown[] | undefined)?.[Number(index)]
  const { path: routePath, methods } = (rule ?? {}) as { path?: unknown; methods?: unknown }
  if (typeof routePath !== 'string') return path
  const verbs = Array.isArray(methods) ? methods.filter((method) => typeof method === 'string') : []
  return `${path} (${[verbs.join(','), routePath].filter((part) => part !== '').join(' ')})`
}

const problemsOf = ({ worker, lambda }: StageFindings, config: LanekeeperConfig): string[] =>
  [...worker.problems, ...lambda.problems].map(
    ({ path, message }) => `  ${labelPath(path, config)}: ${message}`,
  )

function describeUnchecked({ issuer, tokens, demand, seconds, parts }: Staleness): string {
  const routes = demand === 'off' ? ', routes with revocation off' : ''
  return `${issuer}, ${tokens === 'jwt' ? 'JWTs' : 'opaque tokens'}${routes}: ${seconds} s = ${describeSum(parts)}`
}

/**
 * One line for each issuer and kind of token, or for each edge that looks for revocations, joined to one text. Stages
 * with the same text share a heading.
 */
function describeStaleness(finding: StageFindings): string[] {
  const rows = stalenessOf(finding)
  if (rows.length === 0) return []
  const lines = new Set(rows.map((row) => `  ${describeBound(row) ?? describeUnchecked(row)}`))
  const isChecked = rows.some(({ edge }) => edge !== undefined)
  const heading = isChecked
    ? 'a revocation is in effect everywhere after at most'
    : 'at most, in each instance'
  return [[heading, ...lines].join('\n')]
}

/**
 * Warnings about routes that demand less than the section `revocation`, and about fields that API Gateway passes on.
 */
export function findUnchecked(finding: StageFindings): readonly ConfigProblem[] {
  const resolved = revocableOf(finding)
  if (resolved === null) return []
  const hasGateway = finding.lambda.isSkipped !== true
  return [...findUncheckedRoutes(resolved, hasGateway), ...(hasGateway ? findVisibleFields(resolved) : [])]
}

/** Notes on revocation. */
export function describeRevocationOf(finding: StageFindings): string[] {
  const resolved = revocableOf(finding)
  return resolved === null ? [] : describeRevocation(resolved, stalenessOf(finding))
}

/** Notes on bound tokens. */
export function describeSendersOf(finding: StageFindings): readonly string[] {
  const { lambda } = finding
  const resolved = revocableOf(finding)
  return [
    ...(lambda.forWorkerAlone ?? []),
    ...(resolved === null ? [] : describeSenders(resolved, lambda.isSkipped !== true)),
  ]
}

/** A note on report-only rules. */
export function describeReportOnly(finding: StageFindings): string[] {
  const resolved = resolvedOf(finding)
  const reportOnlyRules =
    resolved?.routes.filter(({ reportOnly }) => reportOnly).map(({ name }) => name) ?? []
  const affectedRules = resolved?.reportOnly === true ? ['everything'] : reportOnlyRules
  return affectedRules.length > 0 ? [`report-only, nothing is refused: ${affectedRules.join('; ')}`] : []
}

/** A note for each issuer with keys in the artefact. */
export function describeBundled(finding: StageFindings): string[] {
  const ages = new Map(
    [...(resolvedOf(finding)?.issuers.values() ?? [])].map(({ name, keys }) => [
      name,
      keys.secret === undefined ? keys.bundledMaxAgeMs : undefined,
    ]),
  )
  return [...ages].flatMap(([name, maxAgeMs]) =>
    maxAgeMs === undefined
      ? []
      : [
          `issuers.${name}.keys.bundled: until its first fetch ends, a new instance accepts a key that was withdrawn ` +
            `since the build, for at most ${maxAgeMs / 1000} s after the build`,
        ],
  )
}

/** Notes on discovery by clients (RFC 9728). */
export const describePublished = ({ worker: { resolved } }: StageFindings): string[] =>
  resolved === null ? [] : [...findUndiscoverable(resolved), ...findHiddenRules(resolved)]

/** Warnings of either edge; a stage has them whether it resolves or not. */
const describeWarnings = (finding: StageFindings, config: LanekeeperConfig): string[] =>
  [...finding.worker.warnings, ...finding.lambda.warnings, ...findUnchecked(finding)].map(
    ({ path, message }) => `warning: ${labelPath(path, config)}: ${message}`,
  )

export function printStages(
  findings: readonly StageFindings[],
  config: LanekeeperConfig,
  print: Print,
): void {
  print(layOutStages(findings))
  let lastTitle = ''
  for (const [problem, title] of byText(findings, (finding) => problemsOf(finding, config))) {
    if (title !== lastTitle) print(`\n${title}`)
    print(problem)
    lastTitle = title
  }
  for (const [lines, title] of byText(findings, describeStaleness)) print(`\n${title}: ${lines}`)
  for (const [text, title] of byText(findings, (finding) => describeWarnings(finding, config)))
    print(`\n${title}: ${text}`)
  const describes = [
    describeRevocationOf,
    describeSendersOf,
    describeReportOnly,
    describeBundled,
    describePublished,
  ]
  for (const describe of describes)
    for (const [text, title] of byText(findings, describe)) print(`\n${title}: ${text}`)
}
