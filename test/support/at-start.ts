// What of a bundle in several files is read at its start: the entry, and what it imports at once, and what that does.

import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

const STATIC_IMPORT = /(?:from|import)\s*"(\.\/[^"]+)"/g

/** The text of each file, by its path. What is imported when it is needed is not among them. */
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
