// `npm start`: the tour, its output, and how it ends. Two cases build for real; the others run an earlier build.

import { exampleVariables } from '../support/local-variables.ts'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildEdges, ROOT, type Build } from '../../cli/build.ts'
import { findBusyPort } from '../../local/local-run.ts'
import { TOUR } from '../../local/tour/tour-rows.ts'
import { describeRequest } from '../../local/tour/tour.ts'
import { findLeaks } from '../support/leaks.ts'
import { canSeeProcesses, descendantsOf, isRunning } from '../support/processes.ts'
import { serverlessWith } from '../support/serverless-subset.ts'
import { copyProject } from '../support/project-copy.ts'

/** Another issuer name, other routes, and the binding of wrangler.toml. */
const OWN = `import { defineConfig } from './shared/index.ts'

export default defineConfig({
  issuers: {
    ours: {
      issuer: 'https://login.example.com',
      audience: 'https://api.example.com',
      profile: 'rfc9068',
      keys: { discovery: 'openid-configuration' },
    },
  },
  routes: [
    { path: '/up', methods: ['GET'], public: true },
    { path: '/things', methods: ['GET'], scope: { allOf: ['things'] } },
  ],
  origin: { binding: 'ORDERS' },
  stages: {
    production: {},
    staging: {},
    local: { issuers: { ours: { issuer: '\${env:LOCAL_ISSUER}', audience: '\${env:LOCAL_AUDIENCE}' } } },
  },
})
`

interface Run {
  readonly pid: number
  readonly output: () => string
  readonly errors: () => string
  readonly exitCode: Promise<number | null>
  /** Resolves when the output has `text`, rejects if the run ends before. */
  until(text: string): Promise<void>
}

const running = new Set<number>()

function spawnRun(command: string, args: readonly string[], cwd: string = ROOT): Run {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, NO_COLOR: '1' },
    detached: true,
  })
  running.add(child.pid!)
  let output = ''
  let errors = ''
  let check = () => {}
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    check()
  })
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()))
  const exitCode = once(child, 'close').then(([code]) => {
    running.delete(child.pid!)
    return code as number | null
  })
  return {
    pid: child.pid!,
    output: () => output,
    errors: () => errors,
    exitCode,
    until: (text) =>
      new Promise((resolve, reject) => {
        check = () => output.includes(text) && resolve()
        check()
        void exitCode.then(() => reject(new Error(`ended without "${text}":\n${output}${errors}`)))
      }),
  }
}

const start = (...args: string[]): Run => spawnRun('npm', ['start', '--silent', '--', ...args])

