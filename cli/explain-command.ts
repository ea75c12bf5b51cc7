// `lanekeeper explain`: takes one request through the pipeline, as an edge would, and says at which stage it stops, why,
// and whose move it is. docs/explaining.md. A token is never an argument.

import { parseArguments, type CommandIo } from './command.ts'
import { explain } from './explain/explain.ts'
import { toDocument } from './explain/document.ts'
import { isReadAsProof } from './explain/given-request.ts'
import { printReport } from './explain/report.ts'
import { refuseTokens } from './revocation/selection.ts'
import { shownJson } from './shown.ts'
import { Stop } from './stop.ts'

const HELP = `lanekeeper explain METHOD PATH [options]

Takes a request through the pipeline and prints each stage with what it looked at and found, the rule that decides with
its place in the configuration, what the caller saw on each edge, what would change the verdict, and whose move it is.
PATH is the path of the request, or its whole URL. Exit code 0 if an edge would allow the request; 1 if it would not, or
if that is not known because something could not be checked; 2 if the command cannot be run.

  --token-file FILE            the access token, read from a file, or from standard input for -
  --stage NAME                 the stage; default: LANEKEEPER_STAGE. Required where stages are configured
  --at TIME                    the time of the request: 2026-11-30T14:00:00Z, or seconds since the epoch. Default: now
  --header 'NAME: VALUE'       a header field of the request, such as Host or DPoP; repeatable. Never Authorization
  --certificate FILE           the client certificate of the request, in PEM
  --jwks FILE                  the keys of the token's issuer: a JWK Set
  --online                     asks the issuer, as an edge would, in place of --jwks
  --log FILE                   lists the lines of this token in a log of an edge; needs log.fingerprintKey
  --fingerprint-key-file FILE  the key of log.fingerprintKey; default: the variable that it names
  --config FILE                another configuration file
  --env-file FILE              variables that the environment does not have, as lines NAME=value
  --json                       one JSON document instead of text
  --help                       this text`

const OPTIONS = {
  'token-file': { type: 'string' },
  stage: { type: 'string' },
  at: { type: 'string' },
  header: { type: 'string', multiple: true },
  certificate: { type: 'string' },
  jwks: { type: 'string' },
  online: { type: 'boolean' },
  log: { type: 'string' },
  'fingerprint-key-file': { type: 'string' },
  config: { type: 'string' },
  'env-file': { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

/** A proof is no token, and the only JWT that an argument may have. */
const withoutProofs = (args: readonly string[]): readonly string[] =>
  args.filter((arg) => !isReadAsProof(arg.replace(/^--header=/, '')))

/** @throws {Stop} As `Command.run` does. */
export async function runExplain(args: readonly string[], io: CommandIo): Promise<number> {
  refuseTokens(withoutProofs(args))
  const { values, positionals } = parseArguments(args, ['METHOD', 'PATH'], OPTIONS, HELP)
  if (values.help === true) return (io.print(HELP), 0)
  if (values.jwks !== undefined && values.online === true)
    throw new Stop('--jwks and --online: pass one of them.', 2)
  const [method = '', path = ''] = positionals
  const { header: headers = [], json, online: isOnline = false, ...files } = values
  const explained = await explain({ ...files, method, path, headers, isOnline }, io)
  if (json === true) io.print(shownJson(toDocument(explained)))
  else printReport(explained, io)
  return explained.verdict === 'allow' ? 0 : 1
}
