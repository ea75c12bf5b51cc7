// `origin`: where the Worker sends allowed requests, with which token, which header fields and which assertion.

import { findBindingProblem } from '../../plan/environment.ts'
import { deriveOrigin, type OriginTemplate } from '../../plan/values/origin.ts'
import { isHttpToken } from '../../platform/http-token.ts'
import {
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  objectAt,
  type AddProblem,
  type JsonObject,
} from '../checks.ts'
import type { Meanings, MemberOf } from '../meaning.ts'
import { firstOf } from '../setting.ts'
import { substituteSection } from '../substitute.ts'
import {
  checkAssertion,
  valuesOfAssertion,
  type AssertionConfig,
  type ResolvedAssertion,
} from './assertion.ts'
import type { EdgeEnvironment, Section } from './section.ts'

/** How the Worker treats the client's Authorization field on a protected route. */
type TokenHandling = 'strip' | 'forward' | 'replace'

/**
 * Where the Worker sends allowed requests. Exactly one of `url` (scheme, host and port, no path), `binding` (name of a
 * service binding) and `sameZone` (the server behind the Worker's own route). The request keeps its path and query.
 */
export type OriginConfig = {
  /**
   * The client's Authorization field on a protected route. `strip`: it is removed, and the origin gets the identity
   * alone; `forward`: it is passed on; `replace`: the assertion replaces it. Default `strip`.
   */
  readonly token?: TokenHandling
  /** A signed JWT about each request, in the header `x-lanekeeper-assertion`. Default: none. */
  readonly assertion?: AssertionConfig
  /**
   * Names of header fields that are passed on as the client sent them. The Worker would remove them, because proxies
   * and frameworks write them. Other spellings of the names are still removed. Default: none.
   */
  readonly keepHeaders?: readonly string[]
} & (
  | { readonly url: string; readonly binding?: never; readonly sameZone?: never }
  | { readonly binding: string; readonly url?: never; readonly sameZone?: never }
  /** The server behind the Worker's own route: the request goes on to the host that the client used. */
  | { readonly sameZone: true; readonly url?: never; readonly binding?: never }
)

/** `OriginConfig` with every default filled in; `null`: not configured. */
export interface ResolvedOrigin {
  readonly url: string | null
  readonly binding: string | null
  readonly sameZone: boolean
  readonly token: TokenHandling
  readonly assertion: ResolvedAssertion | null
  /** In lower case. */
  readonly keepHeaders: ReadonlySet<string>
}

const TOKEN = firstOf<TokenHandling>('strip', 'forward', 'replace')

export const ORIGIN_DEFAULTS = { token: TOKEN.default } as const satisfies Partial<ResolvedOrigin>

export const originMeanings = (): Meanings<Exclude<MemberOf<OriginConfig>, 'assertion'>> => ({
  url: { absent: 'one of the three', meaning: 'origin of the Worker, without a path' },
  binding: { absent: 'one of the three', meaning: 'name of a service binding' },
  sameZone: { absent: 'one of the three', meaning: "`true`: the server behind the Worker's own route" },
  keepHeaders: {
    absent: '`[]`',
    meaning:
      'headers to pass on as the client sent them, though the Worker removes them by default: [cloudflare.md](cloudflare.md#what-is-removed)',
  },
  token: {
    default: ORIGIN_DEFAULTS.token,
    row: TOKEN,
    meaning: "the client's token: `strip`, `forward`, or `replace` by the assertion",
  },
})

function checkBinding(name: string, { env = {}, later }: EdgeEnvironment, addProblem: AddProblem): void {
  const planned = { path: 'origin.binding', name }
  if (later !== undefined) return later.binding(planned)
  const problem = findBindingProblem(planned, env)
  if (problem !== null) addProblem(problem.path, problem.message, problem.variable)
}

function checkTarget(
  { url, binding, sameZone }: JsonObject,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): Pick<ResolvedOrigin, 'binding' | 'sameZone'> {
  const { needsOrigin = false } = environment
  if ([url, binding, sameZone].filter((place) => place !== undefined).length !== 1)
    addProblem('origin', 'must have exactly one of url, binding and sameZone')
  if (sameZone !== undefined && sameZone !== true)
    addProblem('origin.sameZone', 'can only be true; leave it out for another origin')
  if (binding !== undefined && !isNonEmptyString(binding))
    addProblem('origin.binding', 'must be the name of a service binding')
  else if (needsOrigin && isNonEmptyString(binding)) checkBinding(binding, environment, addProblem)
  return {
    binding: isNonEmptyString(binding) ? binding : null,
    sameZone: sameZone === true,
  }
}

function readKeptHeaders(value: unknown, addProblem: AddProblem): ReadonlySet<string> {
  if (value === undefined) return new Set()
  return new Set(checkStrings(value, 'origin.keepHeaders', addProblem).map((name) => name.toLowerCase()))
}

const MEMBERS = [
  'url',
  'binding',
  'sameZone',
  'token',
  'assertion',
  'keepHeaders',
] as const satisfies readonly MemberOf<OriginConfig>[]

function checkOrigin(
  value: unknown,
  environment: EdgeEnvironment,
  addProblem: AddProblem,
): ResolvedOrigin | null {
  if (value === undefined) {
    if (environment.needsOrigin === true)
      addProblem('origin', 'is missing; the Worker needs to know where requests go')
    return null
  }
  const given = objectAt(value, 'origin', addProblem, MEMBERS)
  if (!isJsonObject(value)) return null
  const target = checkTarget(given, environment, addProblem)
  const token = TOKEN.check(given['token'], 'origin.token', addProblem)
  if (token === 'replace' && given['assertion'] === undefined)
    addProblem('origin.token', 'can be replace only with origin.assertion')
  const assertion =
    given['assertion'] === undefined ? null : checkAssertion(given['assertion'], environment, addProblem)
  const template: OriginTemplate = {
    given: {
      url: given['url'],
      ...(isJsonObject(given['assertion']) ? { assertion: valuesOfAssertion(given['assertion']) } : {}),
    },
    structure: {
      ...target,
      url: null,
      token,
      assertion,
      keepHeaders: readKeptHeaders(given['keepHeaders'], addProblem),
    },
  }
  environment.later?.open.keep({ origin: template })
  return deriveOrigin(template, environment.later?.open.only(addProblem) ?? addProblem)
}

/** A name that is never removed is a typing mistake. A field that the Worker itself sets cannot be the client's. */
const checkTogether: NonNullable<Section<ResolvedOrigin | null>['checkTogether']> = (
  origin,
  { identity, publicUrls },
  { isRemoved = () => true },
  addProblem,
) => {
  for (const [index, name] of [...(origin?.keepHeaders ?? [])].entries()) {
    const path = `origin.keepHeaders[${index}]`
    if (!isHttpToken(name)) addProblem(path, `is ${JSON.stringify(name)}, which is no header name`)
    else if (name.replace(/[^a-z0-9]/g, '-').startsWith(String(identity.headerPrefix)))
      addProblem(path, 'is a name of the identity, which no client may set')
    else if (!isRemoved(name))
      addProblem(
        path,
        `is ${JSON.stringify(name)}, which is never removed (docs/cloudflare.md lists what is)`,
      )
    else if (publicUrls.size > 0 && /^x-forwarded-(?:host|proto)$/.test(name))
      addProblem(path, 'cannot be kept with publicUrls, which set it')
  }
}

export const ORIGIN: Section<ResolvedOrigin | null> = {
  check: (value, environment, addProblem) =>
    checkOrigin(substituteSection(value, environment, 'origin', addProblem), environment, addProblem),
  checkTogether,
}
