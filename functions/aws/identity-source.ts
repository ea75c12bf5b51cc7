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

/** Every order of the values. */
const ordersOf = (values: readonly string[]): readonly (readonly string[])[] =>
  values.length <= 1
    ? [values]
    : values.flatMap((value, index) => ordersOf(values.toSpliced(index, 1)).map((rest) => [value, ...rest]))

/** Stands for the path among values that are joined. */
const PATH = Symbol('path').toString()

/** Whether a text is the values and the path, joined by commas in some order. */
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
 * Whether a source is the path that is shown: the same text, or one that is shown decoded, or cut at a decoded "?". What
 * cannot be decoded counts as shown otherwise. No client can make a source look as if it were missing.
 */
function isShownAs(value: string, paths: readonly string[]): boolean {
  const decoded = decode(value)
  if (decoded === null) return value.startsWith('/')
  return [value, decoded, decoded.split('?')[0]!].some((text) => paths.includes(text))
}

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
  // Of two fields API Gateway may take one. A client that sends them is refused for that, and only for itself.
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
