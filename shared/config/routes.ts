// `routes`: rules of path, methods and scopes. Refuses templates that no path can match, methods and scopes that are
// not written as such, and two rules for the same method and path. RFC 9110 section 9.1, RFC 6749 section 3.3.

import { isScopeToken } from '../grant/scope.ts'
import { isGreedy, isParameter, templateShape, WEBSOCKET_CONNECT } from '../routes/path-template.ts'
import { createShare } from '../routes/share.ts'
import { findTargetProblem, undoNeedlessEscapes, upperCaseEscapes } from '../routes/target.ts'
import {
  checkStrings,
  isJsonObject,
  isNonEmptyString,
  list,
  objectAt,
  type AddProblem,
  type JsonObject,
} from './checks.ts'
import {
  checkConditions,
  CONDITION_MEMBERS,
  type ConditionConfig,
  type ResolvedConditions,
} from './conditions.ts'
import { DEFAULT_LIMITS } from './limits.ts'
import type { Meanings, MemberOf } from './meaning.ts'
import { checkProtectedDemands, checkProtectedFlag, type ProtectedSetting } from './protected-settings.ts'
import type { ResolvedResource } from './resources.ts'
import type { RevocationDemand } from './revocation/demand.ts'
import type { SenderConstraintDemand } from './sender/constraint.ts'
import type { ReplayDemand } from './sender/replay-demand.ts'

/**
 * Scopes that a route demands: every one in `allOf`, at least one in `anyOf`; with both members both must hold. A route
 * that demands no scope says `'none'`, because a scope that was left out by mistake must be an error. `'none'` does not
 * make the route public: it still needs a valid access token.
 */
export type ScopeRule = { readonly allOf?: readonly string[]; readonly anyOf?: readonly string[] } | 'none'

interface RouteBase {
  /** Path template: literal segments, `{name}` for one segment, `{name+}` for the rest. WebSocket APIs: `$connect`. */
  readonly path: string
  /** Methods in upper case, each by name; `*` is refused. `GET` covers `HEAD`. `OPTIONS` is refused unless listed. */
  readonly methods: readonly string[]
  /** Name of the only issuer whose tokens are accepted here. Default: every issuer. */
  readonly issuer?: string
}

interface ProtectedRoute extends ConditionConfig {
  readonly scope: ScopeRule
  /** Whether shared caches may keep responses as the origin allows. Default false: the Worker makes them `private`. */
  readonly sharedCaches?: boolean
  /**
   * What it demands of the check for revoked tokens. Default: that of the section `revocation`, whose news may be some
   * seconds old. Needs that section.
   */
  readonly revocation?: RevocationDemand
  /**
   * Whether tokens have to be bound to their sender. It only narrows what the issuer accepts. Default: as the issuer.
   */
  readonly senderConstraint?: SenderConstraintDemand
  /** `strong`: a proof counts as used where any instance has seen it. Default: where this instance has. */
  readonly replay?: ReplayDemand
  /** Refusals are recorded as `would_deny` and not enforced: the request passes, without an identity. Default false. */
  readonly reportOnly?: boolean
}

/**
 * A rule: a path template, methods, and either `public: true` or a `scope`, with conditions if need be. A token on a
 * public route is not verified and gives no identity. The query takes no part. docs/routes.md says which rule wins.
 */
export type RouteRule =
  | (RouteBase & { readonly public: true; readonly issuer?: never } & {
      readonly [member in keyof ProtectedRoute]?: never
    })
  | (RouteBase & ProtectedRoute & { readonly public?: never })

/** One `RouteRule` after `resolveConfig`: checked, with every default filled in and its resources assigned. */
export interface ResolvedRoute {
  /** The path template as it is written. */
  readonly path: string
  readonly methods: readonly string[]
  /** `GET,POST /path/template`: the name of this rule in decisions and events. */
  readonly name: string
  /** Scopes that the token must have; two empty lists for `scope: 'none'`. `null`: the route is public. */
  readonly demand: { readonly allOf: readonly string[]; readonly anyOf: readonly string[] } | null
  /** Name of the only issuer whose tokens are accepted; `null`: every issuer. */
  readonly issuer: string | null
  readonly conditions: ResolvedConditions
  /** Resources to which a path of this rule may belong. The token must be for the resource of the requested path. */
  readonly resources: readonly ResolvedResource[]
  /** Shared caches may keep responses as the origin allows. */
  readonly sharedCaches: boolean
  /** Absent: as the section `revocation` says. */
  readonly revocation?: RevocationDemand
  /** Absent: as the issuer says. */
  readonly senderConstraint?: SenderConstraintDemand
  /** Absent: the memory of the instance. */
  readonly replay?: ReplayDemand
  /** Refusals are recorded, not enforced. */
  readonly reportOnly: boolean
}

