// `revocation.dynamodb`: the names that a table and a region can have.

import { expect, test } from 'vitest'
import { resolveConfig } from '../../../../shared/index.ts'
import { problemsOf, withMember } from '../../../support/config-problems.ts'

const withTable = (dynamodb: unknown) => withMember('revocation', { dynamodb })

const TABLE = { table: 'revocations' }

test.each<[refused: unknown, taken: unknown, problem: string]>([
  [{}, TABLE, 'revocation.dynamodb.table: is missing'],
  [{ table: 'ab' }, { table: 'abc' }, 'revocation.dynamodb.table: must be the name of a table'],
  [
    { table: 'a'.repeat(256) },
    { table: 'a'.repeat(255) },
    'revocation.dynamodb.table: must be the name of a table',
  ],
  [{ table: 'a b' }, { table: 'a_b-c.D' }, 'revocation.dynamodb.table: must be the name of a table'],
  [
    { table: 'arn:aws:dynamodb:eu-west-1:1:table/revocations' },
    { table: 'table-revocations' },
    'revocation.dynamodb.table: must be the name of a table',
  ],
  [{ table: 777 }, { table: '777' }, 'revocation.dynamodb.table: must be the name of a table'],
  [
    { ...TABLE, region: 'eu west' },
    { ...TABLE, region: 'eu-west-1' },
    'revocation.dynamodb.region: must be the name of a region',
  ],
  [
    { ...TABLE, region: 'eu-west-1.example' },
    { ...TABLE, region: 'eu-west-1' },
    'revocation.dynamodb.region: must be the name of a region',
  ],
  [{ ...TABLE, region: '' }, TABLE, 'revocation.dynamodb.region: must be the name of a region'],
  [
    { ...TABLE, endpoint: 'http://127.0.0.1:8000' },
    TABLE,
    'revocation.dynamodb.endpoint: is not a setting; known here: table, region',
  ],
])('%j is refused, %j is taken', (refused, taken, problem) => {
  expect(problemsOf(withTable(refused))).toEqual([problem])
  expect(problemsOf(withTable(taken))).toEqual([])
})

test('something else than an object is refused', () => {
  expect(problemsOf(withTable('revocations'))).toEqual([
    'revocation.dynamodb: must be an object',
    'revocation.dynamodb.table: is missing',
  ])
})

test('a region that is left out is not there', () => {
  const resolved = (dynamodb: unknown) => resolveConfig(withTable(dynamodb)).revocation!.dynamodb
  expect(resolved(TABLE)).toEqual(TABLE)
  expect(resolved({ ...TABLE, region: 'eu-west-1' })).toEqual({ ...TABLE, region: 'eu-west-1' })
})
