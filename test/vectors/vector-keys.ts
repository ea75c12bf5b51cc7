// Every JWK anywhere in a suite, once: the issuers of its run publish them besides their own keys.

import { readdirSync } from 'node:fs'
import { readData } from './suite.ts'

function collect(value: unknown, into: Map<string, unknown>): void {
  if (typeof value !== 'object' || value === null) return
  if ('kty' in value && typeof value.kty === 'string') into.set(JSON.stringify(value), value)
  for (const inner of Object.values(value)) collect(inner, into)
}

export function vectorKeysIn(directory: string): unknown[] {
  const found = new Map<string, unknown>()
  for (const name of readdirSync(directory, { recursive: true, encoding: 'utf8' }).toSorted())
    if (name.endsWith('.json')) collect(readData(directory, name), found)
  return [...found.values()]
}
