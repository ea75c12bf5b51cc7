// One run of `lanekeeper dev`: a local issuer, an origin, and the edges of a project, all on loopback. A change of the
// configuration is built beside what runs, and takes over if it can be built. The end of the command ends everything.

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { readEnvironment, type CommandIo } from '../../cli/command.ts'
import { describeError } from '../../cli/describe-error.ts'
import { findConfigFile, loadConfigFiles } from '../../cli/load-config.ts'
import { shownJsonLine } from '../../cli/shown.ts'
import { Stop } from '../../cli/stop.ts'
import { createLocalKeys } from '../issuer/keys.ts'
import { startLocalIssuer, type LocalIssuer } from '../issuer/local-issuer.ts'
import { readLogLine, toReadable } from '../log-line.ts'
import { demandFreePorts, portsFrom, type DevPlaces } from './ports.ts'
import { deriveStage, type DerivedStage } from './derive-stage.ts'
import { describeRun, readyDocument, type RunFacts } from './describe-run.ts'
import type { ApiName } from './choose-authorizers.ts'
import { startEchoOrigin, type EchoOrigin } from './echo-origin.ts'
import {
  buildEdges,
  demandTools,
  startEdges,
  type BuiltEdges,
  type DevEdge,
  type RunningEdges,
} from './edges.ts'
import { createLocalSecrets } from './local-secrets.ts'
import { createReloads } from './reload.ts'
import { removeSession, writeSession, type Session } from './session-file.ts'
import type { StopWatching, Watch } from './watch.ts'

export interface DevOptions {
  readonly edges: readonly DevEdge[]
  readonly apis: readonly ApiName[] | null
  readonly origin: string | null
  readonly template: string | null
  readonly port: number
  readonly config: string | undefined
  readonly envFile: string | undefined
  readonly json: boolean
}

/** What one generation was built from. */
interface Generation {
  readonly built: BuiltEdges
  readonly stage: DerivedStage
  readonly origin: string
}

interface Run {
  readonly options: DevOptions
  readonly io: CommandIo
  readonly project: string
  readonly file: string
  readonly places: DevPlaces
  readonly scratch: string
  readonly issuer: LocalIssuer
  readonly echo: EchoOrigin
  readonly keys: ReturnType<typeof createLocalKeys>
  readonly secrets: ReturnType<typeof createLocalSecrets>
}

const originOf = ({ config }: DerivedStage): string => (config.origin as { readonly url: string }).url

/** Builds a generation of the configuration as it is now. `files`: receives what it was made of, as soon as it is read. */
async function buildGeneration(
  run: Run,
  number: number,
  files: (all: readonly string[]) => void,
): Promise<Generation> {
  const { options, io, project, file, places } = run
  const loaded = await loadConfigFiles(file, io.cwd)
  files(loaded.files)
  const env = readEnvironment(io, options.envFile)
  const stage = deriveStage(loaded.config, env, {
    issuer: run.issuer.url,
    origin: options.origin ?? run.echo.url,
    isOriginNamed: options.origin !== null,
  })
  const origin = originOf(stage)
  const { edges, apis, template } = options
  const request = { ...{ edges, apis, template, project, env, origin }, cwd: io.cwd, ports: places }
  const folder = join(run.scratch, `generation-${number}`)
  const built = await buildEdges(request, stage, run.keys.sharedSecret, run.secrets, folder)
  return { built, stage, origin }
}

function factsOf({ built, stage, origin }: Generation, { issuer }: Run, { urls }: RunningEdges): RunFacts {
  const { config } = built.artefacts[0]!.compiled
  const notes = [
    ...stage.notes,
    ...built.apis.leftOut,
    ...built.apis.elsewhere.map((name) => `${name}: its code is not at hand, so the origin answers for it`),
  ]
  return { config, urls, issuer: issuer.url, origin, notes, foreign: stage.foreign }
}

/** Tells the local issuer which configuration runs. */
function updateIssuer({ issuer }: Run, { built, stage }: Generation): void {
  issuer.update({ config: built.artefacts[0]!.compiled.config, foreign: stage.foreign })
}

function printReady(run: Run, generation: Generation, running: RunningEdges): void {
  const facts = factsOf(generation, run, running)
  const plans = generation.built.artefacts.map(({ compiled }) => compiled.plan.hash)
  if (run.options.json) run.io.print(shownJsonLine(readyDocument(facts, plans)))
  else run.io.print(describeRun(facts))
}