/** Below the ephemeral ports of the system: no other program gets one of these by chance. */
async function findFreePorts(): Promise<string> {
  for (let base = 20_000 + (process.pid % 600) * 20; ; base += 20) {
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

/** How long processes may take to appear or to end on a busy machine. */
const PATIENT = { timeout: 30_000 }

interface Process {
  readonly pid: number
  readonly command: string
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

const below = ({ pid }: Run): Process[] =>
  descendantsOf(pid).map((found) => ({ pid: found, command: commandOf(found) }))

/** Parts of the command lines of all processes of a complete run. */
const EVERYTHING = [
  'processes/authorization-server.ts',
  'processes/orders.ts',
  'processes/worker-edge.ts',
  'bin/workerd',
  'processes/gateway-edge.ts',
  'api-gateway/lambda-worker.ts',
]

/** All descendants of the run, as soon as each of these commands is among them. */
async function processesOf(run: Run, ...commands: string[]): Promise<Process[]> {
  if (!canSeeProcesses) return []
  const missing = () => commands.filter((part) => !below(run).some(({ command }) => command.includes(part)))
  await expect.poll(missing, PATIENT).toEqual([])
  return below(run)
}

async function expectNothingLeft(processes: readonly Process[]): Promise<void> {
  const left = () => processes.filter(({ pid }) => isRunning(pid)).map(({ command }) => command)
  // A run waits for its services. It kills its other processes, which may take a moment to end.
  expect(left().filter((command) => command.includes('processes/'))).toEqual([])
  await expect.poll(left, PATIENT).toEqual([])
  // A build that goes on would write here.
  expect(existsSync(join(ROOT, 'dist/local', port))).toBe(false)
}

/** Ends the run with SIGINT, and returns the exit code. */
async function endWithCtrlC(run: Run, processes: readonly Process[]): Promise<number | null> {
  process.kill(-run.pid, 'SIGINT')
  const exitCode = await run.exitCode
  expect(run.output().trimEnd().split('\n').at(-1)).toBe('Stopped.')
  expect(run.errors()).toBe('')
  await expectNothingLeft(processes)
  return exitCode
}

test('the tour has the expected answers, and no child shows a piece of a token or a secret', async () => {
  const evidence = await mkdtemp(join(tmpdir(), 'lanekeeper-evidence-'))
  try {
    const run = start('--once', '--port', port, '--evidence', evidence)
    expect(await run.exitCode, `${run.output()}${run.errors()}`).toBe(0)
    const lines = run.output().split('\n')
    for (const row of TOUR)
      expect(lines.find((line) => line.includes(`  ${describeRequest(row, ['http'])}  `))).toMatch(
        /as it should$/,
      )
    expect(run.output()).not.toContain('WRONG')
    // A right answer from the cache, on every API that has one, and the number of calls of the function.
    expect(
      lines.find((line) => line.includes("answered from API Gateway's cache"))?.match(/200 gateway/g),
    ).toHaveLength(3)
    const counts = lines.flatMap((line) => {
      const [, requests, calls] =
        /^(?:REST, \w+|HTTP API): (?:a|one) policy .* (\d+) +(\d+)$/.exec(line.trim()) ?? []
      return requests === undefined ? [] : [[Number(requests), Number(calls)] as const]
    })
    expect(counts).toHaveLength(3)
    for (const [requests, calls] of counts) expect(calls).toBeLessThan(requests)
    expect(run.output()).toMatch(/handshake/i)

    const secrets = JSON.parse(await readFile(join(evidence, 'secrets.json'), 'utf8')) as string[]
    const log = await readFile(join(evidence, 'output.log'), 'utf8')
    expect(secrets.length).toBeGreaterThan(100)
    for (const edge of ['Worker: {"door":"worker"', 'API Gateway: {"door":"lambda"'])
      expect(log).toContain(edge)
    expect(findLeaks(log, secrets)).toEqual([])
    expect(findLeaks(`${run.output()}${run.errors()}`, secrets)).toEqual([])
    expect(findLeaks(`${log} ${secrets[3]!.slice(-16)}`, secrets)).toContain(3)
  } finally {
    await rm(evidence, { recursive: true })
  }
})

test('Ctrl-C while it builds ends everything with one line', async () => {
  const run = start('--port', port)
  await run.until('building the Worker')
  await endWithCtrlC(run, await processesOf(run, 'osls'))
})

describe('with a build at hand', () => {
  let directory: string
  let build: Build

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanekeeper-built-'))
    build = await buildEdges(directory, new AbortController().signal, await exampleVariables(Number(port)))
  })

  afterAll(() => rm(directory, { recursive: true }))

  const startBuilt = (): Run =>
    spawnRun(process.execPath, ['test/system/start-built.ts', JSON.stringify(build), '--port', port])

  test('Ctrl-C while it starts ends everything with one line', async () => {
    const run = startBuilt()
    await run.until('starting both edges')
    const processes = await processesOf(run, 'processes/worker-edge.ts', 'processes/gateway-edge.ts')
    expect(await endWithCtrlC(run, processes)).toBe(130)
  })

  test('the curl lines work as printed, wherever they are pasted, and Ctrl-C ends everything with one line', async () => {
    const run = startBuilt()
    await run.until('Ctrl-C ends everything')
    const lines = run.output().match(/^ {2}curl .*$/gm) ?? []
    expect(lines).toHaveLength(7)
    // If a shell put the token in, every user could see it in the list of processes.
    expect(lines.filter((line) => line.includes('$'))).toEqual([])
    if (spawnSync('curl', ['--version']).status === 0) {
      const statuses = lines.map(
        (line) => spawnSync('sh', ['-c', line], { cwd: tmpdir() }).stdout.toString().split(' ')[1],
      )
      expect(statuses).toEqual(['200', '401', '403', '401', '200', '401', '403'])
      await run.until('deny  id_token  GET /orders')
    }
    expect(await endWithCtrlC(run, await processesOf(run, ...EVERYTHING))).toBe(0)
  })

  test.runIf(canSeeProcesses).each([
    ['origin', 'processes/orders.ts'],
    ['Worker', 'processes/worker-edge.ts'],
    ['API Gateway', 'processes/gateway-edge.ts'],
  ])('the %s that is killed ends everything with one line', async (name, module) => {
    const run = startBuilt()
    await run.until('Ctrl-C ends everything')
    const processes = await processesOf(run, ...EVERYTHING)
    const victim = processes.find(({ command }) => command.includes(module))!
    process.kill(victim.pid, 'SIGKILL')
    expect(await run.exitCode).toBe(1)
    expect(run.errors()).toBe(`${name} ended unexpectedly by SIGKILL.\n`)
    const [, after = ''] = run.output().split('Ctrl-C ends everything.\n')
    // Earlier decisions may be shown late.
    expect(after.replaceAll(/^(?:Worker|API Gateway) +(?:allow|deny) .*\n/gm, '')).toBe('')
    await expectNothingLeft(processes)
  })
})

describe("a user's own deployment", () => {
  /** The project without a file of either edge. */
  let copy: string

  beforeEach(() => {
    copy = copyProject('tsconfig.json')
  })

  afterEach(() => rm(copy, { recursive: true }))

  const startIt = (...args: string[]): Run =>
    spawnRun(process.execPath, ['local/start.ts', ...args, '--port', port], copy)

  test('a deployment without an edge ends with one line', async () => {
    const run = startIt()
    expect(await run.exitCode).toBe(1)
    expect([run.output(), run.errors()]).toEqual([
      '',
      'There is neither wrangler.toml nor serverless.yml here, so there is no edge to run.\n',
    ])
  })

  test('two kinds of API take their part of the tour, without a Worker', async () => {
    writeFileSync(join(copy, 'serverless.yml'), serverlessWith(['httpApi', 'websocket']))
    const run = startIt('--once')
    expect(await run.exitCode, `${run.output()}${run.errors()}`).toBe(0)
    expect(run.output()).toContain(`All ${TOUR.length} rows came out as they should on the one edge`)
    expect(run.output().match(/as it should$/gm)).toHaveLength(TOUR.length + 4)
    expect(run.output().split('Left out of the tour:\n')[1]).toBe(
      '  Worker: there is no wrangler.toml\n  REST, REQUEST: there is no REST API\n  REST, TOKEN: there is no REST API\n',
    )
    expect(run.errors()).toBe('')
  })

  test('functions without an API end with one line', async () => {
    writeFileSync(join(copy, 'serverless.yml'), serverlessWith([]))
    const run = startIt()
    expect(await run.exitCode).toBe(1)
    expect(run.errors()).toBe(
      'serverless.yml deploys no API, and there is no wrangler.toml: nothing is left to run.\n',
    )
  })

  test('a Worker with an origin behind a binding runs without a tour', async () => {
    const toml = readFileSync(join(ROOT, 'wrangler.toml'), 'utf8')
    writeFileSync(join(copy, 'wrangler.toml'), toml.replaceAll(/^# (services|routes) = /gm, '$1 = '))
    writeFileSync(join(copy, 'lanekeeper.config.ts'), OWN)
    const run = startIt()
    await run.until('Ctrl-C ends everything')
    expect(run.output()).toContain(
      'The tour is left out:\n  lanekeeper.config.ts no longer has the rule GET /health of the tour\n',
    )
    expect(run.output()).not.toMatch(/API Gateway/)
    const lines = run.output().match(/^ {2}curl .*$/gm) ?? []
    if (spawnSync('curl', ['--version']).status === 0) {
      const statuses = lines.map(
        (line) => spawnSync('sh', ['-c', line], { cwd: tmpdir() }).stdout.toString().split(' ')[1],
      )
      expect(statuses).toEqual(['200', '200', '200', '200', '401', '401'])
    }
    process.kill(-run.pid, 'SIGINT')
    expect([await run.exitCode, run.errors()]).toEqual([0, ''])
  })
})

describe('bad input gets a clear answer', () => {
  test('a busy port is named, with the way out', async () => {
    const busy = Number(port) + 1
    const server = createServer()
    await once(server.listen(busy, '127.0.0.1'), 'listening')
    const theirs = join(ROOT, 'dist/local', String(busy - 1), 'run')
    mkdirSync(theirs, { recursive: true })
    const run = start('--once', '--port', String(busy - 1))
    expect(await run.exitCode).toBe(1)
    expect(run.errors()).toMatch(
      new RegExp(`^Port ${busy} \\(REST API\\) is in use; choose others with: npm start -- --port \\d+\\n$`),
    )
    // The other run on these ports keeps its files there, those of its tokens, and this run must not change them.
    expect(existsSync(theirs)).toBe(true)
    rmSync(dirname(theirs), { recursive: true })
    server.close()
  })

  test('an unknown option', async () => {
    const run = start('--onec')
    expect(await run.exitCode).toBe(2)
    expect(run.errors()).toContain("Unknown option '--onec'")
  })
})
