// `lanekeeper unrevoke`: takes a revocation out of every store of a stage. The record of each store keeps both.

import type { CommandIo } from './command.ts'
import { AUTHOR_HELP, AUTHOR_OPTIONS, readAuthor } from './revocation/author.ts'
import { parseSafely } from './revocation/options.ts'
import { askAll, EDGE_NAMES, nameCells, toJsonName, type StoreResult } from './revocation/report.ts'
import { readSelection, SELECTORS, SELECTORS_HELP } from './revocation/selection.ts'
import { shown, shownJson } from './shown.ts'
import { openTargets, readStage, STAGE_HELP, STAGE_OPTIONS } from './revocation/stage.ts'
import type { Unrevoked } from './revocation/target.ts'
import { layOut } from './table.ts'

const HELP = `lanekeeper unrevoke SELECTOR [options]

Removes an entry from every store that the stage configures. Exit code 0, also where there was none; 1 if a store has
failed; 2 if the command is called in a wrong way.

${SELECTORS_HELP}

${AUTHOR_HELP}
${STAGE_HELP}`

const OPTIONS = { ...SELECTORS, ...AUTHOR_OPTIONS, ...STAGE_OPTIONS } as const

const NOTES = [
  'An event that an issuer sends again, such as a logout, may add the entry again.',
  'A refusal that is cached already stands for as long as a revocation takes at most.',
]

const describeFailure = ({ target, problem }: StoreResult<Unrevoked>): string =>
  `${target.name}: ${shown(problem!)}. Nothing was removed there, so the ${EDGE_NAMES[target.edge]} still refuses these tokens.`

function printText(stores: readonly StoreResult<Unrevoked>[], { print, printError }: CommandIo): void {
  const rows = stores.flatMap(({ target, answer }) =>
    answer === null
      ? [[target.name, '-', '-', '-', 'FAILED']]
      : answer.entries.map((entry, index) => [
          target.name,
          ...nameCells(entry),
          answer.removed[index]! ? 'removed' : 'there was none',
        ]),
  )
  print(layOut(['store', 'kind', 'issuer', 'id', 'outcome'], rows))
  print(`\n${NOTES.join('\n')}`)
  for (const store of stores) if (store.problem !== null) printError(describeFailure(store))
}

const toDocument = (stores: readonly StoreResult<Unrevoked>[], exitCode: number): object => ({
  version: 1,
  ok: exitCode === 0,
  stores: stores.map((store) => ({
    name: store.target.name,
    edge: store.target.edge,
    entries: store.answer?.entries.map(toJsonName) ?? [],
    removed: store.answer?.removed ?? [],
    error: store.problem === null ? null : describeFailure(store),
  })),
  notes: NOTES,
})

/** @throws {Stop} As `Command.run` does. */
export async function runUnrevoke(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseSafely(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const stage = await readStage(options, io)
  const author = readAuthor(options, stage.env)
  const now = Math.floor(io.now() / 1000)
  const { request } = await readSelection(options, stage.config, io, now)
  const targets = await openTargets(stage, options, 'revoke', io)
  const stores = await askAll(targets, (target) => target.unrevoke(request, author))
  const exitCode = stores.some(({ problem }) => problem !== null) ? 1 : 0
  if (options.json === true) io.print(shownJson(toDocument(stores, exitCode)))
  else printText(stores, io)
  return exitCode
}
