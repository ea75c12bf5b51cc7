// Builds what would be deployed: the artefacts of `lanekeeper build`, and with osls the zip and the CloudFormation of
// serverless.yml. No step uploads anything, needs an account or uses the network.

import { spawn } from 'node:child_process'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { ConfigError } from '../shared/index.ts'
import { buildArtefact } from './artefact/build.ts'
import { writeDescription } from './artefact/description.ts'
import type { Edges } from './edges.ts'
import { findConfigFile, loadConfig } from './load-config.ts'
import { archivesOf, findMissingFunctions } from './package-check.ts'
import type { Environment } from './stage-findings.ts'
import { Stop } from './stop.ts'
import { reasonOf } from './tool-output.ts'

const TEMPLATE = 'cloudformation-template-update-stack.json'

export const ROOT = join(import.meta.dirname, '..')

export interface Build {
  readonly workerScript: string
  readonly template: string
  readonly archive: string
  /** An empty directory for files that the run writes. */
  readonly scratch: string
}

/** A build of one or both edges. */
export type SomeBuild = Pick<Build, 'scratch'> & Partial<Build>

/** Runs a command of the project without showing its output. Rejects with its reason in one line if it prints one. */
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
  // A process group of its own, so that the command ends with everything that it started.
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const end = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL')
  signal.addEventListener('abort', end, { once: true })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => void output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => void output.push(chunk))
  const [code, killedBy] = await new Promise<[number | null, string | null]>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (...exit) => resolve(exit))
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
 * Lets one process build at a time: every build writes dist/lambda, and osls packages it. The lock is a file with the
 * process id of its owner. A lock whose owner has ended is removed.
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

/** Whether variables are all that a configuration lacks. */
const lacksVariables = (error: unknown): boolean =>
  error instanceof ConfigError && error.problems.every(({ variable }) => variable !== undefined)

/** Builds the artefact of a stage into dist/lambda of the project. */
async function buildLambda(root: string, stage: string, env: Environment): Promise<void> {
  const config = await loadConfig(findConfigFile(root), root)
  const hasStages = Object.keys(config.stages ?? {}).length > 0
  const out = join(root, 'dist/lambda')
  const artefact = await buildArtefact({
    ...{ config, edge: 'aws', stage: hasStages ? stage : '', env, project: root, out, metrics: null },
  })
  await writeDescription(artefact, out)
}

/**
 * Builds the functions of the project at `root` and writes what `osls deploy` would upload, into a directory for each
 * stage. A stage whose variables are missing keeps the artefact of the stage before it. Returns the CloudFormation file
 * of each stage.
 */
export async function packageAws(
  stages: readonly string[],
  directory: string,
  signal: AbortSignal,
  root: string = ROOT,
  env: Environment = process.env,
): Promise<ReadonlyMap<string, string>> {
  const packageDirectories = new Map(stages.map((stage) => [stage, join(directory, stage)]))
  await withLock(join(root, 'dist/lambda.lock'), signal, async () => {
    await run('npm', ['run', '--silent', 'build:orders'], signal, root)
    // One after the other: every run of osls writes its zip to the same directory first.
    for (const [stage, packageDirectory] of packageDirectories) {
      await buildLambda(root, stage, env).catch((error: unknown) => {
        if (!lacksVariables(error)) throw error
      })
      await run('osls', ['package', '--stage', stage, '--package', packageDirectory], signal, root)
    }
  })
  return new Map(
    [...packageDirectories].map(([stage, packageDirectory]) => [stage, join(packageDirectory, TEMPLATE)]),
  )
}

/** The zip that contains all functions. */
async function selectArchive(template: string): Promise<string> {
  const missing = (await findMissingFunctions(template)).find(({ severity }) => severity === 'problem')
  if (missing !== undefined)
    throw new Stop(`serverless.yml: function ${missing.logicalId} ${missing.message}.`, 1)
  const [archive, ...others] = await archivesOf(template)
  if (archive === undefined || others.length > 0)
    throw new Stop('serverless.yml: npm start needs all Node functions in one package.', 1)
  return archive
}

/** Both edges, as `buildSome` builds them. */
export const buildEdges = (directory: string, signal: AbortSignal, env: Environment): Promise<Build> =>
  buildSome(directory, signal, { hasWorker: true, hasLambda: true }, env) as Promise<Build>

/**
 * Builds edges for the stage `local`. `env`: its variables. The directory is emptied first. Aborting the signal ends the
 * build at once.
 */
export async function buildSome(
  directory: string,
  signal: AbortSignal,
  { hasWorker, hasLambda }: Edges,
  env: Environment,
): Promise<SomeBuild> {
  await rm(directory, { recursive: true, force: true })
  const scratch = join(directory, 'run')
  await mkdir(scratch, { recursive: true })
  const [worker, aws] = [join(directory, 'worker'), join(directory, 'aws')]
  const config = await loadConfig(findConfigFile(ROOT), ROOT)
  const local = { config, stage: 'local', env, project: ROOT, metrics: null }
  await Promise.all([
    hasWorker && buildArtefact({ ...local, edge: 'cloudflare', out: worker }),
    hasLambda && packageAws(['local'], aws, signal, ROOT, env),
  ])
  const template = join(aws, 'local', TEMPLATE)
  return {
    ...(hasWorker && { workerScript: join(worker, 'index.js') }),
    ...(hasLambda && { template, archive: await selectArchive(template) }),
    scratch,
  }
}
