// What `lanekeeper explain` prints. Foreign text, such as a claim, is escaped where it stands in a line.

import { FAILURE_MEANINGS } from '../../shared/index.ts'
import type { CommandIo } from '../command.ts'
import { shown } from '../shown.ts'
import { layOut, paint, type Cell, type Colour } from '../table.ts'
import type { Answer, Kept } from './answers.ts'
import type { Explained } from './explain.ts'
import { isAboutIssuer } from './facts.ts'
import { flushCommands } from './kept-moves.ts'
import type { LogFindings } from './log.ts'
import { whoseMove } from './moves.ts'
import type { ExplainedStage, StageStatus } from './stages.ts'
import { shownAt } from './times.ts'
import { hang, WIDTH, wrap } from './wrap.ts'

const COLOURS: Readonly<Partial<Record<StageStatus, Colour>>> = {
  passed: 'green',
  refused: 'red',
  'not checked': 'bold',
  'not reached': 'dim',
}

function rowsOf({
  stage,
  status,
  rule,
  because,
  looks,
}: ExplainedStage): readonly (readonly (string | Cell)[])[] {
  const colour = COLOURS[status]
  const cell: Cell = { text: status, ...(colour === undefined ? {} : { colour }) }
  const first =
    because !== undefined ? shown(because) : status === 'refused' ? `by the rule: ${rule}` : undefined
  const found = [
    ...(first === undefined ? [] : [first]),
    ...looks.map((one) => shown(`${one.what}: ${one.found}`)),
  ]
  const [line = '', ...more] = found.flatMap((text) => wrap(text, WIDTH - 25))
  return [[stage, cell, line], ...more.map((text) => ['', '', text])]
}

function verdictLines({ facts, verdict, places }: Explained): readonly string[] {
  const { deny, traced, route } = facts
  const { stopped } = traced.trace
  const isRefusal = deny !== null && stopped !== null
  const decided = isRefusal ? `${deny.code}, at the stage ${stopped.stage} by the rule "${stopped.rule}"` : ''
  const texts = {
    allow: route?.demand === null ? 'allow: the route is public' : 'allow',
    deny: `deny: ${decided}`,
    would_deny: `allow, without an identity: report-only records ${decided}`,
    unknown: isRefusal
      ? `unknown. ${isAboutIssuer(deny) ? 'Asked from here' : 'As the token claims'}, it would be refused: ${decided}`
      : 'unknown. What was checked refuses nothing',
  }
  const settings = places.map(({ path, isDefault }) => `${path}${isDefault ? ' (not set: its default)' : ''}`)
  return [
    `${paint('bold', 'Verdict')}  ${paint(verdict === 'allow' ? 'green' : 'red', texts[verdict])}`,
    ...(deny === null ? [] : [hang('         ', FAILURE_MEANINGS[deny.code].meaning)]),
    ...(settings.length === 0 ? [] : [`Setting  ${shown(settings.join(', '))}`]),
  ]
}

/** A row, and more of them for a long challenge. */
function answerRows({ edge, settings, status, challenge, note }: Answer): readonly (readonly string[])[] {
  const told = shown([challenge, note].filter((text) => text !== undefined).join('; '))
  const [line = '', ...more] = wrap(told, WIDTH - 30)
  const name = settings === undefined ? edge : `${edge} (${settings})`
  return [[name, status ?? 'passed on', line], ...more.map((text) => ['', '', text])]
}

const keptLine = ({ edge, settings, strategy, isKept, seconds, why }: Kept): string =>
  isKept
    ? `${edge} (${settings}, ${strategy}): kept${seconds === null ? ', for a time that resultTtlSeconds does not say' : ` for ${seconds} s`}: ${why}`
    : `${edge} (${settings}, ${strategy}): not kept: ${why}`

function logLines(log: LogFindings, now: number): readonly string[] {
  if ('because' in log) return [hang('', `No line can be found: ${log.because}.`)]
  if (log.lines.length === 0) return [`None of ${log.decisions} decisions is about this token.`]
  const headings = ['time', 'outcome', 'code', 'route', 'plan', 'request']
  const rows = log.lines.map(({ time, outcome, code, route, plan, requestId }) =>
    [time === undefined ? '-' : shownAt(time), outcome, code, route, plan, requestId].map((text) =>
      shown(text ?? '-'),
    ),
  )
  return [layOut(headings, rows), `As of ${shownAt(now)}.`]
}

const WHO = { client: 'client', issuer: 'issuer', you: 'you' } as const

export function printReport(explained: Explained, io: CommandIo): void {
  const { facts, verdict, stages, answers, moves, log, unread } = explained
  const { request, stage, now } = facts
  const section = (title: string, lines: readonly string[]) => {
    if (lines.length > 0) io.print(`\n${paint('bold', title)}\n${lines.join('\n')}`)
  }
  const where = stage.stage === '' ? '' : `, stage ${stage.stage}`
  io.print(`${shown(`${request.method} ${request.path}`)} at ${shownAt(now)}${where}\n`)
  io.print(layOut(['stage', '', 'looked at'], stages.flatMap(rowsOf)))
  io.print('')
  for (const line of verdictLines(explained)) io.print(line)
  if (answers.answers.length > 0)
    section(
      verdict === 'unknown' ? 'What the caller saw, if an edge finds the same' : 'What the caller saw',
      [layOut(['edge', 'status', ''], answers.answers.flatMap(answerRows))],
    )
  section('Whether API Gateway keeps this answer', [
    ...answers.kept.map((kept) => hang('- ', keptLine(kept))),
    ...(answers.kept.some(({ isKept }) => isKept)
      ? flushCommands(facts).map((line) => `  empty it: ${line}`)
      : []),
  ])
  if (log !== null) section('In the log', logLines(log, now))
  const who = whoseMove(facts, moves)
  section(
    facts.deny === null || who === null
      ? 'What next'
      : `What would change the verdict (first move: ${WHO[who]})`,
    moves.map((move) => hang(`- ${WHO[move.who]}: `, shown(move.what))),
  )
  if (unread.length > 0) io.print(`\nNo check reads: ${shown(unread.join(', '))}.`)
}
