// Runs `lanekeeper revoke` and `lanekeeper unrevoke` of this repository in examples/revocation, with the environment
// that an operator would have.

import type { CommandIo } from '../../cli/command.ts'
import { createProcessIo } from '../../cli/process-io.ts'
import { runRevoke } from '../../cli/revoke-command.ts'
import { runUnrevoke } from '../../cli/unrevoke-command.ts'
import type { Staleness } from '../../shared/index.ts'
import { EXAMPLE, STAGE } from './build.ts'
import type { Environment } from './services.ts'

export interface Revoked {
  /** What the command prints as N, in seconds, while the stores answer. */
  secondsOf(edge: 'cloudflare' | 'aws', demand: 'usual' | 'strong'): number
}

export interface Commands {
  /** `onWritten`: called as soon as every store has the entry, before the command ends. */
  revoke(selector: readonly string[], onWritten: () => void): Promise<Revoked>
  unrevoke(selector: readonly string[]): Promise<void>
}

export function createCommands(env: Environment, storeUrl: string): Commands {
  // The AWS SDK reads no other environment.
  Object.assign(process.env, Object.fromEntries(Object.entries(env).filter(([name]) => /^AWS_/.test(name))))

  const processIo = createProcessIo(new AbortController().signal)

  async function run(
    command: (args: readonly string[], io: CommandIo) => Promise<number>,
    selector: readonly string[],
  ): Promise<unknown> {
    const output: string[] = []
    const print = (text: string) => void output.push(text)
    const args = [...selector, '--stage', STAGE, '--url', storeUrl, '--reason', 'the tour', '--json']
    const exitCode = await command(args, { ...processIo, cwd: EXAMPLE, env, print, printError: print })
    if (exitCode !== 0) throw new Error(`lanekeeper ended with ${exitCode}:\n${output.join('\n')}`)
    return JSON.parse(output.join('\n'))
  }

  return {
    async revoke(selector, onWritten) {
      // The command waits before it empties the caches of API Gateway again.
      const sleep = (milliseconds: number) => (onWritten(), processIo.sleep(milliseconds))
      const document = await run((args, io) => runRevoke(args, { ...io, sleep }), selector)
      const { staleness } = document as { readonly staleness: readonly Staleness[] }
      return {
        secondsOf: (edge, demand) =>
          staleness.find((row) => row.edge === edge && row.demand === demand)!.reachableSeconds!,
      }
    },
    unrevoke: async (selector) => void (await run(runUnrevoke, selector)),
  }
}