export const routeMeanings = (): Meanings<
  Exclude<MemberOf<RouteRule>, keyof ConditionConfig | ProtectedSetting>
> => ({
  path: { absent: 'required', meaning: 'path template: [routes.md](routes.md)' },
  methods: {
    absent: 'required',
    meaning:
      'each by name, upper case; `GET` covers `HEAD`. `lanekeeper check` warns of those that are not registered',
  },
  scope: { absent: 'required, or `public`', meaning: "`{ allOf }`, `{ anyOf }`, both, or `'none'`" },
  public: { absent: 'absent', meaning: '`true`: no token is needed and none is verified' },
  issuer: { absent: 'any', meaning: 'name of the only issuer whose tokens are accepted' },
})

function checkTemplate(value: unknown, path: string, addProblem: AddProblem): string {
  if (!isNonEmptyString(value)) {
    addProblem(path, value === undefined ? 'is missing' : 'must be a path template')
    return ''
  }
  if (value === WEBSOCKET_CONNECT) return value
  const segments = value.slice(1).split('/')
  const plain = `/${segments.map((segment) => (isParameter(segment) || isGreedy(segment) ? 'x' : segment)).join('/')}`
  if (!value.startsWith('/')) addProblem(path, 'must begin with "/"')
  else if (/[{}]/.test(plain))
    addProblem(
      path,
      'has a brace other than {name} or, at the end, {name+}, named with A-Z, a-z, 0-9 and "_"',
    )
  else {
    const problem = findTargetProblem(plain, DEFAULT_LIMITS.maxPathBytes)
    if (problem !== null) addProblem(path, `can never match a request: ${problem} (docs/routes.md)`)
    const bare = undoNeedlessEscapes(upperCaseEscapes(value))
    if (bare !== upperCaseEscapes(value)) addProblem(path, `escapes what needs no escape; write ${bare}`)
    if (segments.some((segment) => segment.startsWith(':'))) {
      addProblem(path, 'has a segment that begins with ":"; a parameter is written {name}')
    }
  }
  if (segments.slice(0, -1).some(isGreedy)) addProblem(path, 'has a greedy {name+} before its end')
  return value
}

function checkScopes(value: unknown, path: string, addProblem: AddProblem): readonly string[] {
  if (value === undefined) return []
  const scopes = checkStrings(value, path, addProblem)
  for (const scope of scopes) {
    const space = /\S\s+\S/.test(scope) ? 'has a space; write two' : 'begins or ends with a space'
    const what = /\s/.test(scope) ? space : 'is no scope-token (RFC 6749 section 3.3)'
    if (!isScopeToken(scope)) addProblem(path, `has ${JSON.stringify(scope)}, which ${what}`)
  }
  return scopes
}

function checkDemand(route: JsonObject, path: string, addProblem: AddProblem): ResolvedRoute['demand'] {
  if (route['public'] !== undefined) {
    if (route['public'] !== true)
      addProblem(`${path}.public`, 'can only be true; leave it out for a protected route')
    if (route['scope'] !== undefined) addProblem(`${path}.scope`, 'cannot stand on a public route')
    return null
  }
  if (route['scope'] === 'none') return { allOf: [], anyOf: [] }
  if (route['scope'] === undefined) {
    addProblem(`${path}.scope`, "is missing; say { allOf: [...] }, { anyOf: [...] }, 'none', or public: true")
    return { allOf: [], anyOf: [] }
  }
  if (!isJsonObject(route['scope'])) {
    addProblem(`${path}.scope`, "must be { allOf: [...] }, { anyOf: [...] }, both, or 'none'")
    return { allOf: [], anyOf: [] }
  }
  const scope = objectAt(route['scope'], `${path}.scope`, addProblem, ['allOf', 'anyOf'])
  if (scope['allOf'] === undefined && scope['anyOf'] === undefined) {
    addProblem(`${path}.scope`, "demands nothing; say 'none' if that is meant")
  }
  return {
    allOf: checkScopes(scope['allOf'], `${path}.scope.allOf`, addProblem),
    anyOf: checkScopes(scope['anyOf'], `${path}.scope.anyOf`, addProblem),
  }
}

