// Runs a drill for real, as a process of its own that a test may kill with everything that it started.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll } from 'vitest'

/** The exit code of a drill, and what it printed. */
export interface DrillRun {
  readonly exitCode: number | null
  readonly output: string
}

/** `name`: its folder in test/drill. What still runs when the tests of a file are over is killed. */
export function createDrill(name: string): (...args: readonly string[]) => Promise<DrillRun> {
  const running = new Set<number>()

  afterAll(() => {
    for (const pid of running) process.kill(-pid, 'SIGKILL')
  })

  return async (...args) => {
    const command = join(import.meta.dirname, `../drill/${name}/drill.ts`)
    const child = spawn(process.execPath, [command, ...args], {
      env: { ...process.env, NO_COLOR: '1' },
      detached: true,
    })
    running.add(child.pid!)
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()))
    const [exitCode] = (await once(child, 'close')) as [number | null]
    running.delete(child.pid!)
    return { exitCode, output }
  }
}
