// The command line of `npm run example:revocation`, and the ports of the run.

import { readExampleOptions, type ExampleOptions } from '../example-command.ts'

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

export type Options = ExampleOptions<Service>

const COMMAND = {
  script: 'example:revocation',
  about: `Runs examples/revocation on this machine and revokes tokens in every way. Exit code 0 if every row of the table came out as
it should, 1 if not.`,
  services: SERVICES,
  defaultPort: 4500,
}

/** @throws {Stop} with the help, or with what is wrong. */
export const readOptions = (args: readonly string[]): Options => readExampleOptions(args, COMMAND)