/** The form alone. `checkSelection` checks that the issuer is configured, once all issuers are known. */
function checkIssuerName(
  { issuer, public: open }: JsonObject,
  path: string,
  addProblem: AddProblem,
): string | null {
  if (issuer === undefined) return null
  if (!isNonEmptyString(issuer)) addProblem(`${path}.issuer`, 'must be the name of an issuer')
  if (open !== undefined) addProblem(`${path}.issuer`, 'cannot stand on a public route')
  return String(issuer)
}

/** Spellings of "every method" in other products. Refused here. */
const EVERY = /^(?:\*|any|all)$/i

const METHOD = /^[A-Z][A-Z-]*$/

function whyNoMethod(method: string): string {
  if (EVERY.test(method))
    return 'list every method by name: ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]'
  if (/[\s,|]/.test(method)) return 'write each method by itself: ["GET", "POST"]'
  const upper = method.toUpperCase()
  return METHOD.test(upper) ? `write ${JSON.stringify(upper)}` : 'a method is written with A-Z and "-" here'
}

function checkMethods(value: unknown, path: string, addProblem: AddProblem): readonly string[] {
  const methods =
    isNonEmptyString(value) && EVERY.test(value) ? [value] : checkStrings(value, path, addProblem)
  for (const method of methods)
    if (EVERY.test(method) || !METHOD.test(method))
      addProblem(path, `has ${JSON.stringify(method)}; ${whyNoMethod(method)}`)
  return methods
}

const NO_RESOURCES: ResolvedRoute['resources'] = []

/** Every rule, in the order of the configuration. */
export function checkRoutes(value: unknown, addProblem: AddProblem): readonly ResolvedRoute[] {
  if (!Array.isArray(value)) {
    addProblem('routes', value === undefined ? 'is missing' : 'must be a list of rules')
    return []
  }
  if (value.length === 0) addProblem('routes', 'has no rule, so every request would be refused')
  const taken = new Map<string, string>()
  const shareDemand = createShare()
  const shareMethods = createShare()
  return value.map((given: unknown, index) => {
    const path = `routes[${index}]`
    const route = objectAt(given, path, addProblem, [
      'path',
      'methods',
      'public',
      'scope',
      'issuer',
      'sharedCaches',
      'revocation',
      'senderConstraint',
      'replay',
      'reportOnly',
      ...CONDITION_MEMBERS,
    ])
    const template = checkTemplate(route['path'], `${path}.path`, addProblem)
    const methods = checkMethods(route['methods'], `${path}.methods`, addProblem)
    const shape = templateShape(upperCaseEscapes(template))
    for (const method of methods) {
      const earlier = taken.get(`${method} ${shape}`)
      if (earlier !== undefined)
        addProblem(path, `covers ${method} ${template}, which ${earlier} covers already`)
      else taken.set(`${method} ${shape}`, path)
    }
    if (template === WEBSOCKET_CONNECT && list(methods) !== 'GET')
      addProblem(`${path}.methods`, 'must be ["GET"] for $connect')
    const demand = checkDemand(route, path, addProblem)
    return {
      path: template,
      methods: shareMethods(methods, methods.join(',')),
      name: `${methods.join(',')} ${template}`,
      demand: shareDemand(demand, JSON.stringify(demand)),
      issuer: checkIssuerName(route, path, addProblem),
      conditions: checkConditions(route, path, addProblem),
      sharedCaches: checkProtectedFlag(route, 'sharedCaches', path, addProblem),
      resources: NO_RESOURCES,
      ...checkProtectedDemands(route, path, addProblem),
      reportOnly: checkProtectedFlag(route, 'reportOnly', path, addProblem),
    }
  })
}
