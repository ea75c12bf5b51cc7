// `aws.caches`: what it takes, and that no plan has it.

import { describe, expect, test } from 'vitest'
import { AWS_EDGE } from '../../../../functions/aws/compile.ts'
import { compileFor } from '../../../../shared/compiler.ts'
import { planOf } from '../../../../shared/config/compile.ts'
import { resolveConfig, type LanekeeperConfig } from '../../../../shared/index.ts'
import { GOOD, problemsOf, withMember } from '../../../support/config-problems.ts'

const REST = { restApi: 'a1b2c3d4e5', stage: 'production' }
const HTTP = { httpApi: 'f6g7h8i9j0', stage: '$default', region: 'eu-west-1' }

const withCaches = (caches: unknown): LanekeeperConfig => withMember('aws', { caches })

test.each([[[REST]], [[HTTP]], [[REST, HTTP]], [[{ ...REST, stage: 'v1_a-B' }]]])('%j is taken', (caches) => {
  expect(problemsOf(withCaches(caches))).toEqual([])
})

test.each([
  [REST, 'aws.caches: must be a list of at least one'],
  [[], 'aws.caches: must be a list of at least one'],
  [['a'], 'aws.caches[0]: must be an object'],
  [[{}], 'aws.caches[0]: must have exactly one of restApi, httpApi'],
  [[{ stage: 'a' }], 'aws.caches[0]: must have exactly one of restApi, httpApi'],
  [[{ ...REST, httpApi: 'b' }], 'aws.caches[0]: must have exactly one of restApi, httpApi'],
  [[{ restApi: 'a1b2c3d4e5' }], 'aws.caches[0].stage: is missing'],
  [[{ ...REST, restApi: 'a/b' }], 'aws.caches[0].restApi: must be the id of an API'],
  [[{ ...REST, restApi: 7 }], 'aws.caches[0].restApi: must be the id of an API'],
  [[HTTP, { ...HTTP, httpApi: '..' }], 'aws.caches[1].httpApi: must be the id of an API'],
  [[{ ...REST, stage: 'a b' }], 'aws.caches[0].stage: must be the name of a stage'],
  [[{ ...REST, stage: '$default' }], 'aws.caches[0].stage: must be the name of a stage; a REST API has no'],
  [[{ ...REST, region: 'eu.west' }], 'aws.caches[0].region: must be the name of a region'],
  [[{ ...REST, account: '1' }], 'aws.caches[0].account: is not a setting'],
])('%j is refused', (caches, problem) => {
  expect(problemsOf(withCaches(caches))).toEqual(expect.arrayContaining([expect.stringContaining(problem)]))
})

test('a single function has none of its own', () => {
  expect(problemsOf(withMember('aws', { authorizers: { other: { caches: [REST] } } }))).toEqual([
    expect.stringMatching(/^aws\.authorizers\.other\.caches: is not a setting/),
  ])
})

describe('a plan', () => {
  const caches = [REST, HTTP] as const
  const withThem: LanekeeperConfig = { ...GOOD, aws: { resultTtlSeconds: 60, caches } }
  const without: LanekeeperConfig = { ...GOOD, aws: { resultTtlSeconds: 60 } }

  test('of the Lambda is the same with them', () => {
    const { plan, config } = compileFor(AWS_EDGE, withThem, {}, true)
    expect(config.aws.caches).toEqual(caches)
    expect(plan).toEqual(compileFor(AWS_EDGE, without, {}, true).plan)
    const other: LanekeeperConfig = { ...GOOD, aws: { resultTtlSeconds: 61 } }
    expect(plan).not.toEqual(compileFor(AWS_EDGE, other, {}, true).plan)
  })

  test('of every section is the same with them', () => {
    expect(planOf(resolveConfig(withThem))).toEqual(planOf(resolveConfig(without)))
  })
})
