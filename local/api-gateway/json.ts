// Guards for JSON of unknown shape: templates, authorizer answers, integration answers. They read own properties only,
// so a member named `__proto__` or `constructor` is ordinary data.

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

/** The member at a dotted name (`identity.sourceIp`). A member with the whole name precedes nested members. */
export function memberAt(object: unknown, dottedName: string): unknown {
  const direct = member(object, dottedName)
  if (direct !== undefined) return direct
  const dot = dottedName.indexOf('.')
  return dot === -1
    ? undefined
    : memberAt(member(object, dottedName.slice(0, dot)), dottedName.slice(dot + 1))
}

/** Many properties of CloudFormation are either one value or a list. */
export function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value]
}
