// `npm start`, run for real: the tour, what it prints, and how it ends.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { findBusyPort } from '../../functions/local/local-run.ts'
import { TOUR } from '../../functions/local/tour.ts'
import { findLeaks } from '../support/leaks.ts'
import { canSeeProcesses, descendantsOf, isRunning } from '../support/processes.ts'

const ROOT = join(import.meta.dirname, '../..')

interface Run {
  readonly pid: number
  readonly output: () => string
  readonly exitCode: Promise<number | null>
  /** Resolves when the output holds `text`, rejects when the run ends before. */
  until(text: string): Promise<void>
}

const running = new Set<number>()

function start(...args: string[]): Run {
  const child = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1' },
    detached: true,
  })
  running.add(child.pid!)
  let output = ''
  let check = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString()
      check()
    })
  }
  const exitCode = once(child, 'close').then(([code]) => {
    running.delete(child.pid!)
    return code as number | null
  })
  return {
    pid: child.pid!,
    output: () => output,
    exitCode,
    until: (text) =>
      new Promise((resolve, reject) => {
        check = () => output.includes(text) && resolve()
        check()
        void exitCode.then(() => reject(new Error(`ended without "${text}":\n${output}`)))
      }),
  }
}

async function findFreePorts(): Promise<string> {
  for (let base = 20_000 + (process.pid % 1_000) * 20; ; base += 20) {
    if ((await findBusyPort(base)) === null) return String(base)
  }
}

let port: string

beforeAll(async () => {
  port = await findFreePorts()
})

afterEach(() => {
  for (const pid of running) process.kill(-pid, 'SIGKILL')
})

test('the tour comes out as it should, and no child shows a piece of a token or a secret', async () => {
  const evidence = await mkdtemp(join(tmpdir(), 'lanekeeper-evidence-'))
  try {
    const run = start('--once', '--port', port, '--evidence', evidence)
    expect(await run.exitCode, run.output()).toBe(0)
    const lines = run.output().split('\n')
    for (const { sent } of TOUR)
      expect(lines.find((line) => line.includes(`  ${sent}  `))).toMatch(/as it should$/)
    expect(run.output()).not.toContain('WRONG')
    // A right answer from what is kept, on every API that keeps any, and how often the function was asked.
    expect(
      lines.find((line) => line.includes('which API Gateway has kept'))?.match(/200 gateway/g),
    ).toHaveLength(3)
    const counts = lines.flatMap((line) => {
      const [, requests, calls] =
        /^(?:REST, \w+|HTTP API): (?:an|one) .* (\d+) +(\d+)$/.exec(line.trim()) ?? []
      return requests === undefined ? [] : [[Number(requests), Number(calls)] as const]
    })
    expect(counts).toHaveLength(3)
    for (const [requests, calls] of counts) expect(calls).toBeLessThan(requests)
    expect(run.output()).toMatch(/handshake/i)

    const secrets = JSON.parse(await readFile(join(evidence, 'secrets.json'), 'utf8')) as string[]
    const log = await readFile(join(evidence, 'output.log'), 'utf8')
    expect(secrets.length).toBeGreaterThan(100)
    for (const door of ['Worker: {"door":"worker"', 'API Gateway: {"door":"lambda"'])
      expect(log).toContain(door)
    expect(findLeaks(log, secrets)).toEqual([])
    expect(findLeaks(run.output(), secrets)).toEqual([])
    expect(findLeaks(`${log} ${secrets[3]!.slice(-16)}`, secrets)).toContain(3)
  } finally {
    await rm(evidence, { recursive: true })
  }
})

describe('while it is up', () => {
  test('the curl lines work as printed, wherever they are pasted', async () => {
    const run = start('--port', port)
    await run.until('Ctrl-C ends everything')
    const lines = run.output().match(/^ {2}curl .*$/gm) ?? []
    expect(lines).toHaveLength(7)
    if (spawnSync('curl', ['--version']).status === 0) {
      const statuses = lines.map(
        (line) => spawnSync('sh', ['-c', line], { cwd: tmpdir() }).stdout.toString().split(' ')[1],
      )
      expect(statuses).toEqual(['200', '401', '403', '401', '200', '401', '403'])
      await run.until('deny  id_token  GET /orders')
    }
    process.kill(-run.pid, 'SIGINT')
    await run.exitCode
  })

  test.runIf(canSeeProcesses).each([
    ['origin', 'orders.ts'],
    ['Worker', 'worker-edge.ts'],
    ['API Gateway', 'gateway-edge.ts'],
  ])('the %s that is killed ends everything with one line', async (name, module) => {
    const run = start('--port', port)
    await run.until('Ctrl-C ends everything')
    const processes = descendantsOf(run.pid)
    expect(processes.length).toBeGreaterThan(7)
    await new Promise((resolve) => setTimeout(resolve, 200))
    const before = run.output()
    const isVictim = (pid: number) =>
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`processes/${module}`)
    process.kill(processes.find(isVictim)!, 'SIGKILL')
    expect(await run.exitCode).toBe(1)
    expect(run.output().slice(before.length)).toBe(`${name} ended unexpectedly by SIGKILL.\n`)
    expect(processes.filter(isRunning)).toEqual([])
  })

  test.each([
    ['while it builds', 'building the Worker'],
    ['while it starts', 'starting both edges'],
    ['while it is up', 'Ctrl-C ends everything'],
  ])('Ctrl-C %s ends everything with one line', async (_, text) => {
    const run = start('--port', port)
    await run.until(text)
    await new Promise((resolve) => setTimeout(resolve, 100))
    const processes = canSeeProcesses ? descendantsOf(run.pid) : []
    process.kill(-run.pid, 'SIGINT')
    await run.exitCode
    expect(run.output().trimEnd().split('\n').at(-1)).toBe('Stopped.')
    expect(processes.filter(isRunning)).toEqual([])
  })
})

describe('bad input gets a clear answer', () => {
  test('a busy port is named, with the way out', async () => {
    const server = createServer()
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port: busy } = server.address() as { port: number }
    const theirs = join(ROOT, 'dist/local', String(busy - 1), 'run')
    mkdirSync(theirs, { recursive: true })
    const run = start('--once', '--port', String(busy - 1))
    expect(await run.exitCode).toBe(1)
    expect(run.output()).toMatch(
      new RegExp(`^Port ${busy} \\(REST API\\) is in use; choose others with: npm start -- --port \\d+\\n$`),
    )
    // What the run that has the ports keeps there, the files of its tokens, is not touched.
    expect(existsSync(theirs)).toBe(true)
    rmSync(dirname(theirs), { recursive: true })
    server.close()
  })

  test.each([
    [['--onec'], "Unknown option '--onec'"],
    [['--port', 'http'], '--port must be a whole number from 1024 to 65529, not "http".'],
    [['--port', '80'], '--port must be a whole number from 1024 to 65529, not "80".'],
    [['extra'], "Unexpected argument 'extra'"],
  ])('%j', async (args, text) => {
    const run = start(...args)
    expect(await run.exitCode).toBe(2)
    expect(run.output()).toContain(text)
  })
})
