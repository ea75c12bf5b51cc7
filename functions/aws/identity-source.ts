// Under what an HTTP API keeps the answer. The event shows the values of the authorizer's identity sources; an answer about one
// request may only be kept under its token, its method, its path and its route: two paths that are shown alike may have
// different routes (dispatched-path.ts). AWS API Gateway developer guide, "Control access to
// HTTP APIs with AWS Lambda authorizers", on caching. REST events show no identity sources: `check:config` compares those.

export interface ShownRequest {
  /** Every spelling of the token's field that a source may have. */
  readonly authorization: readonly string[]
  readonly method: string
  /** Every spelling of the path that the event shows. */
  readonly paths: readonly string[]
  /** What the key of the selected route may be: payload 1.0 shows its path alone. */
  readonly routes: readonly string[]
}

/** As `identitySource` in serverless.yml and the identity sources of an authorizer name them. */
const NAMES = {
  token: '$request.header.Authorization',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
}

/** The values joined by commas, in every order. */
const joinedInAnyOrder = (values: readonly string[]): string[] =>
  values.length <= 1
    ? [...values]
    : values.flatMap((value, index) =>
        joinedInAnyOrder(values.toSpliced(index, 1)).map((rest) => `${value},${rest}`),
      )

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}

/** The value, and what it is shown as: decoded, and cut at a decoded "?". No client can make a source look as if it were missing. */
const spellings = (value: string): readonly string[] => [value, decode(value), decode(value).split('?')[0]!]

/**
 * The identity sources that are missing; none where nothing can be kept, because there is no identity source at all.
 *
 * Payload 2.0 shows a list. Payload 1.0 joins the values with commas, which a value may hold as well; so the text is compared as a
 * whole, and the four have to be the only sources.
 */
export function findMissingSources(
  shape: string,
  identitySource: unknown,
  { authorization, method, paths, routes }: ShownRequest,
): readonly string[] {
  if (shape === 'http_2') {
    if (!Array.isArray(identitySource) || identitySource.length === 0) return []
    const shown = identitySource.filter((value) => typeof value === 'string').flatMap(spellings)
    const has = (values: readonly string[]) => values.some((value) => shown.includes(value))
    return [
      // Of two fields API Gateway may take one. What it keeps then is a refusal of both.
      ...(has(authorization.flatMap((field) => [field, ...field.split(',')])) ? [] : [NAMES.token]),
      ...(has([method]) ? [] : [NAMES.method]),
      ...(has(paths) ? [] : [NAMES.path]),
      ...(has(routes) ? [] : [NAMES.route]),
    ]
  }
  if (shape !== 'http_1' || typeof identitySource !== 'string' || identitySource === '') return []
  const shown = spellings(identitySource)
  const isCarried = authorization.some((field) =>
    paths.some((path) =>
      routes.some((route) =>
        joinedInAnyOrder([field, method, path, route]).some((text) => shown.includes(text)),
      ),
    ),
  )
  return isCarried ? [] : Object.values(NAMES)
}
