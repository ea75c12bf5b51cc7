// Guards for JSON whose shape is not known yet: templates, authorizer answers, integration answers.
// They look at own properties only, so a member called `__proto__` or `constructor` is data like any other.

export type JsonObject = Record<string, unknown>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}

export function member(object: unknown, name: string): unknown {
  return isObject(object) && Object.hasOwn(object, name) ? object[name] : undefined
}

/** Follows a dotted name (`identity.sourceIp`); a whole name that exists wins over its parts. */
export function memberAt(object: unknown, dottedName: string): unknown {
  const direct = member(object, dottedName)
  if (direct !== undefined) return direct
  const dot = dottedName.indexOf('.')
  return dot === -1
    ? undefined
    : memberAt(member(object, dottedName.slice(0, dot)), dottedName.slice(dot + 1))
}

/** CloudFormation writes one value or a list of values in many places. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}
