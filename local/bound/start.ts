// `npm run example:bound`: builds what examples/bound would deploy, runs it on this machine and takes the tour.
// Everything listens on loopback, and nothing connects to another machine.

import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../cli/build.ts'
import { Stop } from '../../cli/stop.ts'
import { generateSigningKey } from '../authorization-server/index.ts'
import { refuseBusyPorts, runExample, type Run } from '../example-command.ts'
import { progress, say } from '../run-command.ts'
import { buildExample } from './build.ts'
import { createCertificates } from './certificates.ts'
import { createEnvironments } from './environments.ts'
import { readOptions, SERVICES } from './options.ts'
import { startServices } from './services.ts'
import { takeTour } from './tour.ts'
import { fillWallet } from './wallet.ts'

async function run({ add, afterwards, waitForEnd }: Run): Promise<void> {
  const { once, portOf } = readOptions(process.argv.slice(2))
  await refuseBusyPorts(SERVICES, portOf)
  const directory = join(ROOT, 'dist/bound', String(portOf('Worker')))
  const remove = () => rm(directory, { recursive: true, force: true })
  await remove()
  afterwards(remove)
  await mkdir(join(directory, 'registry'), { recursive: true })
  const introspectionKey = await generateSigningKey('ES256')
  const environments = createEnvironments(portOf, introspectionKey)
  const certificates = await createCertificates()
  progress('building the edge and the store of used proofs, and the functions with osls')
  const build = await buildExample(directory, environments)
  progress(
    'starting two instances of the Worker and of API Gateway, their stores, and the authorization server',
  )
  const options = { build, directory, portOf, environments, introspectionKey, certificates, add }
  const services = await startServices(options)
  progress('oauth4webapi logs in')
  const wallet = await fillWallet(services, certificates)
  progress(
    `the authorization server demanded a nonce ${wallet.nonces} times, and the library repeated its requests`,
  )
  const { rows, wrong } = await takeTour(services, wallet, { progress, print: say })
  if (wrong > 0) throw new Stop(`\n${wrong} of ${rows} rows came out wrong.`, 1)
  say(`\nAll ${rows} rows came out as they should.`)
  if (once) return
  // API Gateway ends a connection without a certificate.
  const commands = [`  curl -ik ${services.edges[0]!.url}/orders`]
  say(['\nTry it in another shell. Ctrl-C ends everything.', ...commands].join('\n'))
  await waitForEnd()
}

await runExample(run)
