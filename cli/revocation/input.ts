// What the commands read of files and of standard input: a token, a credential. Neither is ever an argument, where a
// list of processes and a history would show it, and neither is repeated in a message.

import { open } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Stop } from '../stop.ts'

const MAX_BYTES = 65_536

const tooLarge = (option: string): Stop => new Stop(`${option}: has more than ${MAX_BYTES} bytes.`, 2)

async function readFile(file: string, option: string): Promise<string> {
  try {
    const handle = await open(file)
    try {
      const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_BYTES + 1), 0, MAX_BYTES + 1, null)
      if (bytesRead > MAX_BYTES) throw tooLarge(option)
      return buffer.toString('utf8', 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof Stop) throw error
    throw new Stop(`${option}: cannot be read (${(error as NodeJS.ErrnoException).code}).`, 2)
  }
}

/** Everything that comes, up to the bound. */
async function readAll(chunks: AsyncIterable<Uint8Array | string>, option: string): Promise<string> {
  const parts: Buffer[] = []
  let length = 0
  for await (const chunk of chunks) {
    const part = Buffer.from(chunk as Uint8Array)
    length += part.length
    if (length > MAX_BYTES) throw tooLarge(option)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

/**
 * The text of a file, or of standard input for `-`, without white space around it.
 *
 * @throws {Stop} If it cannot be read, is empty or has more than 64 KiB (exit code 2).
 */
export async function readText(
  cwd: string,
  file: string,
  option: string,
  stdin: AsyncIterable<Uint8Array | string>,
): Promise<string> {
  const text = (
    file === '-' ? await readAll(stdin, option) : await readFile(resolve(cwd, file), option)
  ).trim()
  if (text === '') throw new Stop(`${option}: is empty.`, 2)
  return text
}
