// `lanekeeper token`: prints one token of the `lanekeeper dev` that runs for this project. It is good, or wrong in one
// named way.

import { dirname } from 'node:path'
import { readSession } from '../local/dev/session-file.ts'
import type { MintAnswer } from '../local/issuer/local-issuer.ts'
import { isWrongWay, WRONG_WAY_NAMES, WRONG_WAYS } from '../local/issuer/wrong-ways.ts'
import { parseOptions, type CommandIo } from './command.ts'
import { findConfigFile } from './load-config.ts'
import { shown, shownJson } from './shown.ts'
import { Stop } from './stop.ts'

const WIDTH = 18

const HELP = `lanekeeper token [options]

Prints one access token of the lanekeeper dev that runs in this folder, as the provider of its issuer would make it: with
the audience and the client that the configuration accepts, and every scope of its rules. Nothing but the token is on
standard output. Exit code 0, or 2 if no lanekeeper dev runs or the call is wrong.

  --issuer NAME      the issuer, by its name in the configuration; with tenants also NAME/TENANT
  --profile NAME     the issuer, by its profile, such as auth0-token-profile (docs/providers.md)
  --scope TEXT       scopes, with spaces; "" for none
  --audience TEXT    the audience, also one that the configuration does not accept; more than once for a list
  --sub TEXT         the user
  --client TEXT      the client
  --expires-in N     lifetime in seconds; default: 3600
  --claim NAME=JSON  a claim, over that of the issuer; null removes it; more than once for several
  --opaque           a token that only its issuer can read; where all are introspected, the default
  --jwt              a JWT, where all are introspected

Wrong in one way:
${WRONG_WAY_NAMES.map((name) => `  --${name.padEnd(WIDTH - 2)} ${WRONG_WAYS[name].help} (${WRONG_WAYS[name].code})`).join('\n')}

  --config FILE      another configuration file
  --json             one JSON document: the token, its claims, and the code of its refusal
  --help             this text`

const OPTIONS = {
  issuer: { type: 'string' },
  profile: { type: 'string' },
  scope: { type: 'string' },
  audience: { type: 'string', multiple: true },
  sub: { type: 'string' },
  client: { type: 'string' },
  'expires-in': { type: 'string' },
  claim: { type: 'string', multiple: true },
  opaque: { type: 'boolean' },
  jwt: { type: 'boolean' },
  ...(Object.fromEntries(WRONG_WAY_NAMES.map((name) => [name, { type: 'boolean' }])) as Record<
    (typeof WRONG_WAY_NAMES)[number],
    { readonly type: 'boolean' }
  >),
  config: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean' },
} as const

type Options = ReturnType<typeof parseOptions<typeof OPTIONS>>

const NO_DEV = 'No lanekeeper dev runs for this folder. Start it in another terminal: npx lanekeeper dev'

function readSeconds(given: string | undefined): number | undefined {
  if (given === undefined) return undefined
  const seconds = Number(given)
  if (!Number.isInteger(seconds) || seconds < 1)
    throw new Stop('--expires-in is a whole number of seconds.', 2)
  return seconds
}

function readClaim(text: string): readonly [string, unknown] {
  const [, name, json] = /^([^=]+)=([\s\S]*)$/.exec(text) ?? []
  try {
    return [name!, JSON.parse(json!) as unknown]
  } catch {
    throw new Stop(`--claim is NAME=JSON, such as --claim 'acr="mfa"'.`, 2)
  }
}

/** The request that the local issuer answers. */
function toRequest(options: Options): object {
  const wrong = WRONG_WAY_NAMES.filter((name) => options[name] === true)
  if (wrong.length > 1) throw new Stop('A token is wrong in one way: give one of these options.', 2)
  if (options.opaque === true && options.jwt === true)
    throw new Stop('A token is opaque or a JWT: give one of --opaque and --jwt.', 2)
  return {
    issuer: options.issuer,
    profile: options.profile,
    scopes: options.scope?.split(' ').filter((word) => word !== ''),
    audience: options.audience,
    subject: options.sub,
    client: options.client,
    expiresInSeconds: readSeconds(options['expires-in']),
    ...(options.claim !== undefined && { claims: Object.fromEntries(options.claim.map(readClaim)) }),
    ...((options.opaque === true || options.jwt === true) && { opaque: options.opaque === true }),
    wrong: wrong.find(isWrongWay),
  }
}

const toDocument = ({ token, issuer, profile, header, claims, refusedWith }: MintAnswer): object => ({
  version: 1,
  ok: true,
  ...{ token, issuer, profile, header, claims, refusedWith },
})

/** @throws {Stop} As `Command.run` does. */
export async function runToken(args: readonly string[], io: CommandIo): Promise<number> {
  const options = parseOptions(args, OPTIONS, HELP)
  if (options.help === true) return (io.print(HELP), 0)
  const request = toRequest(options)
  const session = readSession(dirname(findConfigFile(io.cwd, options.config)))
  if (session === null) throw new Stop(NO_DEV, 2)
  const response = await io
    .fetch(`${session.url}/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${session.secret}`, 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    .catch(() => null)
  // Another process may have the port of a run that was killed.
  if (response === null || (response.status !== 200 && response.status !== 400)) throw new Stop(NO_DEV, 2)
  const answer = (await response.json()) as MintAnswer | { readonly problem: string }
  if ('problem' in answer) throw new Stop(shown(answer.problem), 2)
  io.print(options.json === true ? shownJson(toDocument(answer)) : answer.token)
  return 0
}
