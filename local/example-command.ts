// What the commands of the examples have in common: their options, the ports that have to be free, and an end that
// stops every process and server of the run.

import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { describeError } from '../cli/describe-error.ts'
import { Stop } from '../cli/stop.ts'

export interface ExampleCommand<Service extends string> {
  /** The script of package.json. */
  readonly script: string
  readonly about: string
  /** In the order of their ports, from the first one on. */
  readonly services: readonly Service[]
  readonly defaultPort: number
}

export interface ExampleOptions<Service extends string> {
  /** End after the table. */
  readonly once: boolean
  readonly portOf: (service: Service) => number
}

const helpOf = <Service extends string>({
  script,
  about,
  services,
  defaultPort,
}: ExampleCommand<Service>): string => `npm run ${script} -- [--once] [--port N]

${about}

  --once    end after the table
  --port N  first of ${services.length} ports to listen on (default ${defaultPort}): ${services.join(', ')}
  --help    this text`

/** @throws {Stop} with the help, or with what is wrong. */
export function readExampleOptions<Service extends string>(
  args: readonly string[],
  command: ExampleCommand<Service>,
): ExampleOptions<Service> {
  const { services, defaultPort } = command
  const options = {
    once: { type: 'boolean' },
    port: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  let values
  try {
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${helpOf(command)}`, 2)
  }
  if (values.help === true) throw new Stop(helpOf(command), 0)
  const port = Number(values.port ?? defaultPort)
  const last = 65_536 - services.length
  if (!Number.isInteger(port) || port < 1024 || port > last)
    throw new Stop(`--port must be a whole number from 1024 to ${last}, not "${values.port}".`, 2)
  return { once: values.once === true, portOf: (service) => port + services.indexOf(service) }
}

/** @throws {Stop} if one of the ports is in use. */
export async function refuseBusyPorts<Service extends string>(
  services: readonly Service[],
  portOf: (service: Service) => number,
): Promise<void> {
  for (const service of services) {
    const port = portOf(service)
    const isBusy = await new Promise<boolean>((resolve) => {
      const server = createServer().once('error', () => resolve(true))
      server.listen(port, '127.0.0.1', () => server.close(() => resolve(false)))
    })
    if (isBusy) throw new Stop(`Port ${port} (${service}) is in use; choose others with --port.`, 1)
  }
}

/** Something that the run has started. */
export interface Started {
  /** Resolves where it ends by itself, with a sentence about that. */
  readonly ended?: Promise<string>
  stop(): Promise<unknown>
}

export interface Run {
  /** Adds what has to be stopped when the run ends. The run ends if it ends by itself. */
  add(started: Started): void
  /** Adds work for when everything has been stopped. */
  afterwards(work: () => Promise<unknown>): void
  /** From now on a signal is the usual end. Never resolves. */
  waitForEnd(): Promise<never>
}

/** Runs `body`, then stops what it has started and ends the process. */
export async function runExample(body: (run: Run) => Promise<void>): Promise<never> {
  const started: Started[] = []
  const last: (() => Promise<unknown>)[] = []
  const ended = Promise.withResolvers<never>()
  let isWaiting = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => ended.reject(new Stop('Stopped.', isWaiting ? 0 : 130)))
  const run: Run = {
    add(one) {
      started.push(one)
      void one.ended?.then((sentence) => ended.reject(new Stop(`${sentence}.`, 1)))
    },
    afterwards: (work) => void last.push(work),
    waitForEnd() {
      isWaiting = true
      return ended.promise
    },
  }
  try {
    try {
      await Promise.race([body(run), ended.promise])
    } finally {
      await Promise.all(started.map((one) => one.stop()))
      await Promise.all(last.map((work) => work()))
    }
    process.exit(0)
  } catch (error) {
    const exitCode = error instanceof Stop ? error.exitCode : 1
    const message = error instanceof Stop ? error.message : describeError(error)
    ;(exitCode === 0 || exitCode === 130 ? process.stdout : process.stderr).write(`${message}\n`)
    process.exit(exitCode)
  }
}
