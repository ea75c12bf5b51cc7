// A source template of SAM and what SAM's translator makes of it have the same findings. The translator's output is a
// file here; test/support/run-deploy-sam.ts asks the translator itself.

import { describe, expect, test } from 'vitest'
import { checkFiles, CONFIG, readFixture } from './check-file.ts'
import { SAM_CONFIG, withoutPlaces } from './sam-findings.ts'

const NAMES = ['sam-http', 'sam-rest', 'sam-sockets', 'sam-wrong']

test.each(NAMES)('%s', async (name) => {
  const source = await checkFiles({ 'template.yaml': readFixture(`${name}.yaml`) }, SAM_CONFIG)
  const processed = await checkFiles({ 'template.yaml': readFixture(`${name}.processed.json`) }, SAM_CONFIG)
  expect(withoutPlaces(source.findings)).toEqual(withoutPlaces(processed.findings))
  expect(source.exitCode).toBe(processed.exitCode)
  expect(source.findings.length > 10).toBe(name === 'sam-wrong')
})

describe('a template that fits has no finding but notes', () => {
  test.each(['sam-http', 'sam-rest'])('%s', async (name) => {
    const { exitCode, findings } = await checkFiles(
      { 'template.yaml': readFixture(`${name}.yaml`) },
      SAM_CONFIG,
    )
    expect([exitCode, findings.filter((text) => !text.startsWith('note: '))]).toEqual([0, []])
  })
})

describe('parameters', () => {
  const check = (...more: string[]) =>
    checkFiles({ 'template.yaml': readFixture('sam-http.yaml') }, SAM_CONFIG, [
      '--template',
      'template.yaml',
      ...more,
    ])
  test('have their default, which is said', async () => {
    const { exitCode, findings } = await check()
    expect([exitCode, findings]).toEqual([
      0,
      [
        'note: template.yaml: is read with the default of Lifetime; --parameter NAME=VALUE gives another value',
      ],
    ])
  })
  test('have the value that is given', async () => {
    const { exitCode, findings } = await check('--parameter', 'Lifetime=300')
    expect([exitCode, findings]).toEqual([1, [expect.stringMatching(/caches answers for 300 s .*says 60/)]])
  })
  test('are name and value', async () => {
    expect((await check('--parameter', 'Lifetime')).exitCode).toBe(2)
    const { exitCode, text } = await checkFiles({}, CONFIG, ['--parameter', 'A=b'])
    expect([exitCode, text]).toEqual([2, '--parameter goes with --template.'])
  })
})

describe('one thing in a source template', () => {
  const find = async (name: string, from: string, to: string) => {
    const text = readFixture(name)
    expect(text).toContain(from)
    const { findings } = await checkFiles({ 'template.yaml': text.replace(from, to) }, SAM_CONFIG)
    return findings.filter((each) => !each.startsWith('note: '))
  }
  test.each<[string, string, string, string, RegExp]>([
    [
      'the permission that SAM does not add by itself',
      'sam-http.yaml',
      'EnableFunctionDefaultPermissions: true',
      'EnableFunctionDefaultPermissions: false',
      /^problem: HTTP authorizer Api\.Lanekeeper: has no permission .*SAM: EnableFunctionDefaultPermissions/,
    ],
    [
      'simple responses',
      'sam-http.yaml',
      'EnableSimpleResponses: false',
      'EnableSimpleResponses: true',
      /^problem: .* expects simple responses and httpApiResponse is policy; .*EnableSimpleResponses\)$/,
    ],
    [
      'the default authorizer in front of preflights',
      'sam-rest.yaml',
      'AddDefaultAuthorizerToCorsPreflight: false',
      'AddDefaultAuthorizerToCorsPreflight: true',
      /^warning: REST route OPTIONS \/orders: asks for a token/,
    ],
    [
      'the lifetime that API Gateway has by itself',
      'sam-rest.yaml',
      ', ReauthorizeEvery: 60',
      '',
      /^problem: REST authorizer Api\.Lanekeeper: caches answers for 300 s .*SAM: Identity\.ReauthorizeEvery\)$/,
    ],
    [
      'no authorizer by default',
      'sam-http.yaml',
      'DefaultAuthorizer: Lanekeeper',
      'AuthorizersOf: Lanekeeper',
      /^problem: HTTP route GET \/orders: has no authorizer, and the rule GET \/orders requires a token/,
    ],
  ])('%s', async (_, name, from, to, finding) => {
    const [first] = await find(name, from, to)
    expect(first).toMatch(finding)
  })
})
