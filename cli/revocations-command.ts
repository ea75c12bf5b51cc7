// `lanekeeper revocations`: the entries in force of every store of a stage, or the record of who changed what. Changes
// nothing.

import type { ListedEntry, Page, RevocationRecord } from '../shared/edge.ts'
import type { CommandIo } from './command.ts'
import { parseSafely } from './revocation/options.ts'
import { askAll, ENTRY_HEADINGS, entryCells, heading } from './revocation/report.ts'
import { shown, shownJson } from './shown.ts'
import { openTargets, readStage, STAGE_HELP, STAGE_OPTIONS } from './revocation/stage.ts'
import { pagesOf, type RevocationTarget } from './revocation/target.ts'
import { shownTime } from './revocation/times.ts'
import { layOut } from './table.ts'

const HELP = `lanekeeper revocations [options]

Lists the entries in force of every store that the stage configures, page by page. Exit code 0; 1 if a store cannot be read;
2 if the command is called in a wrong way.

  --records               the record instead: who added or removed what, latest first
${STAGE_HELP}`

const OPTIONS = { ...STAGE_OPTIONS, records: { type: 'boolean' } } as const

type Listed = ListedEntry | RevocationRecord

const readerOf =
  (target: RevocationTarget, areRecords: boolean) =>
  (page: string | null): Promise<Page<Listed>> =>
    areRecords ? target.records(page) : target.list(page)

const HEADINGS = {
  entries: [...ENTRY_HEADINGS, 'since', 'by', 'reason'],
  records: ['when', 'action', 'outcome', ...ENTRY_HEADINGS, 'by', 'reason'],
} as const

function cellsOf(item: Listed): readonly string[] {
  const { at, by, reason = '' } = item
  const author = [shown(by), shown(reason)]
  return 'action' in item
    ? [shownTime(at), shown(item.action), shown(item.outcome), ...entryCells(item), ...author]
    : [...entryCells(item), shownTime(at), ...author]
}

async function printPages(
  target: RevocationTarget,
  areRecords: boolean,
  { print }: CommandIo,
): Promise<void> {
  print(heading(target.name))
  let count = 0
  for await (const items of pagesOf(readerOf(target, areRecords))) {
    count += items.length
    if (items.length > 0) print(layOut(areRecords ? HEADINGS.records : HEADINGS.entries, items.map(cellsOf)))
  }
  if (count === 0) print(areRecords ? 'The record is empty.' : 'There is no entry.')
  print('')
}

async function collect(target: RevocationTarget, areRecords: boolean): Promise<readonly Listed[]> {
  const all: Listed[] = []
  for await (const items of pagesOf(readerOf(target, areRecords))) all.push(...items)
  return all
}

/** @throws {Stop} As `Command.run` does. */
export async function runRevocations(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseSafely(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const areRecords = options.records === true
  const targets = await openTargets(await readStage(options, io), options, 'list', io)
  const describe = (name: string, problem: string) => `${name}: ${shown(problem)}.`
  if (options.json !== true) {
    let exitCode = 0
    for (const target of targets) {
      const [result] = await askAll([target], (each) => printPages(each, areRecords, io))
      const { problem } = result!
      if (problem === null) continue
      io.printError(describe(target.name, problem))
      exitCode = 1
    }
    return exitCode
  }
  const results = await askAll(targets, (target) => collect(target, areRecords))
  const isOk = results.every(({ problem }) => problem === null)
  const stores = results.map(({ target: { name, edge }, answer, problem }) => ({
    name,
    edge,
    [areRecords ? 'records' : 'entries']: answer ?? [],
    error: problem === null ? null : describe(name, problem),
  }))
  io.print(shownJson({ version: 1, ok: isOk, stores }))
  return isOk ? 0 : 1
}
