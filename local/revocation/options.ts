// The command line of `npm run example:revocation`, and the ports of the run.

import { parseArgs } from 'node:util'
import { Stop } from '../../cli/stop.ts'

const DEFAULT_PORT = 4500

/** In the order of their ports, from the first one on. */
export const SERVICES = [
  'Worker A',
  'Worker B',
  'store Worker',
  'REST API',
  'HTTP API',
  'authorization server',
  'origin',
  'DynamoDB',
  'management of API Gateway',
  'logout relay',
] as const

export type Service = (typeof SERVICES)[number]

const HELP = `npm run example:revocation -- [--once] [--port N]

Runs examples/revocation on this machine and revokes tokens in every way. Exit code 0 if every row of the table came out as
it should, 1 if not.

  --once    end after the table
  --port N  first of ${SERVICES.length} ports to listen on (default ${DEFAULT_PORT}): ${SERVICES.join(', ')}
  --help    this text`

export interface Options {
  readonly once: boolean
  readonly portOf: (service: Service) => number
}

/** @throws {Stop} with the help, or with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const options = {
    once: { type: 'boolean' },
    port: { type: 'string' },
    help: { type: 'boolean' },
  } as const
  let values
  try {
    values = parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) throw new Stop(HELP, 0)
  const port = Number(values.port ?? DEFAULT_PORT)
  const last = 65_536 - SERVICES.length
  if (!Number.isInteger(port) || port < 1024 || port > last)
    throw new Stop(`--port must be a whole number from 1024 to ${last}, not "${values.port}".`, 2)
  return { once: values.once === true, portOf: (service) => port + SERVICES.indexOf(service) }
}
