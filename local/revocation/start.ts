// `npm run example:revocation`: builds what examples/revocation would deploy, runs it on this machine and takes the
// tour. Everything listens on loopback, and nothing connects to another machine.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { Stop } from '../../cli/stop.ts'
import config from '../../examples/revocation/lanekeeper.config.ts'
import { resolveConfig } from '../../shared/index.ts'
import { refuseBusyPorts, runExample, type Run } from '../example-command.ts'
import { progress, say } from '../run-command.ts'
import { buildExample, STAGE } from './build.ts'
import { createCommands } from './command.ts'
import { readOptions, SERVICES } from './options.ts'
import { environmentOf, startServices } from './services.ts'
import { openTokens } from './tokens.ts'
import { takeTour } from './tour.ts'
import { prepareTrying } from './trying.ts'

async function run({ add, afterwards, waitForEnd }: Run): Promise<void> {
  const { once, portOf } = readOptions(process.argv.slice(2))
  await refuseBusyPorts(SERVICES, portOf)
  const directory = join(ROOT, 'dist/revocation', String(portOf('Worker A')))
  const remove = () => rm(directory, { recursive: true, force: true })
  await remove()
  afterwards(remove)
  await mkdir(join(directory, 'registry'), { recursive: true })
  const env = environmentOf(portOf)
  progress('building the edge and the store with wrangler.toml, the functions with osls')
  const build = await buildExample(directory, env)
  progress('starting two Workers, their store, API Gateway with DynamoDB, and the authorization server')
  const services = await startServices({ build, directory, portOf, env, onSpawn: add, onStandIn: add })
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
  if (once) return
  say(await prepareTrying(directory, env, services, (await tokens.logIn()).token))
  await waitForEnd()
}

await runExample(run)
