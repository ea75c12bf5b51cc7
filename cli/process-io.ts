// What a command has of the process that it runs in.

import { createInterface } from 'node:readline/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommandIo } from './command.ts'
import { paint } from './table.ts'

/** `signal`: aborted when the person ends the process. */
export function createProcessIo(signal: AbortSignal): CommandIo {
  const { stdin, stdout, stderr } = process

  async function ask(question: string): Promise<string> {
    const lines = createInterface({ input: stdin, output: stderr })
    try {
      return (await lines.question(`${question} `, { signal })).trim()
    } finally {
      lines.close()
    }
  }

  return {
    cwd: process.cwd(),
    env: process.env,
    print: (text) => void stdout.write(`${text}\n`),
    printError: (text) => void stderr.write(`${text}\n`),
    progress: (text) => void (stderr.isTTY && stderr.write(`${paint('dim', `- ${text}`)}\n`)),
    ask: stdin.isTTY && stderr.isTTY ? ask : null,
    stdin,
    fetch: (url, init) => fetch(url, init),
    now: Date.now,
    sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
    signal,
  }
}
