// `npm run drill` and `npm run soak`, run for real and short: the drill passes with the real edges, and fails with a
// Worker that has deliberate faults.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startChild, type Child } from '../../local/child.ts'
import { soakConfig } from '../drill/soak-config.ts'
import { SOAK_AUDIENCE, SOAK_KID } from '../drill/soak-tokens.ts'
import { writeArtefact } from '../support/artefact/build.ts'
import { canSeeProcesses, descendantsOf, isRunning } from '../support/processes.ts'
import { generateKey, startTestIssuer } from '../support/test-issuer.ts'

const running = new Set<number>()

function start(command: 'drill' | 'soak', ...args: readonly string[]) {
  const child = spawn(process.execPath, [join(import.meta.dirname, `../drill/${command}.ts`), ...args], {
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
    until: (text: string) =>
      new Promise<void>((resolve, reject) => {
        check = () => output.includes(text) && resolve()
        check()
        void exitCode.then(() => reject(new Error(`ended without "${text}":\n${output}`)))
      }),
  }
}

afterAll(() => {
  for (const pid of running) process.kill(-pid, 'SIGKILL')
})

/** Sums of a column of the table of phases, by edge. */
function sums(output: string, column: number): Record<string, number> {
  const found: Record<string, number> = {}
  for (const line of output.split('\n')) {
    const [, edge, rest] = /(Worker|REST API|HTTP API) {2,}(\d.* <= \d+ .*)$/.exec(line) ?? []
    if (edge === undefined) continue
    found[edge] = (found[edge] ?? 0) + Number(rest!.trim().split(/ {2,}/)[column])
  }
  return found
}

const [REQUESTS, ALLOWS, , UNAVAILABLE, WRONG, FALSE_DENIALS] = [0, 1, 2, 3, 4, 5]
const NONE = { Worker: 0, 'REST API': 0, 'HTTP API': 0 }
/** 720 requests, and those that are sent while servers start. */
const SHORT = ['--seconds', '6', '--rate', '120']

test.concurrent('no verdict is wrong and no valid token is refused, whatever happens to the issuer', async () => {
  const drill = start('drill', ...SHORT)
  expect(await drill.exitCode, drill.output()).toBe(0)
  const output = drill.output()
  expect(output).toMatch(/As it should be: \d+ requests/)
  expect(sums(output, WRONG)).toEqual(NONE)
  expect(sums(output, FALSE_DENIALS)).toEqual(NONE)
  for (const count of Object.values(sums(output, REQUESTS))) expect(count).toBeGreaterThanOrEqual(240)
  for (const column of [ALLOWS, UNAVAILABLE])
    for (const count of Object.values(sums(output, column))) expect(count).toBeGreaterThan(10)
})

test.concurrent('a faulty edge is found, and no other is blamed', async () => {
  const drill = start('drill', ...SHORT, '--broken')
  expect(await drill.exitCode, drill.output()).toBe(1)
  const output = drill.output()
  expect(output).toContain('NOT as it should be')
  expect(output).toMatch(/Worker: (tampered|foreign key) token, allow where deny was right/)
  expect(output).toContain('Worker: good token, unavailable where allow was right')
  for (const column of [WRONG, FALSE_DENIALS]) {
    const { Worker, ...others } = sums(output, column)
    expect(Worker).toBeGreaterThan(0)
    expect(others).toEqual({ 'REST API': 0, 'HTTP API': 0 })
  }
})

test.concurrent('a short soak has no wrong verdict on either edge', async () => {
  const soak = start('soak', '--tokens', '1000')
  expect(await soak.exitCode, soak.output()).toBe(0)
  for (const edge of ['Worker', 'Lambda'])
    expect(soak.output()).toMatch(new RegExp(`^${edge} +1,0\\d\\d +0 +`, 'm'))
})

test.concurrent('Ctrl-C ends everything with one line', { skip: !canSeeProcesses }, async () => {
  const run = start('drill')
  await run.until('obtaining tokens')
  const processes = descendantsOf(run.pid)
  expect(processes.length).toBeGreaterThan(6)
  process.kill(-run.pid, 'SIGINT')
  expect(await run.exitCode).toBe(130)
  expect(run.output().trimEnd().split('\n').at(-1)).toBe('Stopped.')
  expect(processes.filter(isRunning)).toEqual([])
})

test('the Lambda of the soak, which never awaits I/O, ends when its parent does', async () => {
  const key = await generateKey('EdDSA', SOAK_KID)
  const issuer = await startTestIssuer({ audience: SOAK_AUDIENCE, keys: [key] })
  const privateJwk = await crypto.subtle.exportKey('jwk', key.privateKey)
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-soak-'))
  await writeArtefact('aws', soakConfig(issuer.issuer), directory)
  const [spawned, busy] = [Promise.withResolvers<Child>(), Promise.withResolvers<string>()]
  try {
    await startChild({
      name: 'Lambda',
      module: new URL('../drill/processes/soak-lambda.ts', import.meta.url),
      options: {
        artefact: join(directory, 'authorizer.mjs'),
        issuer: issuer.issuer,
        privateJwk,
        tokens: 10_000_000,
        samples: 10_000,
      },
      onSpawn: spawned.resolve,
      onLine: busy.resolve,
    })
    const child = await spawned.promise
    await busy.promise
    await child.stop()
    expect(await child.ended).toContain('with exit code 0')
  } finally {
    ;(await spawned.promise).kill()
    await issuer.close()
    await rm(directory, { recursive: true })
  }
})

test.concurrent.each([
  ['drill', ['--secnods', '9'], "Unknown option '--secnods'.\n\nnpm run drill -- [--seconds N]", 2],
  ['soak', ['--help'], 'npm run soak -- [--tokens N]', 0],
] as const)('%s %j gets a clear answer', async (command, args, text, exitCode) => {
  const run = start(command, ...args)
  expect(await run.exitCode).toBe(exitCode)
  expect(run.output()).toContain(text)
  expect(run.output()).not.toMatch(/^ +at /m)
})
