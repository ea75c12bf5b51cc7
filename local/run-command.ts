// One run of `npm start`, from its command line to its exit code. In every case it ends with one line and stops every
// process that it started.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { generateSigningKey } from './authorization-server/index.ts'
import { readTemplate } from './api-gateway/template.ts'
import type { Model } from './api-gateway/model.ts'
import { ROOT, type SomeBuild } from '../cli/build.ts'
import type { Child } from './child.ts'
import { describeError } from '../cli/describe-error.ts'
import { findEdges, type Edges } from '../cli/edges.ts'
import { readLocalConfig, scopesOf, type LocalVariables } from './local-config.ts'
import { findBusyPort, localVariables, startLocalRun, type LocalRun } from './local-run.ts'
import { readOptions, type Options } from './options.ts'
import { toReadable } from './log-line.ts'
import { describe, writeTokens } from './presentation.ts'
import { Stop } from '../cli/stop.ts'
import { paint } from '../cli/table.ts'
import { findOtherConfig, planTour, type TourPlan } from './tour/tour-plan.ts'

export interface Steps {
  /**
   * Builds the edges in a directory of this run. `variables`: those of the configuration. Aborting the signal ends the
   * build at once.
   */
  build(directory: string, signal: AbortSignal, edges: Edges, variables: LocalVariables): Promise<SomeBuild>
  /** See `LocalRunOptions.expiredBySeconds`. */
  readonly expiredBySeconds?: number
  /** Takes the part of the tour that applies. Throws a `Stop` if an answer is wrong. */
  takeTour(run: LocalRun, plan: TourPlan): Promise<void>
}

const APIS = ['restApi', 'httpApi', 'webSocketApi'] as const satisfies readonly (keyof Model)[]

const describeBuild = ({ hasWorker, hasLambda }: Edges): string =>
  [...(hasWorker ? ['the Worker with wrangler'] : []), ...(hasLambda ? ['the Lambda with osls'] : [])].join(
    ' and ',
  )

/** Has a directory for each run, named by its first port. */
const LOCAL = join(ROOT, 'dist/local')

export const say = (text: string): void => void process.stdout.write(`${text}\n`)
export const progress = (text: string): void => say(paint('dim', `- ${text}`))

async function keepEvidence(
  directory: string,
  run: LocalRun | null,
  output: readonly string[],
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const secrets = run === null ? [] : [...Object.values(run.tokens), ...run.secrets]
  await writeFile(join(directory, 'secrets.json'), JSON.stringify(secrets), { mode: 0o600 })
  await writeFile(join(directory, 'output.log'), `${output.join('\n')}\n`)
}

async function runUntilStopped(options: Options, { build, takeTour, ...more }: Steps): Promise<void> {
  const directory = join(LOCAL, String(options.port))
  const children: Child[] = []
  const output: string[] = []
  const building = new AbortController()
  const ended = Promise.withResolvers<never>()
  let ownsDirectory = false
  let showsDecisions = false
  let run: LocalRun | null = null

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ended.reject(new Stop('Stopped.', showsDecisions ? 0 : 130)))
  }

  async function runAll(): Promise<void> {
    const edges = findEdges(ROOT)
    if (!edges.hasWorker && !edges.hasLambda)
      throw new Stop('There is neither wrangler.toml nor serverless.yml here, so there is no edge to run.', 1)
    const busy = await findBusyPort(options.port, edges)
    if (busy !== null) {
      const other = options.port + (options.port > 60_000 ? -1_000 : 1_000)
      throw new Stop(
        `Port ${busy.port} (${busy.service}) is in use; choose others with: npm start -- --port ${other}`,
        1,
      )
    }
    // All ports are free, so no other run uses this directory.
    ownsDirectory = true
    const localValues = localVariables(options.port, await generateSigningKey('ES256'))
    const { config, variables } = readLocalConfig(localValues, process.env)
    const configReason = findOtherConfig(config)
    if (configReason !== null && options.once) throw new Stop(`There is no tour to take: ${configReason}.`, 1)
    progress(`building ${describeBuild(edges)}`)
    const { archive, template, ...rest } = await build(directory, building.signal, edges, variables)
    const model = template === undefined ? null : readTemplate(JSON.parse(await readFile(template, 'utf8')))
    const hasApi = model !== null && APIS.some((name) => model[name] !== undefined)
    if (!edges.hasWorker && !hasApi)
      throw new Stop(
        'serverless.yml deploys no API, and there is no wrangler.toml: nothing is left to run.',
        1,
      )
    const plan = planTour(config, { hasWorker: edges.hasWorker, model })
    const hasTour = plan.edges.length > 0 || plan.hasSockets
    if (!hasTour && options.once) throw new Stop(`There is no tour to take: ${plan.skipped.join('; ')}.`, 1)
    const runnable = { ...rest, ...(hasApi && { archive: archive!, template: template! }) }
    run = await startLocalRun({
      ...more,
      build: runnable,
      basePort: options.port,
      variables,
      scopes: scopesOf(config),
      progress,
      onSpawn(child) {
        children.push(child)
        void child.ended.then((sentence) => ended.reject(new Stop(`${sentence}.`, 1)))
      },
      onLine(child, line) {
        if (options.evidence !== undefined) output.push(`${child}: ${line}`)
        const readable = showsDecisions ? toReadable(child, line) : null
        if (readable !== null) say(readable)
      },
    })
    if (hasTour) await takeTour(run, plan)
    if (plan.skipped.length > 0)
      say([`\n${hasTour ? 'Left out of the tour' : 'The tour is left out'}:`, ...plan.skipped].join('\n  '))
    if (options.once) return
    const tokenDirectory = join(runnable.scratch, 'tokens')
    await writeTokens(run, tokenDirectory)
    say(describe(run, config, plan, tokenDirectory, model))
    showsDecisions = true
    await ended.promise
  }

  try {
    await Promise.race([runAll(), ended.promise])
  } catch (error) {
    // If a child ends, requests to it fail first, and its `exit` event comes a moment later with the better reason.
    if (!(error instanceof Stop)) await Promise.race([ended.promise, sleep(500)])
    throw error
  } finally {
    showsDecisions = false
    building.abort()
    await Promise.all(children.map((child) => child.stop()))
    if (options.evidence !== undefined) await keepEvidence(options.evidence, run, output)
    if (ownsDirectory) await rm(directory, { recursive: true, force: true })
  }
}

/** Runs the command and ends the process with its exit code. */
export async function runCommand(args: readonly string[], steps: Steps): Promise<never> {
  try {
    await runUntilStopped(readOptions(args), steps)
    process.exit(0)
  } catch (error) {
    const message = error instanceof Stop ? error.message : describeError(error)
    const exitCode = error instanceof Stop ? error.exitCode : 1
    ;(exitCode === 0 || exitCode === 130 ? process.stdout : process.stderr).write(`${message}\n`)
    process.exit(exitCode)
  }
}
