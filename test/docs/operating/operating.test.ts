// docs/operating.md: its alarms are those that are shipped, its secrets all that a configuration can name, its figures
// and codes those of the code.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FAILURES } from '../../../shared/index.ts'
import { FRESHNESS } from '../../../shared/keys/freshness.ts'
import { SECRET_TIMES } from '../../../shared/secrets/secret-times.ts'
import { definitionOf, type Schema } from '../../../cli/schema/config-schema.ts'
import { readQueries, readTemplate } from '../../operate/files.ts'
import { readTable } from '../../support/markdown.ts'
import { configSchema } from '../../support/schema-agreement.ts'

const FILE = join(import.meta.dirname, '../../../docs/operating.md')
const PAGE = readFileSync(FILE, 'utf8')
const plain = (text: string): string => text.replaceAll('`', '')

test('the alarms are those of alarms.yml, and that of the origin in queries.sql', () => {
  const listed = readTable(FILE, 'alarm', 'fires if', 'what it means, and what to do first')
  const names = listed.map(({ alarm = '' }) => plain(alarm))
  const shipped = Object.entries(readTemplate('alarms.yml').Resources).filter(([, { Type }]) =>
    Type.endsWith('::Alarm'),
  )
  expect(names.toSorted()).toEqual([...shipped.map(([name]) => name), 'OriginFails'].toSorted())
  const inSql = readQueries().filter(({ title }) => title.startsWith('alarm'))
  for (const { title } of inSql) expect(names.some((name) => title.includes(name))).toBe(true)
})

/** The settings that are a reference to a secret, or a list of some. */
function findSecrets(): readonly string[] {
  const schema = configSchema()
  const found = new Set<string>()
  const isReference = (part: Schema): boolean =>
    part.properties?.['secretsManager'] !== undefined ||
    (part.anyOf ?? []).some((one) => isReference(resolved(one)))
  const resolved = (part: Schema): Schema => definitionOf(schema, part) ?? part
  function visit(given: Schema, path: string, depth: number): void {
    const part = resolved(given)
    if (depth > 12) return
    if (path !== '' && isReference(part)) return void found.add(path)
    for (const one of part.anyOf ?? []) visit(one, path, depth + 1)
    if (part.items !== undefined) visit(part.items, path, depth + 1)
    for (const [name, member] of Object.entries(part.properties ?? {}))
      visit(member, path === '' ? name : `${path}.${name}`, depth + 1)
    if (typeof part.additionalProperties === 'object')
      visit(part.additionalProperties, `${path}.*`, depth + 1)
  }
  visit(schema, '', 0)
  return [...found].filter((path) => !path.startsWith('stages.'))
}

test('every secret that a configuration can name has a row', () => {
  const listed = readTable(
    FILE,
    'secret',
    'old and new, in this order',
    'every instance has it',
    'a mistake shows as',
  )
  const names = listed.map(({ secret = '' }) => plain(secret))
  expect(names.toSorted()).toEqual(findSecrets().toSorted())
  expect(names.length).toBeGreaterThan(11)
})

test('the figures of secrets and keys are those of the code', () => {
  const minutes = (ms: number) => ms / 60_000
  const rotating = PAGE.split('## Rotating secrets')[1]!.split('\n## ')[0]!.replace(/\s+/g, ' ')
  for (const text of [
    `loads a secret again after ${minutes(SECRET_TIMES.freshMs)} minutes`,
    `for up to ${minutes(SECRET_TIMES.usableMs)} minutes`,
    `at most every ${SECRET_TIMES.missMs / 1000} seconds (${SECRET_TIMES.renewalMs / 1000} seconds where an issuer refuses it)`,
    `at most one in ${FRESHNESS.missCooldownMs / 1000} seconds`,
    `for up to ${minutes(FRESHNESS.staleWhileRevalidateMs)} minutes, and up to ${minutes(FRESHNESS.staleIfErrorMs)} if`,
  ])
    expect(rotating).toContain(text)
})

/** Names on the page that look like codes and are members, problems or settings. */
const OTHER_NAMES = [
  ...['would_deny', 'client_id', 'looks_like', 'trailing_slash', 'extra_segment', 'missing_segment'],
  ...['header_not_guarded', 'same_as_list', 'too_short', 'not_random', 'private_key_jwt'],
  ...['origin_unreachable', 'assertion_unavailable'],
]

test('every code that the page names is one', () => {
  const named = [...PAGE.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, name]) => name!)
  expect(named.length).toBeGreaterThan(20)
  const known = [...Object.keys(FAILURES), ...OTHER_NAMES]
  expect(named.filter((name) => !known.includes(name))).toEqual([])
})
