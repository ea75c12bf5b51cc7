// The command line of `npm start`.

import { parseArgs } from 'node:util'
import { SERVICES } from './local-run.ts'
import { Stop } from '../cli/stop.ts'

const DEFAULT_PORT = 4400

const HELP = `npm start -- [--once] [--port N] [--evidence DIR]

  --once           take the tour and end: exit code 0 only if every answer is the expected one
  --port N         first of ${SERVICES.length} ports to listen on (default ${DEFAULT_PORT}): ${SERVICES.join(', ')}
  --evidence DIR   keep every token, secret and line of output of this run in DIR (for the leak test)
  --help           this text`

export interface Options {
  readonly once: boolean
  readonly port: number
  readonly evidence: string | undefined
}

/** @throws {Stop} with the help, or with what is wrong. */
export function readOptions(args: readonly string[]): Options {
  let values
  try {
    values = parseArgs({
      args: [...args],
      options: {
        once: { type: 'boolean' },
        port: { type: 'string' },
        evidence: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new Stop(`${(error as Error).message.split('. ')[0]}.\n\n${HELP}`, 2)
  }
  if (values.help === true) throw new Stop(HELP, 0)
  const port = Number(values.port ?? DEFAULT_PORT)
  const last = 65_536 - SERVICES.length
  if (!Number.isInteger(port) || port < 1024 || port > last) {
    throw new Stop(`--port must be a whole number from 1024 to ${last}, not "${values.port}".`, 2)
  }
  return { once: values.once === true, port, evidence: values.evidence }
}
