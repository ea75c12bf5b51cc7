// The files of a bundle that are read at its start: the entry, and everything that it imports statically, directly or
// not.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const STATIC_IMPORT = /(?:from|import)\s*"(\.\/[^"]+)"/g

/** The text of each file, by its path, without the chunks that are imported dynamically. */
export async function readAtStart(
  entry: string,
  read = new Map<string, string>(),
): Promise<Map<string, string>> {
  const text = await readFile(entry, 'utf8')
  read.set(entry, text)
  for (const [, name] of text.matchAll(STATIC_IMPORT)) {
    const path = join(dirname(entry), name!)
    if (!read.has(path)) await readAtStart(path, read)
  }
  return read
}
