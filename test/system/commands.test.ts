// The commands of package.json for a person: an unknown option, a mistake in a file of the project, a signal. Each
// gives one clear line, no stack, and no process that goes on.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ROOT } from '../../cli/build.ts'
import { canSeeProcesses, descendantsOf, isRunning } from '../support/processes.ts'
import { copyProject } from '../support/project-copy.ts'

/** The commands whose options have no test of their own. */
const COMMANDS = [
  ...['attacks', 'fuzz', 'soak', 'bench'],
  ...['test:vectors', 'test:dpop', 'test:mtls', 'test:migrations'],
]

function run(cwd: string, command: string, ...args: string[]) {
  const given = ['run', '--silent', command, '--', ...args]
  const { status, stdout, stderr } = spawnSync('npm', given, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  })
  return { status, stdout, stderr }
}

describe.each(COMMANDS)('npm run %s', (command) => {
  test('names an unknown option, and the known ones', () => {
    const { status, stdout, stderr } = run(ROOT, command, '--bogus')
    expect([status, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(/^Unknown option '--bogus'\.\n\nnpm (run )?\S+/)
    expect(stderr).not.toMatch(/^ +at /m)
  })

  test.skipIf(command === 'fuzz')('lists its options with --help', () => {
    const { status, stdout, stderr } = run(ROOT, command, '--help')
    expect([status, stderr]).toEqual([0, ''])
    expect(stdout).toMatch(new RegExp(`^npm (run )?${command}`))
  })
})

describe('a mistake in a file of the project is one line with its place', () => {
  let copy: string

  beforeEach(() => {
    copy = copyProject(
      ...['tsconfig.json', 'wrangler.toml', 'serverless.yml', 'test/attacks', 'vitest.config.ts'],
    )
  })

  afterEach(() => rmSync(copy, { recursive: true }))

  const BROKEN = [
    ['lanekeeper.config.ts', 'const x = ;\n', /^lanekeeper\.config\.ts:\d+: .*[Ee]xpression expected.*\n$/],
    ['wrangler.toml', 'name = = "x"\n', /wrangler\.toml:\d+:\d+: Invalid TOML document: invalid value\n$/],
    ['serverless.yml', 'foo: [\n', /Cannot parse "serverless\.yml": .*\(\d+:\d+\)\n$/],
  ] as const

  test.each(BROKEN)('npm start, %s', (file, mistake, line) => {
    appendFileSync(join(copy, file), mistake)
    const { status, stderr } = run(copy, 'start', '--once', '--port', '20000')
    expect(status).toBe(1)
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  test.each(BROKEN)('npm run check:config, %s', (file, mistake, line) => {
    appendFileSync(join(copy, file), mistake)
    const { status, stdout, stderr } = run(copy, 'check:config')
    expect(status).toBe(1)
    const found = `${stdout}${stderr}`.split('\n').filter((text) => line.test(`${text.trim()}\n`))
    expect(found).toHaveLength(1)
    expect(`${stdout}${stderr}`).not.toMatch(/^ +at |node:internal/m)
  })

  test.each(BROKEN.slice(0, 2))('npm run attacks, %s', (file, mistake, line) => {
    appendFileSync(join(copy, file), mistake)
    const { status, stdout, stderr } = run(copy, 'attacks')
    expect([status, stdout]).toEqual([1, ''])
    expect(stderr).toMatch(line)
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })
})

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

describe.runIf(canSeeProcesses)('a signal to npm alone ends every process', () => {
  test.each([
    ['start', 'SIGTERM', ['--port', '20900'], 'building the Worker', 'osls'],
    ['attacks', 'SIGTERM', ['-t', 'A001'], '', 'vitest'],
    // npm does not pass this signal on, and the shell below it stays.
    ['soak', 'SIGHUP', [], 'Soak:', 'soak-lambda'],
  ] as const)(
    'npm run %s, %s',
    async (command, signal, args, text, below) => {
      // A session of its own, so that a signal to npm reaches npm.
      const npm = spawn('npm', ['run', '--silent', command, '--', ...args], { cwd: ROOT, detached: true })
      let output = ''
      let processes: readonly number[] = []
      for (const stream of [npm.stdout, npm.stderr])
        stream.on('data', (chunk: Buffer) => (output += String(chunk)))
      const commands = () => descendantsOf(npm.pid!).map(commandOf)
      try {
        await expect
          .poll(() => output.includes(text) && commands().some((each) => each.includes(below)), {
            timeout: 30_000,
          })
          .toBe(true)
        processes = descendantsOf(npm.pid!)
        expect(processes.length).toBeGreaterThan(1)
        npm.kill(signal)
        await once(npm, 'exit')
        await expect.poll(() => processes.filter(isRunning), { timeout: 20_000 }).toEqual([])
        expect(output).not.toMatch(/^ +at /m)
      } finally {
        if (npm.exitCode === null && npm.signalCode === null) process.kill(-npm.pid!, 'SIGKILL')
      }
    },
    60_000,
  )
})

describe('a Node that cannot run TypeScript', () => {
  const without = ['--no-experimental-strip-types', 'cli/run.js']
  const start = (env: Record<string, string>, ...args: string[]) =>
    spawnSync(process.execPath, [...without, ...args], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, ...env },
    })

  test('hands over to the one of the project', () => {
    const { status, stdout } = start({}, 'check:config', '--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^npm run check:config\n/)
    expect(start({}, 'check:config', '--bogus').status).toBe(2)
  })

  test('says how to run it where there is no other', () => {
    const { status, stderr } = start({ LANEKEEPER_HANDED_OVER: '1' }, 'check:config')
    expect([status, stderr]).toEqual([
      1,
      `Node ${process.version} cannot run this. Run: npm ci && npm run check:config\n`,
    ])
  })

  test('gets the list of commands', () => {
    const { status, stderr } = start({}, 'toString')
    expect([status, stderr]).toEqual([2, expect.stringMatching(/^Name one of: start, check:config, .*\.\n$/)])
  })
})
