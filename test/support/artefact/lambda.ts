// Loads the Lambda artefact of a configuration into this process. Each of its files gets one line before its first,
// which names a `Date`, a `console` and a `process` for this file alone: the clock, the log and the environment of one
// function. Everything else is as it is deployed.

import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { AuthorizerHandler } from '../../../functions/aws/handler.ts'
import { ROOT } from '../../../cli/build.ts'
import type { LanekeeperConfig, ReportEvent } from '../../../shared/index.ts'
import { artefactOf, withGlobals, type Variables } from './build.ts'
import { dateOf } from './clock.ts'
import { readLogLine } from './log-line.ts'

export interface LambdaGlobals {
  readonly now: () => number
  readonly report: (event: ReportEvent) => void
  /** Changes the text of a file, for a test of what an artefact refuses. */
  readonly change?: (text: string) => string
}

export interface LoadedLambda {
  readonly handler: AuthorizerHandler
  /** The handler of another function of the artefact, by the name of its file. */
  open<Handler>(name: string): Promise<Handler>
  close(): Promise<void>
}

const loadModule = createRequire(import.meta.url)('./load-module.cjs') as (url: string) => Promise<object>

/**
 * @throws {ConfigError} if the configuration has a problem.
 * @throws an error with the name `ConfigError` and the same message, if the environment lacks a secret.
 */
export async function loadLambda(
  config: LanekeeperConfig,
  env: Variables,
  { now, report, change = (text) => text }: LambdaGlobals,
): Promise<LoadedLambda> {
  const { files } = await artefactOf('aws', config, env)
  const directory = await mkdtemp(join(tmpdir(), 'lanekeeper-lambda-'))
  const close = () => rm(directory, { recursive: true })
  const log = (line: string) => report(readLogLine(line))
  const globals = Symbol.for(directory)
  Object.assign(globalThis, {
    [globals]: {
      Date: dateOf(now),
      console: { ...console, log },
      process: Object.create(process, { env: { value: env } }),
    },
  })
  for (const { path, text } of files) {
    if (basename(path).startsWith('metadata.')) continue
    const place = join(directory, relative(ROOT, path))
    await mkdir(dirname(place), { recursive: true })
    await writeFile(place, withGlobals(change(text), directory, ['Date', 'console', 'process']))
  }
  async function open<Handler>(name: string): Promise<Handler> {
    const { handler } = (await loadModule(pathToFileURL(join(directory, name)).href)) as { handler: Handler }
    return handler
  }
  try {
    return { handler: await open<AuthorizerHandler>('authorizer.mjs'), open, close }
  } catch (error) {
    await close()
    throw error
  }
}
