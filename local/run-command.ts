// One run of `npm start`, from its command line to its exit code. Whatever happens, it ends with one line and stops
// every process that it started.

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
import { readLocalConfig, scopesOf } from './local-config.ts'
import { findBusyPort, localVariables, startLocalRun, type LocalRun } from './local-run.ts'
import { readOptions, type Options } from './options.ts'
import { describe, toReadable, writeTokens } from './presentation.ts'
import { Stop } from '../cli/stop.ts'
import { paint } from '../cli/table.ts'
import { findOtherConfig, planTour, type TourPlan } from './tour/tour-plan.ts'

export interface Steps {
  /** Makes what is run, in a directory of this run. Aborting ends it at once. */
  build(directory: string, signal: AbortSignal, edges: Edges): Promise<SomeBuild>
  /** As `LocalRunOptions.expiredBySeconds`. */
  readonly expiredBySeconds?: number
  /** Takes the part of the tour that applies, if any does. Throws a `Stop` if an answer is wrong. */
  takeTour(run: LocalRun, plan: TourPlan): Promise<void>
}

const APIS = ['restApi', 'httpApi', 'webSocketApi'] as const satisfies readonly (keyof Model)[]

const describeBuild = ({ hasWorker, hasLambda }: Edges): string =>
  [...(hasWorker ? ['the Worker with wrangler'] : []), ...(hasLambda ? ['the Lambda with osls'] : [])].join(
    ' and ',
  )

/** One directory per run, named for its first port. */
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
  let owned = false
  let following = false
  let run: LocalRun | null = null

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ended.reject(new Stop('Stopped.', following ? 0 : 130)))
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
    // From here on the directory is ours: with a busy port it is that of the run that has the ports.
    owned = true
    const given = localVariables(options.port, await generateSigningKey('ES256'))
    const { config, variables } = readLocalConfig(given, process.env)
    const other = findOtherConfig(config)
    if (other !== null && options.once) throw new Stop(`There is no tour to take: ${other}.`, 1)
    progress(`building ${describeBuild(edges)}`)
    const { archive, template, ...rest } = await build(directory, building.signal, edges)
    const model = template === undefined ? null : readTemplate(JSON.parse(await readFile(template, 'utf8')))
    const hasApi = model !== null && APIS.some((name) => model[name] !== undefined)
    if (!edges.hasWorker && !hasApi)
      throw new Stop(
        'serverless.yml deploys no API, and there is no wrangler.toml: nothing is left to run.',
        1,
      )
    const plan = planTour(config, { hasWorker: edges.hasWorker, model })
    const isTaken = plan.edges.length > 0 || plan.hasSockets
    if (!isTaken && options.once) throw new Stop(`There is no tour to take: ${plan.leftOut.join('; ')}.`, 1)
    const built = { ...rest, ...(hasApi && { archive: archive!, template: template! }) }
    run = await startLocalRun({
      ...more,
      build: built,
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
        const readable = following ? toReadable(child, line) : null
        if (readable !== null) say(readable)
      },
    })
    if (isTaken) await takeTour(run, plan)
    if (plan.leftOut.length > 0)
      say([`\n${isTaken ? 'Left out of the tour' : 'The tour is left out'}:`, ...plan.leftOut].join('\n  '))
    if (options.once) return
    const tokenDirectory = join(built.scratch, 'tokens')
    await writeTokens(run, tokenDirectory)
    say(describe(run, config, plan, tokenDirectory, model))
    following = true
    await ended.promise
  }

  try {
    await Promise.race([runAll(), ended.promise])
  } catch (error) {
    // A child that dies fails requests first and is known to be dead a moment later: that is the better reason.
    if (!(error instanceof Stop)) await Promise.race([ended.promise, sleep(500)])
    throw error
  } finally {
    following = false
    building.abort()
    await Promise.all(children.map((child) => child.stop()))
    if (options.evidence !== undefined) await keepEvidence(options.evidence, run, output)
    if (owned) await rm(directory, { recursive: true, force: true })
  }
}

/** Ends the process. */
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
