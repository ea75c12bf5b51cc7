// The options of `npm run test:migrations`.

import { parseArgs } from 'node:util'
import { Stop } from '../../cli/stop.ts'

export const HELP = `npm run test:migrations [-- options]

Runs the files of the pages of docs/migrating, before and after, on the same requests, and compares each answer with the
tables of the page. Its first run installs the libraries in test/migrations. Exit code 0 if every cell is as observed.

  --only PAGE   one page, by the name of its file (hono-jwk); again for more
  --update      writes what it has observed into the pages
  --help        this text`

export interface Options {
  /** The names of the pages. */
  readonly pages: readonly string[]
  readonly update: boolean
}

/** @throws {Stop} with the help, or with what is wrong. */
export function readOptions(args: readonly string[], known: readonly string[]): Options {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string', multiple: true },
        update: { type: 'boolean', default: false },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) throw new Stop(HELP, 0)
  const { only = known, update } = values
  const unknown = only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Stop(`--only ${unknown}: is none of ${known.join(', ')}.`, 2)
  return { pages: known.filter((name) => only.includes(name)), update }
}
