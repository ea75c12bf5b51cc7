// What a command has of the outside, for tests: output is kept, nobody answers a question, nothing is fetched, and the
// clock stands still.

import type { CommandIo } from '../../cli/command.ts'

/** 2026-11-30T12:00:00Z. */
export const COMMAND_TIME_MS = 1_796_040_000_000

export interface KeptOutput {
  readonly printed: string[]
  readonly errors: string[]
}

async function* empty(): AsyncIterable<string> {}

/** `given`: what this test replaces. `kept` has what was printed, text by text. */
export function createCommandIo(given: Partial<CommandIo> = {}): { io: CommandIo; kept: KeptOutput } {
  const kept: KeptOutput = { printed: [], errors: [] }
  return {
    kept,
    io: {
      cwd: '/',
      env: {},
      print: (text) => void kept.printed.push(text),
      printError: (text) => void kept.errors.push(text),
      progress: () => {},
      ask: null,
      stdin: empty(),
      fetch: (url) => Promise.reject(new TypeError(`a test fetches ${url}`)),
      now: () => COMMAND_TIME_MS,
      sleep: async () => {},
      signal: new AbortController().signal,
      ...given,
    },
  }
}
