// Runs the command of an example as a person would, on ports of its own.

import { spawnSync } from 'node:child_process'
import { createServer } from 'node:net'
import { ROOT } from '../../cli/build.ts'

export function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, output: stdout + stderr }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Below the ephemeral ports of the system: no other program gets one of these by chance. */
async function findFreePorts(count: number): Promise<number> {
  for (let first = 10_000 + (process.pid % 600) * count; ; first += count) {
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)))
    if (!free.includes(false)) return first
  }
}

/** Runs an example to the end of its table. `rows`: its lines. */
export async function takeTourOf(script: string, services: readonly string[]) {
  const port = String(await findFreePorts(services.length))
  const args = ['run', '--silent', script, '--', '--once', '--port', port]
  const { status, output } = run('npm', args)
  const rows = [...output.matchAll(/^ *\d+ {2}(.+?) {2,}.* (\S.*)$/gm)].map(([line, what]) => ({
    what: what!,
    isRight: line.endsWith('  as it should'),
  }))
  return { status, output, rows }
}
