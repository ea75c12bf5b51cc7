// The command line of `npm run test:vectors`: one folder that holds suites of vectors.

import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

const help = (known: readonly string[]) => `npm run test:vectors -- DIR

Runs third-party test data against this code: the signature stage in Node and in workerd, and every edge.
DIR has one folder for each suite; those known here are:

${known.map((folder) => `  ${folder}`).join('\n')}

  --help   this text

Exit code 0 if every verdict is right, 1 if one is wrong, an edge answered 5xx or anything threw, 2 if DIR cannot
be used.`

export interface VectorFolder {
  readonly directory: string
  /** Known suites that DIR has, and those that it lacks. */
  readonly present: readonly string[]
  readonly missing: readonly string[]
  /** Folders in DIR that are not a known suite. */
  readonly skipped: readonly string[]
}

/** Ends the command without a run, with an explanation. */
export interface Ending {
  readonly text: string
  readonly exitCode: 0 | 2
}

/** `known`: folder names of the suites. Reads the names in DIR, not the data. */
export function readOptions(args: readonly string[], known: readonly string[]): VectorFolder | Ending {
  const stop = (text: string): Ending => ({ text: `${text}\n\n${help(known)}`, exitCode: 2 })
  let values, positionals
  try {
    ;({ values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: 'boolean' } },
      allowPositionals: true,
    }))
  } catch (error) {
    return stop(`${(error as Error).message.split('. ')[0]}.`)
  }
  if (values.help === true) return { text: help(known), exitCode: 0 }
  const [given, ...more] = positionals
  if (given === undefined) return stop('DIR is missing.')
  if (more.length > 0) return stop(`One DIR is enough, not ${positionals.length}.`)
  const directory = resolve(given)
  let folders
  try {
    folders = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
  } catch {
    return stop(`${directory} is not a folder that can be read.`)
  }
  const present = known.filter((name) => folders.includes(name))
  if (present.length === 0) return stop(`${directory} has none of the suites known here.`)
  return {
    directory,
    present,
    missing: known.filter((name) => !present.includes(name)),
    skipped: folders.filter((name) => !known.includes(name)).toSorted(),
  }
}
