// Reads the configuration in a plan. JSON has no sets and maps, and does not say that two members are the same object:
// `$set`, `$map` and `$ref` do (config/encode.ts writes them). Trusts its input, which the edge was built with.

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

/** `shared`: the objects that a `$ref` names by their index. Each may refer to those before it. */
export function decode(config: Json, shared: readonly Json[]): unknown {
  const objects: unknown[] = []

  function read(json: Json): unknown {
    if (json === null || typeof json !== 'object') return json
    if (Array.isArray(json)) return json.map(read)
    const { $ref, $set, $map } = json as { readonly [name: string]: Json }
    if ($ref !== undefined) return objects[$ref as number]
    if ($set !== undefined) return new Set(read($set) as unknown[])
    if ($map !== undefined) return new Map(read($map) as [unknown, unknown][])
    const object: Record<string, unknown> = {}
    for (const [name, value] of Object.entries(json)) object[name] = read(value)
    return object
  }

  for (const json of shared) objects.push(read(json))
  return read(config)
}
