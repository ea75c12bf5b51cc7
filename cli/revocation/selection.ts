// What a person asks to revoke: exactly one selector, and the issuer where several are configured. Refuses a token
// among the arguments.

import { webCrypto, type ResolvedConfig } from '../../shared/index.ts'
import {
  createEntryKeys,
  hasJwt,
  toEntries,
  type RequestProblem,
  type RevocationRequest,
  statedExp,
  toTokenRequest,
  type TokenProblem,
} from '../../shared/edge.ts'
import { Stop } from '../stop.ts'
import { readText } from './input.ts'
import { shown } from '../shown.ts'

export const SELECTORS = {
  jti: { type: 'string' },
  'token-file': { type: 'string' },
  sub: { type: 'string' },
  client: { type: 'string' },
  sid: { type: 'string' },
  tenant: { type: 'string' },
  issuer: { type: 'string' },
  key: { type: 'string' },
} as const

export const SELECTORS_HELP = `  --jti ID           one token, by the claim that names it
  --token-file FILE  one token, read from a file, or from standard input for -
  --sub ID           all tokens of a user
  --client ID        all tokens of a client
  --sid ID           all tokens of a session
  --tenant ID        all tokens of a tenant
  --key THUMBPRINT   all tokens that are bound to a key (jkt) or to a client certificate (x5t#S256)
  --issuer NAME      all tokens of an issuer; with another selector, whose it is: the name in the configuration or the
                     iss, required where several issuers are configured`

export type SelectorValues = { readonly [Name in keyof typeof SELECTORS]?: string | undefined }

/** Those that stand alone. */
const KINDS = ['jti', 'token-file', 'sub', 'client', 'sid', 'tenant', 'key'] as const

/** @throws {Stop} If an argument has a JWT, which is not repeated (exit code 2). */
export function refuseTokens(args: readonly string[]): void {
  if (args.some(hasJwt))
    throw new Stop(
      'A token is among the arguments, where other processes and the history see it. Pass it with --token-file.',
      2,
    )
}

export interface Selected {
  readonly request: RevocationRequest
  /** Whether a token was handed over. It is not verified. */
  readonly isToken: boolean
  /** Whether this token says that it has expired. */
  readonly hasExpired: boolean
}

const namesOf = ({ issuers }: ResolvedConfig): string =>
  [...new Set([...issuers.values()].map(({ name }) => name))].join(', ')

const TOKEN_PROBLEMS: Readonly<Record<TokenProblem, string>> = {
  token_malformed: 'has no token that an edge would take',
  token_too_large: 'has a token that is larger than limits.maxTokenBytes, so every edge refuses it',
  issuer_unknown: 'has a token of an issuer that is not configured',
  not_introspected:
    'has an opaque token, or one without iss, and no issuer that is meant introspects such tokens',
  issuer_missing: 'may be of several issuers; name its issuer with --issuer',
  issuer_differs: 'has a token of another issuer than --issuer',
}

const REQUEST_PROBLEMS: Readonly<Record<RequestProblem, string>> = {
  kind_unknown: 'Nothing can be revoked that way.',
  issuer_unknown: 'The issuer of --issuer is not configured',
  issuer_missing: 'Several issuers are configured; name one with --issuer',
  id_missing: 'The value is empty.',
  id_unwanted: 'The issuer needs no further value.',
  id_malformed: 'The value is too long, or no token can have it.',
  time_malformed: 'The time cannot be that of a token.',
  time_in_future: 'The time is in the future; tokens that are not issued yet cannot be revoked.',
  expiry_unwanted: 'Only one token has a time at which it expires.',
  token_expired: 'The token has expired, so every edge refuses it already.',
  no_tenants: 'Tokens of this issuer name no tenant.',
}

/** The message about a request, which names the issuers where that helps. */
export function describeProblem(problem: RequestProblem, config: ResolvedConfig): string {
  const text = REQUEST_PROBLEMS[problem]
  return text.endsWith('.') ? text : `${text}; configured: ${namesOf(config)}.`
}

async function readToken(
  file: string,
  issuer: string | undefined,
  { issuers, limits }: ResolvedConfig,
  source: TokenSource,
  now: number,
): Promise<Selected> {
  const option = `--token-file ${shown(file)}`
  const token = await readText(source.cwd, file, option, source.stdin)
  const request = toTokenRequest(token, issuer, {
    issuers: issuers.values(),
    limits,
    keys: createEntryKeys(webCrypto),
  })
  if ('problem' in request) throw new Stop(`${option}: ${TOKEN_PROBLEMS[request.problem]}.`, 2)
  if ([request.id, request.sub].some((name) => name !== undefined && hasJwt(name)))
    throw new Stop(`${option}: has a token with another token in it, which no store may keep.`, 2)
  return { request, isToken: true, hasExpired: (statedExp(token, limits) ?? now + 1) <= now }
}

export interface TokenSource {
  readonly cwd: string
  readonly stdin: AsyncIterable<Uint8Array | string>
}

/**
 * The selector as a request. `now`: seconds since the epoch.
 *
 * @throws {Stop} If there is none or more than one, or if it names nothing that can be revoked (exit code 2).
 */
export async function readSelection(
  values: SelectorValues,
  config: ResolvedConfig,
  source: TokenSource,
  now: number,
): Promise<Selected> {
  const given = KINDS.filter((name) => values[name] !== undefined)
  const { issuer } = values
  const listed = KINDS.map((name) => `--${name}`).join(', ')
  if (given.length > 1)
    throw new Stop(`${given.map((name) => `--${name}`).join(' and ')}: pass one of them.`, 2)
  const [kind] = given
  if (kind === undefined && issuer === undefined)
    throw new Stop(`Say what is meant with one of ${listed}, or --issuer.`, 2)
  if (kind === 'key' && !/^[A-Za-z0-9_-]{43}$/.test(values.key!))
    throw new Stop('--key is a SHA-256 thumbprint: 43 characters of base64url.', 2)
  const selected =
    kind === 'token-file'
      ? await readToken(values[kind]!, issuer, config, source, now)
      : {
          request:
            kind === undefined
              ? { kind: 'issuer' as const, issuer: issuer! }
              : { kind, id: values[kind]!, ...(issuer !== undefined && { issuer }) },
          isToken: false,
          hasExpired: false,
        }
  const entries = toEntries(selected.request, [...config.issuers.values()], now)
  if ('problem' in entries) throw new Stop(describeProblem(entries.problem, config), 2)
  return selected
}
