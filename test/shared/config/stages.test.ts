// A stage overrides the settings that it names, and never what a route demands.

import { describe, expect, test } from 'vitest'
import { resolveConfig, type LanekeeperConfig } from '../../../shared/index.ts'
import { GOOD, problemsOf } from '../../support/config-problems.ts'

describe('stages', () => {
  const staged: LanekeeperConfig = {
    ...GOOD,
    origin: { url: 'https://origin.example' },
    stages: {
      production: {},
      staging: { issuers: { main: { audience: 'https://staging.example' } }, origin: { binding: 'ORIGIN' } },
      local: { issuers: { main: { issuer: 'http://127.0.0.1:${env:PORT}' } } },
    },
  }

  test('change what they name and nothing else', () => {
    const production = resolveConfig(staged, { stage: 'production' })
    const staging = resolveConfig(staged, { stage: 'staging' })
    const { stages: _, ...unstaged } = staged
    expect(production).toEqual(resolveConfig(unstaged))
    expect(staging.issuers.get('https://login.example.com')!.audiences).toEqual(
      new Set(['https://staging.example']),
    )
    expect(staging.origin).toEqual({
      url: null,
      binding: 'ORIGIN',
      sameZone: false,
      token: 'strip',
      assertion: null,
      keepHeaders: new Set(),
    })
    expect(staging.routes).toEqual(production.routes)
  })

  test('can be report-only where others enforce, and the other way round', () => {
    const watching = { ...GOOD, reportOnly: true, stages: { production: {}, staging: { reportOnly: false } } }
    expect(resolveConfig(watching, { stage: 'production' }).reportOnly).toBe(true)
    expect(resolveConfig(watching, { stage: 'staging' }).reportOnly).toBe(false)
    expect(resolveConfig(staged, { stage: 'production' }).reportOnly).toBe(false)
  })

  test('that do not exist are named, and one has to be chosen', () => {
    const known = 'it has: production, staging, local'
    expect(problemsOf(staged, { stage: 'prod' })).toEqual([
      `stages: has no stage "prod" (LANEKEEPER_STAGE); ${known}`,
    ])
    expect(problemsOf(staged, { stage: 7 })).toEqual([`stages: has no stage 7 (LANEKEEPER_STAGE); ${known}`])
    for (const stage of [undefined, '']) {
      expect(problemsOf(staged, { stage })).toEqual([
        `stages: needs one to be chosen (LANEKEEPER_STAGE); ${known}`,
      ])
    }
    expect(problemsOf(GOOD, { stage: 'toString' })).toEqual([
      'stages: has no stage "toString" (LANEKEEPER_STAGE); it has: none',
    ])
  })

  test.each([null, [], 'x', 5])('that override an issuer with %j are refused', (members) => {
    const config = { ...staged, stages: { staging: { issuers: { main: members } } } }
    expect(problemsOf(config, { stage: 'staging' })).toEqual([
      'stages.staging.issuers.main: must be an object',
    ])
  })

  test('cannot take a setting away by leaving it undefined', () => {
    const config = {
      ...staged,
      stages: { staging: { issuers: { main: { clockToleranceSeconds: undefined } } } },
    }
    expect(problemsOf(config, { stage: 'staging' })).toEqual([
      'stages.staging.issuers.main.clockToleranceSeconds: is undefined; give it a value or leave it out',
    ])
  })

  test('are named in the message', () => {
    expect(() => resolveConfig({ ...staged, realm: '' }, { stage: 'staging' })).toThrow(
      'configuration for the stage staging has a problem',
    )
  })

  test('cannot override an issuer that is not there', () => {
    const config = { ...staged, stages: { staging: { issuers: { mian: { audience: 'x' } } } } }
    expect(problemsOf(config, { stage: 'staging' })[0]).toBe(
      'stages.staging.issuers.mian: overrides an issuer that is not configured; configured: main',
    )
  })

  test('take values from the environment', () => {
    expect([...resolveConfig(staged, { stage: 'local', env: { PORT: '4403' } }).issuers.keys()]).toEqual([
      'http://127.0.0.1:4403',
    ])
    expect(problemsOf(staged, { stage: 'local' })).toEqual([
      'issuers.main.issuer: needs the environment variable PORT, which is not set',
    ])
    expect(problemsOf(staged, { stage: 'local', env: { PORT: '' } })).toHaveLength(1)
    expect(problemsOf(staged, { stage: 'local', env: { PORT: {} } })).toHaveLength(1)
    expect(problemsOf(staged, { stage: 'local', env: { PORT: '${env:OTHER}', OTHER: '1' } })).toEqual([
      'issuers.main.issuer: needs the environment variable PORT, which has "${" in it',
    ])
    const odd = { ...GOOD, origin: { url: '${env:no-name}' } }
    expect(problemsOf(odd)).toEqual(['origin.url: needs the environment variable no-name, which is not set'])
  })
})
