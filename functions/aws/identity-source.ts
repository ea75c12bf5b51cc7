// Checks the identity sources, which are the cache key of an HTTP API. The event shows their values. The answer about
// one request may be cached only under its token, method, path and route: two paths that are shown alike may have
// different routes (dispatched-path.ts). REST events show no identity sources: `check:config` compares those.
// AWS API Gateway developer guide, "Control access to HTTP APIs with AWS Lambda authorizers", on caching.

export interface ShownRequest {
  /** The values that a source for the Authorization field may have. */
  readonly authorization: readonly string[]
  readonly method: string
  /** Every spelling of the path that the event shows. */
  readonly paths: readonly string[]
  /** Possible keys of the selected route: payload 1.0 shows only its path. */
  readonly routes: readonly string[]
}

/** Names of the sources, as `identitySource` in serverless.yml and API Gateway have them. */
const NAMES = {
  token: '$request.header.Authorization',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
}

/** Every order of the values. */
const ordersOf = (values: readonly string[]): readonly (readonly string[])[] =>
  values.length <= 1
    ? [values]
    : values.flatMap((value, index) => ordersOf(values.toSpliced(index, 1)).map((rest) => [value, ...rest]))

/** Stands for the path in an order of the values. */
const PATH = Symbol('path').toString()

/** Whether a text is the path and exactly these values, joined by commas in any order. */
function isJoined(text: string, values: readonly string[], paths: readonly string[]): boolean {
  return ordersOf([...values, PATH]).some((order) => {
    const [before, after] = [order.slice(0, order.indexOf(PATH)), order.slice(order.indexOf(PATH) + 1)]
    const [start, end] = [
      before.map((value) => `${value},`).join(''),
      after.map((value) => `,${value}`).join(''),
    ]
    const isAround = text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end)
    return isAround && isShownAs(text.slice(start.length, text.length - end.length), paths)
  })
}

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value)
  } catch {
    return null
  }
}

/**
 * Whether a source is the shown path: the same text, or one that is equal once it is decoded, or cut at a decoded "?".
 * Any path that cannot be decoded counts as the shown one, so that no client can make a source look as if it were
 * missing.
 */
function isShownAs(value: string, paths: readonly string[]): boolean {
  const decoded = decode(value)
  if (decoded === null) return value.startsWith('/')
  return [value, decoded, decoded.split('?')[0]!].some((text) => paths.includes(text))
}

/**
 * The identity sources that are missing. Empty where the authorizer has none at all, because nothing can be cached
 * then.
 *
 * Payload 2.0 shows a list. Payload 1.0 joins the values with commas, which a value may have too, so the text is
 * compared as a whole, and no source may be there besides the four.
 */
export function findMissingSources(
  shape: string,
  identitySource: unknown,
  { authorization, method, paths, routes }: ShownRequest,
): readonly string[] {
  // With two Authorization fields API Gateway may use either. The core refuses such a request, so it is not checked
  // here.
  const isOne = authorization.every((field) => !field.includes(','))
  if (shape === 'http_2') {
    if (!Array.isArray(identitySource) || identitySource.length === 0) return []
    const has = (values: readonly string[]) => values.some((value) => identitySource.includes(value))
    const hasPath = identitySource.some((value) => typeof value === 'string' && isShownAs(value, paths))
    return [
      ...(!isOne || has(authorization) ? [] : [NAMES.token]),
      ...(has([method]) ? [] : [NAMES.method]),
      ...(hasPath ? [] : [NAMES.path]),
      ...(has(routes) ? [] : [NAMES.route]),
    ]
  }
  if (shape !== 'http_1' || typeof identitySource !== 'string' || identitySource === '' || !isOne) return []
  const isCarried = authorization.some((field) =>
    routes.some((route) => isJoined(identitySource, [field, method, route], paths)),
  )
  return isCarried ? [] : Object.values(NAMES)
}
