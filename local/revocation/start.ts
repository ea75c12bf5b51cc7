// `npm run example:revocation`: builds what examples/revocation would deploy, runs it on this machine and takes the
// tour. Everything listens on loopback, and nothing connects to another machine.

import { mkdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { describeError } from '../../cli/describe-error.ts'
import { Stop } from '../../cli/stop.ts'
import config from '../../examples/revocation/lanekeeper.config.ts'
import { resolveConfig } from '../../shared/index.ts'
import type { Child } from '../child.ts'
import { progress, say } from '../run-command.ts'
import { buildExample, STAGE } from './build.ts'
import { createCommands } from './command.ts'
import { readOptions, SERVICES, type Options } from './options.ts'
import { environmentOf, startServices } from './services.ts'
import type { StandIn } from './stand-ins.ts'
import { openTokens } from './tokens.ts'
import { takeTour } from './tour.ts'
import { prepareTrying } from './trying.ts'

async function refuseBusyPorts({ portOf }: Options): Promise<void> {
  for (const service of SERVICES) {
    const port = portOf(service)
    const isBusy = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(true))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)))
    })
    if (isBusy) throw new Stop(`Port ${port} (${service}) is in use; choose others with --port.`, 1)
  }
}

async function run(options: Options): Promise<void> {
  const directory = join(ROOT, 'dist/revocation', String(options.portOf('Worker A')))
  const children: Child[] = []
  const standIns: StandIn[] = []
  const ended = Promise.withResolvers<never>()
  let isTried = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => ended.reject(new Stop('Stopped.', isTried ? 0 : 130)))

  async function runAll(): Promise<void> {
    await refuseBusyPorts(options)
    await rm(directory, { recursive: true, force: true })
    await mkdir(join(directory, 'registry'), { recursive: true })
    const env = environmentOf(options.portOf)
    progress('building the edge and the store with wrangler.toml, the functions with osls')
    const build = await buildExample(directory, env)
    progress('starting two Workers, their store, API Gateway with DynamoDB, and the authorization server')
    const services = await startServices({
      build,
      directory,
      portOf: options.portOf,
      env,
      onSpawn(child) {
        children.push(child)
        void child.ended.then((sentence) => ended.reject(new Stop(`${sentence}.`, 1)))
      },
      onStandIn: (standIn) => void standIns.push(standIn),
    })
    const tokens = await openTokens(services.server)
    const wrong = await takeTour({
      config: resolveConfig(config, { stage: STAGE, env }),
      services,
      commands: createCommands(env, services.storeUrl),
      tokens,
      progress,
      print: say,
    })
    if (wrong > 0) throw new Stop(`\n${wrong} rows came out wrong.`, 1)
    say('\nAll rows came out as they should.')
    if (options.once) return
    say(await prepareTrying(directory, env, services, (await tokens.logIn()).token))
    isTried = true
    await ended.promise
  }

  try {
    await Promise.race([runAll(), ended.promise])
  } finally {
    await Promise.all([...children, ...standIns].map((each) => each.stop()))
    await rm(directory, { recursive: true, force: true })
  }
}

try {
  await run(readOptions(process.argv.slice(2)))
  process.exit(0)
} catch (error) {
  const exitCode = error instanceof Stop ? error.exitCode : 1
  const message = error instanceof Stop ? error.message : describeError(error)
  ;(exitCode === 0 || exitCode === 130 ? process.stdout : process.stderr).write(`${message}\n`)
  process.exit(exitCode)
}