/** A line of an edge: as it is with `--json`, where a line that is no event becomes one. */
function printLine({ options, io }: Run, edge: string, line: string): void {
  if (!options.json) {
    const readable = toReadable(edge, line)
    if (readable !== null) io.print(readable)
    return
  }
  if (line.trim() === '') return
  io.print(shownJsonLine(readLogLine(line) ?? { event: 'output', edge, text: line }))
}

function printReload({ options, io }: Run, problem: string | null): void {
  if (options.json) io.print(shownJsonLine({ event: 'reload', ok: problem === null, problem }))
  else if (problem === null) io.print('The configuration has changed; the new one runs.')
  else io.printError(`${problem}\nThe last good configuration goes on.`)
}

/** Runs until the command ends, or a process ends that nobody has stopped. */
async function runEdges(run: Run, watch: Watch): Promise<void> {
  const { io, options, project } = run
  let fail: (reason: Stop) => void = () => {}
  const ended = new Promise<never>((_, reject) => (fail = reject))
  ended.catch(() => {})
  let number = 0
  let files: readonly string[] = [run.file]
  let stopWatching: StopWatching = () => {}
  const events = {
    onLine: (edge: string, line: string) => printLine(run, edge, line),
    onEnd: (sentence: string) => fail(new Stop(`${sentence}.`, 1)),
  }
  const build = () => buildGeneration(run, ++number, (all) => void (files = all))
  const watchAgain = () => {
    stopWatching()
    const others = [options.template, options.envFile, 'wrangler.toml', 'serverless.yml'].flatMap(
      (name, index) => (name == null ? [] : [resolve(index < 2 ? io.cwd : project, name)]),
    )
    stopWatching = watch([...files, ...others.filter(existsSync)], () => reloads.changed())
  }

  io.progress('building')
  let current = await build()
  let running = await startEdges(current.built, events)
  updateIssuer(run, current)

  /** The last generation starts again if the next one does not. */
  async function takeOver(next: Generation): Promise<void> {
    await running.stop()
    try {
      running = await startEdges(next.built, events)
    } catch (error) {
      running = await startEdges(current.built, events)
      throw error
    }
    current = next
    updateIssuer(run, current)
  }

  const reloads = createReloads(io.sleep, async () => {
    io.progress('building again')
    try {
      await takeOver(await build())
      printReload(run, null)
    } catch (error) {
      printReload(run, describeError(error, io.cwd))
    }
    watchAgain()
  })

  try {
    watchAgain()
    printReady(run, current, running)
    await Promise.race([ended, untilAborted(io.signal)])
  } finally {
    stopWatching()
    await reloads.settled()
    await running.stop()
  }
}

const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })

/**
 * Runs until the command ends. Returns 0 then.
 *
 * @throws {Stop} if a tool is missing (exit code 2), or a port is in use or a process ends (1).
 * @throws {ConfigError} with every problem of the configuration.
 */
export async function runDev(options: DevOptions, io: CommandIo, watch: Watch): Promise<number> {
  const file = findConfigFile(io.cwd, options.config)
  const project = dirname(file)
  demandTools({ edges: options.edges, project })
  const places = portsFrom(options.port)
  await demandFreePorts(options, places)
  const encodings = new Map<string, 'base64url' | 'text'>()
  const keys = createLocalKeys((name) => encodings.get(name) ?? 'base64url')
  const session = { version: 1, pid: process.pid, secret: randomBytes(32).toString('base64url') } as const
  const scratch = await mkdtemp(join(tmpdir(), 'lanekeeper-dev-'))
  const closing: (() => Promise<unknown>)[] = [() => rm(scratch, { recursive: true, force: true })]
  try {
    const prefix = { value: 'x-lanekeeper-' }
    const issuer = await startLocalIssuer({ port: places.issuer, secret: session.secret, keys, now: io.now })
    closing.push(() => issuer.close())
    const echo = await startEchoOrigin(places.origin, () => prefix.value)
    closing.push(() => echo.close())
    const known: Session = { ...session, url: issuer.url }
    writeSession(project, known)
    closing.push(async () => removeSession(project, known))
    const watched: LocalIssuer = {
      ...issuer,
      update(run) {
        prefix.value = String(run.config.identity.headerPrefix)
        for (const { name, keys: accepted } of run.config.issuers.values())
          if (accepted.secret !== undefined) encodings.set(name, accepted.encoding)
        issuer.update(run)
      },
    }
    const secrets = createLocalSecrets()
    await runEdges(
      { ...{ options, io, project, file, places, scratch, echo, keys, secrets }, issuer: watched },
      watch,
    )
    return 0
  } finally {
    for (const close of closing.reverse()) await close()
  }
}
