// The command line of `npm run example:bound`, and the ports of the run.

import { readExampleOptions, type ExampleOptions } from '../example-command.ts'

/** In the order of their ports, from the first one on. */
export const SERVICES = [
  'Worker',
  'REST API',
  'HTTP API',
  'default endpoint of the REST API',
  'default endpoint of the HTTP API',
  'authorization server',
  'authorization server, mutual TLS',
  'origin',
  'DynamoDB',
  'store Worker',
  'Worker, another instance',
  'REST API, another instance',
  'HTTP API, another instance',
] as const

export type Service = (typeof SERVICES)[number]

const COMMAND = {
  script: 'example:bound',
  about: `Runs examples/bound on this machine, and uses and misuses bound tokens (DPoP and mutual TLS) in every way. Exit code 0 if
every row of the table came out as it should, 1 if not.`,
  services: SERVICES,
  defaultPort: 4600,
}

/** @throws {Stop} with the help, or with what is wrong. */
export const readOptions = (args: readonly string[]): ExampleOptions<Service> =>
  readExampleOptions(args, COMMAND)
