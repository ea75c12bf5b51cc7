// Examples of a page that are whole files. The first line of such an example is a comment with the name of the file.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')

const EXAMPLE = /^```\w+\n(?:\/\/|#) ([\w.-]+\.\w+(?: with [\w ]+)?)\n([^]*?)^```$/gm

/** The files by their names. */
export const exampleFilesOf = (page: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...readFileSync(join(ROOT, page), 'utf8').matchAll(EXAMPLE)].map(([, name = '', text = '']) => [
      name,
      text,
    ]),
  )
