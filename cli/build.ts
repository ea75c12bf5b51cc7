// Builds what would be deployed: the Worker's bundle with wrangler, the Lambda's zip and CloudFormation with
// esbuild and osls. Neither uploads, needs an account or reaches the network.

import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Edges } from './edges.ts'
import { archivesOf, findMissingFunctions } from './package-check.ts'
import { Stop } from './stop.ts'
import { reasonOf } from './tool-output.ts'

const TEMPLATE = 'cloudformation-template-update-stack.json'

export const ROOT = join(import.meta.dirname, '..')

export interface Build {
  readonly workerScript: string
  readonly template: string
  readonly archive: string
  /** An empty place for what the run itself makes. */
  readonly scratch: string
}

/** Of the edges that are deployed from here. */
export type SomeBuild = Pick<Build, 'scratch'> & Partial<Build>

/** Runs a command of the project quietly, with whatever it starts. Rejects with the reason in one line, where it prints one. */
async function run(
  command: string,
  args: readonly string[],
  signal: AbortSignal,
  cwd: string = ROOT,
): Promise<void> {
  signal.throwIfAborted()
  const path = `${join(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`
  const env = {
    ...process.env,
    PATH: path,
    WRANGLER_SEND_METRICS: 'false',
    WRANGLER_HIDE_BANNER: 'true',
    NO_COLOR: '1',
    FORCE_COLOR: '0',
  }
  // A process group of its own, so that all of it can be ended.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL')
  signal.addEventListener('abort', end, { once: true })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => void output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => void output.push(chunk))
  const [code, killedBy] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...how) => resolve(how))
  }).finally(() => signal.removeEventListener('abort', end))
  if (killedBy !== null) throw new Error(`${command} was ended by ${killedBy}`)
  if (code !== 0) throw new Stop(`${command} failed: ${reasonOf(Buffer.concat(output).toString())}`, 1)
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/**
 * One at a time across processes: osls packages from dist/lambda, which every build writes. The lock is a file
 * with the owner's process id, and one whose owner is gone is nobody's.
 */
async function withLock(path: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  while (
    !(await writeFile(path, String(process.pid), { flag: 'wx' }).then(
      () => true,
      () => false,
    ))
  ) {
    const owner = Number(await readFile(path, 'utf8').catch(() => ''))
    if (owner > 0 && !isAlive(owner)) await rm(path, { force: true })
    await sleep(100, undefined, { signal })
  }
  await work().finally(() => rm(path, { force: true }))
}

/**
 * Builds the Lambda of the project at `root` once and writes what `osls deploy` would upload for each stage, into a
 * directory of its own. Returns the files with their CloudFormation.
 */
export async function packageAws(
  stages: readonly string[],
  directory: string,
  signal: AbortSignal,
  root: string = ROOT,
): Promise<ReadonlyMap<string, string>> {
  const places = new Map(stages.map((stage) => [stage, join(directory, stage)]))
  await withLock(join(root, 'dist/lambda.lock'), signal, async () => {
    await run('npm', ['run', '--silent', 'build:lambda'], signal, root)
    // One after the other: osls writes its zip to one place first.
    for (const [stage, place] of places)
      await run('osls', ['package', '--stage', stage, '--package', place], signal, root)
  })
  return new Map([...places].map(([stage, place]) => [stage, join(place, TEMPLATE)]))
}

/** The one zip that all functions are in. */
async function selectArchive(template: string): Promise<string> {
  const missing = (await findMissingFunctions(template)).find(({ weight }) => weight === 'problem')
  if (missing !== undefined)
    throw new Stop(`serverless.yml: function ${missing.logicalId} ${missing.message}.`, 1)
  const [archive, ...others] = await archivesOf(template)
  if (archive === undefined || others.length > 0)
    throw new Stop('serverless.yml: npm start runs functions of Node that are in one package together.', 1)
  return archive
}

/** Both edges, as `buildSome` builds them. */
export const buildEdges = (directory: string, signal: AbortSignal): Promise<Build> =>
  buildSome(directory, signal, { hasWorker: true, hasLambda: true }) as Promise<Build>

/** Builds edges for the stage `local` into a directory that is emptied first. Aborting ends it at once. */
export async function buildSome(
  directory: string,
  signal: AbortSignal,
  { hasWorker, hasLambda }: Edges,
): Promise<SomeBuild> {
  await rm(directory, { recursive: true, force: true })
  const scratch = join(directory, 'run')
  await mkdir(scratch, { recursive: true })
  const [worker, aws] = [join(directory, 'worker'), join(directory, 'aws')]
  await Promise.all([
    hasWorker && run('wrangler', ['deploy', '--dry-run', '--env', '', '--outdir', worker], signal),
    hasLambda && packageAws(['local'], aws, signal),
  ])
  const template = join(aws, 'local', TEMPLATE)
  return {
    ...(hasWorker && { workerScript: join(worker, 'index.js') }),
    ...(hasLambda && { template, archive: await selectArchive(template) }),
    scratch,
  }
}
