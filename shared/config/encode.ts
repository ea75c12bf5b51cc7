// Writes a resolved configuration as JSON, which plan/decode.ts reads. Refuses what JSON cannot hold: a function, a
// regular expression, an instance of a class, or a member whose name means something else to the reader.

import type { Json } from '../plan/decode.ts'

/** A member with one of these names would not be read as it was written. */
const MARKS: readonly string[] = ['$ref', '$set', '$map', '__proto__']

const isPlain = (value: object): boolean =>
  [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null)

function childrenOf(value: object): readonly unknown[] {
  if (Array.isArray(value) || value instanceof Set) return [...(value as Iterable<unknown>)]
  if (value instanceof Map) return [...value].flat()
  if (!isPlain(value)) throw new TypeError(`a plan cannot hold a ${value.constructor.name}`)
  return Object.values(value)
}

/** `shared` has the objects that stand in several places, each after those that it refers to. */
export function encode(config: unknown): { readonly config: Json; readonly shared: readonly Json[] } {
  const places = new Map<object, number>()
  const count = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const before = places.get(value) ?? 0
    places.set(value, before + 1)
    if (before === 0) for (const child of childrenOf(value)) count(child)
  }
  count(config)

  const shared: Json[] = []
  const references = new Map<object, number>()

  function writeObject(value: object): Json {
    if (value instanceof Set) return { $set: [...value].map(write) }
    if (value instanceof Map) return { $map: [...value].map((entry: unknown[]) => entry.map(write)) }
    if (Array.isArray(value)) return value.map(write)
    const mark = MARKS.find((name) => Object.hasOwn(value, name))
    if (mark !== undefined) throw new TypeError(`a plan cannot hold a member with the name ${mark}`)
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined)
        .map(([name, item]) => [name, write(item)]),
    )
  }

  function write(value: unknown): Json {
    if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
      throw new TypeError(`a plan cannot hold a ${typeof value}`)
    if (typeof value !== 'object' || value === null) return value as Json
    if (places.get(value) === 1) return writeObject(value)
    let reference = references.get(value)
    if (reference === undefined) {
      const json = writeObject(value)
      reference = shared.push(json) - 1
      references.set(value, reference)
    }
    return { $ref: reference }
  }

  return { config: write(config), shared }
}
